#!/usr/bin/env python3
"""What the roles tell Prometheus: the right numbers in the right form, whoever else connects and whatever it sends."""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import unittest

import pipeline
from harness import PROGRAMS, ROOT, Case, children_of, free_ports, kill

try:
    import msgpack
    import zmq
except ImportError:
    msgpack = None

PROMTOOL = shutil.which("promtool")
DASHBOARD = ROOT / "deploy" / "grafana" / "quotewire.json"
LIST = ROOT / "docs" / "metrics.md"
NAME = r"\b(?:quotewire|process)_[a-z_]+"


def get(port, path="/metrics", method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def samples(page):
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in page.splitlines() if not line.startswith("#")}


def declared(page):
    """The names of a page, as its TYPE lines have them."""
    return set(re.findall(r"(?m)^# TYPE (\S+) ", page))


def listening(pid):
    """Does the process listen for TCP?"""
    sockets = set()
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path("/proc", str(pid), "net", table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                sockets.add(f"socket:[{fields[9]}]")
    folder = pathlib.Path("/proc", str(pid), "fd")
    return any(os.readlink(entry) in sockets for entry in folder.iterdir() if os.path.islink(entry))


class Metrics(Case):
    def run_with_metrics(self, *arguments, workers=2, documents=24):
        """A run that goes on until it is stopped, with everything committed; and the ports of its roles."""
        base = free_ports(2 + workers)
        corpus = self.folder / "corpus"
        source = arguments or (ROOT / "tests" / "articles",)
        run = self.start("run", *source, "--corpus", corpus, "--follow", "--quiet", "--workers", workers, "--metrics",
                         f"127.0.0.1:{base}", "--log", self.folder / "log")
        self.wait_for_documents(corpus, documents)
        return run, base

    def value(self, port, name):
        return samples(get(port)[2]).get(name)

    def test_a_run_says_what_it_did(self):
        run, base = self.run_with_metrics()
        self.wait_for(lambda: self.value(base + 1, 'quotewire_ventilator_documents_total{outcome="annotated"}') == 24,
                      "24 documents at the ventilator")
        facts = json.loads(subprocess.check_output([PROGRAMS / "quotewire-corpus", "summary", "--json",
                                                    self.folder / "corpus"]))
        pages = [get(port)[2] for port in range(base, base + 4)]
        sink, ventilator, *workers = map(samples, pages)
        self.assertEqual(sink['quotewire_sink_documents_total{outcome="annotated"}'], 24)
        self.assertEqual(sink["quotewire_sink_corpus_records"], 24)
        for name, count in (("tokens", facts["tokens"]), ("quotes", facts["quotes"])):
            self.assertEqual(sink[f"quotewire_sink_{name}_total"], count)
        size = sum(path.stat().st_size for path in (self.folder / "corpus").glob("*.msgpack"))
        self.assertEqual(sink["quotewire_sink_record_bytes_total"], size)
        self.assertEqual(sink["quotewire_sink_text_bytes_total"], ventilator["quotewire_ventilator_text_bytes_total"])
        self.assertEqual(sink["quotewire_sink_commit_documents_sum"], 24)
        commits = sink["quotewire_sink_commit_duration_seconds_count"]
        self.assertEqual(sink['quotewire_sink_commit_duration_seconds_bucket{le="+Inf"}'], commits)
        self.assertTrue(1 <= commits <= 24 and sink["quotewire_sink_commit_duration_seconds_sum"] > 0)
        self.assertEqual(ventilator["quotewire_ventilator_workers"], 2)
        self.assertEqual(ventilator["quotewire_ventilator_sink_connected"], 1)
        self.assertEqual((ventilator["quotewire_ventilator_leases"], ventilator["quotewire_ventilator_queued_chunks"]), (0, 0))
        done = sum(worker['quotewire_worker_chunks_total{outcome="annotated"}'] for worker in workers)
        self.assertEqual(done, ventilator["quotewire_ventilator_chunks_total"])
        self.assertGreater(sink["process_resident_memory_bytes"], 1e6)
        for role, page in zip(("sink", "ventilator", "worker"), pages):
            self.assertRegex(page, rf'quotewire_build_info{{version="[^"]+",role="{role}"}} 1\n')

        if PROMTOOL:
            for page in pages:
                done = subprocess.run([PROMTOOL, "check", "metrics"], input=page, capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        self.check_names(set().union(*map(declared, pages)))
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(60), 130)
        if not PROMTOOL:
            self.skipTest("promtool is not there (Debian: prometheus): the pages' form was not checked")

    def check_names(self, names):
        """The dashboard and the list in the docs have names that exist, and the list all of them."""
        text = DASHBOARD.read_text(encoding="utf-8")
        expressions = re.findall(r'"expr": "((?:[^"\\]|\\.)*)"', text)
        self.assertGreater(len(expressions), 30)
        for expression in expressions:
            for name in re.findall(NAME, expression):
                self.assertIn(re.sub(r"_(bucket|sum|count)$", "", name), names, expression)
        listed = set(re.findall(rf"(?m)`({NAME})`", LIST.read_text(encoding="utf-8")))
        self.assertEqual(listed, names)
        if PROMTOOL:
            rules = {"groups": [{"name": "dashboard", "rules": [
                {"record": f"panel:{i}", "expr": json.loads(f'"{one}"').replace("$__rate_interval", "1m")}
                for i, one in enumerate(expressions)]}]}
            path = self.folder / "rules.yml"
            path.write_text(json.dumps(rules), encoding="utf-8")  # JSON is YAML
            done = subprocess.run([PROMTOOL, "check", "rules", path], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_losses_and_lag_are_seen(self):
        run, base = self.run_with_metrics(workers=1)
        kill(children_of(run)["worker"][0])
        self.wait_for(lambda: self.value(base + 1, 'quotewire_ventilator_departed_workers_total{how="lost"}') == 1,
                      "the loss of a worker")
        self.wait_for(lambda: self.value(base + 1, "quotewire_ventilator_workers") == 1, "the next one")
        self.wait_for(lambda: self.scrape_or_none(base + 2), "the next one's page, at the same port")
        if not msgpack:
            self.skipTest("python3-msgpack and python3-zmq are not there: the lag was not tried")
        facts = json.loads(next(self.folder.glob("quotewire/*/run.json")).read_text(encoding="utf-8"))
        reader = zmq.Context.instance().socket(zmq.DEALER)
        self.addCleanup(reader.close, 0)
        reader.connect(facts["follow"])
        for kind, body in ((1, {"role": 4, "version_min": 1, "version_max": 1, "life": 7, "name": "slow"}),
                           (0x40, {"position": 4, "credit": 0})):
            reader.send(b"QW\x01" + bytes([kind]) + msgpack.packb(body))
        self.wait_for(lambda: self.value(base, "quotewire_sink_followers") == 1, "a reader")
        self.wait_for(lambda: self.value(base, "quotewire_sink_follow_lag_records") == 20, "the records it lacks")
        self.assertGreater(self.value(base, "quotewire_sink_follow_lag_bytes"), 10000)
        self.assertEqual(self.value(base, "quotewire_sink_follow_records_total"), 0)

    @staticmethod
    def scrape_or_none(port):
        try:
            return get(port)
        except OSError:
            return None

    def test_whoever_connects_does_no_harm(self):
        run, base = self.run_with_metrics(workers=1)
        pids = {pid for role in children_of(run).values() for pid in role}
        idle = [socket.create_connection(("127.0.0.1", base)) for _ in range(60)]  # more than are let in
        for one in idle[:20]:
            one.sendall(b"GET /metrics HT")
        begin = b"GET /metrics HTTP/1.1\r\n"
        hostile = [b"\x00" * 4096, b"GET " + b"/a" * 100000, b"GET /metrics HTTP/9.9\r\n\r\n", b"\r\n" * 5000,
                   begin + b"x: y\r\n" * 20000, b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                   begin + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", bytes(range(256)) * 64]
        for port in range(base + 1, base + 3):
            for data in hostile:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
                    try:
                        one.sendall(data)
                        one.shutdown(socket.SHUT_WR)
                        while one.recv(65536):
                            pass
                    except OSError:  # it hung up on us
                        pass
            self.assertEqual(get(port)[0], 200)
        status = json.loads(self.quotewire("status", "--json")[0])
        self.assertEqual(status["sink"]["documents"], 24)
        for one in idle:
            one.close()
        self.wait_for(lambda: self.scrape_or_none(base), "a page after the idle ones went")
        self.assertEqual({pid for role in children_of(run).values() for pid in role}, pids, "a program died of it")
        for path, method, code in (("/", "GET", 404), ("/metrics/..", "GET", 404), ("/metrics", "POST", 405),
                                   ("/metrics", "HEAD", 200), ("/metrics?a=b", "GET", 200)):
            with self.subTest(path=path, method=method):
                self.assertEqual(get(base, path, method)[0], code)
        self.assertEqual(get(base)[1]["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")

    def test_nobody_listens_unless_told_to(self):
        source = self.articles(5)
        with pipeline.Pipeline(self.folder / "p", source) as roles:
            roles.start(1)
            roles.run()
            self.assertFalse(listening(roles.processes["sink"].pid))
            roles.stop()

    def test_a_wrong_or_taken_address_is_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for address, word in (("nowhere", "HOST:PORT"), ("127.0.0.1:99999", "HOST:PORT"), ("::1:9464", "HOST:PORT"),
                                  (f"127.0.0.1:{port}", "in use")):
                with self.subTest(address):
                    done = subprocess.run([PROGRAMS / "quotewire-sink", "--corpus", self.folder / "c", "--control",
                                           f"ipc://{self.folder}/a", "--results", f"ipc://{self.folder}/b", "--metrics",
                                           address], capture_output=True, text=True, check=False)
                    self.assertEqual(done.returncode, 2)
                    self.assertIn(word, done.stderr)
            self.quotewire("run", ROOT / "tests" / "articles", "--corpus", self.folder / "c", "--metrics", "nowhere", code=2)
            self.quotewire("run", ROOT / "tests" / "articles", "--corpus", self.folder / "c", "--metrics", f":{port}", code=2)


if __name__ == "__main__":
    unittest.main(verbosity=2)  # says why a case is skipped
