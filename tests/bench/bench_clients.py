#!/usr/bin/env python3
"""Readers of a corpus, each against a plain loop of msgpack over the same file in the same run: bench_clients.py CORPUS.

    open     every document's text                        follow   the same through a sink, from position 0
    quotes   and its quotations                            all      everything that is known of it

Prints the median of five rounds, in documents a second of this process's own time, and the share of what the plain loop does
(which has maps and lists, and octets for tokens, checks nothing, and cannot follow). Needs the packages of the Python client."""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build"
sys.path.insert(0, str(ROOT / "clients" / "python" / "src"))

import msgpack  # noqa: E402

import quotewire  # noqa: E402

ROUNDS = 5


def plain(corpus):
    count = 0
    for segment in sorted(pathlib.Path(corpus).glob("segment-*.msgpack")):
        with open(segment, "rb") as file:
            for document in msgpack.Unpacker(file, max_buffer_size=0):
                count += bool(document["id"])
    return count


def texts(corpus):
    return sum(1 for document in quotewire.open(corpus) if document.id)


def quotes(corpus):
    return sum(1 for document in quotewire.open(corpus) if document.quotes is not None)


def everything(corpus):
    return sum(1 for document in quotewire.open(corpus)
               if None not in (document.tokens, document.entities, document.quotes, document.structure))


def follow(endpoint):
    with quotewire.follow(endpoint, wait=False) as documents:
        return sum(1 for _ in documents)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    corpus = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="qw") as folder:
        endpoint = f"ipc://{folder}/follow"
        with subprocess.Popen([PROGRAMS / "quotewire-sink", "--corpus", corpus, "--control", f"ipc://{folder}/control", "--results",
                               f"ipc://{folder}/results", "--follow", endpoint], stderr=subprocess.DEVNULL) as sink:
            readers = {"plain msgpack": (plain, corpus), "open": (texts, corpus), "open, quotes": (quotes, corpus),
                       "open, all": (everything, corpus), "follow": (follow, endpoint)}
            took = {name: [] for name in readers}
            counts = set()
            for _ in range(ROUNDS):
                for name, (read, where) in readers.items():
                    began = time.process_time()
                    counts.add(read(where))
                    took[name].append(time.process_time() - began)
            sink.terminate()
    if len(counts) != 1:
        sys.exit(f"they do not have the same documents: {counts}")
    count, base = counts.pop(), statistics.median(took["plain msgpack"])
    for name, seconds in took.items():
        median = statistics.median(seconds)
        print(f"{name:18} {count / median:9,.0f} documents/s  {base / median:5.2f}")


if __name__ == "__main__":
    main()
