#!/usr/bin/env python3
"""`quotewire run`: what comes out, what it says, and how it ends when nothing is killed."""
import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import unittest

from harness import ARTICLES, PROGRAMS, ROOT, Case, article_files


class Results(Case):
    def test_every_sample_article_is_annotated_in_the_order_of_their_names(self):
        facts = self.run_json(ARTICLES, "--corpus", self.folder / "c")
        files = article_files()
        self.assertEqual((facts["documents"], facts["annotated"], facts["failed"]), (len(files), len(files), 0))
        documents = self.export(self.folder / "c")
        self.assertEqual([document["text"] for document in documents], [file.read_bytes().decode() for file in files])
        self.assertEqual(facts["tokens"], sum(len(document["tokens"]) for document in documents))
        self.assertEqual(facts["entities"], sum(len(document["entities"]) for document in documents))
        self.assertEqual(facts["quotes"], sum(len(document["quotes"]) for document in documents))

    def test_the_speaker_of_a_direct_quotation_is_found(self):
        self.quotewire("run", ARTICLES / "01-ferry-wire.txt", "--corpus", self.folder / "c")
        (document,) = self.export(self.folder / "c")
        speakers = [quote["speaker"] for quote in document["quotes"]
                    if "not the will of God" in document["text"][quote["start"]:quote["end"]]]
        self.assertIn("Samuel Wekesa", speakers)

    def test_a_second_run_skips_everything_and_changes_no_byte(self):
        corpus = self.folder / "c"
        self.quotewire("run", ARTICLES, "--corpus", corpus)
        before = {path.name: path.read_bytes() for path in corpus.glob("segment-*")}
        facts = self.run_json(ARTICLES, "--corpus", corpus)
        count = len(article_files())
        self.assertEqual((facts["annotated"], facts["skipped"], facts["tokens"]), (count, count, 0))
        self.assertEqual(before, {path.name: path.read_bytes() for path in corpus.glob("segment-*")})

    def test_the_corpus_does_not_depend_on_the_number_of_workers_nor_on_how_layers_are_split(self):
        articles = self.articles(300)
        self.quotewire("run", articles, "--corpus", self.folder / "one", "--workers", "1")
        self.quotewire("run", articles, "--corpus", self.folder / "four", "--workers", "4")
        self.quotewire("run", articles, "--corpus", self.folder / "split", "--layers", "tokens,entities,quotes")
        self.assert_same_corpus(self.folder / "one", self.folder / "four")
        self.assert_same_corpus(self.folder / "one", self.folder / "split")

    def test_small_chunks_lose_no_text(self):
        articles = self.articles(100)
        self.quotewire("run", articles, "--corpus", self.folder / "whole")
        self.quotewire("run", articles, "--corpus", self.folder / "cut", "--chunk-bytes", "500", "--workers", "3")
        whole, cut = self.export(self.folder / "whole"), self.export(self.folder / "cut")
        for member in ("id", "text", "structure", "tokens", "sentences"):
            self.assertEqual([document[member] for document in whole], [document[member] for document in cut], member)

    def test_json_lines_on_standard_input_keep_their_ids(self):
        lines = [json.dumps({"id": f"id {i}", "text": f"“Number {i} it is,” said Ada Finch.\n", "place": "here"})
                 for i in range(50)]
        self.quotewire("run", "-", "--corpus", self.folder / "c", input="\n".join(lines))
        documents = self.export(self.folder / "c")
        self.assertEqual([document["id"] for document in documents], [f"id {i}" for i in range(50)])
        self.assertEqual({document["place"] for document in documents}, {"here"})

    def test_a_record_that_cannot_be_read_is_listed_as_failed_and_can_be_dropped(self):
        source = self.folder / "articles.jsonl"
        source.write_text('{"id": "good", "text": "All is well."}\n{"id": "bad", "text": 7}\n', encoding="utf-8")
        corpus = self.folder / "c"
        facts = self.run_json(source, "--corpus", corpus, code=1)
        self.assertEqual((facts["documents"], facts["annotated"], facts["failed"]), (2, 1, 1))
        (failure,) = map(json.loads, self.quotewire("failed", "list", "--json", corpus)[0].splitlines())
        self.assertIn("text", failure["reason"])
        self.quotewire("run", source, "--corpus", corpus, code=1)  # it is known as failed, and stays so
        said = self.quotewire("failed", "retry", corpus, code=1)[1]
        self.assertIn("1 failed documents have no text", said)
        self.assertIn("bad", self.quotewire("failed", "list", corpus)[0])
        self.quotewire("failed", "drop", corpus, "--all")
        self.assertEqual(self.quotewire("failed", "list", corpus)[0], "")

    def test_a_directory_is_watched_until_the_run_is_stopped(self):
        inbox, corpus = self.folder / "inbox", self.folder / "c"
        inbox.mkdir()
        run = self.start("run", inbox, "--corpus", corpus, "--follow", "--json")
        for i, file in enumerate(article_files()[:3]):
            (self.folder / "new").write_bytes(file.read_bytes())
            os.rename(self.folder / "new", inbox / file.name)
            self.wait_for_documents(corpus, i + 1)
        run.send_signal(signal.SIGTERM)
        stdout, stderr = run.communicate()
        self.assertEqual(run.returncode, 130, stderr)
        self.assertEqual(json.loads(stdout)["documents"], 3)


class Endings(Case):
    def test_wrong_usage_is_2(self):
        run = ["run", "x", "--corpus", "c"]
        for arguments in ([], ["run"], ["run", "x"], ["run", "--corpus", "c"], [*run, "--workers", "0"],
                          [*run, "--no-such-option"], ["failed"], ["no-such-command"], ["status", "--no-such-option"]):
            with self.subTest(arguments):
                stderr = self.quotewire(*arguments, code=2, cwd=self.folder)[1]
                self.assertIn("--help", stderr)

    def test_a_source_that_is_not_there_is_2_and_named(self):
        stderr = self.quotewire("run", self.folder / "no-such-file", "--corpus", self.folder / "c", code=2)[1]
        self.assertIn("no-such-file", stderr)

    def test_a_corpus_that_cannot_be_written_is_3_and_nothing_is_lost(self):
        articles, corpus = self.articles(400), self.folder / "c"
        def limit():  # a file that may not grow is as good as a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        stderr = self.quotewire("run", articles, "--corpus", corpus, code=3, preexec_fn=limit)[1]
        self.assertRegex(stderr, "File too large")
        self.quotewire("run", articles, "--corpus", corpus)
        self.quotewire("run", articles, "--corpus", self.folder / "undisturbed")
        self.assert_same_corpus(corpus, self.folder / "undisturbed")

    def test_a_second_run_on_a_corpus_is_4(self):
        (self.folder / "inbox").mkdir()
        self.start("run", self.folder / "inbox", "--corpus", self.folder / "c", "--follow")
        self.wait_for(lambda: (self.folder / "c" / "lock").exists(), "the corpus")
        stderr = self.quotewire("run", ARTICLES, "--corpus", self.folder / "c", code=4)[1]
        self.assertIn("another run", stderr)

    def test_a_corpus_that_another_sink_has_is_4(self):
        sink = subprocess.Popen([PROGRAMS / "quotewire-sink", "--corpus", self.folder / "c", "--control",
                                 f"ipc://{self.folder}/control", "--results", f"ipc://{self.folder}/results"],
                                stderr=subprocess.DEVNULL)
        self.addCleanup(sink.wait)
        self.addCleanup(sink.kill)
        self.wait_for((self.folder / "control").exists, "the other sink")
        self.quotewire("run", ARTICLES, "--corpus", self.folder / "c", code=4)

    def test_missing_programs_are_5_with_the_way_to_build_them(self):
        self.environment["QUOTEWIRE_BUILD"] = str(self.folder)
        self.assertIn("deploy/setup", self.quotewire("run", ARTICLES, "--corpus", self.folder / "c", code=5)[1])

    def test_a_program_that_dies_at_every_start_is_given_up_with_its_last_words(self):
        programs = self.folder / "programs"
        programs.mkdir()
        for role in ("sink", "ventilator"):
            (programs / f"quotewire-{role}").symlink_to(PROGRAMS / f"quotewire-{role}")
        worker = programs / "quotewire-worker"
        worker.write_text("#!/bin/sh\necho 'no such luck' >&2\nexit 1\n")
        worker.chmod(0o755)
        self.environment["QUOTEWIRE_BUILD"] = str(programs)
        stderr = self.quotewire("run", ARTICLES, "--corpus", self.folder / "c", "--workers", "1", code=5)[1]
        self.assertIn("giving up", stderr)
        self.assertIn("    no such luck", stderr)

    def test_a_run_folder_that_others_may_enter_is_refused(self):
        (self.folder / "quotewire").mkdir()
        (self.folder / "quotewire").chmod(0o755)
        self.assertIn("0700", self.quotewire("run", ARTICLES, "--corpus", self.folder / "c", code=2)[1])

    def test_nothing_is_left_behind_in_the_run_folder(self):
        self.quotewire("run", ARTICLES, "--corpus", self.folder / "c")
        self.assertEqual(os.listdir(self.folder / "quotewire"), [])


class Screens(Case):
    def setUp(self):
        super().setUp()
        try:
            for end in pty.openpty():
                os.close(end)
        except OSError as error:
            self.skipTest(f"no terminals here: {error}")

    def on_a_terminal(self, *arguments):
        """Everything that the command writes to its terminal."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(self.environment, TERM="xterm")
            if not self.environment["NO_COLOR"]:
                del os.environ["NO_COLOR"]
            os.execv(ROOT / "deploy" / "quotewire", ["quotewire", *map(str, arguments)])
        output = b""
        while select.select([terminal], [], [], 60)[0]:
            try:
                data = os.read(terminal, 1 << 16)
            except OSError:
                break
            output += data
        os.close(terminal)
        self.code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return output.decode()

    def test_quiet_says_nothing_at_all(self):
        self.assertEqual(self.quotewire("run", self.articles(2000), "--corpus", self.folder / "c", "--quiet"), ("", ""))

    def test_a_terminal_gets_one_line_that_is_drawn_again(self):
        output = self.on_a_terminal("run", self.articles(3000), "--corpus", self.folder / "c")
        self.assertEqual(self.code, 0)
        self.assertRegex(output, r"\r\x1b\[K[\d,]+ documents  [\d.,]+ [MK]B  ")
        self.assertIn("3,000 documents: 3,000 annotated; 0 failed", output)

    def test_no_color_is_heeded(self):
        source = self.folder / "articles.jsonl"
        source.write_text('{"id": "bad", "text": 7}\n' + self.articles(2500).read_text(encoding="utf-8"), encoding="utf-8")
        colour = re.compile(r"\x1b\[\d*m")
        self.assertNotRegex(self.on_a_terminal("run", source, "--corpus", self.folder / "plain"), colour)
        self.environment["NO_COLOR"] = ""
        self.assertRegex(self.on_a_terminal("run", source, "--corpus", self.folder / "coloured"), colour)
        self.assertEqual(self.code, 1)

    def test_what_the_programs_say_is_kept_in_a_log(self):
        self.quotewire("run", ARTICLES, "--corpus", self.folder / "c", "--log", self.folder / "log")
        log = (self.folder / "log").read_text(encoding="utf-8")
        for role in ("sink", "ventilator"):
            self.assertRegex(log, rf"(?m)^\S+Z {role} \d+ info: ")


if __name__ == "__main__":
    unittest.main()
