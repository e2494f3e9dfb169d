#!/usr/bin/env python3
"""Chunks that no worker survives (I6): the document is recorded as failed with its reason, its text and the hole named, all
others are annotated as if nothing had been."""
import json
import subprocess
import unittest

import generator
from pipeline import PROGRAMS, TEST_PROGRAMS, Pipeline, new_folder

CRASHING = TEST_PROGRAMS / "crashing_worker"
KILLS, HANGS = "This chunk kills workers.", "This chunk hangs workers."
ABORTED, TOO_LONG = -6, 75


def export(corpus):
    """The documents of a corpus, without their places, which differ where an id was given twice."""
    lines = subprocess.run([PROGRAMS / "quotewire-corpus", "export", corpus], check=True, capture_output=True).stdout
    return [json.loads(line) for line in lines.splitlines()]


class Poison(unittest.TestCase):
    def setUp(self):
        if not CRASHING.exists():
            self.skipTest(f"{CRASHING} is not built")
        self.folder = new_folder(self)
        lines = list(generator.lines(300, seed=3))
        # one chunk among others in a task; some chunks in the middle of a long article, one of them after a headline
        texts = [json.loads(line)["text"] for line in lines if line.endswith("}") and '"text": "' in line]
        long = max(texts, key=lambda text: text.count("\n\n")).split("\n\n")
        middle = len(long) // 2
        self.deadly = {"short": f"A headline\n\n{KILLS}\n\n“It is,” said Ada Finch.\n",
                       "long": "\n\n".join(long[:middle] + [KILLS] + long[middle:]),
                       "last": f"Before it\n\nA quiet paragraph about Westmere. {HANGS}"}
        for at, (name, text) in zip((20, 140, 260), self.deadly.items()):
            lines.insert(at, json.dumps({"id": name, "text": text}))
        self.source = self.folder / "articles.jsonl"
        self.source.write_text("".join(line + "\n" for line in lines), encoding="utf-8")

    def test_all_but_the_chunk_itself_is_annotated(self):
        with Pipeline(self.folder / "reference", self.source) as pipeline:
            self.assertEqual(pipeline.start(1).run(), 1)  # some records cannot be read
            pipeline.stop()
            expected = {document["id"]: document for document in export(pipeline.corpus)}
        self.assertNotIn("failed", expected["long"])
        with Pipeline(self.folder / "poison", self.source) as pipeline:
            pipeline.expected["worker"] = (ABORTED, TOO_LONG)
            pipeline.start_sink()
            pipeline.start_ventilator()
            for _ in range(3):
                pipeline.add_worker("--chunk-seconds", "1", program=CRASHING)
            self.assertEqual(pipeline.run(), 1)
            pipeline.stop()
            got = {document["id"]: document for document in export(pipeline.corpus)}
        self.assertEqual(list(got), list(expected))
        for name, document in got.items():
            if name not in self.deadly:
                self.assertEqual(document, expected[name])
        for name, text in self.deadly.items():
            document = got[name]
            self.assertEqual(document["text"], text)
            (hole,) = document["failed"]["holes"]
            self.assertIn("3 workers in a row died", hole["reason"])
            self.assertEqual(sorted(hole["layers"]), ["entities", "quotes", "tokens"])
            marker = KILLS if KILLS in text else HANGS
            self.assertIn(marker, text[hole["start"]:hole["end"]])
            # what is annotated beside the hole is what it would have been
            outside = [token for token in expected[name]["tokens"] if token[1] <= hole["start"] or token[0] >= hole["end"]]
            self.assertEqual(document["tokens"], outside)
        hole = got["long"]["failed"]["holes"][0]
        self.assertLess(hole["end"] - hole["start"], len(got["long"]["text"]) / 2, "only the one chunk is given up")
        self.assertGreater(len(got["long"]["entities"]), 10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
