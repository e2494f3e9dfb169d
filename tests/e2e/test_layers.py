#!/usr/bin/env python3
"""Another layer for a corpus that is there, made by the template worker in Python: what was there stays, octet for octet, and the
new corpus is the same whatever is killed meanwhile."""
import json
import pathlib
import random
import shlex
import subprocess
import sys
import time
import unittest

import client_places
import generator
from harness import ROOT, Case
from pipeline import Pipeline, corpus_bytes, new_folder

sys.path.insert(0, str(client_places.PYTHON_CLIENT / "src"))
try:
    import quotewire
except ImportError as error:
    print(f"skipped: the Python client needs a package: {error}")
    sys.exit(77)

WORKER = ROOT / "workers" / "python" / "sentiment.py"
VADER = ("pyzmq", "msgpack", "vaderSentiment")
SPACY = ("pyzmq", "msgpack", "spacy>=3.4")
DOCUMENTS = 500


class Layers(Case):
    def setUp(self):
        super().setUp()
        self.folder = new_folder(self)
        self.base = self.folder / "base"

    def make_base(self, count=DOCUMENTS):
        source = generator.write(self.folder / "articles.jsonl", count, seed=6)
        self.quotewire("run", source, "--corpus", self.base, "--quiet", code=1)

    def add(self, corpus, *command, code=1, **options):
        return self.quotewire("run", "--from", self.base, "--layers", "sentiment", "--corpus", corpus, "--workers", 2,
                              "--worker", shlex.join(map(str, command)), **options, code=code)

    def test_what_was_there_stays_and_the_layer_is_there_besides(self):
        python = client_places.python_with(*VADER)
        self.make_base()
        added = self.folder / "added"
        self.add(added, python, WORKER)
        self.quotewire("check", added)
        before, after = list(quotewire.open(self.base).documents()), list(quotewire.open(added))
        self.assertEqual([document.id for document in after], [document.id for document in before])
        words = {}
        for old, new in zip(before, after):
            self.assertEqual((new.text, new.metadata, new.source), (old.text, old.metadata, old.source))
            self.assertEqual(repr(new.failed), repr(old.failed))
            for name in old.layer_names:
                self.assertEqual(new._layers[name], old._layers[name], f"{name} of {old.id}")
            self.assertEqual(set(new.layer_names) - set(old.layer_names), set() if old.failed else {"sentiment"})
            for part in new.layer("sentiment"):
                self.assertEqual((part.start, part.end, part.value["by"]), (0, len(new.text), "sentiment/vader"))
                self.assertEqual([[start, length] for start, length, _ in part.value["scores"]],
                                 [[quote.start, len(quote)] for quote in new.quotes])
                words.update((new.text[start:start + length], score) for start, length, score in part.value["scores"])
        self.assertGreater(sum(document.failed is not None for document in before), 5)
        self.assertGreater(len({*words.values()}), 3)
        told = subprocess.run([python, "-c", "import sys, json\nfrom vaderSentiment import vaderSentiment\n"
                                             "analyzer = vaderSentiment.SentimentIntensityAnalyzer()\n"
                                             "print(json.dumps([analyzer.polarity_scores(t)['compound'] for t in json.load(sys.stdin)]))"],
                              input=json.dumps(list(words)), capture_output=True, encoding="utf-8", check=True).stdout
        self.assertEqual(json.loads(told), list(words.values()))
        summaries = [self.quotewire("summary", corpus, "--json")[0] for corpus in (self.base, added)]
        counts = [[line for line in text.split(",") if any(name in line for name in ('"tokens"', '"mentions"', '"quotes"'))]
                  for text in summaries]
        self.assertEqual(counts[0], counts[1])
        was = corpus_bytes(added)
        self.add(added, python, WORKER)  # everything is there already
        self.assertEqual(corpus_bytes(added), was)

    def run_pipeline(self, name, python, disturb=None):
        with Pipeline(self.folder / name, self.base, ventilator=("--strikes", "50", "--layers", "sentiment", "--from")) as pipeline:
            # 50: none of the deaths is a document's fault, however often chance hits the same one
            pipeline.expected["worker"] = (0,)  # told that the run is over, a moment before the ventilator ends
            pipeline.start(0)
            for i in range(2):
                pipeline._start(f"worker-{i}", [python, WORKER, pipeline.endpoint("tasks")])
            self.assertEqual(pipeline.run(disturb and (lambda: disturb(pipeline))), 1, pipeline.log()[-2000:])
            pipeline.stop()
        return pipeline

    def test_kills_change_nothing(self):
        python = client_places.python_with(*VADER)
        self.make_base(300)
        expected = corpus_bytes(self.run_pipeline("quiet", python).corpus)
        chance, next_at = random.Random(3), [time.monotonic() + 0.5]

        def disturb(pipeline):
            if time.monotonic() < next_at[0]:
                return
            next_at[0] = time.monotonic() + 0.15 + 0.5 * chance.random()
            pipeline.signal(chance.choice(pipeline.names()))

        kills = {}
        for number in range(3):
            pipeline = self.run_pipeline(f"killed-{number}", python, disturb)
            self.assertEqual(corpus_bytes(pipeline.corpus), expected)
            kills = {role: kills.get(role, 0) + pipeline.kills.get(role, 0) for role in ("sink", "ventilator", "worker")}
        self.assertGreater(kills["worker"], 0, kills)

    def test_a_pipeline_of_spacy(self):
        python = client_places.python_with(*SPACY)
        subprocess.run([python, "-c", "import spacy, sys\nnlp = spacy.blank('en')\ncategories = nlp.add_pipe('textcat')\n"
                                      "categories.add_label('good')\ncategories.add_label('bad')\nnlp.initialize()\n"
                                      "nlp.to_disk(sys.argv[1])", self.folder / "model"], check=True, capture_output=True)
        self.quotewire("run", ROOT / "tests" / "articles" / "01-ferry-wire.txt", "--corpus", self.base, "--quiet")
        added = self.folder / "added"
        self.add(added, python, WORKER, "--spacy", self.folder / "model", code=0)
        document = quotewire.open(added)[0]
        value = document.layer("sentiment")[0].value
        self.assertEqual(value["by"], "sentiment/pipeline 0.0.0")
        self.assertEqual([score[:2] for score in value["scores"]], [[quote.start, len(quote)] for quote in document.quotes])
        self.assertTrue(all(set(scores) == {"good", "bad"} for _, _, scores in value["scores"]))

    def test_wrong_usage(self):
        (self.folder / "empty").mkdir()
        for arguments, text in ((("--from", self.base, "--corpus", "x"), "--from needs --layers"),
                                (("--from", self.base, "a.txt", "--layers", "x", "--corpus", "x"), "place of a SOURCE"),
                                (("--from", "x", "--layers", "x", "--corpus", "x"), "one corpus"),
                                (("--from", "x", "--layers", "x", "--corpus", "y"), "--from needs --worker"),
                                (("--from", self.folder / "empty", "--layers", "x", "--corpus", self.folder / "new", "--worker", "true"), "is not a corpus"),
                                (("--from", self.base, "--layers", "quotes", "--corpus", self.folder / "new", "--worker", "true"), "cannot make these"),
                                (("a.txt", "--corpus", "x", "--worker", "no-such-program"), "no program 'no-such-program'")):
            stderr = self.quotewire("run", *arguments, code=2)[1]
            self.assertIn(text, stderr)

    def test_the_template_is_short_and_needs_little(self):
        lines = pathlib.Path(WORKER).read_text(encoding="utf-8").splitlines()
        self.assertLess(len(lines), 100)
        self.assertEqual([line for line in lines if line.startswith(("import ", "from "))],
                         ["import argparse", "import os", "import random", "import time", "import msgpack", "import zmq"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
