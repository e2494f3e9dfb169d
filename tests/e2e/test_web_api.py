#!/usr/bin/env python3
"""`quotewire serve`: its API says what the corpus has, in the form that its description gives, to those who may ask."""
import concurrent.futures
import gzip
import http.client
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest
import urllib.parse

from client_places import python_with
from harness import PROGRAMS, ROOT
from serving import Served, write_archive

DESCRIPTION = ROOT / "sink" / "web" / "page" / "openapi.json"

# Runs where the packages are: reads {schema name: [answers]} and the description, and says what is wrong.
CHECK = """
import json, sys
import jsonschema, openapi_spec_validator, referencing
description = json.load(open(sys.argv[1]))
openapi_spec_validator.validate(description)
resource = referencing.Resource.from_contents(description, referencing.jsonschema.DRAFT202012)
registry = referencing.Registry().with_resource("urn:api", resource)
for name, answers in json.load(sys.stdin).items():
    schema = {"$ref": "urn:api#/components/schemas/" + name}
    for answer in answers:
        jsonschema.validators.Draft202012Validator(schema, registry=registry).validate(answer)
print("valid")
"""


class Api(Served):
    @classmethod
    def setUpClass(cls):
        """One archive for the cases that only read it."""
        super().setUpClass()
        keeper = cls()
        keeper.setUp()
        cls.addClassCleanup(keeper.doCleanups)
        cls.shared = keeper
        cls.corpus = keeper.annotate(write_archive(keeper.folder / "archive.jsonl"))
        keeper.serve(cls.corpus)
        keeper.wait_until_indexed(24)
        cls.shared_port = keeper.port

    def setUp(self):
        super().setUp()
        self.port = getattr(type(self), "shared_port", None)

    # -- what is told ----------------------------------------------------------------------------------------------------

    def test_an_article_is_as_it_is_exported(self):
        exported = self.export(self.corpus)
        for position in (0, 7, 23):
            answer = self.json(f"/api/v1/documents/{position}?tokens=1")
            record = answer["document"]
            self.assertEqual(record.pop("position"), position)
            del record["sequence"], record["source"]
            self.assertEqual(record, exported[position])
            lean = self.json(f"/api/v1/documents/{position}")["document"]
            self.assertNotIn("tokens", lean)
            self.assertEqual(lean["quotes"], exported[position]["quotes"])
        self.assertEqual(answer["neighbours"], {"previous": 22, "next": None, "newest": None})
        self.assertEqual(answer["facts"]["outlet"], "The Tribune")

    def test_the_summary_is_that_of_the_corpus(self):
        told = self.json("/api/v1/summary")
        facts = json.loads(subprocess.check_output([PROGRAMS / "quotewire-corpus", "summary", "--json", self.corpus]))
        for name in ("documents", "failed", "tokens", "quotes"):
            self.assertEqual(told[name], facts[name], name)
        self.assertEqual((told["index"]["since"], told["index"]["until"]), ("2025-02-11", "2026-03-05"))

    def pages(self, path, name):
        """All items of a list, page by page."""
        items, cursor = [], None
        for _ in range(500):
            answer = self.json(path + ("&cursor=" + cursor.replace(",", "%2C") if cursor else ""))
            items += answer[name]
            cursor = answer["next"]
            if cursor is None:
                return items
        self.fail("the list has no end")

    def test_lists_go_on_page_by_page(self):
        exported = self.export(self.corpus)
        for order in ("date", "added"):
            items = self.pages(f"/api/v1/documents?order={order}&limit=5", "documents")
            self.assertEqual(sorted(item["position"] for item in items), list(range(24)))
            keys = [item["position"] if order == "added" else (item["date"], item["position"]) for item in items]
            self.assertEqual(keys, sorted(keys, reverse=True))
        quotes = self.pages("/api/v1/quotes?limit=7", "quotes")
        self.assertEqual(len(quotes), sum(len(one["quotes"]) for one in exported))
        for quote in quotes:
            document = exported[quote["position"]]
            self.assertEqual(quote["text"], document["text"][quote["start"]:quote["end"]])
            self.assertEqual(quote["entity"], document["quotes"][quote["number"]]["entity"])
        self.assertEqual(len({(quote["position"], quote["number"]) for quote in quotes}), len(quotes))

    def test_a_persons_quotations_across_articles(self):
        key = "person:samuel-wekesa"
        answer = self.json(f"/api/v1/entities/{key}")
        wanted = [(position, number) for position, one in enumerate(self.export(self.corpus))
                  for number, quote in enumerate(one["quotes"]) if quote["entity"] == key]
        got = [(quote["position"], quote["number"]) for quote in self.pages(f"/api/v1/quotes?speaker={key}&limit=3", "quotes")]
        self.assertEqual(sorted(got), wanted)
        self.assertGreater(len({position for position, _ in got}), 1)
        self.assertEqual(answer["entity"]["quotes"], len(wanted))
        self.assertEqual(sum(one["quotes"] for one in answer["days"]), len(wanted))
        self.assertEqual([one["date"] for one in answer["days"]], sorted(one["date"] for one in answer["days"]))
        one_day = self.pages(f"/api/v1/quotes?speaker={key}&since=2025-05-16&until=2025-05-16", "quotes")
        self.assertEqual({quote["date"] for quote in one_day}, {"2025-05-16"})
        named = self.pages(f"/api/v1/documents?entity={key}", "documents")
        self.assertEqual(len(named), answer["entity"]["documents"])

    def test_words_are_found_and_marked(self):
        for quote in self.json("/api/v1/quotes?q=water&type=direct")["quotes"]:
            self.assertEqual(quote["type"], "direct")
            self.assertTrue(quote["matches"])
            for start, end in quote["matches"]:
                self.assertTrue(quote["text"][start:end].lower().startswith("water"))
        found = self.json("/api/v1/documents?q=%22passenger+ferry%22")["documents"]
        self.assertIn("01-ferry-wire", [item["id"] for item in found])
        for item in found:
            self.assertIn("ferry", "".join(item["snippet"][s:e] for s, e in item["matches"]).lower())
        self.assertEqual(self.json("/api/v1/entities?q=wek")["entities"][0]["key"], "person:samuel-wekesa")
        for words in ("%22", "-", "*", "AND", "NEAR(", "a%22b%22*", "%27%3B--", "%E5%AF%A6", "(" * 50):
            for place in ("quotes", "documents", "entities"):
                self.json(f"/api/v1/{place}?q={words}")  # whatever was typed is no error

    def test_answers_have_the_form_that_the_description_gives(self):
        python = python_with("openapi-spec-validator", "jsonschema")
        paths = {
            "Summary": ["summary"],
            "Documents": ["documents?limit=3", "documents?q=ferry", "documents?order=added", "documents?outlet=the+continental"],
            "Document": [f"documents/{position}" for position in range(24)] + ["documents/3?tokens=1"],
            "Entities": ["entities?limit=200", "entities?type=ORG", "entities?q=minister"],
            "EntityPage": ["entities/" + urllib.parse.quote(one["key"], safe="")
                           for one in self.json("/api/v1/entities?limit=20")["entities"]],
            "Quotes": ["quotes?limit=200", "quotes?q=said", "quotes?document=3&confidence=90"],
            "Problem": ["documents/9999", "quotes?limit=x", "nowhere"],
        }
        answers = {name: [json.loads(self.get("/api/v1/" + path)[2]) for path in of] for name, of in paths.items()}
        answers["Progress"] = [self.first_event()]
        done = subprocess.run([python, "-c", CHECK, DESCRIPTION], input=json.dumps(answers), capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.stdout.strip(), "valid", done.stderr[-3000:])
        self.assertEqual(self.json("/api/v1/openapi.json"), json.loads(DESCRIPTION.read_text(encoding="utf-8")))

    def first_event(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as stream:
            stream.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            data = b""
            while not re.search(rb"data: (.*)\n\r?\n", data):
                data += stream.recv(65536)
        self.assertIn(b"text/event-stream", data)
        return json.loads(re.search(rb"data: (.*)\n", data).group(1))

    def test_the_commands_of_the_docs_work(self):
        if not shutil.which("curl") or not shutil.which("jq"):
            self.skipTest("curl and jq are not both there")
        commands = re.findall(r"(?m)^    (curl .*)$", (ROOT / "docs" / "web.md").read_text(encoding="utf-8"))
        self.assertTrue(commands)
        for command in commands:
            self.assertIn("127.0.0.1:7480", command)
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", command.replace(":7480", f":{self.port}")],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
            self.assertTrue(done.stdout.strip(), f"{command} prints nothing")

    # -- how it is told --------------------------------------------------------------------------------------------------

    def test_what_is_known_is_not_sent_again(self):
        for path in ("/api/v1/documents/0", "/api/v1/quotes?q=water", "/", "/assets/style.css"):
            status, headers, body = self.get(path)
            self.assertEqual(status, 200)
            again, _, nothing = self.get(path, If_None_Match=headers["ETag"])
            self.assertEqual((again, nothing), (304, b""))
            packed, packed_headers, packed_body = self.get(path, Accept_Encoding="gzip")
            if packed_headers["Content-Encoding"] == "gzip":
                self.assertEqual(gzip.decompress(packed_body), body)
                self.assertLess(len(packed_body), len(body))
            self.assertIn("Accept-Encoding", headers["Vary"])
            head, head_headers, empty = self.get(path, method="HEAD")
            self.assertEqual((head, empty, head_headers["Content-Length"]), (200, b"", str(len(body))))
        self.assertEqual(self.get("/assets/style.css", Accept_Encoding="gzip")[1]["Content-Encoding"], "gzip")

    def test_a_connection_is_kept(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(connection.close)
        connection.connect()
        first = connection.sock
        for path, code in (("/", 200), ("/api/v1/documents/1", 200), ("/api/v1/quotes?q=water", 200), ("/nowhere", 404), ("/", 200)):
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            self.assertEqual((response.status, connection.sock), (code, first), path)

    def test_browsers_are_told_to_be_careful(self):
        for path in ("/", "/article/3", "/assets/app.js", "/api/v1/documents/0", "/nowhere"):
            headers = self.get(path)[1]
            policy = headers["Content-Security-Policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["X-Frame-Options"], "DENY")
            self.assertIsNone(headers["Access-Control-Allow-Origin"])
        page = self.get("/")[2].decode()
        self.assertNotRegex(page, r"(?i)<script>|<style|style=|onclick|https?://")

    def test_only_reading_and_only_by_a_known_name(self):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            status, headers, _ = self.get("/api/v1/summary", method=method)
            self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"), method)
        for host, code in (("evil.example", 421), ("localhost.evil.example:80", 421), ("localhost:1", 200), ("[::1]:80", 200),
                           ("10.0.0.1", 200), (socket.gethostname(), 200)):
            self.assertEqual(self.get("/", Host=host)[0], code, host)

    def test_no_address_leads_out(self):
        secret = ROOT / "README.md"
        self.assertTrue(secret.exists())
        for path in ("/../README.md", "/assets/../../README.md", "/assets/%2e%2e/README.md", "/assets/..%2f..%2fREADME.md",
                     "//etc/passwd", "/assets//etc/passwd", "/assets/%2fetc%2fpasswd", "/assets/index.html%00.css",
                     "/api/v1/documents/..%2f0", "/assets/", "/assets", "/api", "/favicon.ico"):
            status, _, body = self.get(path)
            self.assertIn(status, (400, 404), path)
            self.assertNotIn(b"Quotewire reads", body)
        self.assertEqual(self.get("/api/v1/quotes?q=" + "a" * 5000)[0], 414)

    def test_whoever_connects_does_no_harm(self):
        begin = b"GET /api/v1/summary HTTP/1.1\r\nHost: localhost\r\n"
        hostile = [b"\x00" * 4096, b"GET /" + b"a" * 200000, begin + b"x: y\r\n" * 20000, b"GET / HTTP/9.9\r\n\r\n",
                   b"GET / HTTP/1.1\r\n\r\n", begin + b"Content-Length: 10\r\n\r\n0123456789", bytes(range(256)) * 64,
                   begin + b"Content-Length: 99999999999999999999\r\n\r\n", b"\r\n" * 5000,
                   begin + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", begin + b"Host: evil\r\n\r\n"]
        for data in hostile:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as one:
                try:
                    one.sendall(data)
                    one.shutdown(socket.SHUT_WR)
                    while one.recv(65536):
                        pass
                except OSError:
                    pass
        idle = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(100)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:  # as many as that, beside idle ones, with streams open
            codes = set(pool.map(lambda i: self.get(f"/api/v1/documents/{i % 24}")[0], range(400)))
        self.assertLessEqual(codes, {200, 503})
        self.assertIn(200, codes)
        for one in idle:
            one.close()
        self.assertIsNone(self.shared.server.poll(), self.shared.server_log())
        memory = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{self.shared.server.pid}/status").read_text()).group(1))
        self.assertLess(memory, 200_000, "KiB at most so far")


class Beside(Served):
    """Beside runs: what is added shows, and nothing is shown that is not there."""

    def test_what_a_second_run_adds_is_there(self):
        corpus = self.annotate(write_archive(self.folder / "one.jsonl", ["01", "02"]))
        self.serve(corpus)
        self.wait_until_indexed(2)
        tag = self.get("/api/v1/documents")[1]["ETag"]
        self.annotate(write_archive(self.folder / "two.jsonl", ["03", "04", "05"]))
        self.wait_until_indexed(5)
        status, headers, body = self.get("/api/v1/documents", If_None_Match=tag)
        self.assertEqual((status, len(json.loads(body)["documents"])), (200, 5))
        self.assertNotEqual(headers["ETag"], tag)
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()
        self.annotate(write_archive(self.folder / "three.jsonl", ["06"]))
        self.serve(corpus)  # the index goes on where it was
        self.wait_until_indexed(6)
        self.assertEqual(self.json("/api/v1/quotes?q=railways")["quotes"][0]["position"], 5)

    def test_two_servers_and_a_follower_keep_one_index(self):
        corpus = self.annotate(write_archive(self.folder / "one.jsonl", ["01"]))
        self.serve(corpus)
        first = self.port, self.server
        self.serve(corpus)
        follower = self.start("index", corpus, "--follow", "--quiet")
        names = [f"{i:02}" for i in range(2, 8)]
        for i, name in enumerate(names):
            self.annotate(write_archive(self.folder / "more.jsonl", [name]))
            if i == 3:
                follower.kill()
        for self.port, server in ((self.port, self.server), first):
            self.wait_until_indexed(1 + len(names))
            self.assertIsNone(server.poll(), self.server_log())
            self.assertIsNone(self.json("/api/v1/summary")["problem"])
        exported = self.export(corpus)
        key = "person:samuel-wekesa"
        self.assertEqual(self.json(f"/api/v1/entities/{key}")["entity"]["quotes"],
                         sum(quote["entity"] == key for one in exported for quote in one["quotes"]))
        self.assertEqual(len(self.json("/api/v1/documents")["documents"]), len(exported))

    def test_an_empty_corpus_is_served_too(self):
        source = self.folder / "empty.jsonl"
        source.touch()
        corpus = self.annotate(source)
        self.serve(corpus)
        self.assertEqual(self.json("/api/v1/documents"), {"documents": [], "next": None})
        self.assertEqual(self.json("/api/v1/summary")["documents"], 0)

    def test_a_running_pipeline_is_followed(self):
        corpus = self.folder / "news.corpus"
        inbox = self.folder / "inbox"
        inbox.mkdir()
        write_archive(inbox / "one.jsonl", ["01"])
        run = self.start("run", inbox, "--corpus", corpus, "--follow", "--quiet", "--workers", 1)
        self.wait_for_documents(corpus, 1)
        self.serve(corpus)
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as stream:
            stream.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            lines = stream.makefile("rb")

            def event(condition):
                for line in lines:
                    if line.startswith(b"data: "):
                        progress = json.loads(line[6:])
                        if condition(progress):
                            return progress
                self.fail("the stream ends")
            first = event(lambda one: one["pipeline"] and one["pipeline"]["ventilator"] and one["pipeline"]["sink"])
            self.assertEqual(first["pipeline"]["sink"]["documents"], 1)
            self.assertEqual(len(first["pipeline"]["ventilator"]["workers"]), 1)
            write_archive(inbox / "two.jsonl", ["02", "03"])
            event(lambda one: one["indexed"] == 3)
            run.send_signal(signal.SIGINT)
            run.wait(60)
            self.assertEqual(event(lambda one: one["pipeline"] is None)["records"], 3)
            began = time.monotonic()
            self.server.terminate()  # open streams do not hold it up
            self.assertEqual(self.server.wait(20), 0)
            self.assertLess(time.monotonic() - began, 10)

    def test_failed_and_annotated_again(self):
        source = self.folder / "bad.jsonl"
        source.write_text('{"id": "broken", "text": 5}\n{"id": "good", "text": "<script>alert(1)</script> he said."}\n')
        corpus = self.folder / "news.corpus"
        self.quotewire("run", source, "--corpus", corpus, "--quiet", code=1)
        self.serve(corpus)
        self.wait_until_indexed(2)
        items = {item["id"]: item for item in self.json("/api/v1/documents")["documents"]}
        failed = [item for item in items.values() if item["failed"]]
        self.assertEqual(len(failed), 1)
        self.assertIn("failed", self.json(f"/api/v1/documents/{failed[0]['position']}")["document"])
        self.quotewire("failed", "drop", corpus, failed[0]["id"])
        self.wait_until_indexed(3)
        self.assertEqual(len(self.json("/api/v1/documents")["documents"]), 1)
        self.assertEqual(self.get("/api/v1/documents/2")[0], 404)

    def test_what_cannot_be_served_is_said(self):
        corpus = self.annotate(write_archive(self.folder / "one.jsonl", ["01"]))
        other = self.annotate(write_archive(self.folder / "two.jsonl", ["02"]), "other.corpus")
        self.serve(corpus)
        self.wait_until_indexed(1)
        cases = ([self.folder / "nothing"], 3, ""), ([other, "--db", corpus / "index.sqlite"], 1, "another corpus"), \
            ([corpus, "--listen", "here"], 2, "HOST:PORT"), ([corpus, "--listen", f"127.0.0.1:{self.port}"], 3, "in use"), \
            ([corpus, other], 2, "one corpus"), ([corpus, "--db", "postgresql:///x"], 2, "SQLite")
        for arguments, code, words in cases:
            done = subprocess.run([PROGRAMS / "quotewire-serve", *arguments], capture_output=True, text=True, check=False,
                                  timeout=60, env=self.environment)
            self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr}")
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)  # says why a case is skipped
