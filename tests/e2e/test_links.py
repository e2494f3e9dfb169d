#!/usr/bin/env python3
"""A network that fails: links cut and mended, a switch that drops everything, hosts that vanish with half-open connections, and one
that takes over another's address. The run goes on by itself, and the corpus is, byte for byte, that of one machine (I5, I8).

usage: test_links.py [--minutes N] [unittest's options]

With --minutes the cuts at random go on for so long; otherwise for a few seconds. Hosts are network namespaces, so it takes root.
"""
import random
import signal
import subprocess
import sys
import time
import unittest
import unittest.mock

import generator
from hosts import Hosts
from pipeline import PROGRAMS, TEST_PROGRAMS, Failure, Pipeline, corpus_bytes, new_folder, reference

MINUTES = 0.0
DOCUMENTS = 1800
CHUNK_US = 4000    # what a chunk costs a worker besides: so that the run is long enough to be cut
WORKER_HOSTS = ("a", "b", "c")
WORKERS_A_HOST = 2


class Spread(Pipeline):
    """The ventilator on "head", the sink on "store", the workers on others; all of it by tcp, with keys."""

    def __init__(self, hosts, folder, source, sink=(), ventilator=()):
        super().__init__(folder, source, sink=sink, ventilator=ventilator)
        self.hosts = hosts
        self.places = {}  # process -> host
        self.keys = self.folder / "keys"
        made = subprocess.run([PROGRAMS / "quotewire-keys", "--keys", self.keys, "new", "worker", "w"], check=True, capture_output=True,
                              encoding="utf-8")
        self.key = made.stdout.strip()
        self.sink_options = (*self.sink_options, "--keys", self.keys)
        self.ventilator_options = (*self.ventilator_options, "--keys", self.keys)

    def endpoint(self, socket):
        host, port = {"tasks": ("head", 7400), "control": ("store", 7401), "results": ("store", 7402), "follow": ("store", 7403)}[socket]
        return f"tcp://{self.hosts.addresses[host]}:{port}"

    def _start(self, name, command=None, **options):
        role = name.split("-")[0]
        where = self.places.setdefault(name, {"ventilator": "head", "sink": "store"}.get(role) or WORKER_HOSTS[self.workers % 3])
        if command:
            self.commands[name] = self.hosts.command(where, [str(part) for part in command])
        return super()._start(name, **options)

    def add_worker(self, *more, program=None):
        return super().add_worker("--key", self.key, *more, program=program or TEST_PROGRAMS / "crashing_worker")


class Links(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.hosts = Hosts(cls, ("head", "store", *WORKER_HOSTS, "spare"))
        cls.folder = new_folder(type("cleanup", (), {"addCleanup": cls.addClassCleanup}))
        cls.source = generator.write(cls.folder / "articles.jsonl", DOCUMENTS, seed=5)
        cls.expected = corpus_bytes(reference(cls.folder / "reference", cls.source, code=1))
        cls.environment = unittest.mock.patch.dict("os.environ", QUOTEWIRE_TEST_CHUNK_US=str(CHUNK_US))
        cls.environment.start()
        cls.addClassCleanup(cls.environment.stop)

    def spread(self, name, *ventilator, source=None):
        return Spread(self.hosts, self.folder / name, source or self.source,
                      ventilator=("--lease-ms", "2000", "--strikes", "50", "--task-bytes", "4000", *ventilator))

    def assert_expected(self, pipeline, expected=None):
        got = corpus_bytes(pipeline.corpus)
        self.assertEqual(list(got), list(expected or self.expected))
        for name, data in got.items():
            self.assertTrue(data == (expected or self.expected)[name], f"{name} differs\n{pipeline.log()[-3000:]}")

    def start(self, pipeline):
        pipeline.start_sink()
        pipeline.start_ventilator()
        for _ in range(WORKERS_A_HOST * len(WORKER_HOSTS)):
            pipeline.add_worker()

    def documents(self, pipeline):
        return sum(max(0, path.stat().st_size - 16) // 48 for path in pipeline.corpus.glob("segment-*.index"))

    def wait_for_documents(self, pipeline, count):
        end = time.monotonic() + 60
        while self.documents(pipeline) < count:
            self.assertLess(time.monotonic(), end, pipeline.log()[-3000:])
            self.assertTrue(pipeline.tend(), "the run is over too early")
            time.sleep(0.02)

    # ---- one kind of trouble at a time ---------------------------------------------------------------------------------

    def test_a_host_that_vanishes_is_noticed_in_seconds(self):
        """Its link is cut for good. Leases are too long to help: only its silence tells."""
        with self.spread("vanished", "--lease-ms", "600000") as pipeline:
            self.start(pipeline)
            self.wait_for_documents(pipeline, 200)
            self.hosts.cut("a")
            self.addCleanup(self.hosts.mend, "a")
            began, lost = time.monotonic(), None
            while pipeline.tend():
                if lost is None and pipeline.log().count(" is gone") >= WORKERS_A_HOST:
                    lost = time.monotonic() - began
                self.assertLess(time.monotonic() - began, 60, pipeline.log()[-3000:])
                time.sleep(0.02)
            self.assertEqual(pipeline.code, 1)
            self.assertIsNotNone(lost, pipeline.log()[-3000:])
            print(f"noticed after {lost:.1f} s", file=sys.stderr)
            self.assert_expected(pipeline)

    def test_the_switch_drops_everything_for_a_while(self):
        with self.spread("switch") as pipeline:
            self.start(pipeline)
            for after, seconds in ((200, 0.5), (600, 4.0)):
                self.wait_for_documents(pipeline, after)
                self.hosts.cut("bridge")
                time.sleep(seconds)
                self.hosts.mend("bridge")
            self.assertEqual(pipeline.run(), 1)
            pipeline.stop()
            self.assert_expected(pipeline)

    def test_a_ventilator_is_reborn_elsewhere_at_its_old_address(self):
        """Its host loses its network, so that all connections are half open; another host takes the address over."""
        with self.spread("reborn") as pipeline:
            self.start(pipeline)
            self.wait_for_documents(pipeline, 300)
            self.hosts.cut("head")
            old = pipeline.processes.pop("ventilator")
            address, own = self.hosts.take("head"), self.hosts.take("spare")
            self.hosts.give("spare", address)
            self.hosts.addresses["head"] = address  # where the others look for it
            pipeline.places["ventilator"] = "spare"
            pipeline.start_ventilator()
            self.assertEqual(pipeline.run(), 1, pipeline.log()[-3000:])
            old.kill()
            old.wait()
            pipeline.stop()
            self.assertEqual(self.hosts.take("spare"), address)
            self.hosts.give("spare", own)
            self.hosts.give("head", address)
            self.hosts.mend("head")
            self.assert_expected(pipeline)

    def test_hosts_die_while_nobody_hears_of_it(self):
        """Processes are killed while their link is down, so that no other side is told; they begin anew when it is up."""
        with self.spread("unheard") as pipeline:
            self.start(pipeline)
            for after, host in ((200, "b"), (500, "store"), (900, "head")):
                self.wait_for_documents(pipeline, after)
                self.hosts.cut(host)
                for name, place in pipeline.places.items():
                    if place == host and name in pipeline.names():
                        pipeline.signal(name, signal.SIGKILL)
                time.sleep(0.3)
                self.hosts.mend(host)
            self.assertEqual(pipeline.run(), 1)
            pipeline.stop()
            self.assert_expected(pipeline)

    # ---- all of it at random -------------------------------------------------------------------------------------------

    def random_cuts(self, pipeline, chance):
        """To be called all the time; returns how many cuts there were."""
        state = {"next": 0.0, "down": {}, "cuts": 0}

        def disturb():
            now = time.monotonic()
            for host in [host for host, end in state["down"].items() if end <= now]:
                self.hosts.mend(host)
                del state["down"][host]
            if now < state["next"]:
                return
            state["next"] = now + chance.uniform(0.1, 1.5)
            host = chance.choice(["a", "b", "c", "a", "b", "c", "head", "store", "bridge"])
            if host in state["down"]:
                return
            self.hosts.cut(host)
            state["cuts"] += 1
            state["down"][host] = now + chance.choice([0.1, 0.5, 1.5, 4.0]) * chance.random()
            if chance.random() < 0.2:
                names = [name for name, place in pipeline.places.items() if place == host and name in pipeline.names()]
                if names:
                    pipeline.signal(chance.choice(names))

        def mend():
            for host in state["down"]:
                self.hosts.mend(host)
            return state["cuts"]
        return disturb, mend

    def test_cuts_at_random(self):
        source, expected = self.source, self.expected
        if MINUTES:
            documents = int(DOCUMENTS + MINUTES * 60 * WORKERS_A_HOST * len(WORKER_HOSTS) * 1e6 / CHUNK_US / 3)
            source = generator.write(self.folder / "long.jsonl", documents, seed=6)
            expected = corpus_bytes(reference(self.folder / "long-reference", source, code=1))
        seed = random.randrange(1 << 32) if MINUTES else 1
        began = time.monotonic()
        with self.spread("random", source=source) as pipeline:
            self.start(pipeline)
            disturb, mend = self.random_cuts(pipeline, random.Random(seed))
            try:
                self.assertEqual(pipeline.run(disturb, patience=150 + 60 * 10 * MINUTES), 1, f"seed {seed}")
            except Failure as failure:
                raise Failure(f"seed {seed}: {failure}") from failure
            finally:
                cuts = mend()
            pipeline.stop()
            print(f"seed {seed}: {cuts} cuts, kills: {pipeline.kills}, in {time.monotonic() - began:.0f} s", file=sys.stderr)
            self.assertGreater(cuts, 4, "the run was over too early")
            self.assert_expected(pipeline, expected)


if __name__ == "__main__":
    if "--minutes" in sys.argv:
        at = sys.argv.index("--minutes")
        MINUTES = float(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main(verbosity=2)
