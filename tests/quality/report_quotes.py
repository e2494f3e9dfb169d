#!/usr/bin/env python3
"""How good the quotations are, by type, by kind of mention, and what kinds of errors are left: tables for docs/quotes.md.

report_quotes.py [--errors KIND]

With --errors, the errors of one kind (its number) are printed instead, to look at. The texts of ../shared/data/quotes (or
below QUOTEWIRE_GOLD) are annotated; they belong to other people and are not part of this project. Beliefs and wishes are not
counted.
"""
import argparse
import collections
import importlib.util
import json
import subprocess
import sys

from reliability import SHARED, annotated, lines_of

GOLD = {"PolNeAR, dev": "quotes/polnear/dev.jsonl", "world press": "quotes/world/dev.jsonl",
        "five articles": "quotes/seeds/gold.jsonl"}
PRONOUNS = {"he", "she", "it", "they", "who", "which", "i", "we", "you", "that", "his", "her", "their", "its"}
NEAR = 4  # code points that begin and end may be off and count as the same place
KINDS = ("no cue of it was taken for one", "found, but nobody said it", "ends too late", "ends too early",
         "begins elsewhere", "the cue's other side, or one of two parts", "has no cue, and was taken for no quotation",
         "lost in the quotation of another cue", "speaker: of a pronoun", "speaker: of a name", "speaker: of a description",
         "speaker: nobody is named beside it")


def mention_kind(text, mention, entities):
    if not mention:
        return "none"
    words = text[mention[0]:mention[1]]
    if words.lower() in PRONOUNS:
        return "pronoun"
    named = any(entity["start"] < mention[1] and mention[0] < entity["end"] and entity["entity"] for entity in entities)
    return "name" if named else "description"


class Article:
    """One article's quotations of the gold and ours, and which of them are pairs."""

    def __init__(self, scorer, gold, system):
        self.text, self.entities = gold["text"], system["entities"]
        words = scorer.Doc(self.text)
        self.tokens = words.toks

        def of(quote):
            return words.toks((quote["start"], quote["end"]))

        def is_counted(quote):
            return not quote.get("ignore") and quote.get("speech") is not False and of(quote)
        self.gold = [quote for quote in gold["quotes"] if is_counted(quote)]
        ignored = [quote for quote in gold["quotes"] if not is_counted(quote) and of(quote)]

        def near(quote, others):
            return max((len(of(quote) & of(other)) / len(of(quote) | of(other)) for other in others), default=0)
        self.ours = [quote for quote in system["quotes"] if of(quote) and not (
            near(quote, ignored) > near(quote, self.gold)
            and max((len(of(quote) & of(other)) / len(of(quote)) for other in ignored), default=0) >= 0.5)]
        self.pairs = scorer.pair(self.gold, self.ours, lambda a, b: len(of(a) & of(b)) / len(of(a) | of(b)), 0.5)
        self.scorer, self.of = scorer, of

    def is_right(self, gold, ours):
        if gold.get("speaker"):
            names = [gold["speaker"], *(gold.get("speaker_aliases") or [])]
            return any(self.scorer.name_len(name, ours["speaker"]) for name in names)
        if not gold.get("speaker_mention"):
            return True
        meant = self.tokens(gold["speaker_mention"]) | self.tokens(gold.get("source_full") or gold["speaker_mention"])
        return bool(ours["speaker_mention"] and self.tokens(ours["speaker_mention"]) & meant)

    def kind_of_miss(self, gold):
        cue = gold.get("cue") and self.tokens(gold["cue"])
        same = [quote for quote in self.ours if cue and quote["cue"] and self.tokens(quote["cue"]) & cue]
        if same:
            begins = min(same, key=lambda quote: abs(quote["start"] - gold["start"]))
            if abs(begins["start"] - gold["start"]) <= NEAR:
                return 2 if begins["end"] > gold["end"] else 3
            return 4 if any(abs(quote["end"] - gold["end"]) <= NEAR for quote in same) else 5
        if not cue:
            return 6
        return 7 if any(self.of(quote) & self.of(gold) for quote in self.ours) else 0

    def errors(self):
        """(kind, gold or None, ours or None) of each error."""
        found, taken = {one for one, _ in self.pairs}, {two for _, two in self.pairs}
        for number, gold in enumerate(self.gold):
            if number not in found:
                yield self.kind_of_miss(gold), gold, None
        for number, quote in enumerate(self.ours):
            if number not in taken and not any(self.of(quote) & self.of(gold) for gold in self.gold):
                yield 1, None, quote
        for one, two in self.pairs:
            if not self.is_right(self.gold[one], self.ours[two]):
                kind = mention_kind(self.text, self.gold[one].get("speaker_mention"), self.entities)
                yield {"pronoun": 8, "name": 9, "description": 10, "none": 11}[kind], self.gold[one], self.ours[two]


def shown(article, kind, gold, ours):
    text, quote = article.text, gold or ours
    span = slice(max(0, quote["start"] - 100), quote["end"] + 100)
    print(f"--- {KINDS[kind]}: {text[span]!r}")
    for name, one in (("gold", gold), ("ours", ours)):
        if one:
            print(f"  {name}: {text[one['start']:one['end']]!r}, {one.get('speaker')}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--errors", type=int, choices=range(len(KINDS)))
    options = parser.parse_args()
    tool = SHARED / "tools" / "score_quotes.py"
    if not tool.is_file() or not all((SHARED / "data" / file).is_file() for file in GOLD.values()):
        print(f"skipped: {SHARED} has not all gold texts")
        return 77
    specification = importlib.util.spec_from_file_location("score_quotes", tool)
    scorer = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(scorer)
    types, mentions, kinds = [], collections.defaultdict(lambda: [0, 0]), collections.defaultdict(collections.Counter)
    for name, file in GOLD.items():
        gold = lines_of((SHARED / "data" / file).read_text(encoding="utf-8"))
        system = annotated(gold)
        lines = "".join(json.dumps(document) + "\n" for document in system)
        done = subprocess.run([sys.executable, tool, "--speech-only", "--json", SHARED / "data" / file, "/dev/stdin"],
                              input=lines, encoding="utf-8", stdout=subprocess.PIPE, check=True)
        scores = json.loads(done.stdout)
        for kind in ("direct", "indirect", "mixed"):
            count = sum(quote.get("type") == kind for document in gold for quote in document["quotes"]
                        if quote.get("speech") is not False and not quote.get("ignore"))
            types.append((name, kind, count, 100 * scores[f"exact/{kind}"][2], 100 * scores[f"partial/{kind}"][2],
                          100 * scores[f"e2e/{kind}"][2]))
        types.append((name, "all", scores["gold"], *(100 * scores[figure][2] for figure in ("exact", "partial", "e2e"))))
        ours = {document["id"]: document for document in system}
        for document in gold:
            article = Article(scorer, document, ours[document["id"]])
            for one, two in article.pairs:
                kind = mention_kind(article.text, article.gold[one].get("speaker_mention"), article.entities)
                for key in ((name, kind), ("all", kind)):
                    mentions[key][0] += 1
                    mentions[key][1] += article.is_right(article.gold[one], article.ours[two])
            for error in article.errors():
                kinds[name][error[0]] += 1
                if options.errors == error[0]:
                    shown(article, *error)
    if options.errors is not None:
        return 0
    print("| | type | quotations | same words | half of the words | with the speaker |\n|---|---|---|---|---|---|")
    for row in types:
        print("| {} | {} | {} | {:.1f} | {:.1f} | {:.1f} |".format(*row))
    print("\n| the mention is | " + " | ".join(GOLD) + " | all |\n|---|" + (len(GOLD) + 1) * "---|")
    for kind in ("name", "description", "pronoun", "none"):
        cells = [f"{100 * right / number:.0f} of {number}" if number else "" for number, right in
                 (mentions[name, kind] for name in (*GOLD, "all"))]
        print(f"| {kind} | " + " | ".join(cells) + " |")
    print("\n| the error | " + " | ".join(GOLD) + " |\n|---|" + len(GOLD) * "---|")
    for kind in sorted(range(len(KINDS)), key=lambda kind: -sum(counts[kind] for counts in kinds.values())):
        print(f"| {KINDS[kind]} | " + " | ".join(str(kinds[name][kind]) for name in GOLD) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
