#!/usr/bin/env python3
"""How fast the annotators are beside other programs for the same work, on the same text, in the same run, one core each.

usage: bench_peers.py [--peers NAME,...] [--rounds N] [--documents N] [--scratch DIR] [SOURCE]

SOURCE is a file of JSON lines; without one, the sample articles' paragraphs in many orders. Needs the programs of a release
build with benchmarks (QUOTEWIRE_BUILD, or build/), Node.js and npm; the peers are fetched into the scratch folder. Times are
processor seconds; tokens are ours for all, so that a ratio is one of times over the same text. Rounds take turns; medians.
What the peers find is not what is found here: no coreference, no speakers, and wink-nlp's entities are dates, amounts and
the like. Exit code 77: there is no peer to be had.
"""
import argparse
import itertools
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE / "peers")]
from harness import make_articles  # noqa: E402  pylint: disable=wrong-import-position
from pipeline import MODELS, TEST_PROGRAMS  # noqa: E402  pylint: disable=wrong-import-position
import peers  # noqa: E402  pylint: disable=wrong-import-position

OURS = ("tokens", "tokens, entities", "tokens, entities, quotes")  # by their number of layers less one
THEIRS = (("wink-nlp", "tokens", 0), ("wink-nlp", "entities", 1), ("compromise", "tokens", 0), ("compromise", "entities", 1),
          ("compromise", "quotes", 2))
GOALS = {("wink-nlp", "entities"): 10, ("compromise", "quotes"): 200}


def ours(source, layers):
    """Processor seconds for the source, and its tokens."""
    done = subprocess.run([TEST_PROGRAMS / "bench_fused", MODELS, source, "5", "100", str(layers)], check=True,
                          stdout=subprocess.PIPE)
    facts = json.loads(done.stdout)
    return facts["megabytes"] / facts["mb_per_cpu_second"], facts["tokens"]


def row(what, seconds, tokens, rest=""):
    print(f"  {what:<40} {tokens / seconds / 1e6:9.3f} M tokens/s  {rest}".rstrip(), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="wink-nlp,compromise", metavar="NAME,...")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--documents", type=int, default=300, help="only so many of the source (default: %(default)s)")
    parser.add_argument("--scratch", type=pathlib.Path, help="keep the peers here (default: a folder that goes away)")
    parser.add_argument("source", nargs="?", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qw", dir="/tmp") as folder:
        folder = pathlib.Path(folder)
        scratch = options.scratch or folder
        chosen = [peer for peer in THEIRS if peer[0] in options.peers.split(",")]
        try:
            peers.install(scratch, {name for name, _, _ in chosen})
        except peers.Missing as missing:
            print(f"skipped: {missing}")
            return 77
        articles = folder / "articles.jsonl"
        if options.source:
            with open(options.source, encoding="utf-8") as lines, open(articles, "w", encoding="utf-8") as out:
                out.writelines(itertools.islice(lines, options.documents))
        else:
            make_articles(articles, options.documents)
        times = {}
        for _ in range(options.rounds):
            for layers in (1, 2, 3):
                seconds, tokens = ours(articles, layers)
                times.setdefault(layers - 1, []).append(seconds)
            for name, mode, layers in chosen:
                facts = peers.measure(scratch, name, mode, articles, 1)
                times.setdefault((name, mode), []).append(facts["seconds"][0] / times[layers][-1])
                times.setdefault(name, []).append(facts["version"])
        ours_by_layers = [statistics.median(times[layers]) for layers in range(3)]
        print(f"{options.documents} articles, {tokens} tokens, {options.rounds} rounds, one core")
        for layers, what in enumerate(OURS):
            row(what, ours_by_layers[layers], tokens, "goal: 3 or more" if layers == 2 else "")
        more = statistics.median(b / a - 1 for a, b in zip(times[1], times[2]))
        print(f"  quotes on top: {more:.2f} of the time for tokens and entities")
        for name, mode, layers in chosen:
            ratio = statistics.median(times[name, mode])
            goal = f", goal: {GOALS[name, mode]} or more" if (name, mode) in GOALS else ""
            row(f"{name} {times[name][0]}: {mode}", ours_by_layers[layers] * ratio, tokens,
                f"{ratio:.1f} times as long as {OURS[layers]}{goal}")
            if (name, mode) == ("wink-nlp", "entities"):
                all_of = statistics.median(r * a / b for r, a, b in zip(times[name, mode], times[1], times[2]))
                print(f"  {'':<40} {'':9}              {all_of:.1f} times as long as {OURS[2]}{goal}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
