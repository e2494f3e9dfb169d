#!/usr/bin/env python3
"""`quotewire run` while its processes are killed: the corpus equals that of an undisturbed run by each byte (I3, I5, I8)."""
import json
import random
import signal
import time
import unittest

from harness import PROGRAMS, TEST_PROGRAMS, Case, children_of, kill

DOCUMENTS = 2500
ROUNDS = 8  # test_kills.py has many more, without the supervisor
EVERYBODY = ("sink", "ventilator", "worker", "supervisor")


class Kills(Case):
    def setUp(self):
        super().setUp()
        self.source = self.articles(DOCUMENTS)
        self.quotewire("run", self.source, "--corpus", self.folder / "undisturbed", "--workers", "1")

    def begin(self, name, *options):
        """A run that has committed something."""
        corpus = self.folder / name
        run = self.start("run", self.source, "--corpus", corpus, "--json", *options)
        self.wait_for_documents(corpus, 100)
        return corpus, run

    def finish(self, run, code=0):
        stdout, stderr = run.communicate()
        self.assertEqual(run.returncode, code, stdout + stderr)
        return json.loads(stdout) if stdout else None

    def test_each_role_may_be_killed_while_a_run_goes_on(self):
        for role in ("sink", "ventilator", "worker"):
            with self.subTest(role):
                corpus, run = self.begin(role)
                (victim, *_) = children_of(run)[role]
                kill(victim)
                facts = self.finish(run)
                self.assertEqual((facts["documents"], facts["annotated"]), (DOCUMENTS, DOCUMENTS))
                self.assert_same_corpus(corpus, self.folder / "undisturbed")

    def test_all_of_them_at_once_too(self):
        corpus, run = self.begin("c")
        for victims in children_of(run).values():
            for victim in victims:
                kill(victim)
        self.finish(run)
        self.assert_same_corpus(corpus, self.folder / "undisturbed")

    def test_when_the_supervisor_is_killed_its_programs_die_and_the_same_command_goes_on(self):
        corpus, run = self.begin("c")
        victims = [pid for pids in children_of(run).values() for pid in pids]
        self.assertGreaterEqual(len(victims), 3)
        kill(run.pid)
        run.wait()

        def gone(pid):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    return file.read().rpartition(")")[2].split()[0] in "ZX"
            except OSError:
                return True
        self.wait_for(lambda: all(map(gone, victims)), "the death of all programs")
        facts = self.run_json(self.source, "--corpus", corpus)
        self.assertGreaterEqual(facts["skipped"], 100)
        self.assert_same_corpus(corpus, self.folder / "undisturbed")

    def test_ctrl_c_stops_cleanly_and_the_same_command_goes_on(self):
        corpus, run = self.begin("c")
        run.send_signal(signal.SIGINT)
        facts = self.finish(run, code=130)
        self.assertFalse(facts["complete"])
        facts = self.run_json(self.source, "--corpus", corpus)
        self.assertTrue(facts["complete"])
        self.assert_same_corpus(corpus, self.folder / "undisturbed")

    def test_a_second_ctrl_c_does_not_wait_for_a_worker_that_hangs(self):
        corpus, run = self.begin("c", "--workers", "2")
        kill(children_of(run)["worker"][0], signal.SIGSTOP)
        run.send_signal(signal.SIGINT)
        time.sleep(0.5)
        self.assertIsNone(run.poll(), "the first Ctrl-C waits")
        run.send_signal(signal.SIGINT)
        _, stderr = run.communicate()
        self.assertEqual(run.returncode, 130, stderr)
        self.assertNotIn("did not stop within", stderr)
        self.quotewire("run", self.source, "--corpus", corpus)
        self.assert_same_corpus(corpus, self.folder / "undisturbed")

    def test_a_worker_that_is_stopped_holds_nobody_up(self):
        config = self.folder / "ventilator.conf"
        config.write_text("lease-ms = 1000\n", encoding="utf-8")
        corpus, run = self.begin("c", "--workers", "2", "--ventilator-config", config)
        victim = children_of(run)["worker"][0]
        kill(victim, signal.SIGSTOP)
        self.wait_for_documents(corpus, DOCUMENTS)
        kill(victim, signal.SIGCONT)
        self.finish(run)
        self.assert_same_corpus(corpus, self.folder / "undisturbed")

    def test_a_worker_that_is_told_to_leave_is_replaced(self):
        corpus, run = self.begin("c", "--workers", "1")
        (victim,) = children_of(run)["worker"]
        kill(victim, signal.SIGTERM)
        self.wait_for(lambda: children_of(run)["worker"] not in ([], [victim]), "another worker")
        self.finish(run)
        self.assert_same_corpus(corpus, self.folder / "undisturbed")

    def test_no_random_kills_change_a_byte(self):
        patient = self.folder / "patient.conf"
        patient.write_text("strikes = 50\n", encoding="utf-8")  # none of these deaths is a chunk's fault
        for seed in range(ROUNDS):
            with self.subTest(seed=seed):
                chance = random.Random(seed)
                corpus = self.folder / f"round-{seed}"
                options = ("--ventilator-config", patient, "--workers", str(chance.randint(1, 4)), "--layers",
                           chance.choice(("tokens+entities+quotes", "tokens,entities+quotes")))
                run = self.start("run", self.source, "--corpus", corpus, "--quiet", *options)
                for _ in range(chance.randint(1, 8)):
                    time.sleep(chance.uniform(0, 0.4))
                    role = chance.choice(EVERYBODY)
                    victims = [run.pid] if role == "supervisor" else children_of(run)[role]
                    if run.poll() is None and victims:
                        kill(chance.choice(victims))
                    if role == "supervisor":
                        run.wait()
                        run = self.start("run", self.source, "--corpus", corpus, "--quiet", *options)
                self.finish(run)
                self.assert_same_corpus(corpus, self.folder / "undisturbed")


class DeadlyArticles(Case):
    """A worker that dies of one particular chunk (see crashing_worker.c)."""

    def setUp(self):
        super().setUp()
        if not (TEST_PROGRAMS / "crashing_worker").exists():
            self.skipTest(f"{TEST_PROGRAMS / 'crashing_worker'} is not built")
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        for program in PROGRAMS.glob("quotewire-*"):
            (self.programs / program.name).symlink_to(program)
        (self.programs / "quotewire-worker").unlink()
        (self.programs / "quotewire-worker").symlink_to(TEST_PROGRAMS / "crashing_worker")
        self.source = self.folder / "source.jsonl"

    def write_source(self, words):
        lines = self.articles(200).read_text(encoding="utf-8").splitlines()
        lines.insert(90, json.dumps({"id": "deadly", "text": f"A headline\n\n{words}\n\n“It is,” said Ada Finch."}))
        self.source.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run_twice(self, *options):
        """Once with workers that die, so that the article fails; then the failure is retried with workers that don't."""
        corpus = self.folder / "c"
        self.environment["QUOTEWIRE_BUILD"] = str(self.programs)
        facts = self.run_json(self.source, "--corpus", corpus, *options, code=1)
        self.assertEqual((facts["documents"], facts["annotated"], facts["failed"]), (201, 200, 1))
        (failure,) = map(json.loads, self.quotewire("failed", "list", "--json", corpus)[0].splitlines())
        self.assertEqual(failure["id"], "deadly")
        self.environment["QUOTEWIRE_BUILD"] = str(PROGRAMS)
        self.quotewire("failed", "retry", corpus)
        self.assertEqual(self.quotewire("failed", "list", corpus)[0], "")
        self.quotewire("run", self.source, "--corpus", self.folder / "undisturbed")
        self.assertEqual(self.export(corpus), self.export(self.folder / "undisturbed"))

    def test_a_chunk_that_kills_workers_is_given_up_alone_and_can_be_retried(self):
        self.write_source("This chunk kills workers.")
        self.run_twice("--workers", "2")

    def test_a_chunk_that_never_ends_is_given_up_alone_and_can_be_retried(self):
        self.write_source("This chunk hangs workers.")
        config = self.folder / "worker.conf"
        config.write_text("chunk-seconds = 1\n", encoding="utf-8")
        self.run_twice("--workers", "2", "--worker-config", config)


if __name__ == "__main__":
    unittest.main()
