#!/usr/bin/env python3
"""Real processes, killed and stopped at random moments: the corpus must be, byte for byte, that of a run with one worker which
nobody disturbed (I3, I5, I8)."""
import concurrent.futures
import random
import signal
import time
import unittest

import generator
from pipeline import PROGRAMS, Pipeline, corpus_bytes, new_folder, reference

DOCUMENTS = 2500
RUNS = 32
AT_ONCE = 4
SPLIT = ("tokens", "entities", "quotes")


class Kills(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = new_folder(type("cleanup", (), {"addCleanup": cls.addClassCleanup}))
        cls.source = generator.write(cls.folder / "articles.jsonl", DOCUMENTS)
        # some records cannot be read: the exit code is 1 in each run
        cls.expected = corpus_bytes(reference(cls.folder / "reference", cls.source, code=1))
        assert len(cls.expected) > 8, "the corpus should have several segments"

    def assert_expected(self, pipeline, what):
        got = corpus_bytes(pipeline.corpus)
        self.assertEqual(list(got), list(self.expected), what)
        for name, data in got.items():
            self.assertTrue(data == self.expected[name], f"{what}: {name} differs\n{pipeline.log()[-3000:]}")

    def pipeline(self, name, chance, *ventilator):
        """With options drawn at random that must not show in the corpus."""
        sink = ("--commit-ms", str(chance.choice([0, 1, 10, 100])), "--window-documents", str(chance.choice([20, 300, 8192])))
        return Pipeline(self.folder / name, self.source, sink=sink, ventilator=(
            "--task-bytes", str(chance.choice([1, 4000, 131072])), "--window-documents", str(chance.choice([50, 500, 4096])),
            "--strikes", "50",  # none of these deaths is a chunk's fault, however often chance hits the same one
            *ventilator))

    # ---- kill -9, one by one -------------------------------------------------------------------------------------------

    def run_of_kills(self, seed):
        chance = random.Random(seed)
        split = chance.random() < 0.3
        next_at, kills, most = time.monotonic(), 0, chance.randint(4, 14)
        with self.pipeline(f"kills-{seed}", chance, *(("--layers", ",".join(SPLIT)) if split else ())) as pipeline:
            def worker():
                offer = ("--layers", chance.choice(SPLIT)) if split and pipeline.workers >= 3 else \
                        ("--layers", SPLIT[pipeline.workers]) if split else ()
                pipeline.add_worker("--credit", str(chance.choice([1, 4, 16])), *offer)

            def disturb():
                nonlocal next_at, kills
                if time.monotonic() < next_at or kills == most:
                    return
                next_at = time.monotonic() + chance.choice([0.01, 0.05, 0.2, 0.5]) * chance.random()
                workers = pipeline.names("worker")
                what = chance.random()
                if what < 0.1 and pipeline.workers < 8:
                    worker()
                elif what < 0.2 and len(workers) > 1 and not split:
                    pipeline.retire(chance.choice(workers))
                else:
                    role = chance.choice(["sink", "ventilator", "worker", "worker"])
                    names = pipeline.names(role)
                    if names:
                        pipeline.signal(chance.choice(names))
                        kills += 1

            pipeline.start_sink()
            pipeline.start_ventilator()
            for _ in range(4):
                worker()
            self.assertEqual(pipeline.run(disturb), 1, f"seed {seed}\n{pipeline.log()[-3000:]}")
            pipeline.stop()
            self.assert_expected(pipeline, f"seed {seed}")
            return pipeline.kills

    def test_kill_9_of_random_roles_at_random_times(self):
        total = {}
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for kills in pool.map(self.run_of_kills, range(RUNS)):
                for role, count in kills.items():
                    total[role] = total.get(role, 0) + count
        print(f"{RUNS} runs over {DOCUMENTS} records; kills: {total}")
        for role in ("sink", "ventilator", "worker"):
            self.assertGreater(total.get(role, 0), RUNS, "the kills came too late to mean anything")

    # ---- everything at once --------------------------------------------------------------------------------------------

    def test_all_processes_killed_at_once_several_times(self):
        def run(seed):
            chance = random.Random(1000 + seed)
            with self.pipeline(f"power-{seed}", chance) as pipeline:
                pipeline.start(2)
                for _ in range(5):
                    end = time.monotonic() + 0.1 + chance.random() * 0.4
                    while time.monotonic() < end and pipeline.tend():
                        time.sleep(0.005)
                    if pipeline.code is not None:
                        break
                    for name in pipeline.names():
                        pipeline.signal(name)
                    for process in pipeline.processes.values():
                        process.wait()
                self.assertEqual(pipeline.run(), 1)
                pipeline.stop()
                self.assert_expected(pipeline, f"seed {seed}")
                return pipeline.kills.get("sink", 0)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            self.assertGreater(sum(pool.map(run, range(4))), 8)

    # ---- stopped, not killed -------------------------------------------------------------------------------------------

    def test_a_worker_that_stops_loses_its_lease_and_may_go_on_later(self):
        with self.pipeline("stopped", random.Random(5), "--lease-ms", "300") as pipeline:
            pipeline.start_sink()
            pipeline.start_ventilator()
            pipeline.add_worker("--credit", "16")
            pipeline.add_worker()
            stopped = False

            def disturb():  # once something is committed, one worker is stopped for good, as far as the run can see
                nonlocal stopped
                index = pipeline.corpus / "segment-000000.index"
                if not stopped and index.exists() and index.stat().st_size > 1000:
                    pipeline.signal("worker-0", signal.SIGSTOP)
                    stopped = True

            self.assertEqual(pipeline.run(disturb), 1)
            self.assertTrue(stopped)
            self.assertIn("silent for longer than its lease", pipeline.log())
            pipeline.signal("worker-0", signal.SIGCONT)  # what it now sends comes too late
            time.sleep(0.3)
            pipeline.stop()
            self.assert_expected(pipeline, "a stopped worker")

    def test_a_worker_that_stops_for_a_while_is_taken_back(self):
        with self.pipeline("paused", random.Random(6), "--lease-ms", "200") as pipeline:
            pipeline.start(2)
            changes, since = [signal.SIGSTOP, signal.SIGCONT] * 6, time.monotonic()

            def disturb():
                nonlocal since
                if changes and time.monotonic() - since > 0.3:
                    pipeline.signal("worker-1", changes.pop(0))
                    since = time.monotonic()

            self.assertEqual(pipeline.run(disturb), 1)
            pipeline.stop()
            self.assert_expected(pipeline, "a pausing worker")

    def test_a_sink_and_a_ventilator_that_stop_for_a_while(self):
        with self.pipeline("frozen", random.Random(7)) as pipeline:
            pipeline.start(2)
            for name in ("sink", "ventilator", "sink"):
                time.sleep(0.2)
                if not pipeline.tend():
                    break
                pipeline.signal(name, signal.SIGSTOP)
                time.sleep(1.3)  # longer than ten heartbeats: the others give it up
                pipeline.signal(name, signal.SIGCONT)
            self.assertEqual(pipeline.run(), 1)
            pipeline.stop()
            self.assert_expected(pipeline, "a frozen sink")

    # ---- other ways to the same bytes ----------------------------------------------------------------------------------

    def test_split_layers_and_any_number_of_workers_give_the_same_bytes(self):
        def run(number):
            chance = random.Random(2000 + number)
            groups = [("tokens+entities+quotes",), SPLIT, ("quotes+entities", "tokens"), ("tokens", "entities+quotes")][number % 4]
            layers = sorted("+".join(groups).split("+"), key=SPLIT.index)
            self.assertEqual(layers, list(SPLIT))
            with self.pipeline(f"split-{number}", chance, "--layers", ",".join(groups)) as pipeline:
                pipeline.start_sink()
                pipeline.start_ventilator()
                for group in groups:
                    for _ in range(1 + number // 4):
                        pipeline.add_worker("--layers", group)
                self.assertEqual(pipeline.run(), 1)
                pipeline.stop()
                self.assert_expected(pipeline, f"layers {','.join(groups)}")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(run, range(6)))

    def test_a_second_run_over_the_same_source_changes_nothing(self):
        with self.pipeline("twice", random.Random(8)) as pipeline:
            self.assertEqual(pipeline.start(2).run(), 1)
            pipeline.processes.pop("ventilator")
            pipeline.start_ventilator()
            self.assertEqual(pipeline.run(), 1)
            pipeline.stop()
            self.assert_expected(pipeline, "a second run")


if __name__ == "__main__":
    unittest.main(verbosity=2)
