"""A reader with the Python client: reader.py (--from N | --state FILE) ENDPOINT. Lines of JSON on standard output."""
import argparse
import json
import os
import signal
import sys
import time

import quotewire

parser = argparse.ArgumentParser()
parser.add_argument("--from", type=int, default=0, dest="position")
parser.add_argument("--state")
parser.add_argument("endpoint")
options = parser.parse_args()
stopped = []
signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
with quotewire.follow(options.endpoint, options.position, state=options.state, key=os.environ.get("KEY_FILE")) as documents:
    while not stopped:
        document = documents.next(timeout=0.1)
        if document:
            sys.stdout.write(json.dumps(document.to_dict(place=True)) + "\n")
            sys.stdout.flush()
            time.sleep(int(os.environ["PAUSE_MS"]) / 1000)
