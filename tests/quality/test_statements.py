#!/usr/bin/env python3
"""How often near-duplicate quotations have the same statement, and how often different ones do.

The direct quotations of the sample articles, each put into an article of its own as the words of one speaker, are edited as
editors do; both forms are annotated. `--measure` prints the figures; `--corpus EXPORT.jsonl` measures on the quotations of
an exported corpus instead: there, two quotations of one speaker in different articles are near-duplicates when one has four
fifths of the other's words, and different when they share less than two fifths.
"""
import collections
import functools
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("QUOTEWIRE_BUILD", ROOT / "build"))
SPEAKER = "Maria Keller"


def annotated(texts):
    lines = "".join(json.dumps({"id": str(number), "text": text}) + "\n" for number, text in enumerate(texts))
    done = subprocess.run([PROGRAMS / "quotewire-annotate", "--models", ROOT / "workers" / "models"], input=lines,
                          stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@functools.cache
def quotations():
    """Words of one sentence or more, without their marks."""
    found = {}
    files = sorted((ROOT / "tests" / "articles").glob("*.txt"))
    for document in annotated(file.read_text(encoding="utf-8") for file in files):
        for quote in document["quotes"]:
            words = document["text"][quote["start"]:quote["end"]].strip("“”‘’\"'«» ").rstrip(",.")
            if quote["type"] == "direct" and len(words.split()) >= 8 and not re.search("[“”\"\n]", words):
                found[words] = None
    return list(found)


def change_word(words, chance):
    parts = words.split()
    places = [at for at, part in enumerate(parts) if len(part) > 4 and part[0].islower()]
    at = chance.choice(places or [0])
    parts[at] = chance.choice(["granite", "lanterns", "whispered", "orchards", "velvet"])
    return " ".join(parts)


def drop_word(words, chance):
    parts = words.split()
    places = [at for at, part in enumerate(parts[:-1]) if len(part) > 4 and part[0].islower()]
    del parts[chance.choice(places or [0])]
    return " ".join(parts)


def split_by_cue(words, _):
    comma = words.find(", ", len(words) // 4)
    if comma < 0 or not words[comma + 2].islower():
        return None
    return f"“{words[:comma]},” {SPEAKER} said, “{words[comma + 2:]}.”"


def first_sentence(words, _):
    found = re.match(r"(.{30,}?)\. [A-Z]", words)
    return found and f"“{found[1]},” {SPEAKER} said."


def simple(words):
    return f"“{words},” {SPEAKER} said."


# the edit, how it is made, and the share of edited quotations that must have the statement of the original
EDITS = (
    ("other marks, no comma inside", lambda words, _: f'"{words}", {SPEAKER} said.', 0.95),
    ("cue before, with a colon", lambda words, _: f"{SPEAKER} said: “{words}.”", 0.95),
    ("surname alone, named before", lambda words, _: f"{SPEAKER} chairs the board. “{words},” Keller said.", 0.9),
    ("reported: that ..., without marks",
     lambda words, _: f"{SPEAKER} said that {words}." if not re.search(r"[.?!;]", words) else None, 0.85),
    ("split by its cue", split_by_cue, 0.9),
    ("cut after its first sentence", first_sentence, 0.5),
    ("a sentence more behind it", lambda words, _: f"“{words}. Nobody can tell why,” {SPEAKER} said.", 0.85),
    ("commas left out", lambda words, _: simple(words.replace(",", "")), 0.95),
    ("one word changed", lambda words, chance: simple(change_word(words, chance)), 0.2),
    ("one word left out", lambda words, chance: simple(drop_word(words, chance)), 0.35),
)


def statements(document):
    return {quote["statement"] for quote in document["quotes"]} - {None}


def share_of_same(make):
    chance = random.Random(1)
    originals, edited = [], []
    for words in quotations():
        text = make(words, chance)
        if text:
            originals.append(simple(words))
            edited.append(text)
    pairs = list(zip(annotated(originals), annotated(edited)))
    return sum(bool(statements(one) & statements(other)) for one, other in pairs), len(pairs)


def shared_by_different():
    """Pairs of different quotations of the same speaker that share a statement, of all such pairs."""
    every = [statements(document) for document in annotated(map(simple, quotations()))]
    pairs = list(itertools.combinations(every, 2))
    return sum(bool(one & other) for one, other in pairs), len(pairs)


def measure_corpus(path):
    speakers = collections.defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file):
            document = json.loads(line)
            for quote in document["quotes"]:
                words = re.findall(r"\w+", document["text"][quote["start"]:quote["end"]].lower())
                if quote["entity"] and len(words) >= 8:
                    speakers[quote["entity"]].append((number, words, quote["statement"]))
    near = near_same = same = same_different = 0
    for quotes in speakers.values():
        by_gram = collections.defaultdict(set)  # only pairs with four words in a row, or the same statement, are looked at
        for at, (_, words, statement) in enumerate(quotes):
            by_gram[statement].add(at)
            for start in range(len(words) - 3):
                by_gram[tuple(words[start:start + 4])].add(at)
        pairs = {pair for group in by_gram.values() if len(group) < 40 for pair in itertools.combinations(sorted(group), 2)}
        for one, other in pairs:
            (here, a, statement), (there, b, its) = quotes[one], quotes[other]
            if here == there:
                continue
            common = sum((collections.Counter(a) & collections.Counter(b)).values())
            if common >= 0.8 * max(len(a), len(b)):
                near += 1
                near_same += statement == its
            if statement == its:
                same += 1
                same_different += common < 0.4 * min(len(a), len(b))
    print(f"near-duplicates: {near}, with the same statement: {near_same} ({100 * near_same / max(near, 1):.0f} %)")
    share = 100 * same_different / max(same, 1)
    print(f"pairs with the same statement: {same}, different words: {same_different} ({share:.0f} %)")


class Statements(unittest.TestCase):
    def test_edited_quotations_are_the_same_statement(self):
        for name, make, least in EDITS:
            with self.subTest(name):
                same, number = share_of_same(make)
                self.assertGreaterEqual(number, 20)
                self.assertGreaterEqual(same / number, least)

    def test_different_quotations_of_one_speaker_are_not(self):
        self.assertGreaterEqual(len(quotations()), 80)
        shared, pairs = shared_by_different()
        self.assertLessEqual(shared / pairs, 0.001)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--corpus"]:
        measure_corpus(sys.argv[2])
    elif sys.argv[1:] == ["--measure"]:
        for edit, made, _ in EDITS:
            alike, count = share_of_same(made)
            print(f"| {edit} | {count} | {100 * alike / count:.0f} |")
        print("different quotations that share a statement: %d of %d pairs" % shared_by_different())
    else:
        unittest.main()
