#!/usr/bin/env python3
"""The index: it has what the corpus has, in SQLite and in PostgreSQL, whatever was killed meanwhile; and it answers."""
import csv
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import time
import unittest

import generator
from harness import ARTICLES, PATIENCE, PROGRAMS, Case
from postgres import Absent, Postgres

TABLES = {"documents": "position, id, title, date, outlet, byline, url, language, path, failed, tokens, mentions, quotes,"
                       " metadata, text",
          "entities": "id, key, type, name, documents, mentions, quotes, quoted_in",
          "names": "id, entity, name, documents",
          "mentions": "document, number, start, stop, type, entity",
          "quotes": "id, document, number, start, stop, type, speech, text, cue, mention, via, speaker, entity, how, confidence,"
                    " statement",
          "state": "version, position, crc32c"}
PROGRAM = PROGRAMS / "quotewire-index"


def article(name, sentence, **facts):
    """With a headline, and with a paragraph behind the sentence, so that nothing in it is taken for a headline."""
    text = f"News of the day\n\n{sentence}\n\nNothing more was known on Sunday night, when the town went to bed early."
    return {"id": name, "text": text, **facts}


DATED = [article("n1", "“The bridge holds,” said Mara Venn, the mayor of Westmere.", date="2014-11-18", outlet="Times"),
         article("n2", "“Not a word, =cmd,” said Mara Venn of the Harbour Office.", date="2014-12-01", outlet="Post"),
         article("n3", "“Nobody asked the Harbour Office,” said Jorge Pell.", date="2015-01-05", outlet="Times",
                 url="https://example.org/n3")]


def sqlite_rows(path, sql):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return connection.execute(sql).fetchall()


def sqlite_content(path):
    """Every row of every table; the words must fit the rows."""
    connection = sqlite3.connect(path)
    for table in ("documents_words", "quotes_words", "names_words"):
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")
    content = {table: connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()
               for table, columns in TABLES.items()}
    connection.close()
    return content


def postgres_content(server):
    return {table: server.rows(f"SELECT {columns} FROM quotewire.{table} ORDER BY 1, 2") for table, columns in TABLES.items()}


def as_text(content):
    return {table: [tuple(None if value is None else str(value) for value in row) for row in rows]
            for table, rows in content.items()}


class IndexCase(Case):
    def make_corpus(self, documents, seed=1):
        """A corpus with all that a source can have, failures too."""
        corpus = self.folder / f"corpus-{documents}"
        source = generator.write(self.folder / f"{documents}.jsonl", documents, seed)
        self.quotewire("run", source, "--corpus", corpus, "--quiet", code=1)
        return corpus

    def index_killing(self, command, chance, wait):
        """Runs it again and again, killed with -9 at random moments, until it ends by itself. Returns the number of kills."""
        for kills in range(1000):
            process = subprocess.Popen([*map(str, command), "--quiet", "--commit-bytes", "32K"], stderr=subprocess.PIPE)
            try:
                _, stderr = process.communicate(timeout=wait * chance.random() * (1 + kills / 10))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                continue
            self.assertEqual(process.returncode, 0, stderr)
            return kills
        self.fail("it never ends")


class Index(IndexCase):
    def test_it_has_what_the_export_has(self):
        corpus = self.folder / "c"
        self.quotewire("run", ARTICLES, "--corpus", corpus, "--quiet")
        self.quotewire("index", corpus, "--quiet")
        index = corpus / "index.sqlite"
        exported = [json.loads(line) for line in self.quotewire("export", "--place", corpus)[0].splitlines()]
        self.assertEqual(sqlite_rows(index, "SELECT position, id, text FROM documents ORDER BY 1"),
                         [(document["position"], document["id"], document["text"]) for document in exported])
        self.assertEqual(sqlite_rows(index, "SELECT m.document, m.start, m.stop, m.type, e.key FROM mentions m"
                                            " LEFT JOIN entities e ON e.id = m.entity ORDER BY m.document, m.number"),
                         [(document["position"], mention["start"], mention["end"], mention["type"], mention["entity"])
                          for document in exported for mention in document["entities"]])
        self.assertEqual(sqlite_rows(index, "SELECT q.document, q.start, q.stop, q.text, q.type, q.speaker, e.key, q.how,"
                                            " q.confidence, q.statement FROM quotes q LEFT JOIN entities e ON e.id = q.entity"
                                            " ORDER BY q.document, q.number"),
                         [(document["position"], quote["start"], quote["end"], document["text"][quote["start"]:quote["end"]],
                           quote["type"], quote["speaker"], quote["entity"], quote["how"], quote["confidence"],
                           quote["statement"])
                          for document in exported for quote in document["quotes"]])
        counted = {}
        for document in exported:
            for quote in document["quotes"]:
                if quote["entity"]:
                    counted.setdefault(quote["entity"], []).append(document["id"])
        self.assertEqual({key: (quotes, documents) for key, quotes, documents in
                          sqlite_rows(index, "SELECT key, quotes, quoted_in FROM entities WHERE quotes > 0")},
                         {key: (len(ids), len(set(ids))) for key, ids in counted.items()})

    def test_killed_at_random_moments_it_ends_as_if_nobody_had(self):
        corpus = self.make_corpus(500)
        self.quotewire("index", corpus, "--quiet")
        expected = sqlite_content(corpus / "index.sqlite")
        self.assertGreater(len(expected["quotes"]), 500)
        self.assertTrue(any(row[9] for row in expected["documents"]), "no failed document")
        kills = 0
        for seed in range(2):
            db = self.folder / f"killed-{seed}.sqlite"
            kills += self.index_killing([PROGRAM, "update", corpus, "--db", db], random.Random(seed), 0.3)
            self.assertEqual(sqlite_content(db), expected)
        self.assertGreater(kills, 1)
        self.quotewire("index", corpus, "--rebuild", "--quiet")
        self.assertEqual(sqlite_content(corpus / "index.sqlite"), expected)

    def test_it_follows_a_run_by_its_files_and_by_its_sink(self):
        corpus, inbox, serve = self.folder / "c", self.folder / "inbox", f"ipc://{self.folder}/serve"
        inbox.mkdir()
        (inbox / "a.jsonl").write_text(json.dumps(DATED[0]) + "\n", encoding="utf-8")
        self.start("run", inbox, "--corpus", corpus, "--follow", "--workers", "1", "--serve", serve)
        self.wait_for_documents(corpus, 1)
        indexers = [self.start("index", corpus, "--follow", "--quiet"),
                    self.start("index", serve, "--follow", "--quiet", "--db", self.folder / "served.sqlite")]
        (inbox / "b.jsonl.new").write_text("".join(json.dumps(line) + "\n" for line in DATED[1:]), encoding="utf-8")
        os.rename(inbox / "b.jsonl.new", inbox / "b.jsonl")
        for db in (corpus / "index.sqlite", self.folder / "served.sqlite"):
            def there(path=db):
                try:
                    return sqlite_rows(path, "SELECT count(*) FROM documents") == [(3,)]
                except sqlite3.OperationalError:  # not made yet
                    return False
            self.wait_for(there, f"three documents in {db}")
        for indexer in indexers:
            indexer.send_signal(signal.SIGTERM)
            self.assertEqual(indexer.wait(PATIENCE), 0)
        self.assertEqual(sqlite_content(corpus / "index.sqlite"), sqlite_content(self.folder / "served.sqlite"))

    def test_what_is_no_index_of_this_corpus_is_refused(self):
        for name, line in (("one", DATED[0]), ("other", DATED[1])):
            self.quotewire("run", "-", "--corpus", self.folder / name, "--quiet", input=json.dumps(line))
        self.quotewire("index", self.folder / "one", "--quiet")
        db = self.folder / "one" / "index.sqlite"
        self.assertIn("another corpus", self.quotewire("index", self.folder / "other", "--db", db, code=1)[1])
        self.quotewire("index", self.folder / "other", "--db", db, "--rebuild", "--quiet")
        (self.folder / "text").write_text("This is no database, but a text that is long enough to be one." * 20)
        self.quotewire("index", self.folder / "one", "--db", self.folder / "text", code=1)
        self.quotewire("index", self.folder / "nothing", "--db", db, code=3)
        self.quotewire("query", "--db", self.folder / "nothing.sqlite", code=3)


class Query(Case):
    def setUp(self):
        super().setUp()
        self.quotewire("run", "-", "--corpus", self.folder / "c", "--quiet", input="\n".join(map(json.dumps, DATED)))
        self.quotewire("index", self.folder / "c", "--quiet")

    def ask(self, *arguments):
        stdout = self.quotewire("query", *arguments, "--format", "json", cwd=self.folder)[0]
        return [json.loads(line)["document"] for line in stdout.splitlines()]

    def test_questions(self):
        self.assertEqual(self.ask("Mara Venn"), ["n2", "n1"])
        self.assertEqual(self.ask("venn", "--said", "bridge"), ["n1"])
        self.assertEqual(self.ask("--since", "2014-12"), ["n3", "n2"])
        self.assertEqual(self.ask("--until", "2014"), ["n2", "n1"])
        self.assertEqual(self.ask("--outlet", "times", "--limit", "1"), ["n3"])
        self.assertEqual(self.ask("--about", "Harbour Office"), ["n3"])
        self.assertEqual(self.ask("--said", "'; DROP TABLE quotes; --"), [])
        self.assertEqual(self.ask("person:jorge-pell", "--type", "direct"), ["n3"])

    def test_what_several_print_is_one_statement(self):
        lines = [article(f"s{i}", f"“The old bridge holds well,” said Mara Venn {tail}.", date=f"2015-02-0{i}")
                 for i, tail in ((3, "on Monday"), (1, "in Westmere"), (2, "at noon"))]
        self.quotewire("run", "-", "--corpus", self.folder / "d", "--quiet", input="\n".join(map(json.dumps, lines)))
        self.quotewire("index", self.folder / "d", "--quiet")
        self.assertEqual(self.ask("--corpus", "d"), ["s3", "s2", "s1"])
        stdout = self.quotewire("query", "--distinct", "--format", "json", "--corpus", "d", cwd=self.folder)[0]
        self.assertEqual([(row["document"], row["times"]) for row in map(json.loads, stdout.splitlines())], [("s1", 3)])

    def test_formats(self):
        row = json.loads(self.quotewire("query", "Pell", "--format", "json", cwd=self.folder)[0])
        self.assertEqual((row["speaker"], row["text"], row["url"], row["date"], row["title"], row["times"]),
                         ("Jorge Pell", "“Nobody asked the Harbour Office,”", "https://example.org/n3", "2015-01-05",
                          "News of the day", 1))
        process = subprocess.run([PROGRAM, "query", "--format", "csv", "--corpus", self.folder / "c"], capture_output=True,
                                 check=True)
        rows = list(csv.DictReader(io.StringIO(process.stdout.decode(), newline="")))
        self.assertEqual([row["document"] for row in rows], ["n3", "n2", "n1"])
        self.assertEqual(rows[1]["text"], "“Not a word, =cmd,”")
        table = self.quotewire("query", "Mara Venn", cwd=self.folder)[0]
        self.assertRegex(table, r"(?m)^2014-12-01  Mara Venn  said  · Post\n  ┃ “Not a word, =cmd,”$")

    def test_speakers_and_entities(self):
        speakers = self.quotewire("speakers", "--format", "json", cwd=self.folder)[0].splitlines()
        self.assertEqual([(row["name"], row["quotes"], row["documents"]) for row in map(json.loads, speakers)],
                         [("Mara Venn", 2, 2), ("Jorge Pell", 1, 1)])
        some = self.quotewire("speakers", "--format", "json", "--since", "2014-12", cwd=self.folder)[0].splitlines()
        self.assertEqual([json.loads(row)["quotes"] for row in some], [1, 1])
        entities = self.quotewire("entities", "--format", "csv", "--type", "ORG", cwd=self.folder)[0]
        self.assertIn("Harbour Office", entities)
        self.assertIn("Mara Venn", self.quotewire("entities", "Venn", cwd=self.folder)[0])

    def test_wrong_usage(self):
        self.assertIn("no index is here", self.quotewire("query", cwd="/", code=2)[1])
        for wrong in (["--since", "yesterday"], ["--type", "loud"], ["--format", "xls"], ["Mara", "Venn"]):
            self.quotewire("query", *wrong, cwd=self.folder, code=2)
        self.quotewire("entities", "--type", "THING", cwd=self.folder, code=2)


class InPostgres(IndexCase):
    @classmethod
    def setUpClass(cls):
        try:
            cls.server = Postgres()
        except Absent as absent:
            raise unittest.SkipTest(str(absent))
        cls.addClassCleanup(cls.server.stop)

    def test_killed_or_not_it_has_what_sqlite_has(self):
        corpus = self.make_corpus(200)
        self.quotewire("index", corpus, "--quiet")
        expected = as_text(sqlite_content(corpus / "index.sqlite"))
        self.quotewire("index", corpus, "--db", self.server.url, "--rebuild", "--quiet")
        self.assertEqual(postgres_content(self.server), expected)
        process = subprocess.Popen([PROGRAM, "update", corpus, "--db", self.server.url, "--quiet", "--rebuild"])
        time.sleep(0.1)
        process.kill()
        process.wait()
        kills = self.index_killing([PROGRAM, "update", corpus, "--db", self.server.url], random.Random(1), 0.3)
        self.assertGreater(kills, 0)
        self.assertEqual(postgres_content(self.server), expected)

    def test_it_answers_as_sqlite_does(self):
        corpus = self.folder / "c"
        self.quotewire("run", ARTICLES, "--corpus", corpus, "--quiet")
        self.quotewire("index", corpus, "--quiet")
        self.quotewire("index", corpus, "--db", self.server.url, "--rebuild", "--quiet")
        for question in (["query", "Wekesa"], ["query", "--said", '"will of God"'], ["query", "--said", "water -lake"],
                         ["query", "--about", "Kasimba"], ["query", "--distinct", "--limit", "0"], ["speakers", "--limit", "0"],
                         ["speakers", "--said", "water"], ["entities", "--limit", "0"], ["entities", "Halvorsen"],
                         ["entities", "--type", "ORG", "--id", "3d99d503872d0ba676f334a917095aa9"], ["query", "--said", "'("]):
            with self.subTest(question):
                ours = self.quotewire(*question, "--format", "json", "--db", corpus / "index.sqlite")[0]
                theirs = self.quotewire(*question, "--format", "json", "--db", self.server.url)[0]
                self.assertEqual(theirs, ours)
                if question[-1] != "'(":
                    self.assertNotEqual(ours, "")

    def test_a_server_that_is_not_there_is_said(self):
        stderr = self.quotewire("speakers", "--db", "postgresql://nobody@/none?host=/nonexistent", code=3)[1]
        self.assertIn("PostgreSQL", stderr)


if __name__ == "__main__":
    unittest.main()
