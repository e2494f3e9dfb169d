#!/usr/bin/env python3
"""The other commands of `quotewire`: status and follow beside a running pipeline, readers' tools, an installed copy."""
import json
import os
import signal
import subprocess
import unittest

from harness import ARTICLES, PROGRAMS, ROOT, Case, article_files, children_of


class Running(Case):
    """Beside a pipeline that watches a folder, and has annotated all that is there."""

    def setUp(self):
        super().setUp()
        self.inbox, self.corpus = self.folder / "inbox", self.folder / "c"
        self.inbox.mkdir()
        for file in article_files()[:5]:
            (self.inbox / file.name).write_bytes(file.read_bytes())
        self.run_process = self.start("run", self.inbox, "--corpus", self.corpus, "--follow", "--workers", "2")
        self.wait_for_documents(self.corpus, 5)

    def status(self):
        return json.loads(self.quotewire("status", "--json")[0])

    def test_status_knows_what_was_done_and_by_whom(self):
        self.wait_for(lambda: self.status()["ventilator"]["documents"] == 5, "the ventilator's count")
        report = self.status()
        self.assertEqual(report["corpus"], str(self.corpus))
        self.assertEqual((report["sink"]["documents"], report["sink"]["failures"]), (5, 0))
        self.assertEqual({worker["name"] for worker in report["ventilator"]["workers"]}, {"worker-1", "worker-2"})
        self.assertEqual(sum(worker["chunks"] for worker in report["ventilator"]["workers"]), 5)
        self.assertEqual(report["ventilator"]["text_bytes"], sum(len(file.read_bytes()) for file in article_files()[:5]))

    def test_status_is_a_table_for_people(self):
        stdout = self.quotewire("status", "--corpus", self.corpus)[0]
        self.assertRegex(stdout, rf"(?m)^sink +corpus {self.corpus} of 5 documents, 0 failed")
        self.assertRegex(stdout, r"(?m)^worker-1 +[\d.]+ +\d+ +\d+ +[\d.]+ +[\d.]+ s +0$")

    def test_status_of_another_corpus_finds_no_pipeline(self):
        self.assertIn("no pipeline", self.quotewire("status", "--corpus", self.folder, code=1)[1])

    def test_status_says_who_does_not_answer(self):
        ventilator = children_of(self.run_process)["ventilator"][0]
        os.kill(ventilator, signal.SIGSTOP)
        stdout, stderr = self.quotewire("status", "--timeout-ms", "300", code=1)
        os.kill(ventilator, signal.SIGCONT)
        self.assertIn("sink", stdout)
        self.assertRegex(stderr, "the ventilator at .* does not answer")

    def test_follow_gets_what_is_there_and_then_what_comes(self):
        reader = self.start("follow", "--corpus", self.corpus, "--count", "6")
        texts = [json.loads(reader.stdout.readline())["text"] for _ in range(5)]
        (self.folder / "new").write_text("“It holds,” said Mara Venn.", encoding="utf-8")
        os.rename(self.folder / "new", self.inbox / "later.txt")
        texts.append(json.loads(reader.stdout.readline())["text"])
        there = [file.read_bytes().decode() for file in article_files()[:5]]
        self.assertEqual(texts, [*there, "“It holds,” said Mara Venn."])
        self.assertEqual(reader.wait(), 0)

    def test_follow_goes_on_where_its_state_is(self):
        first = self.quotewire("follow", "--state", self.folder / "state", "--count", "2")[0].splitlines()
        rest = self.quotewire("follow", "--state", self.folder / "state", "--no-wait")[0].splitlines()
        self.assertEqual([json.loads(line)["position"] for line in first + rest], [0, 1, 2, 3, 4])


class Resting(Case):
    def test_without_a_pipeline_status_is_1_and_follow_is_3(self):
        self.quotewire("status", code=1)
        self.quotewire("follow", code=3)

    def test_every_command_says_what_it_is_for(self):
        for command in ([], ["run"], ["status"], ["failed"], ["failed", "list"], ["failed", "retry"], ["failed", "drop"],
                        ["show"], ["summary"], ["export"], ["index"], ["query"], ["speakers"], ["entities"], ["aliases"],
                        ["follow"], ["check"], ["annotate"], ["ventilator"], ["worker"],
                        ["sink"], ["keys"]):
            with self.subTest(command):
                stdout, stderr = self.quotewire(*command, "--help")
                self.assertRegex(stdout, r"(?i)^usage: quotewire")
                self.assertEqual(stderr, "")

    def test_versions_agree(self):
        version = self.quotewire("--version")[0].split()[1]
        for command in ("annotate", "ventilator", "worker", "sink", "follow", "keys"):
            with self.subTest(command):
                self.assertEqual(self.quotewire(command, "--version")[0].split()[1], version)

    def test_a_sound_corpus_passes_the_check_and_a_damaged_one_does_not(self):
        corpus = self.folder / "c"
        self.quotewire("run", ARTICLES, "--corpus", corpus)
        self.quotewire("check", corpus)
        with open(corpus / "segment-000000.msgpack", "r+b") as file:
            file.seek(1000)
            byte = file.read(1)
            file.seek(1000)
            file.write(bytes([byte[0] ^ 1]))
        self.quotewire("check", corpus, code=1)

    def test_aliases_are_offered_with_a_score(self):
        corpus, names = self.folder / "c", ("Hyon Yong Chol", "Hyun Young-chol", "Hyon Yong Chol")
        with open(self.folder / "in.jsonl", "w", encoding="utf-8") as file:
            for i, name in enumerate(names):
                text = f"Defence Minister {name} met Vladimir Putin in Moscow on Monday. “We are ready,” {name} said {i} times."
                file.write(json.dumps({"text": text}) + "\n")
        self.quotewire("run", self.folder / "in.jsonl", "--corpus", corpus)
        one, other = map(json.loads, self.quotewire("aliases", corpus)[0].splitlines())
        self.assertEqual((one["key"], other["key"]), ("person:hyon-yong-chol", "person:hyun-young-chol"))
        self.assertEqual((one["name"], one["type"], one["documents"], one["mentions"]), ("Hyon Yong Chol", "PERSON", 2, 4))
        self.assertEqual([alias["key"] for alias in one["aliases"]], [other["key"]])
        self.assertEqual([alias["key"] for alias in other["aliases"]], [one["key"]])
        self.assertTrue(0.85 <= one["aliases"][0]["score"] < 1)
        self.assertEqual(self.quotewire("aliases", "--least", "100", corpus)[0], "")

    def test_export_ends_quietly_when_nobody_reads_on(self):
        corpus = self.folder / "c"
        self.quotewire("run", ARTICLES, "--corpus", corpus)
        script = f"'{ROOT / 'deploy' / 'quotewire'}' export '{corpus}' | head -1 | wc -l"
        done = subprocess.run(["bash", "-c", script], env=self.environment, capture_output=True, encoding="utf-8",
                              check=True)
        self.assertEqual((done.stdout.strip(), done.stderr), ("1", ""))


class Installed(Case):
    def test_it_runs_from_where_it_is_installed(self):
        prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", PROGRAMS, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
        environment = {name: value for name, value in self.environment.items() if not name.startswith("QUOTEWIRE_")}
        facts = subprocess.run([prefix / "bin" / "quotewire", "run", ARTICLES, "--corpus", "c", "--json"], env=environment,
                               cwd=self.folder, capture_output=True, encoding="utf-8", check=True).stdout
        self.assertEqual(json.loads(facts)["annotated"], len(article_files()))
        shown = subprocess.run([prefix / "bin" / "quotewire", "show", "c"], env=environment, cwd=self.folder,
                               capture_output=True, encoding="utf-8", check=True).stdout
        self.assertIn("Samuel Wekesa", shown)


if __name__ == "__main__":
    unittest.main()
