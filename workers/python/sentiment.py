#!/usr/bin/env python3
"""A worker that adds a layer: how positive each quotation is. A template: put your own model in the place of `vader`.

    quotewire run --from news.corpus --layers sentiment --corpus new.corpus --worker 'python3 sentiment.py'

Needs pyzmq and msgpack, and vaderSentiment; `--spacy PIPELINE` takes the text categories of a spaCy pipeline instead.
"""
import argparse
import os
import random
import time

import msgpack
import zmq

HELLO, WELCOME, ERROR, HEARTBEAT, BYE, TASK, DONE, RESULT = 1, 2, 3, 4, 5, 16, 17, 32


def vader():
    """A model is its name, and a function from a text to any value: here from -1 to 1, by a lexicon of English."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    analyzer = SentimentIntensityAnalyzer()
    return "sentiment/vader", lambda text: analyzer.polarity_scores(text)["compound"]


def categories(name):
    """The categories of a spaCy pipeline with a text categorizer, each with its share."""
    import spacy
    pipeline = spacy.load(name)
    return (f"sentiment/{pipeline.meta['name']} {pipeline.meta['version']}",
            lambda text: {category: round(share, 4) for category, share in sorted(pipeline(text).cats.items())})


def spans(chunk):
    """(start, length) of what is to be scored: each quotation, or each paragraph where there are no quotations yet."""
    start = 0
    for quote in chunk.get("layers", {}).get("quotes", {}).get("quotes", []):
        start += quote[0]
        yield start, quote[1]
    for gap, length, _role in zip(*3 * [iter([] if "layers" in chunk else chunk["structure"])]):
        yield start + gap, length
        start += gap + length


def annotate(model, chunk):
    """The layer of one chunk: any value that MessagePack has. Offsets count code points of the chunk."""
    by, score = model
    return {"by": by, "scores": [[at, length, score(chunk["text"][at:at + length])] for at, length in spans(chunk)]}


def send(socket, kind, body):
    socket.send(b"QW\x01" + bytes([kind]) + msgpack.packb(body))


def receive(socket, seconds):
    if not socket.poll(max(0, int(1000 * seconds))):
        return None, {}
    frame = socket.recv()
    return (frame[3], msgpack.unpackb(frame[4:])) if frame[:3] == b"QW\x01" else (None, {})


def work(tasks, results, endpoint, layer, model):
    """One conversation with a ventilator; True when the run is over."""
    tasks.linger, results.linger = 0, 5000
    tasks.connect(endpoint)
    send(tasks, HELLO, {"role": 2, "version_min": 1, "version_max": 1, "life": random.getrandbits(63) | 1,
                        "name": f"{layer}.{os.getpid()}", "process": os.getpid(), "layers": [layer], "credit": 2})
    kind, welcome = receive(tasks, 5)
    if kind != WELCOME:
        return False
    results.connect(welcome["endpoint"])
    beat = welcome["heartbeat_ms"] / 1000
    heard = due = time.monotonic()
    while time.monotonic() - heard < 10 * beat:
        if time.monotonic() >= due:
            send(tasks, HEARTBEAT, {"credit": 2})
            due = time.monotonic() + beat
        kind, body = receive(tasks, due - time.monotonic())
        heard = heard if kind is None else time.monotonic()
        if kind == TASK:
            chunks = [{"sequence": chunk["sequence"], "chunk": chunk["chunk"], "layers": {layer: annotate(model, chunk)}}
                      for chunk in body["chunks"]]
            send(results, RESULT, {"session": body["session"], "task": body["task"], "layers": [layer], "chunks": chunks})
            send(tasks, DONE, {"task": body["task"]})
        elif kind in (ERROR, BYE):
            return body.get("drain", False)
    return False


parser = argparse.ArgumentParser()
parser.add_argument("--layer", default="sentiment")
parser.add_argument("--spacy", metavar="PIPELINE")
parser.add_argument("endpoint", help="where tasks are; `quotewire run --worker` adds it")
options = parser.parse_args()
chosen, over = categories(options.spacy) if options.spacy else vader(), False
while not over:
    with zmq.Context.instance().socket(zmq.DEALER) as one, zmq.Context.instance().socket(zmq.DEALER) as other:
        over = work(one, other, options.endpoint, options.layer, chosen)
    time.sleep(0 if over else random.uniform(0.2, 1))
