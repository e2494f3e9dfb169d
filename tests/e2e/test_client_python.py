#!/usr/bin/env python3
"""The Python client as people get it, installed by pip: documents of a live sink through kills of both, a corpus on disk, and
spaCy's documents."""
import json
import os
import subprocess
import tempfile
import unittest

import client_places
import readers
from harness import ROOT, Case


class Installed(Case):
    """Runs Python code that has the client, and what it needs, from pip alone."""

    @classmethod
    def setUpClass(cls):
        cls.python = client_places.python_with(*client_places.PYTHON_NEEDS)
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        client_places.install_python_client(place.name, cls.python)
        os.environ["PYTHONPATH"] = place.name
        cls.addClassCleanup(os.environ.pop, "PYTHONPATH")

    def run_code(self, code, *arguments, python=None):
        done = subprocess.run([python or self.python, "-c", code, *map(str, arguments)], capture_output=True, encoding="utf-8",
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


class Follow(readers.Following, Installed):
    def command(self):
        return [self.python, ROOT / "tests" / "e2e" / "clients" / "reader.py"]


class Corpus(Installed):
    def setUp(self):
        super().setUp()
        self.corpus = self.folder / "corpus"
        self.quotewire("run", ROOT / "tests" / "articles", "--corpus", self.corpus, "--quiet")

    def test_documents_are_what_export_says(self):
        code = ("import json, quotewire, sys\n"
                "for document in quotewire.open(sys.argv[1]).documents(): print(json.dumps(document.to_dict()))")
        told = [json.loads(line) for line in self.run_code(code, self.corpus).splitlines()]
        readers.check_same(self, told, self.export(self.corpus))
        self.assertGreater(sum(len(document["quotes"]) for document in told), 100)

    def test_it_is_typed(self):
        checker = client_places.python_with(*client_places.PYTHON_NEEDS, "mypy")
        program = self.folder / "program.py"
        program.write_text("import quotewire\n"
                           "def speakers(folder: str) -> list[str]:\n"
                           "    return [q.speaker for d in quotewire.open(folder) for q in d.quotes if q.speaker]\n"
                           "reveal_type(quotewire.follow('tcp://h:1').next())\n")
        done = subprocess.run([checker, "-m", "mypy", "--strict", "--cache-dir", self.folder / "cache", program],
                              capture_output=True, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r'"(Union\[quotewire.document.Document, None\]|quotewire.document.Document \| None)"')

    def test_spacy_has_the_same_text_tokens_entities_and_quotes(self):
        python = client_places.python_with(*client_places.PYTHON_NEEDS, "spacy>=3.4")
        print(self.run_code("""
import quotewire, spacy, sys
nlp = spacy.blank("en")
quotes = entities = 0
for document in quotewire.open(sys.argv[1]):
    doc = document.to_spacy(nlp)
    assert doc.vocab is nlp.vocab and doc.text == document.text
    assert [(t.idx, t.text) for t in doc if not t.is_space] == [(t.start, t.text) for t in document.tokens]
    assert [(e.start_char, e.end_char, e.label_, e.kb_id_) for e in doc.ents] == [
        (e.start, e.end, e.type, e.key or "") for e in document.entities], document
    told = [(s.start_char, s.end_char, s.label_, s._.speaker, s._.entity, s._.confidence) for s in doc.spans["quotes"]]
    assert told == [(q.start, q.end, q.type, q.speaker, q.entity, q.confidence) for q in document.quotes], document
    sentences = [(s.text.strip()) for s in doc.sents]
    assert sentences == [s.text for s in document.sentences], document
    assert [p.label_ for p in doc.spans["structure"]] == [p.role for p in document.structure]
    assert nlp(doc).text == document.text and spacy.tokens.Doc(nlp.vocab).from_bytes(doc.to_bytes()).text == document.text
    quotes += len(told)
    entities += len(doc.ents)
assert quotes > 100 and entities > 300, (quotes, entities)
print(quotes, "quotes and", entities, "entities in spaCy", spacy.__version__)
""", self.corpus, python=python))


if __name__ == "__main__":
    unittest.main(verbosity=2)
