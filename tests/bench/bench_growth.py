#!/usr/bin/env python3
"""How the pipeline grows with its workers, and where it ends: which role is the limit, and how many machines make sense.

usage: bench_growth.py [--documents N] [--cost-ms N] [--rounds N] [--only ipc|tcp] [--cores N]

Workers here sleep for so long a document instead of annotating it, so that hundreds of them fit on two cores, and then send what
real workers have found in a run before; the corpus must come out the same. Efficiency is the documents a second,
in the middle of the run, of what so many workers would make that never wait. What sink and ventilator cost is processor time, so it holds on machines that others use too; the
ceiling of each is what its busiest thread would do alone on a core.

Needs the programs of a release build (QUOTEWIRE_BUILD, or build/) and many_workers (QUOTEWIRE_TEST_PROGRAMS, or build/tests).
"""
import argparse
import itertools
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from harness import make_articles  # pylint: disable=wrong-import-position
from pipeline import MODELS, PROGRAMS, TEST_PROGRAMS, corpus_bytes  # pylint: disable=wrong-import-position

WORKERS = (1, 2, 4, 8, 64, 256)
SECONDS = 5        # that a run should take
TOGETHER = 3       # articles of make_articles in one here: about as long as news articles are
ALONE = ("--task-bytes", "1")  # every task has one document
CREDIT = 2
TICK = os.sysconf("SC_CLK_TCK")


def thread_seconds(pid):
    """Processor time of each thread of a process."""
    found = []
    for task in pathlib.Path("/proc", str(pid), "task").iterdir():
        fields = (task / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        found.append((int(fields[11]) + int(fields[12])) / TICK)
    return found


class Run:
    """A run over a source; `workers` is a function of the folder and the ports that starts them and returns processes."""

    def __init__(self, folder, source, keys, workers, ventilator=()):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.corpus = folder / "corpus"
        control = f"ipc://{folder}/control"
        if keys:
            tasks, results = "tcp://127.0.0.1:7491", "tcp://127.0.0.1:7492"
            more = ["--keys", keys]
        else:
            tasks, results, more = f"ipc://{folder}/tasks", f"ipc://{folder}/results", []
        with open(folder / "log", "wb") as log:
            def start(program, *options):
                return subprocess.Popen([str(part) for part in (program, *options)], stderr=log, stdout=subprocess.PIPE, encoding="utf-8")
            sink = start(PROGRAMS / "quotewire-sink", "--corpus", self.corpus, "--control", control, "--results", results, *more)
            ventilator = start(PROGRAMS / "quotewire-ventilator", "--tasks", tasks, "--control", control, "--chunk-bytes", "1M",
                               *ventilator, *more, source)
            processes = workers(start, tasks)
            self.threads = {}
            while ventilator.poll() is None:
                for name, process in (("sink", sink), ("ventilator", ventilator)):
                    try:
                        self.threads[name] = thread_seconds(process.pid)
                    except OSError:
                        pass
                time.sleep(0.02)
            self.worker_seconds = 0.0
            for process in processes:  # they hear from the ventilator that it is over
                usage = os.wait4(process.pid, 0)[2]
                self.worker_seconds += usage.ru_utime + usage.ru_stime
            self.said = [process.stdout.read() for process in processes]
            sink.terminate()
            sink.wait()
            if ventilator.returncode != 0:
                raise SystemExit(f"the ventilator ended with {ventilator.returncode}: {folder}/log")

    def cpu(self, role):
        return sum(self.threads[role])

    def busiest(self, role):
        return max(self.threads[role])


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.sources, self.references = {}, {}
        self.keys = folder / "keys"
        self.key = subprocess.run([PROGRAMS / "quotewire-keys", "--keys", self.keys, "new", "worker", "w"], check=True, capture_output=True,
                                  encoding="utf-8").stdout.strip()

    def source(self, documents):
        """A source of so many documents, and the corpus that real workers have made of it."""
        if documents not in self.sources:
            parts = make_articles(self.folder / "parts.jsonl", TOGETHER * documents).read_text(encoding="utf-8").splitlines()
            source = self.folder / f"{documents}.jsonl"
            with open(source, "w", encoding="utf-8") as out:
                for at in range(0, len(parts), TOGETHER):
                    texts = [json.loads(part)["text"] for part in parts[at:at + TOGETHER]]
                    out.write(json.dumps({"id": f"article-{at}", "text": "\n\n".join(texts)}) + "\n")

            def real(start, tasks):
                return [start(PROGRAMS / "quotewire-worker", "--once", "--connect", tasks, "--models", MODELS) for _ in range(2)]
            run = Run(self.folder / "real", source, None, real)
            corpus = self.folder / f"{documents}.corpus"
            os.rename(run.corpus, corpus)
            self.sources[documents] = (source, corpus)
            self.references[documents] = run
        return self.sources[documents]

    def run(self, documents, workers, cost_us, keys, ventilator=()):
        """A run with workers that sleep. Returns it, and the documents a second."""
        source, corpus = self.source(documents)

        def sleepers(start, tasks):
            return [start(TEST_PROGRAMS / "many_workers", "--connect", tasks, "--corpus", corpus, "--workers", workers, "--cost-us", cost_us,
                          "--documents", documents, "--credit", CREDIT, *(("--key", self.key) if keys else ()))]
        run = Run(self.folder / "run", source, self.keys if keys else None, sleepers, ventilator)
        chunks, rate = run.said[0].split()
        if int(chunks) < documents or corpus_bytes(run.corpus) != corpus_bytes(corpus):
            raise SystemExit(f"the corpus is not what real workers made: {self.folder}")
        return run, float(rate)

    def growth(self, keys):
        print(f"\n{'tcp, with keys' if keys else 'ipc'}: workers that take {self.options.cost_ms} ms a document")
        print(f"{'workers':>9} {'documents/s':>12} {'efficiency':>11}   processor time a document, us: {'sink':>6} {'ventilator':>11}")
        for workers in WORKERS:
            ideal = workers * 1000 / self.options.cost_ms
            documents = max(50, min(self.options.documents, int(ideal * SECONDS)))
            rounds = [self.run(documents, workers, 1000 * self.options.cost_ms, keys, ALONE) for _ in range(self.options.rounds)]
            rate = statistics.median(rate for _, rate in rounds)
            costs = [statistics.median(run.cpu(role) * 1e6 / documents for run, _ in rounds) for role in ("sink", "ventilator")]
            print(f"{workers:>9} {rate:>12.0f} {rate / ideal:>11.2f} {'':>34} {costs[0]:>6.0f} {costs[1]:>11.0f}", flush=True)

    def ceiling(self, keys):
        """What each role could do at most; the workers take no time at all."""
        documents = self.options.documents
        rounds = [self.run(documents, 8, 0, keys)[0] for _ in range(self.options.rounds)]
        limits = {}
        for role in ("sink", "ventilator"):
            limits[role] = statistics.median(documents / run.busiest(role) for run in rounds)
            cost = statistics.median(run.cpu(role) * 1e6 / documents for run in rounds)
            print(f"  {role:<12} {cost:>6.0f} us a document in all its threads; its busiest thread alone on a core: "
                  f"{limits[role]:>8.0f} documents/s")
        return limits

    def sizing(self, limits):
        documents = self.options.documents
        worker = self.references[documents].worker_seconds / documents
        least = min(limits, key=limits.get)
        size = pathlib.Path(self.sources[documents][0]).stat().st_size / documents
        cores = self.options.cores
        print(f"\nArticles of {size:.0f} octets; a core of workers makes {1 / worker:.0f} a second, the {least} passes {limits[least]:.0f}: "
              f"one pipeline feeds {limits[least] * worker:.1f} cores.")
        print(f"{'machines of ' + str(cores) + ' cores':>24} {'workers make, a day':>22} {'one pipeline, a day':>21} {'pipelines wanted':>17}")
        for machines in (1, 10, 100):
            made = machines * cores / worker
            print(f"{machines:>24} {made * 86400:>22,.0f} {min(made, limits[least]) * 86400:>21,.0f} {-(-made // limits[least]):>17.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=25000, help="in the longest run (25000)")
    parser.add_argument("--cost-ms", type=int, default=100, help="what a document takes a worker (100)")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=("ipc", "tcp"))
    parser.add_argument("--cores", type=int, default=16, help="of a machine, in the table (16)")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="qw", dir="/tmp"))
    try:
        bench = Bench(options, folder)
        for keys in itertools.filterfalse(lambda keys: options.only == ("ipc" if keys else "tcp"), (False, True)):
            bench.growth(keys)
            print("\nat full speed:")
            limits = bench.ceiling(keys)
            bench.sizing(limits)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
