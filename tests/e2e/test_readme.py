#!/usr/bin/env python3
"""The README's examples work, and its result is what comes out today. `test_readme.py --write` renews the result.

A fenced block behind a line `<!-- test -->` is run as it stands, all of a page in one folder and in their order, as a reader pastes
them. `<!-- test: NEED ... -->` names what it cannot do without: a program; `python`, Python with what the client needs; `pip`, that
environments can be made and filled from PyPI; `npm`, the same from npm's registry. Where that is missing, or a port that it names is
taken, it is skipped. A block behind `<!-- result -->` is what the block before it prints.
"""
import atexit
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import client_places
from harness import PATIENCE, PROGRAMS, ROOT, Case, new_environment

README = ROOT / "README.md"
# each page with what its reader has done before, and how many examples it has at least
PAGES = {
    "README.md": (None, 17),
    "docs/operations.md": ("deploy/quotewire run tests/articles --corpus news.corpus --quiet", 2),
    "docs/scale.md": (None, 1),
}
BLOCK = re.compile(r"<!-- (test|result)(?:: ([\w -]+))? -->\n```(\w*)\n(.*?)```\n", re.DOTALL)
PORT = re.compile(r"(?:127\.0\.0\.1|\*):(\d+)")
COMMAND = re.compile(r"`(?:(?:\S*/)?(?:pip|python3|quotewire) [a-z]|(?:npm|cmake|curl|cc) )")  # in prose, where nothing runs it
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's packages
NOT_COPIED = shutil.ignore_patterns("__pycache__", "node_modules", "build", "*.egg-info")


class Example:
    """A block that is to be run, and the result that the page shows of it, if any, with its place in the page."""

    def __init__(self, page, line, needs, language, script):
        self.page, self.line, self.needs, self.language, self.script = page, line, needs, language, script
        self.result = self.result_place = None


def examples(page):
    text, found = (ROOT / page).read_text(encoding="utf-8"), []
    for block in BLOCK.finditer(text):
        kind, needs, language, content = block.groups()
        if kind == "test":
            found.append(Example(page, text.count("\n", 0, block.start()) + 1, (needs or "").split(), language, content))
        else:
            found[-1].result, found[-1].result_place = content, block.span(4)
    return found


class Session:
    """What a reader has: a checkout that is built, and a home; with what the examples so far have left there."""

    def __init__(self, before=None):
        self._before = before
        self._folder = None
        self._python_has_client = False

    def _begin(self):
        """Clients are copied, because pip and npm write into what they install."""
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="qw", dir="/tmp"))  # short: there will be sockets in it
        atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        home, sockets = self._folder / "home", self._folder / "run"
        self._checkout = self._folder / "quotewire"
        for folder in (home, sockets, self._checkout):
            folder.mkdir()
        for name in ("deploy", "tests", "workers"):
            (self._checkout / name).symlink_to(ROOT / name)
        (self._checkout / "build").symlink_to(PROGRAMS)
        shutil.copytree(ROOT / "clients", self._checkout / "clients", ignore=NOT_COPIED)
        (self._checkout / "package.json").write_text("{}\n")  # npm would look for one in the folders above
        self._environment = {**new_environment(sockets), "HOME": str(home), "COLUMNS": "80"}
        for name in ("XDG_CONFIG_HOME", "QUOTEWIRE_KEYS", "PYTHONPATH"):
            self._environment.pop(name, None)
        if self._before:
            self._run(["bash", "-euc", self._before])

    def run(self, example):
        """What it prints. Skips it where something is missing."""
        if not self._folder:
            self._begin()
        more = self._look_for(example)
        commands = {"python": [self._python(), "-c"], "js": ["node", "--input-type=module", "-e"]}
        printed = self._run([*commands.get(example.language, ["bash", "-euo", "pipefail", "-c"]), example.script], more,
                            client_places.INSTALL_PATIENCE if {"pip", "npm"} & {*example.needs} else PATIENCE)
        self._python_has_client |= "pip install ./clients/python" in example.script
        return printed

    def _look_for(self, example):
        """What the environment of its programs is to have besides."""
        more = {}
        for need in example.needs:
            if need == "pip":
                more.update(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(
                    client_places.pip_wheels(*client_places.PYTHON_NEEDS, "vaderSentiment")))
            elif need == "npm":
                more.update(npm_config_cache=str(client_places.npm_cache()), npm_config_prefer_offline="true",
                            npm_config_audit="false", npm_config_fund="false", npm_config_update_notifier="false")
            elif need == "python":
                if not self._python_has_client:
                    more.update(PYTHONPATH=str(ROOT / "clients" / "python" / "src"), PYTHONDONTWRITEBYTECODE="1")
                    if subprocess.call([PYTHON, "-c", "import crc32c, msgpack, xxhash, zmq"], stderr=subprocess.DEVNULL):
                        raise unittest.SkipTest("Python's crc32c, msgpack, xxhash or zmq is not there (Debian: python3-zmq ...)")
            elif not shutil.which(need):
                raise unittest.SkipTest(f"{need} is not there")
        for port in map(int, PORT.findall(example.script)):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("", port))
                except OSError as error:
                    raise unittest.SkipTest(f"port {port}: {error.strerror}") from error
        return more

    def _python(self):
        return self._checkout / "venv" / "bin" / "python" if self._python_has_client else PYTHON

    def _run(self, command, more=(), patience=PATIENCE):
        """Whatever it leaves running ends with it."""
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output, tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            process = subprocess.Popen(command, cwd=self._checkout, env={**self._environment, **dict(more)}, stdout=output,
                                       stderr=errors, stdin=subprocess.DEVNULL, start_new_session=True)
            try:
                how = f"ends with {process.wait(patience)}"
            except subprocess.TimeoutExpired:
                how = f"takes longer than {patience:g} s"
            finally:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                process.wait()
            output.seek(0)
            errors.seek(0)
            printed, said = output.read(), errors.read()
        if how != "ends with 0":
            raise AssertionError(f"{how}:\n{command[-1]}\n{printed}{said}")
        if not printed.strip() and command[-1] != self._before:
            raise AssertionError(f"prints nothing:\n{command[-1]}\n{said}")
        return printed


class Run(unittest.TestCase):
    """One example: a test of its own, so that each that is skipped counts as such."""

    def __init__(self, session, example):
        super().__init__("run_it")
        self._session, self._example = session, example

    def __str__(self):
        return f"{self._example.page}, line {self._example.line}"

    def run_it(self):
        printed = self._session.run(self._example)
        if self._example.result is not None:
            self.assertEqual(self._example.result.strip(), printed.strip(), "renew it: tests/e2e/test_readme.py --write")


class Page(Case):
    def test_it_has_examples(self):
        for page, (_, least) in PAGES.items():
            self.assertGreaterEqual(len(examples(page)), least, page)
        self.assertTrue(any(example.result for example in examples("README.md")))

    def test_every_command_about_its_use_is_an_example(self):
        text = README.read_text(encoding="utf-8")
        use = re.search(r"(?ms)^## A result$.*?(?=^## The flow$)", text)[0] + re.search(r"(?ms)^## Use it$.*?(?=^## )", text)[0]
        prose = BLOCK.sub("", use)
        self.assertNotIn("```", prose)
        self.assertNotRegex(prose, r"(?m)^(?:    |\t)\S")
        self.assertNotRegex(prose, COMMAND)

    def test_the_commands_that_it_names_have_help(self):
        text = README.read_text(encoding="utf-8")
        commands = set(re.findall(r"(?m)^\| `quotewire (\w+)", text)) | {"worker", "sink"}
        self.assertGreaterEqual(len(commands), 12)
        for command in sorted(commands):
            with self.subTest(command):
                stdout = self.quotewire(command, "--help")[0]
                self.assertRegex(stdout.lower(), r"usage: +quotewire")
                if command not in ("failed", "corpus"):
                    self.assertIn("xit codes", stdout)


def load_tests(_loader, tests, _pattern):
    for page, (before, _) in PAGES.items():
        session = Session(before)
        tests.addTests(Run(session, example) for example in examples(page))
    return tests


def write_results():
    session, text, moved = Session(), README.read_text(encoding="utf-8"), 0
    found = examples("README.md")
    while found and found[-1].result is None:
        found.pop()
    for example in found:
        printed = session.run(example)
        if example.result is not None:
            (start, end), block = example.result_place, printed.strip() + "\n"
            text = text[:start + moved] + block + text[end + moved:]
            moved += len(block) - (end - start)
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write_results()
    else:
        unittest.main()
