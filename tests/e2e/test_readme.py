#!/usr/bin/env python3
"""The README's examples work, and its result is what comes out today. `test_readme.py --write` renews the result.

A fenced block behind a line `<!-- test -->` is run as it stands, all in one folder and in their order; `<!-- test: NAME -->`
needs the program or, for Python, the modules msgpack and zmq; that one has the Python client. A block behind `<!-- result -->` is what the block before it prints.
"""
import re
import shutil
import subprocess
import sys
import unittest

import client_places
from harness import PROGRAMS, ROOT, Case

README = ROOT / "README.md"
BLOCK = re.compile(r"<!-- (test|result)(?:: (\w+))? -->\n```(\w*)\n(.*?)```\n", re.DOTALL)
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's msgpack


class Readme(Case):
    def setUp(self):
        super().setUp()
        self.environment["COLUMNS"] = "80"
        self.environment["PYTHONPATH"] = str(ROOT / "clients" / "python" / "src")
        for name in ("clients", "deploy", "tests"):
            (self.folder / name).symlink_to(ROOT / name)

    def outputs(self, text):
        """(kind, what the block prints or, for a result, what it says; its place in the text), block by block."""
        for block in BLOCK.finditer(text):
            kind, needs, language, content = block.groups()
            if kind == "test":
                content = self.run_block(needs, language, content)
            yield kind, content, block.span(4)

    def install(self):
        """Where the compiler and the loader look for what was installed."""
        prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", PROGRAMS, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
        pc = next(prefix.rglob("quotewire.pc"))
        self.environment.update(PKG_CONFIG_PATH=str(pc.parent), LD_LIBRARY_PATH=str(pc.parents[1]))

    def run_block(self, needs, language, script):
        if needs == "python" and subprocess.call([PYTHON, "-c", "import msgpack, zmq"], stderr=subprocess.DEVNULL):
            return None
        if needs not in (None, "python") and not shutil.which(needs):
            return None
        folder = self.folder
        if needs == "node":
            try:
                folder = client_places.node_with(*client_places.NODE_NEEDS)
            except unittest.SkipTest:
                return None
            script = script.replace("news.corpus", str(self.folder / "news.corpus"))
        if needs == "cc":
            self.install()
        command = {"python": [PYTHON, "-c", script], "js": ["node", "--input-type=module", "-e", script]}.get(
            language, ["bash", "-euo", "pipefail", "-c", script])
        done = subprocess.run(command, cwd=folder, env=self.environment, capture_output=True, encoding="utf-8",
                              check=False)
        self.assertEqual(done.returncode, 0, f"{script}\n{done.stderr}")
        self.assertNotEqual(done.stdout.strip(), "", f"{script}\nprints nothing")
        return done.stdout

    def test_its_examples_work_and_its_result_is_real(self):
        printed, results, tests = None, 0, 0
        for kind, content, _ in self.outputs(README.read_text(encoding="utf-8")):
            if kind == "result":
                self.assertEqual(content.strip(), printed.strip(), "renew it: tests/e2e/test_readme.py --write")
                results += 1
            else:
                printed = content
                tests += 1
        self.assertGreaterEqual((tests, results), (5, 1), "examples are missing")

    def test_the_examples_of_the_pages_about_running_it_work(self):
        self.environment["XDG_CONFIG_HOME"] = str(self.folder)
        self.quotewire("run", "tests/articles", "--corpus", "news.corpus", "--quiet", cwd=self.folder)
        for page, least in (("operations", 2), ("scale", 1)):
            with self.subTest(page):
                tests = list(self.outputs((ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")))
                self.assertGreaterEqual(len(tests), least)

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


def write_results():
    case = Readme()
    case.setUp()
    try:
        text, printed, moved = README.read_text(encoding="utf-8"), None, 0
        for kind, content, (start, end) in list(case.outputs(text)):
            if kind == "test":
                printed = content
                continue
            block = printed.strip() + "\n"
            text = text[:start + moved] + block + text[end + moved:]
            moved += len(block) - (end - start)
        README.write_text(text, encoding="utf-8")
    finally:
        case.doCleanups()


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write_results()
    else:
        unittest.main()
