#!/usr/bin/env python3
"""What readers get, and what they cost: the stream beside the file, slow readers beside a fast one, articles over HTTP.

usage: bench_readers.py [--rounds N] [--documents N] [--only PART,...]

Needs the programs of a release build (QUOTEWIRE_BUILD, or build/); slow readers need Python's msgpack and zmq. Parts: follow,
slow, serve. What is compared takes turns in several rounds; medians.
"""
import argparse
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench_pipeline import PROGRAMS, Run, make_articles, say  # noqa: E402  pylint: disable=wrong-import-position

SLOW, CREDIT, TURN = 100, 65536, 1.0  # readers; bytes that each lets be under way; seconds between two messages taken


def cpu_of(pid):
    """Processor seconds of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---- the stream beside the file ----------------------------------------------------------------------------------------------

def follow(options):
    print("Follow: everything in the corpus over the sink's socket, beside reading its files")
    run = Run(options.folder, options.source, 2)
    segments = sorted(run.corpus.glob("segment-*.msgpack"))
    size = sum(path.stat().st_size for path in segments) / 1e6
    endpoint = f"ipc://{options.folder}/again"
    sink = subprocess.Popen([PROGRAMS / "quotewire-sink", "--corpus", run.corpus, "--control", endpoint + "-c", "--results",
                             endpoint + "-r", "--follow", endpoint], stderr=subprocess.DEVNULL)
    times = {"file": [], "checked": [], "stream": []}
    commands = {"file": ["cat", *segments], "checked": [PROGRAMS / "quotewire-corpus", "check", run.corpus],
                "stream": [PROGRAMS / "quotewire-follow", "--no-wait", "--format", "msgpack", endpoint]}
    for _ in range(options.rounds + 1):
        for name, command in commands.items():
            began = time.monotonic()
            with open(options.folder / "out", "wb") as out:
                subprocess.run([str(part) for part in command], stdout=out, check=True)
            times[name].append(time.monotonic() - began)
            if name == "stream" and (options.folder / "out").stat().st_size != round(size * 1e6):
                raise SystemExit("the stream is not the file")
    sink.terminate()
    sink.wait()
    rates = {name: size / statistics.median(took[1:]) for name, took in times.items()}  # the first round fills caches
    say(f"cat of the segments, {size:.0f} MB, into a file", f"{rates['file']:.0f} MB/s")
    say("every record read and checked", f"{rates['checked']:.0f} MB/s")
    say("the stream, every record checked by its reader, into a file", f"{rates['stream']:.0f} MB/s")
    say("stream / checked", f"{rates['stream'] / rates['checked']:.2f}")
    say("stream / cat", f"{rates['stream'] / rates['file']:.2f}")


# ---- slow readers ------------------------------------------------------------------------------------------------------------

def read_slowly(endpoint, count):
    """So many readers of which each takes a message a second, until it is killed."""
    import msgpack  # pylint: disable=import-outside-toplevel
    import zmq  # pylint: disable=import-outside-toplevel
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 4 * count)
    readers = []
    for i in range(count):
        reader = context.socket(zmq.DEALER)
        reader.connect(endpoint)
        reader.send(b"QW\x01\x01" + msgpack.packb({"role": 4, "version_min": 1, "version_max": 1, "life": i + 1, "name": "slow"}))
        reader.send(b"QW\x01\x40" + msgpack.packb({"position": 0, "credit": CREDIT}))
        readers.append([reader, 0])
    while True:
        for entry in readers:
            reader, position = entry
            while reader.poll(0):
                frames = reader.recv_multipart()
                if frames[0][3] == 0x41:
                    entry[1] = position = position + msgpack.unpackb(frames[0][4:])["count"]
                    break
            reader.send(b"QW\x01\x40" + msgpack.packb({"position": position, "credit": CREDIT}))
        time.sleep(TURN)


def slow(options):
    print(f"Slow readers: a run with a fast reader, without and with {SLOW} that take a message a second")
    try:
        import msgpack, zmq  # noqa: E401,F401  pylint: disable=import-outside-toplevel,unused-import,multiple-imports
    except ImportError:
        say("Python's msgpack and zmq are missing (Debian: python3-msgpack, python3-zmq)", "skipped")
        return
    runs = {0: [], SLOW: []}
    for _ in range(options.rounds):
        for count, done in runs.items():
            started = []

            def join(run, count=count, started=started):
                if started:
                    return
                endpoint = f"ipc://{run.folder}/follow"
                started.append(subprocess.Popen([PROGRAMS / "quotewire-follow", "--format", "msgpack", endpoint],
                                                stdout=open(options.folder / "out", "wb"), stderr=subprocess.DEVNULL))
                if count:
                    process = multiprocessing.Process(target=read_slowly, args=(endpoint, count))
                    process.start()
                    started.append(process)
            run = Run(options.folder, options.source, 2, during=join)
            size = sum(path.stat().st_size for path in run.corpus.glob("segment-*.msgpack"))
            run.behind = size - (options.folder / "out").stat().st_size
            for process in started:
                process.kill()
                getattr(process, "wait", getattr(process, "join", None))()
            done.append(run)
    for count, done in runs.items():
        what = f"with {count} slow readers" if count else "without"
        say(f"{what}: documents a second", f"{statistics.median(run.facts['documents'] / run.seconds for run in done):.0f}")
        say(f"{what}: processor seconds of the sink", f"{statistics.median(run.cpu('sink') for run in done):.2f}")
        say(f"{what}: memory of the sink", f"{max(run.peak('sink') for run in done):.0f} MB")
        say(f"{what}: bytes that the fast one lacks at the end", f"{max(run.behind for run in done)}")
    pairs = list(zip(runs[SLOW], runs[0]))
    say("run with slow readers / without, by the clock", f"{statistics.median(a.seconds / b.seconds for a, b in pairs):.2f}",
        "goal: 1.05 or less")
    say("sink's processor time with / without", f"{statistics.median(a.cpu('sink') / b.cpu('sink') for a, b in pairs):.2f}")


# ---- articles over HTTP ------------------------------------------------------------------------------------------------------

def receive(connection):
    data = connection.recv(1 << 18)
    if not data:
        raise SystemExit("the server hung up")
    return data


def ask(port, paths, seconds, results):
    """Asks for the paths in turn on one connection that is kept, for so long."""
    requests = [f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for path in paths]
    done = size = 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connection.sendall(requests[done % len(requests)])
            data = b""
            while b"\r\n\r\n" not in data:
                data += receive(connection)
            head, _, body = data.partition(b"\r\n\r\n")
            left = int(re.search(rb"(?i)content-length: (\d+)", head).group(1)) - len(body)
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            size += left + len(body)
            while left > 0:
                left -= len(receive(connection))
            done += 1
    results.put((done, size))


def serve(options):
    print("Serve: articles with all annotations as JSON, beside a file of the page of about that size; 4 connections")
    run = Run(options.folder, options.source, 2)
    log = open(options.folder / "serve.log", "w+", encoding="utf-8")
    server = subprocess.Popen([PROGRAMS / "quotewire-serve", run.corpus, "--listen", "127.0.0.1:0"], stderr=log)
    while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/", (options.folder / "serve.log").read_text(encoding="utf-8"))):
        time.sleep(0.05)
    port, count, indexed = int(found.group(1)), run.facts["documents"], 0
    while indexed < count:
        with socket.create_connection(("127.0.0.1", port)) as one:
            one.sendall(b"GET /api/v1/summary HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            indexed = json.loads(b"".join(iter(lambda: one.recv(65536), b"")).partition(b"\r\n\r\n")[2])["indexed"]
        time.sleep(0.2)
    kinds = {"article": [f"/api/v1/documents/{i * 37 % count}" for i in range(200)], "file": ["/assets/style.css"],
             "quotations of a search": ["/api/v1/quotes?q=minister&limit=20"]}
    rates = {name: [] for name in kinds}
    for _ in range(options.rounds):
        for name, paths in kinds.items():
            results, before = multiprocessing.Queue(), cpu_of(server.pid)
            clients = [multiprocessing.Process(target=ask, args=(port, paths, 2.0, results)) for _ in range(4)]
            for client in clients:
                client.start()
            got = [results.get() for _ in clients]
            for client in clients:
                client.join()
            done = sum(one for one, _ in got)
            rates[name].append((done / 2.0, done / max(0.01, cpu_of(server.pid) - before), sum(size for _, size in got) / done))
    server.terminate()
    server.wait()
    log.close()
    for name, all_rounds in rates.items():
        by_clock, by_cpu, size = map(statistics.median, zip(*all_rounds))
        say(f"{name}, {size / 1000:.1f} KB", f"{by_clock:.0f} requests/s", f"{by_cpu:.0f} a second of the server's processor time")
    say("article / file, by the server's processor time",
        f"{statistics.median(a[1] / b[1] for a, b in zip(rates['article'], rates['file'])):.2f}")


PARTS = {part.__name__: part for part in (follow, slow, serve)}


def main():
    parser = argparse.ArgumentParser(description="Measures readers.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--documents", type=int, default=10000)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between them")
    options = parser.parse_args()
    options.folder = pathlib.Path(tempfile.mkdtemp(prefix="qw", dir="/tmp"))
    try:
        options.source = make_articles(options.folder / "articles.jsonl", options.documents)
        for name in options.only.split(","):
            PARTS[name](options)
    finally:
        shutil.rmtree(options.folder)


if __name__ == "__main__":
    main()
