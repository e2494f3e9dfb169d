"""Where the tests of the clients install them: folders in the build folder, made once and used again."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from harness import ROOT, TEST_PROGRAMS

PYTHON_CLIENT = ROOT / "clients" / "python"
INSTALL_PATIENCE = 300.0  # seconds; some packages are large


def _run(command, **options):
    """The last line that a command says when it fails, or None."""
    try:
        done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, encoding="utf-8", timeout=INSTALL_PATIENCE, check=False, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else (done.stdout.strip() or "it failed").splitlines()[-1]


def python_with(*packages):
    """A Python of a virtual environment that has these packages. Skips where that cannot be made."""
    name = hashlib.blake2b(repr((sys.version, packages)).encode(), digest_size=6).hexdigest()
    folder = TEST_PROGRAMS / "environments" / name
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = tempfile.mkdtemp(prefix="new-", dir=folder.parent)
        why = _run([sys.executable, "-m", "venv", fresh]) or _run([f"{fresh}/bin/python", "-m", "pip", "install", "-q", *packages])
        if why:
            shutil.rmtree(fresh, ignore_errors=True)
            raise unittest.SkipTest(f"no virtual environment with {' '.join(packages)}: {why}")
        os.rename(fresh, folder)
    return folder / "bin" / "python"


def install_python_client(target, python):
    """`pip install`s the client, without what it needs, into the folder `target`; from a copy, for pip writes into the source."""
    with tempfile.TemporaryDirectory() as copy:
        source = pathlib.Path(copy, "client")
        shutil.copytree(PYTHON_CLIENT, source, ignore=shutil.ignore_patterns("__pycache__"))
        why = _run([python, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target", target, source])
    if why:
        raise AssertionError(f"the Python client cannot be installed: {why}")
