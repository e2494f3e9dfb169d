"""Where the tests of the clients install them: folders in the build folder, made once and used again."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from harness import ROOT, TEST_PROGRAMS

PYTHON_CLIENT = ROOT / "clients" / "python"
NODE_CLIENT = ROOT / "clients" / "node"
PYTHON_NEEDS = ("setuptools>=64", "wheel", "pyzmq", "msgpack", "crc32c", "xxhash")
NODE_NEEDS = ("zeromq@6", "@msgpack/msgpack@3", "@node-rs/crc32@1", "@node-rs/xxhash@1", "typescript@5", "@types/node@20")
NODE_FLAGS = ("--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline")
INSTALL_PATIENCE = 300.0  # seconds; some packages are large


def _run(command, **options):
    """The last line that a command says when it fails, or None."""
    try:
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8", timeout=INSTALL_PATIENCE, check=False, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else (done.stdout.strip() or "it failed").splitlines()[-1]


_unavailable = {}  # by key: why; it is not tried again and again


def _environment(key, make):
    """A folder with what `make(folder)` puts there, made once. Skips, with the reason that it returns, where it cannot be."""
    folder = TEST_PROGRAMS / "environments" / hashlib.blake2b(repr(key).encode(), digest_size=6).hexdigest()
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = tempfile.mkdtemp(prefix="new-", dir=folder.parent)
        why = _unavailable[key] = _unavailable.get(key) or make(fresh)
        if why:
            shutil.rmtree(fresh, ignore_errors=True)
            raise unittest.SkipTest(f"{key[0]} cannot be installed: {why}")
        os.rename(fresh, folder)
    return folder


def python_with(*packages):
    """A Python of a virtual environment that has these packages."""
    def make(folder):
        return (_run([sys.executable, "-m", "venv", folder])
                or _run([f"{folder}/bin/python", "-m", "pip", "install", "-q", *packages]))
    return _environment((" ".join(packages), sys.version), make) / "bin" / "python"


def pip_wheels(*packages):
    """A folder with these packages, and what they need, for the `pip` of an environment that the PATH's python3 makes."""
    python = shutil.which("python3")
    if not python:
        raise unittest.SkipTest("python3 is not there")
    version = subprocess.run([python, "-VV"], capture_output=True, encoding="utf-8", check=True).stdout

    def make(folder):
        with tempfile.TemporaryDirectory() as place:
            return (_run([python, "-m", "venv", place])
                    or _run([f"{place}/bin/python", "-m", "pip", "wheel", "-q", "--wheel-dir", folder, *packages]))
    return _environment((" ".join(packages), "wheels", version), make)


def install_python_client(target, python):
    """`pip install`s the client, without what it needs, into the folder `target`; from a copy, for pip writes into the source."""
    with tempfile.TemporaryDirectory() as copy:
        source = pathlib.Path(copy, "client")
        shutil.copytree(PYTHON_CLIENT, source, ignore=shutil.ignore_patterns("__pycache__"))
        why = _run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", target, source])
    if why:
        raise AssertionError(f"the Python client cannot be installed: {why}")


def _node_version():
    if not shutil.which("npm"):
        raise unittest.SkipTest("npm is not there")
    version = subprocess.run(["node", "--version"], capture_output=True, encoding="utf-8", check=True).stdout
    if int(version[1:].split(".")[0]) < 18:
        raise unittest.SkipTest(f"Node.js is too old: {version}")
    return version


def node_packages(*packages):
    """A folder whose programs find these packages of npm."""
    return _environment((" ".join(packages), _node_version()),
                        lambda folder: _run(["npm", "install", *NODE_FLAGS, *packages], cwd=folder))


def npm_cache():
    """A cache from which `npm` can install what the client needs."""
    needs = json.loads((NODE_CLIENT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = [f"{name}@{version}" for name, version in sorted(needs.items())]

    def make(folder):
        with tempfile.TemporaryDirectory() as place:
            return _run(["npm", "install", *NODE_FLAGS, "--cache", folder, "--prefix", place, *packages], cwd=place)
    return _environment((" ".join(packages), "cache", _node_version()), make)


def node_with(*packages):
    """A folder whose programs find these packages, and the client as `npm pack` packs it."""
    folder = node_packages(*packages)
    with tempfile.TemporaryDirectory() as copy:
        why = (_run(["npm", "pack", "--pack-destination", copy, NODE_CLIENT], cwd=copy)
               or _run(["npm", "install", *NODE_FLAGS, "--no-save", *pathlib.Path(copy).glob("*.tgz")], cwd=folder))
    if why:
        raise AssertionError(f"the client for Node.js cannot be installed: {why}")
    return folder
