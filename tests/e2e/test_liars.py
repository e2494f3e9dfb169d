#!/usr/bin/env python3
"""Peers with good keys and bad intentions: workers that lie, hoard, send junk and flood, and readers that do. They are refused, told
of in the log, and struck off; the corpus and the others come to no harm."""
import contextlib
import os
import pathlib
import random
import re
import subprocess
import sys
import threading
import time
import unittest
import unittest.mock

import generator
from network import Network, new_key
from pipeline import PROGRAMS, TEST_PROGRAMS, corpus_bytes, new_folder, reference

try:
    import msgpack
    import zmq
except ImportError as error:
    print(f"skipped: {error} (Debian: python3-msgpack, python3-zmq)")
    sys.exit(77)

HELLO, WELCOME, ERROR, HEARTBEAT, TASK, DONE, RESULT, FOLLOW = 1, 2, 3, 4, 16, 17, 32, 64
WORKER, READER = 2, 4
LAYERS = ["tokens", "entities", "quotes"]
DOCUMENTS = 800
PATIENCE = 30


class Peer:
    """A socket with a key, and messages over it."""

    def __init__(self, endpoint, key, server):
        text = pathlib.Path(key).read_text(encoding="utf-8")
        value = lambda name: re.search(rf'{name} = "(.{{40}})"', text)[1].encode()  # noqa: E731
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger, self.socket.sndtimeo = 0, 0
        self.socket.curve_publickey, self.socket.curve_secretkey = value("public-key"), value("secret-key")
        self.socket.curve_serverkey = value(server) if server in ("sink", "ventilator") else server
        self.socket.connect(endpoint)

    def send(self, kind, body):
        self.send_octets(b"QW\x01" + bytes([kind]) + msgpack.packb(body))

    def send_octets(self, octets):
        with contextlib.suppress(zmq.Again):
            self.socket.send(octets)

    def receive(self, milliseconds=0):
        if not self.socket.poll(milliseconds):
            return None, {}
        frame = self.socket.recv_multipart()[0]
        return frame[3], msgpack.unpackb(frame[4:])

    def hello(self, role, **more):
        self.send(HELLO, {"role": role, "version_min": 1, "version_max": 1, "life": random.getrandbits(63) | 1, "name": "liar", **more})
        kind, welcome = self.receive(5000)
        while kind == HEARTBEAT:
            kind, welcome = self.receive(5000)
        return welcome if kind == WELCOME else None

    def close(self):
        self.socket.close()


class Liar(threading.Thread):
    """A worker that joins, and does with its tasks what `lie` says: a function of (self, task, welcome)."""

    def __init__(self, pipeline, key, lie, credit=4):
        super().__init__()
        self.pipeline, self.key, self.lie, self.credit = pipeline, key, lie, credit
        self.over = threading.Event()
        self.tasks = self.results = None
        self.lies = 0

    def run(self):
        self.tasks = Peer(self.pipeline.endpoint("tasks"), self.key, "ventilator")
        welcome = None
        while not welcome and not self.over.is_set():
            welcome = self.tasks.hello(WORKER, layers=LAYERS, credit=self.credit)
        if welcome:
            self.results = Peer(welcome["endpoint"], self.key, welcome["key"].encode())
            beat = time.monotonic()
            while not self.over.is_set():
                kind, body = self.tasks.receive(20)
                if time.monotonic() - beat > 0.1:
                    beat = time.monotonic()
                    self.tasks.send(HEARTBEAT, {"credit": self.credit})
                if kind == TASK:
                    self.lies += 1
                    self.lie(self, body, welcome)
            self.results.close()
        self.tasks.close()

    def stop(self):
        self.over.set()
        self.join()

    def say(self, task, chunks, number=None):
        self.results.send(RESULT, {"session": task["session"], "task": task["task"] if number is None else number,
                                   "layers": task["layers"], "chunks": chunks})


# What tokens may look like that are right: none at all.
EMPTY = {"tokens": {"by": "liar 1", "count": 0, "spans": b"", "sentences": b""}, "entities": {"by": "liar 1", "mentions": []},
         "quotes": {"by": "liar 1", "quotes": []}}


def lie_about_others(liar, task, _welcome):
    """Results for documents that others have, under its own number and under guessed ones."""
    for i in range(20):
        sequence = task["chunks"][0]["sequence"] + random.randint(-30, 30)
        chunk = {"sequence": max(0, sequence), "chunk": 0, "layers": EMPTY}
        liar.say(task, [chunk], random.choice([None, task["task"] + i, random.getrandbits(63)]))
        liar.tasks.send(DONE, {"task": task["task"] + i + 1})


def lie_about_places(liar, task, _welcome):
    """Entities and quotes that lie outside the text."""
    layers = {**EMPTY, "entities": {"by": "liar 1", "mentions": [0, 1 << 30, 0, 0]}}
    liar.say(task, [{"sequence": chunk["sequence"], "chunk": chunk["chunk"], "layers": layers} for chunk in task["chunks"]])
    liar.tasks.send(DONE, {"task": task["task"]})


def send_junk(liar, _task, _welcome):
    for socket in (liar.results, liar.tasks):
        for _ in range(30):
            socket.send_octets(os.urandom(1 << 20))
        socket.send_octets(b"QW\x01\x20\xdd\x05\xf5\xe1\x00")


def flood(liar, task, _welcome):
    for _ in range(300):
        for _ in range(100):
            liar.tasks.send(HEARTBEAT, {"credit": 64, "held": [task["task"]]})
            liar.tasks.send(DONE, {"task": 1})
            liar.results.send(RESULT, {"session": 1, "task": 1, "layers": LAYERS, "chunks": []})
        if liar.over.is_set():
            break
        time.sleep(0.001)


def hoard(liar, task, _welcome):
    """Claims to be at work for ever."""
    liar.held = [*getattr(liar, "held", []), task["task"]]
    liar.tasks.send(HEARTBEAT, {"credit": 64, "held": liar.held})


def memory(process):
    """Peak, in MB."""
    for line in pathlib.Path("/proc", str(process.pid), "status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


class Liars(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = new_folder(type("cleanup", (), {"addCleanup": cls.addClassCleanup}))
        cls.source = generator.write(cls.folder / "articles.jsonl", DOCUMENTS, seed=7)
        cls.expected = corpus_bytes(reference(cls.folder / "reference", cls.source, code=1))
        environment = unittest.mock.patch.dict("os.environ", QUOTEWIRE_TEST_CHUNK_US="2000")
        environment.start()
        cls.addClassCleanup(environment.stop)

    def wait_for(self, condition, pipeline):
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end, pipeline.log()[-3000:])
            for process in pipeline.processes.values():
                self.assertIsNone(process.poll(), pipeline.log()[-3000:])
            time.sleep(0.02)

    def assert_unharmed(self, pipeline):
        got = corpus_bytes(pipeline.corpus)
        self.assertEqual(list(got), list(self.expected))
        for name, data in got.items():
            self.assertTrue(data == self.expected[name], f"{name} differs\n{pipeline.log()[-3000:]}")

    def run_beside(self, lie, expected=(), credit=4):
        """A run in which a liar was there first, alone at that, and an honest worker came later. `expected`: what the log must say."""
        with Network(self.folder / lie.__name__, self.source, ventilator=("--lease-ms", "20000", "--task-bytes", "3000")) as pipeline:
            key = new_key(pipeline.keys, "worker", "liar")
            sink, ventilator = pipeline.start_sink(), pipeline.start_ventilator()
            # whoever is alone is never struck off for a wrong result; and it takes its time
            honest = pipeline.add_worker("--credit", "1", program=TEST_PROGRAMS / "crashing_worker")
            self.wait_for(lambda: "joins" in pipeline.log(), pipeline)
            liar = Liar(pipeline, key, lie, credit)
            liar.start()
            try:
                self.assertEqual(pipeline.run(), 1, pipeline.log()[-3000:])
                for text in expected:
                    self.assertIn(text, pipeline.log())
                self.assertGreater(liar.lies, 0, "it had no task to lie about")
                self.assertIs(pipeline.processes["sink"], sink, "the sink died")
                self.assertLess(memory(sink), 400)
            finally:
                liar.stop()
            self.assertIsNone(honest.poll())
            self.assertIs(pipeline.processes["ventilator"], ventilator)
            pipeline.stop()
            self.assertNotIn("worker 'w1' is struck off", pipeline.log())
            self.assert_unharmed(pipeline)

    def test_results_for_what_others_were_given(self):
        self.run_beside(lie_about_others, ["worker 'liar' sends a result for a task that it was not given", "worker 'liar' is struck off",
                                           "the sink has struck off worker 'liar'"])

    def test_places_outside_the_text(self):
        self.run_beside(lie_about_places, ["worker 'liar' sends a result that is wrong", "worker 'liar' is struck off"])

    def test_megabytes_of_junk(self):
        self.run_beside(send_junk, ["worker 'liar' sends what cannot be read", "worker 'liar' is struck off"])

    def test_floods(self):
        self.run_beside(flood, ["worker 'liar' floods this program", "worker 'liar' is struck off"])

    def test_hoarding(self):
        self.run_beside(hoard, credit=64)

    # ---- readers -------------------------------------------------------------------------------------------------------

    def test_readers_that_flood_or_do_not_read_harm_nobody(self):
        with Network(self.folder / "reader", self.source) as pipeline:
            keys = {name: new_key(pipeline.keys, "reader", name) for name in ("junk", "flood", "many", "greedy", "good")}
            sink = pipeline.start(1).processes["sink"]
            self.wait_for(lambda: "session with the sink begins" in pipeline.log(), pipeline)
            peers = {name: [Peer(pipeline.endpoint("follow"), keys[name], "sink") for _ in range(count)]
                     for name, count in (("junk", 1), ("flood", 1), ("many", 100), ("greedy", 8))}
            for peer in peers["many"]:
                peer.send(HELLO, {"role": READER, "version_min": 1, "version_max": 1, "life": 1, "name": "many"})
            for peer in peers["greedy"]:  # wants everything and reads nothing
                peer.socket.rcvhwm = 1
                peer.hello(READER)
                peer.send(FOLLOW, {"position": 0, "credit": (1 << 63) - 1})
            for peer in peers["junk"]:
                for _ in range(50):
                    peer.send_octets(os.urandom(60000))
            for peer in peers["flood"]:
                peer.hello(READER)
                for i in range(20000):
                    peer.send(FOLLOW, {"position": 0, "credit": i})
                    if i % 100 == 0:
                        time.sleep(0.001)
            follower = subprocess.run([PROGRAMS / "quotewire-follow", "--format", "msgpack", "--key", keys["good"], "--count",
                                       str(self.records()), pipeline.endpoint("follow")], capture_output=True, check=True, timeout=60)
            self.assertEqual(follower.stdout, b"".join(data for name, data in self.expected.items() if name.endswith(".msgpack")))
            self.wait_for_end(pipeline)
            answers = [peer.receive(1000) for peer in peers["many"]]
            self.assertIn("readers", " ".join(body.get("text", "") for kind, body in answers if kind == ERROR))
            for name in ("junk", "flood"):
                self.assertIn(f"reader '{name}' is struck off", pipeline.log())
            self.assertLess(memory(sink), 400)
            for peer in sum(peers.values(), []):
                peer.close()
            pipeline.stop()
            self.assert_unharmed(pipeline)

    def records(self):
        return sum((len(data) - 16) // 48 for name, data in self.expected.items() if name.endswith(".index"))

    def wait_for_end(self, pipeline):
        self.assertEqual(pipeline.run(), 1, pipeline.log()[-3000:])


if __name__ == "__main__":
    unittest.main(verbosity=2)
