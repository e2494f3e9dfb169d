#!/usr/bin/env python3
"""The whole pipeline in figures, each beside its goal.

usage: bench_pipeline.py [--rounds N] [--documents N] [--memory-documents N] [--only PART,...] [SOURCE]

SOURCE is a file of JSON lines; without one, the sample articles' paragraphs in many orders. Needs the programs of a release
build (QUOTEWIRE_BUILD, or build/) and, for the sizes of layers, Python's msgpack. Parts: messages, speed, workers, sizes,
commit, memory. Rates are medians of several rounds in which what is compared takes turns.

What is compared: "messages" has the real ventilator, sink and two workers without annotators beside a bare loop of as many
ZeroMQ messages of the same sizes, over the same sockets, under the same window and credit. In both, each text passes twice, to the sink
and to a worker. The pipeline also encodes, checks, joins and writes the corpus to disk; the bare loop does nothing
of this, and in its second form writes as many bytes to disk and tells of them when they are there. "speed" has the whole pipeline,
with the start of its processes, beside the annotators alone in one process, twice as fast as which two cores could be.

Where other programs run beside it, believe the figures "by processor time": what was done a second of processor time, which is
what the clock would show on cores that are kept busy and that nobody else wants.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from harness import make_articles  # pylint: disable=wrong-import-position
from pipeline import MODELS, PROGRAMS, TEST_PROGRAMS  # pylint: disable=wrong-import-position

HEAD, ENTRY = 16, 48  # bytes of an index


def say(what, value, goal=""):
    print(f"  {what:<74} {value:>16}  {goal}".rstrip(), flush=True)


def run_json(*command):
    return json.loads(subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE).stdout)


class Run:
    """One run of the pipeline with what each role has used of processor and memory."""

    def __init__(self, folder, source, workers, worker=(), ventilator=(), during=None):
        self.folder = folder / "run"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.corpus = self.folder / "corpus"
        self.peaks = {}
        endpoint = f"ipc://{self.folder}/".__add__
        self.log = open(self.folder / "log", "wb")
        begin = time.monotonic()
        self.pids = {"sink": self._start("sink", "--corpus", self.corpus, "--control", endpoint("control"), "--results",
                                         endpoint("results"), "--follow", endpoint("follow"))}
        for i in range(workers):
            self.pids[f"worker-{i}"] = self._start("worker", "--once", "--connect", endpoint("tasks"), "--models", MODELS, *worker)
        self.pids["ventilator"] = self._start("ventilator", "--tasks", endpoint("tasks"), "--control", endpoint("control"),
                                              *ventilator, source)
        self.first_commit, self.usage = None, {}
        while self.first_commit is None and not self._ended("ventilator"):
            if self.documents() > 0:
                self.first_commit = time.monotonic() - begin
            time.sleep(0.001)
        while not self._ended("ventilator"):
            if during:
                during(self)
            self.note_peaks()
            if self._ended("sink"):
                raise SystemExit(f"somebody ended the sink: {self.folder}/log")
            time.sleep(0.02)
        self.seconds = time.monotonic() - begin
        for name, pid in self.pids.items():
            if name not in self.usage:
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, signal.SIGTERM)
                self.usage[name] = os.wait4(pid, 0)[2]
        self.log.close()
        self.facts = run_json(PROGRAMS / "quotewire-corpus", "summary", "--json", self.corpus)

    def _start(self, role, *options):
        command = [str(part) for part in (PROGRAMS / f"quotewire-{role}", *options)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self.log).pid

    def _ended(self, name):
        if name in self.usage:
            return True
        pid, status, usage = os.wait4(self.pids[name], os.WNOHANG)
        if pid == 0:
            return False
        self.usage[name] = usage
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            raise SystemExit(f"{name} ended with {os.waitstatus_to_exitcode(status)}: {self.folder}/log")
        return True

    def documents(self):
        """Committed so far."""
        try:
            return sum(max(0, path.stat().st_size - HEAD) // ENTRY for path in self.corpus.glob("segment-*.index"))
        except FileNotFoundError:
            return 0

    def note_peaks(self):
        """Peak memory of each role up to now, in MB. (What wait4 tells has the memory of this program in it.)"""
        for name, pid in self.pids.items():
            if name in self.usage:
                continue
            for line in pathlib.Path("/proc", str(pid), "status").read_text(encoding="utf-8").splitlines():
                if line.startswith("VmHWM:"):
                    self.peaks[name] = int(line.split()[1]) / 1024

    def cpu(self, role=""):
        return sum(usage.ru_utime + usage.ru_stime for name, usage in self.usage.items() if name.startswith(role))

    def peak(self, role):
        return max(peak for name, peak in self.peaks.items() if name.startswith(role))


# ---- parts -----------------------------------------------------------------------------------------------------------------

def messages(options):
    print("Messages: the pipeline without annotators beside a bare ZeroMQ loop of the same sizes and credit, 2 workers")
    for credit in (4, 16):
        facts = run_json(TEST_PROGRAMS / "bench_messages", options.folder, options.source, 2, credit, options.rounds, 100)
        say(f"bare loop, credit {credit}", f"{facts['bare_mb_s']:.0f} MB/s")
        say("bare loop whose sink writes as many bytes, and tells when they are on disk", f"{facts['storing_mb_s']:.0f} MB/s")
        say("pipeline, articles read beforehand, records written", f"{facts['pipeline_mb_s']:.0f} MB/s")
        say("pipeline / bare loop, by the clock", f"{facts['ratio']:.2f}", "goal: 0.60 or more")
        say("the same by processor time", f"{facts['cpu_ratio']:.2f}")
        say("pipeline / bare loop that writes, by the clock", f"{facts['storing_ratio']:.2f}")
        say("the same by processor time", f"{facts['storing_cpu_ratio']:.2f}")
        say("processor seconds: bare loop; sink, ventilator, workers", f"{facts['bare_cpu_seconds']:.2f}; {facts['sink_cpu_seconds']:.2f}, "
            f"{facts['ventilator_cpu_seconds']:.2f}, {facts['workers_cpu_seconds']:.2f}")


def speed(options):
    print("Speed: the pipeline with 2 workers beside the annotators alone in one process")
    fused, runs = [], []
    for _ in range(options.rounds):
        fused.append(run_json(TEST_PROGRAMS / "bench_fused", MODELS, options.source, 1, 20))
        runs.append(Run(options.folder, options.source, 2))
    text = options.text
    alone = statistics.median(facts["mb_s"] for facts in fused)
    alone_cpu = statistics.median(facts["mb_per_cpu_second"] for facts in fused)
    say("annotators alone, one core", f"{alone:.2f} MB/s")
    say("annotators alone, a second of processor time", f"{alone_cpu:.2f} MB")
    say("pipeline", f"{statistics.median(text / run.seconds for run in runs):.2f} MB/s")
    say("pipeline / twice the annotators alone, by the clock",
        f"{statistics.median(text / run.seconds / 2 / facts['mb_s'] for run, facts in zip(runs, fused)):.2f}", "goal: 0.80 or more")
    say("the same by processor time",
        f"{statistics.median(text / run.cpu() / facts['mb_per_cpu_second'] for run, facts in zip(runs, fused)):.2f}")
    for role in ("sink", "ventilator"):
        say(f"share of the {role} in processor time", f"{100 * statistics.median(run.cpu(role) / run.cpu() for run in runs):.1f} %")
    share = statistics.median((run.cpu("sink") + run.cpu("ventilator")) / run.cpu() for run in runs)
    say("share of both", f"{100 * share:.1f} %", "goal: 10 % or less")
    say("from the start of all processes to the first committed document",
        f"{1000 * statistics.median(run.first_commit for run in runs):.0f} ms")


def workers(options):
    print("Workers: the same source with 1, 2 and 4")
    for count in (1, 2, 4):
        runs = [Run(options.folder, options.source, count) for _ in range(max(1, options.rounds // 2))]
        text = options.text
        say(f"{count} worker{'s' * (count > 1)}", f"{statistics.median(text / run.seconds for run in runs):.2f} MB/s",
            f"{statistics.median(text / run.cpu() for run in runs):.2f} MB a second of processor time")


def sizes(options):
    print("Sizes: bytes of the record a byte of text")
    try:
        import msgpack  # pylint: disable=import-outside-toplevel
    except ImportError:
        say("Python's msgpack is missing (Debian: python3-msgpack)", "skipped")
        return
    run = Run(options.folder, options.source, 2)
    text, total, layers = 0, 0, {}
    for segment in sorted(run.corpus.glob("segment-*.msgpack")):
        total += segment.stat().st_size
        with open(segment, "rb") as file:
            for document in msgpack.Unpacker(file, max_buffer_size=0):
                text += len(document["text"].encode())
                for name, layer in document["layers"].items():
                    layers[name] = layers.get(name, 0) + len(msgpack.packb(layer))
    for name, size in sorted(layers.items()):
        say(name, f"{size / text:.4f}")
    say("all layers", f"{sum(layers.values()) / text:.4f}", "goal: 0.30 or less")
    say("the whole record beside its text (id, source, metadata, names too)", f"{(total - text) / text:.4f}")


def commit(options):
    print("Commits: to have records of 5,000 bytes on disk for good")
    for group, microseconds in run_json(TEST_PROGRAMS / "bench_commit", options.folder).items():
        say(f"{group} documents a commit", f"{microseconds:.1f} us", "a document")
    shutil.rmtree(options.folder / "commits")


def memory(options):
    count = options.memory_documents
    print(f"Memory: peak of each role in MB while documents pass, {count} without annotators")
    source = options.folder / "many.jsonl"
    make_many(options.folder, source, count)

    def flat(run):
        if run.documents() >= len(run.marks) * count / 4 and len(run.marks) < 4:
            run.note_peaks()
            run.marks.append(dict(run.peaks))

    def stop(*roles):
        def during(run):
            if not hasattr(run, "marks"):
                run.marks = []
                if "reader" in roles:
                    run.pids["reader"] = subprocess.Popen(
                        [PROGRAMS / "quotewire-follow", f"ipc://{run.folder}/follow"], stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL).pid
                    time.sleep(0.3)
                for role in roles:
                    os.kill(run.pids[role], signal.SIGSTOP)
            flat(run)
        return during

    for what, roles in (("nobody in the way", ()), ("a reader that never reads", ("reader",)),
                        ("a worker that never answers", ("worker-1",))):
        run = Run(options.folder, source, 2, worker=("--echo",), ventilator=("--lease-ms", "2000"), during=stop(*roles))
        if run.facts["documents"] != count:
            raise SystemExit(f"{run.facts['documents']} documents instead of {count}")
        for role in ("sink", "ventilator", "worker-0"):
            marks = " ".join(f"{mark[role]:.0f}" for mark in run.marks)
            say(f"{what}: {role} (at quarters: {marks})", f"{run.peak(role):.0f} MB", "goal: flat")
    source.unlink()
    run = Run(options.folder, options.source, 2)
    for role in ("sink", "ventilator", "worker"):
        say(f"with annotators, {run.facts['documents']} documents: {role}", f"{run.peak(role):.0f} MB")


def make_many(folder, path, count):
    """So many short articles, by giving others' texts new ids and a number of their own."""
    few = make_articles(folder / "few.jsonl", 1000, seed=7)
    texts = [json.loads(line)["text"][:1200] for line in few.read_text(encoding="utf-8").splitlines()]
    with open(path, "w", encoding="utf-8") as out:
        for i in range(count):
            out.write(json.dumps({"id": f"many-{i}", "text": f"{texts[i % len(texts)]} {i}."}) + "\n")


PARTS = {part.__name__: part for part in (messages, speed, workers, sizes, commit, memory)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, usage=argparse.SUPPRESS,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--documents", type=int, default=10000, help="articles to make up when there is no source")
    parser.add_argument("--memory-documents", type=int, default=200000)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between them")
    options = parser.parse_args()
    options.folder = pathlib.Path(tempfile.mkdtemp(prefix="qw", dir="/tmp"))
    try:
        if not options.source:
            options.source = make_articles(options.folder / "articles.jsonl", options.documents)
        with open(options.source, "rb") as lines:
            options.text = sum(len(json.loads(line)["text"].encode()) for line in lines) / 1e6  # MB
        for name in options.only.split(","):
            PARTS[name](options)
    finally:
        shutil.rmtree(options.folder)


if __name__ == "__main__":
    main()
