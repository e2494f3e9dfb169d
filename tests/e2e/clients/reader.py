"""A reader with the Python client: reader.py (--from N | --state FILE) ENDPOINT [--count N]. Lines of JSON on standard output."""
import argparse
import json
import signal
import sys

import quotewire

parser = argparse.ArgumentParser()
parser.add_argument("--from", type=int, default=0, dest="position")
parser.add_argument("--state")
parser.add_argument("--count", type=int, default=-1)
parser.add_argument("endpoint")
options = parser.parse_args()
stopped = []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
with quotewire.follow(options.endpoint, options.position, state=options.state) as documents:
    while not stopped and options.count != 0:
        document = documents.next(timeout=0.1)
        if document:
            sys.stdout.write(json.dumps(document.to_dict(place=True)) + "\n")
            sys.stdout.flush()
            options.count -= 1
