#!/usr/bin/env python3
"""Pipelines whose programs meet over tcp: keys, roles, who is refused and what both sides say then, workers that join and leave."""
import json
import signal
import subprocess
import time
import unittest
import unittest.mock

import generator
from harness import ARTICLES, Case, article_files, free_ports
from network import Network, new_key
from pipeline import ORDERLY, PROGRAMS, TEST_PROGRAMS, corpus_bytes, new_folder, reference

REFUSED = 77  # a worker's exit code
DOCUMENTS = 400


class Keys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = new_folder(type("cleanup", (), {"addCleanup": cls.addClassCleanup}))
        cls.source = generator.write(cls.folder / "articles.jsonl", DOCUMENTS, seed=3)
        cls.expected = corpus_bytes(reference(cls.folder / "reference", cls.source, code=1))

    def network(self, name, **options):
        return Network(self.folder / name, self.source, **options)

    def wait_for(self, condition, pipeline, patience=20):
        end = time.monotonic() + patience
        while not condition():
            self.assertLess(time.monotonic(), end, pipeline.log()[-3000:])
            time.sleep(0.02)

    def run_worker(self, pipeline, *options, seconds=20):
        """A worker's exit code and what it said; None: it was still at it."""
        process = subprocess.Popen([PROGRAMS / "quotewire-worker", "--connect", pipeline.endpoint("tasks"), *options], stderr=subprocess.PIPE,
                                   encoding="utf-8")
        try:
            return process.wait(seconds), process.stderr.read()
        except subprocess.TimeoutExpired:
            process.kill()
            return None, process.stderr.read()
        finally:
            process.wait()
            process.stderr.close()

    def test_a_run_with_keys_gives_the_same_bytes(self):
        with self.network("same") as pipeline:
            self.assertEqual(pipeline.start(3).run(), 1, pipeline.log()[-3000:])
            pipeline.stop()
            self.assertEqual(corpus_bytes(pipeline.corpus), self.expected)

    def test_who_is_refused_hears_why_and_so_does_the_other_side(self):
        with self.network("refused") as pipeline:
            reader = new_key(pipeline.keys, "reader", "r1")
            stranger = new_key(self.folder / "other-keys", "worker", "w1")
            pipeline.start_sink()
            pipeline.start_ventilator()
            self.wait_for(lambda: "session with the sink begins" in pipeline.log(), pipeline)

            code, said = self.run_worker(pipeline, "--key", reader)
            self.assertEqual(code, REFUSED, said)
            self.assertIn("this key is refused", said)
            self.assertIn("reader 'r1' at 127.0.0.1 is refused: 'tasks' is for workers and admins", pipeline.log())

            code, said = self.run_worker(pipeline, "--key", stranger, seconds=3)
            self.assertIsNone(code)  # it may be another machine's fault: it goes on trying
            self.assertIn("has another one than is expected", said)
            self.assertIn("a peer expects another key here", pipeline.log())

            known = len(pipeline.log())
            code, said = self.run_worker(pipeline, seconds=3)
            self.assertIsNone(code)
            self.assertRegex(said, "wants a key|one side has keys, and the other has none")
            # Who sees first that the two do not fit hangs up; the other may not hear why.
            self.assertRegex(pipeline.log()[known:], "a peer came without a key|a peer broke off its handshake: it may have no key")

            follow = subprocess.run([PROGRAMS / "quotewire-follow", "--key", pipeline.key, pipeline.endpoint("follow")], capture_output=True,
                                    encoding="utf-8", check=False, timeout=20)
            self.assertEqual(follow.returncode, 1, follow.stderr)
            self.assertIn("refuses the key 'w1'", follow.stderr)
            self.assertIn("'follow' is for readers and admins", pipeline.log())

            status = subprocess.run([PROGRAMS / "quotewire-status", "--tasks", pipeline.endpoint("tasks"), "--key", pipeline.key,
                                     "--timeout-ms", "500"], capture_output=True, encoding="utf-8", check=False, timeout=20)
            self.assertEqual(status.returncode, 1, status.stderr)
            self.assertIn("this key is not an admin's", status.stderr)

    def test_readers_and_admins_come_in_with_their_keys(self):
        with self.network("roles") as pipeline:
            reader, admin = new_key(pipeline.keys, "reader", "r1"), new_key(pipeline.keys, "admin", "a1")
            self.assertEqual(pipeline.start(1).run(), 1)
            records = subprocess.run([PROGRAMS / "quotewire-follow", "--no-wait", "--format", "msgpack", "--key", reader,
                                      pipeline.endpoint("follow")], capture_output=True, check=True, timeout=60).stdout
            stored = b"".join(data for name, data in corpus_bytes(pipeline.corpus).items() if name.endswith(".msgpack"))
            self.assertEqual(records, stored)
            pipeline.processes.pop("ventilator")
            pipeline.source = ARTICLES  # a folder that is watched is a run without an end
            pipeline.start_ventilator("--follow")
            report = subprocess.run([PROGRAMS / "quotewire-status", "--json", "--tasks", pipeline.endpoint("tasks"), "--key", admin,
                                     "--timeout-ms", "20000"], stdout=subprocess.PIPE, check=True).stdout
            self.assertIn("workers", json.loads(report)["ventilator"])

    def test_a_revoked_key_ends_its_sessions_and_the_run_goes_on(self):
        with self.network("revoked", ventilator=("--strikes", "1")) as pipeline:  # a strike would show in the corpus
            pipeline.start_sink()
            pipeline.start_ventilator()
            other = new_key(pipeline.keys, "worker", "w2")
            leaving = pipeline.add_worker("--credit", "1")
            index = pipeline.corpus / "segment-000000.index"
            self.wait_for(lambda: index.exists() and index.stat().st_size > 500, pipeline)
            subprocess.run([PROGRAMS / "quotewire-keys", "--keys", pipeline.keys, "revoke", "w1"], check=True)
            self.assertEqual(leaving.wait(20), REFUSED)
            pipeline.processes.pop("worker-0")
            pipeline.add_worker(key=other)
            self.assertEqual(pipeline.run(), 1, pipeline.log()[-3000:])
            pipeline.stop()
            self.assertEqual(corpus_bytes(pipeline.corpus), self.expected)

    def test_without_keys_only_this_machine_is_served(self):
        for program, more in (("sink", ("--corpus", self.folder / "none", "--control", f"ipc://{self.folder}/c", "--results", "tcp://*:5999")),
                              ("ventilator", ("--control", f"ipc://{self.folder}/c", "--tasks", "tcp://0.0.0.0:5999", self.source))):
            done = subprocess.run([PROGRAMS / f"quotewire-{program}", *more], capture_output=True, encoding="utf-8", check=False, timeout=20)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("--insecure", done.stderr)
        self.assertFalse((self.folder / "none").exists())

    def test_sigterm_finishes_what_is_at_hand_and_gives_back_the_rest(self):
        with self.network("drain", ventilator=("--strikes", "1", "--lease-ms", "60000")) as pipeline:  # leases and blame would show
            pipeline.start_sink()
            pipeline.start_ventilator()
            for _ in range(6):
                worker = pipeline.add_worker("--credit", "16")
                known = pipeline.log().count(" joins")
                self.wait_for(lambda known=known: pipeline.log().count(" joins") > known or not pipeline.tend(), pipeline)
                time.sleep(0.05)
                worker.terminate()
                began = time.monotonic()
                self.assertIn(worker.wait(10), ORDERLY)
                self.assertLess(time.monotonic() - began, 5)
                pipeline.processes.pop(f"worker-{pipeline.workers - 1}")
            pipeline.add_worker()
            self.assertEqual(pipeline.run(patience=30), 1, pipeline.log()[-3000:])  # far less than a lease
            pipeline.stop()
            self.assertEqual(corpus_bytes(pipeline.corpus), self.expected)

    def test_a_long_task_is_given_back_when_the_grace_time_is_over(self):
        slow = unittest.mock.patch.dict("os.environ", QUOTEWIRE_TEST_CHUNK_US="100000")
        with self.network("grace", ventilator=("--strikes", "1", "--lease-ms", "60000", "--task-bytes", "64K")) as pipeline:
            pipeline.start_sink()
            pipeline.start_ventilator()
            with slow:
                worker = pipeline.add_worker("--grace-seconds", "1", program=TEST_PROGRAMS / "crashing_worker")
            self.wait_for(lambda: " joins" in pipeline.log(), pipeline)
            time.sleep(1)  # it is at a task of many chunks, each of which takes a while
            began = time.monotonic()
            worker.terminate()
            self.assertEqual(worker.wait(20), 0)
            self.assertLess(time.monotonic() - began, 10)
            pipeline.processes.pop("worker-0")
            pipeline.add_worker()
            self.assertEqual(pipeline.run(patience=30), 1, pipeline.log()[-3000:])
            pipeline.stop()
            self.assertEqual(corpus_bytes(pipeline.corpus), self.expected)

    def test_a_slow_worker_gets_less(self):
        with self.network("slow", ventilator=("--task-bytes", "1")) as pipeline:
            admin = new_key(pipeline.keys, "admin", "a1")
            (self.folder / "inbox").mkdir()
            generator.write(self.folder / "inbox" / "many.jsonl", 3000, seed=4)
            pipeline.source = self.folder / "inbox"  # a folder that is watched is a run without an end
            pipeline.start_sink()
            pipeline.start_ventilator("--follow")
            names = {"fast": pipeline.add_worker("--name", "fast", "--echo"), "slow": pipeline.add_worker("--name", "slow", "--echo")}
            del names["fast"]

            def workers():
                report = subprocess.run([PROGRAMS / "quotewire-status", "--json", "--tasks", pipeline.endpoint("tasks"), "--key", admin,
                                         "--timeout-ms", "20000"], stdout=subprocess.PIPE, check=True).stdout
                found = json.loads(report)["ventilator"]
                return found["documents"], {worker["name"]: worker["chunks"] for worker in found["workers"]}
            documents, chunks = 0, {}
            while documents < 2900:  # the slow one is stopped for nine tenths of the time, or more
                names["slow"].send_signal(signal.SIGSTOP)
                time.sleep(0.18)
                documents, chunks = workers()
                names["slow"].send_signal(signal.SIGCONT)
                time.sleep(0.02)
            self.assertGreater(chunks["slow"], 0)
            self.assertGreater(chunks["fast"], 2 * chunks["slow"], chunks)


class Listening(Case):
    """`quotewire run --listen`, as people do it."""

    def setUp(self):
        super().setUp()
        self.environment["QUOTEWIRE_KEYS"] = str(self.folder / "keys")
        self.port = free_ports(3)

    def test_a_worker_elsewhere_joins_with_a_key_and_an_endpoint(self):
        key = self.quotewire("keys", "new", "worker", "rack-1")[0].strip()
        self.assertIn("rack-1", self.quotewire("keys", "list")[0])
        corpus = self.folder / "c"
        run = self.start("run", ARTICLES, "--corpus", corpus, "--workers", "0", "--listen", f"tcp://*:{self.port}", "--json")
        worker = self.start("worker", "--connect", f"tcp://127.0.0.1:{self.port}", "--key", key, "--once")
        stdout, stderr = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 0, stderr)
        self.assertEqual(json.loads(stdout)["annotated"], len(article_files()))
        self.assertEqual(worker.wait(20), 0, worker.stderr.read())
        alone = self.folder / "alone"
        self.quotewire("run", ARTICLES, "--corpus", alone, "--quiet")
        self.assert_same_corpus(corpus, alone)

    def test_without_keys_it_does_not_listen(self):
        _, stderr = self.quotewire("run", ARTICLES, "--corpus", self.folder / "c", "--listen", f"tcp://*:{self.port}", code=2)
        self.assertIn("--insecure", stderr)
        self.quotewire("run", ARTICLES, "--corpus", self.folder / "c", "--listen", f"tcp://*:{self.port}", "--insecure", "--quiet")

    def test_keys_are_made_once_and_revoked_once(self):
        self.quotewire("keys", "new", "reader", "r1")
        self.quotewire("keys", "new", "worker", "r1", code=1)
        self.quotewire("keys", "new", "sink", "s2", code=2)
        self.quotewire("keys", "revoke", "r1")
        self.quotewire("keys", "revoke", "r1", code=1)
        self.assertEqual(sorted(path.name for path in (self.folder / "keys").iterdir()), ["known", "sink.key", "ventilator.key"])
        for path in (self.folder / "keys", *(self.folder / "keys").rglob("*")):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)


if __name__ == "__main__":
    unittest.main(verbosity=2)
