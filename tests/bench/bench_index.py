#!/usr/bin/env python3
"""How fast a corpus leaves into other formats and into the index, with how much memory, and how fast the index answers.

    bench_index.py [CORPUS] [--documents N] [--formats LIST]

Without a CORPUS it makes one of N generated articles (2,000). Speeds are of text, and stand beside that of JSON lines in the
same run; memory is the most that the process had. Programs are those of QUOTEWIRE_BUILD (build/ here)."""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
import generator  # noqa: E402

PROGRAMS = pathlib.Path(os.environ.get("QUOTEWIRE_BUILD", ROOT / "build")).resolve()
QUESTIONS = {"the newest": ["query"], "a speaker": ["query", "Ada Brandt"], "words": ["query", "--said", "winter bridge"],
             "a phrase, some months": ["query", "--said", '"no answer"', "--since", "2014", "--until", "2014-06"],
             "who is quoted most": ["speakers"], "who of those with words": ["speakers", "--said", "bridge"],
             "distinct": ["query", "--distinct"], "entities": ["entities"]}


def timed(command, out=subprocess.DEVNULL):
    """(seconds, seconds of the processor, MB of memory at most) of a process."""
    began = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=out)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} ended with {status}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--formats", default="jsonl,conllu,brat,webanno,tei,csv")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qwbench") as folder:
        folder = pathlib.Path(folder)
        corpus = options.corpus
        if not corpus:
            corpus = folder / "corpus"
            source = generator.write(folder / "articles.jsonl", options.documents)
            subprocess.call([ROOT / "deploy" / "quotewire", "run", source, "--corpus", corpus, "--quiet"])
        summary = json.loads(subprocess.check_output([PROGRAMS / "quotewire-corpus", "summary", "--json", corpus]))
        texts = 0
        with subprocess.Popen([PROGRAMS / "quotewire-corpus", "export", corpus], stdout=subprocess.PIPE) as exporter:
            for line in exporter.stdout:
                texts += len(json.loads(line)["text"].encode())
        print(f"{summary['documents']} documents, {texts / 1e6:.1f} MB of text, {summary['quotes']} quotations\n")
        print(f"{'export':10} {'MB/s':>8} {'of jsonl':>9} {'MB at most':>11}")
        first = None
        for name in options.formats.split(","):
            output = folder / name
            into = ["--output", output] if name == "brat" else []
            runs = [timed([PROGRAMS / "quotewire-corpus", "export", corpus, "--format", name, *into]) for _ in range(3)]
            speed = texts / 1e6 / statistics.median(run[1] for run in runs)
            first = first or speed
            print(f"{name:10} {speed:8.1f} {speed / first:9.2f} {max(run[2] for run in runs):11.1f}", flush=True)
            shutil.rmtree(output, ignore_errors=True)
        db = folder / "index.sqlite"
        seconds, processor, memory = timed([PROGRAMS / "quotewire-index", "update", corpus, "--db", db, "--quiet"])
        print(f"\nindex      {summary['documents'] / processor:8.0f} documents for each second of the processor, "
              f"{summary['documents'] / seconds:.0f} by the clock;\n           {memory:.1f} MB at most; "
              f"{db.stat().st_size / texts:.2f} bytes for each byte of text; "
              f"jsonl is {texts / 1e6 / first / processor:.2f} of its time\n")
        empty = statistics.median(timed([PROGRAMS / "quotewire-index", "--version"])[0] for _ in range(5))
        for name, question in QUESTIONS.items():
            runs = [timed([PROGRAMS / "quotewire-index", question[0], *question[1:], "--db", db])[0] for _ in range(5)]
            print(f"{name:24} {1000 * (statistics.median(runs) - empty):8.1f} ms")


if __name__ == "__main__":
    main()
