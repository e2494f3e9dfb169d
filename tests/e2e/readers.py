"""Readers of a pipeline that is being killed, whatever language they are written in: each life writes the documents that it gets
as `quotewire-corpus export --place` does, a line of JSON each."""
import json
import os
import random
import signal
import subprocess
import time

import generator
import test_network
from pipeline import ORDERLY, PATIENCE, PROGRAMS, Pipeline, new_folder

DOCUMENTS = 600  # that a follower gets


class Reader:
    """One reader in one life after another, with what each has written. `command` takes ["--from", N] or ["--state", FILE],
    and the endpoint. A reader that heeds PAUSE_MS takes so long for each document, so that there is time to kill it."""

    def __init__(self, command, folder, endpoint, state=None):
        self.command, self.folder, self.endpoint, self.state = command, folder, endpoint, state
        self.lives, self.process, self.output = 0, None, None
        self.documents = []  # of all lives
        self.starts = []     # where in documents each life begins

    def start(self, **environment):
        position = self.documents[-1]["position"] + 1 if self.documents else 0
        where = ["--state", self.state] if self.state else ["--from", str(position)]
        self.output = self.folder / f"life-{self.lives}"
        self.lives += 1
        self.starts.append(len(self.documents))
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen([*self.command, *where, self.endpoint], stdout=out, env={**os.environ, "PAUSE_MS": "4", **environment})

    def lines(self):
        """Whole lines of this life; one that is torn was never had."""
        data = self.output.read_bytes()
        return data[:data.rfind(b"\n") + 1].splitlines()

    def end(self, number):
        """Kills it, and takes the lines that it wrote."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.documents += [json.loads(line) for line in self.lines()]
        return code

    def position(self):
        """Of the last document had."""
        lines = self.lines()
        last = json.loads(lines[-1]) if lines else self.documents[-1] if self.documents else {}
        return last.get("position", -1)


class Trouble:
    """Kills the reader each time that it has had some more documents, and the sink now and then."""

    def __init__(self, pipeline, reader, kill_reader_with, seed):
        self.pipeline, self.reader, self.number = pipeline, reader, kill_reader_with
        self.chance = random.Random(seed)
        self.look_at = 0.0
        self.sink_at = time.monotonic() + 0.2
        self._choose()

    def _choose(self):
        self.reader_at = self.reader.position() + self.chance.randint(10, 200)

    def __call__(self):
        now = time.monotonic()
        if now >= self.sink_at:
            self.sink_at = now + 0.3 + self.chance.random()
            if self.pipeline.names("sink"):
                self.pipeline.signal("sink")
        if now >= self.look_at:
            self.look_at = now + 0.02
            if self.reader.position() >= self.reader_at:
                self.reader.end(self.number)
                self.reader.start()
                self._choose()


def stream(case, folder, source, command, seed, state, kill_reader_with):
    """Runs a pipeline with a reader of it, and kills sink and reader all the while. Returns the reader and what was exported of
    the corpus."""
    folder = folder / f"{seed}"
    with Pipeline(folder, source) as pipeline:
        reader = Reader(command, folder, pipeline.endpoint("follow"), folder / "position" if state else None)
        pipeline.start(2)
        reader.start()
        case.addCleanup(lambda: reader.process.poll() is None and reader.process.kill())
        disturb = Trouble(pipeline, reader, kill_reader_with, seed)
        case.assertEqual(pipeline.run(disturb), 1)
        exported = subprocess.run([PROGRAMS / "quotewire-corpus", "export", "--place", pipeline.corpus], check=True,
                                  capture_output=True).stdout
        expected = [json.loads(line) for line in exported.splitlines()]
        end = time.monotonic() + PATIENCE
        while reader.position() < len(expected) - 1:
            pipeline.tend_sink()
            disturb()
            case.assertIsNone(reader.process.poll(), "the reader has ended")
            case.assertLess(time.monotonic(), end, "the reader never comes to the end")
            time.sleep(0.02)
        case.assertIn(reader.end(signal.SIGTERM), ORDERLY)
        pipeline.tend_sink()
        pipeline.stop()
    case.assertGreaterEqual(reader.lives, 3)
    case.assertGreaterEqual(pipeline.kills["sink"], 1)
    return reader, expected


def check_each_once(case, reader, expected):
    case.assertEqual([document["position"] for document in reader.documents], list(range(len(expected))))
    check_same(case, reader.documents, expected)


def check_same(case, documents, expected):
    """One by one: unittest's own comparison of lists as large as these takes minutes to say where they differ."""
    case.assertEqual(len(documents), len(expected))
    for document, other in zip(documents, expected):
        if document != other:
            names = sorted(name for name in {**document, **other} if document.get(name) != other.get(name))
            case.fail(f"the document at position {other.get('position')} differs in {', '.join(names)}")


def check_none_missing(case, reader, expected):
    """Nothing is missing, and comes again only where a life begins."""
    had = -1
    for i, document in enumerate(reader.documents):
        if i in reader.starts:
            case.assertLessEqual(document["position"], had + 1, "something is missing")
        else:
            case.assertEqual(document["position"], had + 1)
        had = document["position"]
        check_same(case, [document], [expected[had]])
    case.assertEqual(had, len(expected) - 1)


def check_keys(case, folder, source, command):
    """Over tcp a reader with a reader's key has all documents, and one with another key is told that it is refused."""
    with test_network.Network(folder / "keys", source) as pipeline:
        keys = {role: test_network.new_key(pipeline.keys, role, role) for role in ("reader", "worker")}
        case.assertEqual(pipeline.start(1).run(), 1, pipeline.log()[-2000:])
        exported = subprocess.run([PROGRAMS / "quotewire-corpus", "export", "--place", pipeline.corpus], check=True,
                                  capture_output=True).stdout
        expected = [json.loads(line) for line in exported.splitlines()]
        reader = Reader(command, pipeline.folder, pipeline.endpoint("follow"))
        reader.start(KEY_FILE=keys["reader"])
        end = time.monotonic() + PATIENCE
        while reader.position() < len(expected) - 1:
            case.assertIsNone(reader.process.poll(), "the reader has ended")
            case.assertLess(time.monotonic(), end, "the reader never comes to the end")
            time.sleep(0.02)
        reader.end(signal.SIGTERM)
        check_each_once(case, reader, expected)
        refused = subprocess.run([*command, "--from", "0", pipeline.endpoint("follow")], capture_output=True, encoding="utf-8",
                                 env={**os.environ, "KEY_FILE": keys["worker"]}, timeout=PATIENCE, check=False)
        case.assertNotEqual(refused.returncode, 0)
        case.assertIn("refuses the key 'worker'", refused.stderr)
        pipeline.stop()


class Following:
    """What every client's follower must do, whoever is killed: a mixin of a test case, which says how a reader is
    started."""

    def setUp(self):
        super().setUp()
        self.folder = new_folder(self)
        self.source = generator.write(self.folder / "articles.jsonl", DOCUMENTS, seed=5)

    def command(self):
        """Of a reader, as Reader takes it."""
        raise NotImplementedError

    def stream(self, seed, state, kill_reader_with):
        return stream(self, self.folder, self.source, self.command(), seed, state, kill_reader_with)

    def test_with_the_position_of_its_last_document_it_has_each_once(self):
        check_each_once(self, *self.stream(1, state=False, kill_reader_with=signal.SIGKILL))

    def test_with_a_state_file_and_an_orderly_end_it_has_each_once(self):
        check_each_once(self, *self.stream(2, state=True, kill_reader_with=signal.SIGTERM))

    def test_with_a_state_file_and_kills_it_misses_none(self):
        check_none_missing(self, *self.stream(3, state=True, kill_reader_with=signal.SIGKILL))

    def test_with_a_key_it_comes_in_by_tcp(self):
        check_keys(self, self.folder, self.source, self.command())
