#!/usr/bin/env python3
"""A full disk, others who want the same corpus, and peers that send rubbish."""
import json
import os
import resource
import subprocess
import time
import unittest

import generator
from pipeline import PROGRAMS, TEST_PROGRAMS, Pipeline, corpus_bytes, new_folder, reference

DOCUMENTS = 1200


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = new_folder(type("cleanup", (), {"addCleanup": cls.addClassCleanup}))
        cls.source = generator.write(cls.folder / "articles.jsonl", DOCUMENTS, seed=2)
        cls.expected = corpus_bytes(reference(cls.folder / "reference", cls.source, code=1))

    def assert_expected(self, corpus):
        got = corpus_bytes(corpus)
        self.assertEqual(list(got), list(self.expected))
        for name, data in got.items():
            self.assertTrue(data == self.expected[name], f"{name} differs")

    def assert_prefix(self, corpus):
        """What is committed is the beginning of what is expected; all but the last segment are whole. Returns its documents."""
        summary = subprocess.run([PROGRAMS / "quotewire-corpus", "check", corpus], capture_output=True, encoding="utf-8", check=False)
        self.assertIn(summary.returncode, (0, 1), summary.stderr)  # 1: a torn tail, which the next start cuts off
        documents = 0
        for name, data in corpus_bytes(corpus).items():
            if name.endswith(".index"):
                whole = 16 + (len(data) - 16) // 48 * 48 if len(data) >= 16 else 0  # head, entries; the last may be torn
                self.assertTrue(self.expected[name].startswith(data[:whole]), f"{name} differs")
                documents += max(0, whole - 16) // 48
        return documents

    # ---- a full disk ---------------------------------------------------------------------------------------------------

    def run_until_it_is_full(self, pipeline, corpus, **options):
        """The sink must end with 3 and say why; the others wait. Returns how many documents are safe."""
        pipeline.start_sink(**options)
        pipeline.start_ventilator()
        pipeline.add_worker()
        self.assertEqual(pipeline.processes["sink"].wait(60), 3, pipeline.log()[-2000:])
        self.assertRegex(pipeline.log(), r"sink \d+ error: .*(No space left on device|File too large)")
        self.assertIsNone(pipeline.processes["ventilator"].poll())
        return self.assert_prefix(corpus)

    def test_a_full_disk_ends_the_sink_and_loses_nothing(self):
        disk = self.folder / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "quotewire-test", disk]
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            self.skipTest("only root may mount a small disk")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        with Pipeline(self.folder / "full", self.source, corpus=disk / "corpus") as pipeline:
            safe = self.run_until_it_is_full(pipeline, disk / "corpus")
            self.assertGreater(safe, 100)
            full = corpus_bytes(disk / "corpus")
            self.assertEqual(pipeline.start_sink().wait(60), 3)  # still no room: it ends again, and nothing is worse
            self.assertGreaterEqual(self.assert_prefix(disk / "corpus"), safe)
            self.assertEqual(list(full)[0], "segment-000000.index")
            subprocess.run(["mount", "-o", "remount,size=256m", disk], check=True)
            pipeline.start_sink()
            self.assertEqual(pipeline.run(), 1)
            pipeline.stop()
            self.assert_expected(disk / "corpus")

    def test_a_file_that_may_not_grow_is_as_a_full_disk(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
        with Pipeline(self.folder / "limit", self.source) as pipeline:
            self.run_until_it_is_full(pipeline, pipeline.corpus, preexec_fn=limit)
            pipeline.start_sink()
            self.assertEqual(pipeline.run(), 1)
            pipeline.stop()
            self.assert_expected(pipeline.corpus)

    # ---- others who want the same --------------------------------------------------------------------------------------

    def test_a_second_sink_and_a_second_ventilator_are_refused_while_the_first_live(self):
        with Pipeline(self.folder / "busy", "-") as pipeline:
            pipeline.start_sink()
            first = pipeline.start_ventilator(stdin=subprocess.PIPE)
            pipeline.add_worker()
            lines = self.source.read_bytes().splitlines(keepends=True)
            first.stdin.writelines(lines[:100])
            first.stdin.flush()
            while "session with ventilator" not in pipeline.log():
                self.assertIsNone(first.poll())
                time.sleep(0.01)
            second = subprocess.run([PROGRAMS / "quotewire-ventilator", "--tasks", pipeline.endpoint("other"), "--control",
                                     pipeline.endpoint("control"), self.source], capture_output=True, encoding="utf-8", check=False)
            self.assertEqual(second.returncode, 3, second.stderr)
            self.assertIn("another ventilator is feeding this corpus", second.stderr)
            sink = subprocess.run([PROGRAMS / "quotewire-sink", "--corpus", pipeline.corpus, "--control",
                                   pipeline.endpoint("control-2"), "--results", pipeline.endpoint("results-2")],
                                  capture_output=True, encoding="utf-8", check=False)
            self.assertEqual(sink.returncode, 4, sink.stderr)
            first.stdin.writelines(lines[100:])
            first.stdin.close()
            self.assertEqual(pipeline.run(), 1)
            pipeline.stop()
            self.assertEqual(self.annotations(pipeline.corpus), self.annotations(self.folder / "reference" / "corpus"))

    @staticmethod
    def annotations(corpus):
        """Without ids, because those of records that cannot be read depend on where they stand."""
        lines = subprocess.run([PROGRAMS / "quotewire-corpus", "export", corpus], check=True, capture_output=True).stdout.splitlines()
        return [[document.get(key) for key in ("text", "tokens", "entities", "quotes")] for document in map(json.loads, lines)]

    # ---- rubbish -------------------------------------------------------------------------------------------------------

    def test_peers_that_send_rubbish_harm_nobody(self):
        with Pipeline(self.folder / "hostile", self.source, ventilator=("--lease-ms", "1000", "--strikes", "50")) as pipeline:
            pipeline.start_sink()
            pipeline.start_ventilator()
            while "session with ventilator" not in pipeline.log():
                self.assertIsNone(pipeline.processes["ventilator"].poll())
                time.sleep(0.01)
            enemies = [subprocess.Popen([TEST_PROGRAMS / "hostile_peer", str(seed), *map(pipeline.endpoint, (
                "tasks", "control", "results", "follow"))], stdout=subprocess.PIPE, encoding="utf-8") for seed in (1, 2)]
            for enemy in enemies:
                self.addCleanup(enemy.kill)  # also when a check below fails
            time.sleep(2)  # nobody works yet: the rubbish is all there is
            before = {name: process.pid for name, process in pipeline.processes.items()}
            pipeline.add_worker()
            pipeline.add_worker()
            code = pipeline.run()
            for enemy in enemies:
                enemy.terminate()
                words = enemy.communicate()[0]
                self.assertRegex(words, r"^[1-9]\d{2,} messages sent, [1-9]\d* frames answered")
            self.assertEqual(code, 1, pipeline.log()[-3000:])
            self.assertEqual(pipeline.processes["sink"].pid, before["sink"], "the sink died")
            self.assertEqual(pipeline.processes["ventilator"].pid, before["ventilator"], "the ventilator died")
            pipeline.stop()
            self.assertIn("is refused", pipeline.log())
            self.assert_expected(pipeline.corpus)


if __name__ == "__main__":
    unittest.main(verbosity=2)
