#!/usr/bin/env python3
"""How often the speaker is right, for each confidence. The confidences of sink/resolve/speakers_confidence.c were set by it.

    reliability.py [--by how] [--gold GOLD.jsonl --system SYSTEM.jsonl]

Counted are the quotations that the gold has too (half of the words shared) and whose speaker it settles: by name, or, for
speakers found by a name or by the mention's own words, by the words of the mention. A speaker who is none is not counted.
Without options, the texts of ../shared/data/quotes (or below QUOTEWIRE_GOLD) are annotated; they belong to other people and
are not part of this project. With --by, a row for each value of that member of a quotation in place of each confidence.
"""
import argparse
import collections
import importlib.util
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("QUOTEWIRE_GOLD", ROOT.parent / "shared"))
PROGRAMS = pathlib.Path(os.environ.get("QUOTEWIRE_BUILD", ROOT / "build"))
GOLD = ("quotes/polnear/dev.jsonl", "quotes/world/dev.jsonl")
BY_WORDS = ("name", "apposition", "text")  # where the mention's words settle who is meant


def lines_of(text):
    return [json.loads(line) for line in text.splitlines() if line]


def annotated(documents):
    texts = "".join(json.dumps({"id": document["id"], "text": document["text"]}) + "\n" for document in documents)
    done = subprocess.run([PROGRAMS / "quotewire-annotate", "--models", ROOT / "workers" / "models"], input=texts,
                          stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return lines_of(done.stdout)


def pairs(scorer, gold, system):
    """Our quotations beside those of the gold, the most alike first, each once."""
    words = scorer.Doc(gold["text"])

    def of(quote):
        return words.toks((quote["start"], quote["end"]))
    counted = [quote for quote in gold["quotes"] if not quote.get("ignore") and of(quote)]
    ours = [quote for quote in system["quotes"] if of(quote)]
    for at_gold, at_ours in scorer.pair(counted, ours, lambda a, b: len(of(a) & of(b)) / len(of(a) | of(b)), 0.5):
        yield counted[at_gold], ours[at_ours], words


def is_right(scorer, gold, ours, words):
    """True or False; None where the gold does not settle it."""
    if not ours["speaker"]:
        return None
    if gold.get("speaker"):
        names = [gold["speaker"], *(gold.get("speaker_aliases") or [])]
        return any(scorer.name_len(name, ours["speaker"]) for name in names)
    if ours["how"] not in BY_WORDS or not gold.get("speaker_mention"):
        return None
    meant = words.toks(gold["speaker_mention"]) | words.toks(gold.get("source_full") or gold["speaker_mention"])
    return bool(ours["speaker_mention"] and words.toks(ours["speaker_mention"]) & meant)


def table(scorer, gold, system, member):
    """Value of the member -> [quotations, of these with the right speaker]."""
    rows = collections.defaultdict(lambda: [0, 0])
    ours = {document["id"]: document for document in system}
    for document in gold:
        for theirs, quote, words in pairs(scorer, document, ours[document["id"]]):
            right = is_right(scorer, theirs, quote, words)
            if right is not None:
                rows[quote[member]][0] += 1
                rows[quote[member]][1] += right
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--by", default="confidence")
    parser.add_argument("--gold", type=pathlib.Path)
    parser.add_argument("--system", type=pathlib.Path)
    options = parser.parse_args()
    tool = SHARED / "tools" / "score_quotes.py"
    gold_files = [options.gold] if options.gold else [SHARED / "data" / name for name in GOLD]
    for needed in (tool, *gold_files):
        if not needed.is_file():
            print(f"skipped: {needed} is not there")
            return 77
    specification = importlib.util.spec_from_file_location("score_quotes", tool)
    scorer = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(scorer)
    total = collections.defaultdict(lambda: [0, 0])
    for file in gold_files:
        gold = lines_of(file.read_text(encoding="utf-8"))
        system = lines_of(options.system.read_text(encoding="utf-8")) if options.system else annotated(gold)
        for value, (number, right) in table(scorer, gold, system, options.by).items():
            total[value][0] += number
            total[value][1] += right
    print(f"| {options.by} | quotations | speaker right, % |\n|---|---|---|")
    for value, (number, right) in sorted(total.items(), reverse=True):
        print(f"| {value} | {number} | {100 * right / number:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
