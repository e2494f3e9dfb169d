"""What the end-to-end tests share: the programs under test, a folder for each case, articles, and running things."""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUOTEWIRE = ROOT / "deploy" / "quotewire"
PROGRAMS = pathlib.Path(os.environ.get("QUOTEWIRE_BUILD", ROOT / "build")).resolve()
TEST_PROGRAMS = pathlib.Path(os.environ.get("QUOTEWIRE_TEST_PROGRAMS", PROGRAMS / "tests")).resolve()
ARTICLES = ROOT / "tests" / "articles"
ROLES = ("sink", "ventilator", "worker")
PATIENCE = 120.0  # seconds until a case gives up waiting; nothing is expected to take that long


def article_files():
    return sorted(ARTICLES.glob("*.txt"))


def make_articles(path, count, seed=1):
    """So many articles as JSON lines, each of paragraphs of the sample articles in a random but repeatable order."""
    chance = random.Random(seed)
    texts = [file.read_text(encoding="utf-8") for file in article_files()]
    paragraphs = [part for text in texts for part in text.split("\n\n") if part.strip()]
    with open(path, "w", encoding="utf-8") as out:
        for i in range(count):
            text = "\n\n".join(chance.sample(paragraphs, chance.randint(2, 12)))
            out.write(json.dumps({"id": f"article-{i}", "text": text}) + "\n")
    return path


def children_of(process):
    """The pids of the programs that a supervisor has started, by role."""
    found = {role: [] for role in ROLES}
    for entry in os.listdir("/proc"):
        try:
            status = pathlib.Path("/proc", entry, "stat").read_text()
        except (OSError, UnicodeDecodeError):
            continue
        pid, name, state, parent = re.match(r"(\d+) \((.*)\) (\S) (\d+)", status, re.DOTALL).groups()
        role = name.removeprefix("quotewire-")
        role = next((known for known in ROLES if known.startswith(role) and role), None)  # the kernel cuts names to 15 bytes
        if role and int(parent) == process.pid and state not in "ZX":
            found[role].append(int(pid))
    return found


def free_ports(count):
    """The first of so many ports in a row that nobody has."""
    for _ in range(100):
        sockets = [socket.socket() for _ in range(count)]
        try:
            sockets[0].bind(("127.0.0.1", 0))
            first = sockets[0].getsockname()[1]
            for i, other in enumerate(sockets[1:]):
                other.bind(("127.0.0.1", first + 1 + i))
            return first
        except (OSError, OverflowError):
            continue
        finally:
            for one in sockets:
                one.close()
    raise unittest.SkipTest("no free ports")


def kill(pid, number=signal.SIGKILL):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def new_environment(folder):
    """What programs under test have in their environment; those of one folder know each other."""
    environment = {**os.environ, "QUOTEWIRE_BUILD": str(PROGRAMS), "XDG_RUNTIME_DIR": str(folder), "NO_COLOR": "1"}
    environment.pop("COLUMNS", None)
    return environment


def _say_why(result, test, reason, add=unittest.TextTestResult.addSkip):
    """unittest counts what was skipped, and says why only with -v; tests/run repeats the reason."""
    add(result, test, reason)
    if not result.showAll:
        result.stream.writeln(f"\n{test}: skipped: {reason.removeprefix('skipped: ')}")


unittest.TextTestResult.addSkip = _say_why


class Case(unittest.TestCase):
    """A test with a folder of its own, in which pipelines have their sockets too."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="qw", dir="/tmp"))  # short: there will be sockets in it
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = new_environment(self.folder)

    def start(self, *arguments, **options):
        """`quotewire ARGUMENT...`, running; killed when the case ends."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL,
                   "env": self.environment, "encoding": "utf-8", **options}
        process = subprocess.Popen([str(QUOTEWIRE), *map(str, arguments)], **options)
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

    def quotewire(self, *arguments, code=0, input=None, **options):
        """Runs `quotewire ARGUMENT...` to its end, which must be with this exit code. Returns (stdout, stderr)."""
        if input is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(*arguments, **options)
        stdout, stderr = process.communicate(input, timeout=PATIENCE)
        self.assertEqual(process.returncode, code, f"quotewire {' '.join(map(str, arguments))}:\n{stdout}{stderr}")
        return stdout, stderr

    def run_json(self, *arguments, **options):
        """The summary of `quotewire run`."""
        return json.loads(self.quotewire("run", *arguments, "--json", **options)[0])

    def export(self, corpus):
        return [json.loads(line) for line in self.quotewire("export", corpus)[0].splitlines()]

    def wait_for(self, condition, what):
        """Until condition() is true; returns what it returns."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            result = condition()
            if result:
                return result
            time.sleep(0.02)
        self.fail(f"waited in vain for {what}")

    def wait_for_documents(self, corpus, count):
        """Until so many documents are committed."""
        def committed():
            summary = subprocess.run([PROGRAMS / "quotewire-corpus", "summary", "--json", corpus], capture_output=True,
                                     check=False)
            return summary.returncode == 0 and json.loads(summary.stdout)["documents"] >= count
        self.wait_for(committed, f"{count} documents in {corpus}")

    def assert_same_corpus(self, first, second):
        """Byte by byte (I8), the index too."""
        def files(corpus):
            return {path.name: path.read_bytes() for path in pathlib.Path(corpus).glob("segment-*")}
        one, other = files(first), files(second)
        self.assertEqual(one.keys(), other.keys())
        self.assertTrue(any(one.values()), "the corpus is empty")
        for name in one:
            self.assertTrue(one[name] == other[name], f"{name} differs")

    def articles(self, count, seed=1):
        return make_articles(self.folder / f"articles-{count}-{seed}.jsonl", count, seed)
