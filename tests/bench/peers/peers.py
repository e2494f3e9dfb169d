"""Runs other programs for the same work. See README.md here."""
import json
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = {"wink-nlp": ("wink-nlp", "wink-eng-lite-web-model"), "compromise": ("compromise",)}


class Missing(Exception):
    """A peer cannot be had here; says why."""


def install(folder, names):
    """Fetches the packages of these peers into `folder`, unless they are there already."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Missing("Node.js and npm are not installed")
    wanted = [package for name in names for package in PACKAGES[name]]
    if all((pathlib.Path(folder) / "node_modules" / package).is_dir() for package in wanted):
        return
    done = subprocess.run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--no-save", *wanted], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
    if done.returncode:
        raise Missing("npm could not install " + " ".join(wanted) + ": " + " ".join(done.stdout.split()[-40:]))


def measure(folder, name, mode, articles, rounds):
    """{"version", "seconds": [...], "found": {...}} of one peer over a file of articles. One thread: what V8 would do beside it
    counts as well."""
    done = subprocess.run(["node", "--single-threaded", "--max-old-space-size=2048", str(HERE / f"{name}.js"), str(folder),
                           str(articles), mode, str(rounds)], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)
