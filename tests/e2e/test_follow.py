#!/usr/bin/env python3
"""Readers that stream the corpus while it grows, and while they and the sink are killed: nothing is missed, nothing comes
twice (I1, I7)."""
import json
import random
import signal
import subprocess
import time
import unittest

import generator
from pipeline import ORDERLY, PATIENCE, PROGRAMS, Pipeline, new_folder

DOCUMENTS = 1500


class Reader:
    """quotewire-follow in one life after another, with what each has written."""

    def __init__(self, folder, endpoint, state=None):
        self.folder, self.endpoint, self.state = folder, endpoint, state
        self.lives, self.process, self.output = 0, None, None
        self.documents = []  # of all lives
        self.starts = []     # where in documents each life begins

    def start(self):
        position = self.documents[-1]["position"] + 1 if self.documents else 0
        where = ["--state", self.state] if self.state else ["--from", str(position)]
        self.output = self.folder / f"life-{self.lives}"
        self.lives += 1
        self.starts.append(len(self.documents))
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen([PROGRAMS / "quotewire-follow", *where, self.endpoint], stdout=out)

    def end(self, number):
        """Kills it, and takes the lines that it wrote; one that is torn was never had."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        data = self.output.read_bytes()
        self.documents += [json.loads(line) for line in data[:data.rfind(b"\n") + 1].splitlines()]
        return code

    def position(self):
        """Of the last document had."""
        data = self.output.read_bytes()
        line = data[:data.rfind(b"\n") + 1].splitlines()[-1:] or [json.dumps(self.documents[-1] if self.documents else {})]
        return json.loads(line[0]).get("position", -1)


class Follow(unittest.TestCase):
    def setUp(self):
        self.folder = new_folder(self)
        self.source = generator.write(self.folder / "articles.jsonl", DOCUMENTS, seed=4)

    def stream(self, seed, state, kill_reader_with):
        """Runs a pipeline, and kills sink and reader meanwhile. Returns the reader and the corpus as it was exported."""
        chance = random.Random(seed)
        folder = self.folder / f"{seed}"
        with Pipeline(folder, self.source) as pipeline:
            reader = Reader(folder, pipeline.endpoint("follow"), folder / "position" if state else None)
            pipeline.start(2)
            reader.start()
            self.addCleanup(lambda: reader.process.poll() is None and reader.process.kill())
            next_at = time.monotonic()

            def disturb():
                nonlocal next_at
                if time.monotonic() < next_at:
                    return
                next_at = time.monotonic() + 0.05 + 0.2 * chance.random()
                if chance.random() < 0.3:
                    pipeline.signal("sink")
                else:
                    reader.end(kill_reader_with)
                    reader.start()

            self.assertEqual(pipeline.run(disturb), 1)
            exported = subprocess.run([PROGRAMS / "quotewire-corpus", "export", "--place", pipeline.corpus], check=True,
                                      capture_output=True).stdout
            expected = [json.loads(line) for line in exported.splitlines()]
            end = time.monotonic() + PATIENCE
            while reader.position() < len(expected) - 1:
                pipeline.tend_sink()
                self.assertLess(time.monotonic(), end, "the reader never comes to the end")
                time.sleep(0.02)
            self.assertIn(reader.end(signal.SIGTERM), ORDERLY)
            pipeline.stop()
        self.assertGreaterEqual(reader.lives, 3)
        return reader, expected

    def test_a_reader_that_keeps_the_position_of_its_last_document_has_each_once(self):
        reader, expected = self.stream(1, state=False, kill_reader_with=signal.SIGKILL)
        self.assertEqual([document["position"] for document in reader.documents], list(range(len(expected))))
        self.assertEqual(reader.documents, expected)

    def test_a_reader_with_a_state_file_that_ends_in_good_order_has_each_once(self):
        reader, expected = self.stream(2, state=True, kill_reader_with=signal.SIGTERM)
        self.assertEqual([document["position"] for document in reader.documents], list(range(len(expected))))
        self.assertEqual(reader.documents, expected)

    def test_a_reader_with_a_state_file_that_is_killed_misses_none_and_repeats_one_batch_at_most(self):
        reader, expected = self.stream(3, state=True, kill_reader_with=signal.SIGKILL)
        had = -1
        for i, document in enumerate(reader.documents):
            if i in reader.starts:
                self.assertLessEqual(document["position"], had + 1, "something is missing")
            else:
                self.assertEqual(document["position"], had + 1)
            had = document["position"]
            self.assertEqual(document, expected[had])
        self.assertEqual(had, len(expected) - 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
