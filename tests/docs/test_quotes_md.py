#!/usr/bin/env python3
"""The examples of docs/quotes.md say what Quotewire makes of them today. `test_quotes_md.py --write` renews them.

A fenced block `example` holds an article, a line a paragraph, and behind it two lines a quotation:

    --> TYPE: the quotation
        CUE · the mention of the speaker → the speaker (how it was found); via who relayed it; not speech

A dash stands for what is not there. Where nothing is quoted, "--> no quotation" stands alone.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("QUOTEWIRE_BUILD", ROOT / "build"))
PAGE = ROOT / "docs" / "quotes.md"
BLOCK = re.compile(r"(?ms)^```example\n(.*?)^```$")


def article(block):
    """The text of an example: its lines before the first arrow."""
    return block.split("-->")[0].rstrip("\n")


def annotated(texts):
    lines = "".join(json.dumps({"id": str(at), "text": text}) + "\n" for at, text in enumerate(texts))
    done = subprocess.run([PROGRAMS / "quotewire-annotate", "--models", ROOT / "workers" / "models"], input=lines,
                          stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def written(document):
    """What the document's quotations look like on the page."""
    text, lines = document["text"], []
    for quote in document["quotes"]:
        cue, mention, via = (text[slice(*quote[part])] if quote.get(part) else "—"
                             for part in ("cue", "speaker_mention", "via"))
        lines.append(f"--> {quote['type']}: {text[quote['start']:quote['end']]}")
        lines.append(f"    {cue} · {mention} → {quote['speaker'] or '—'} ({quote['how']})"
                     + (f"; via {via}" if quote.get("via") else "") + ("" if quote["speech"] else "; not speech"))
    return "".join(line + "\n" for line in lines or ["--> no quotation"])


def renewed(page):
    """The page with the results of now."""
    documents = iter(annotated([article(block) for block in BLOCK.findall(page)]))

    def block_of(match):
        return f"```example\n{article(match[1])}\n\n{written(next(documents))}```"
    return BLOCK.sub(block_of, page)


class Page(unittest.TestCase):
    maxDiff = None

    def test_every_example_gives_what_the_page_says(self):
        page = PAGE.read_text(encoding="utf-8")
        blocks = BLOCK.findall(page)
        self.assertGreaterEqual(len(blocks), 50, "examples are missing")
        for block, document in zip(blocks, annotated([article(block) for block in blocks]), strict=True):
            with self.subTest(document["text"]):
                self.assertEqual(block, f"{document['text']}\n\n{written(document)}",
                                 "renew it, and read it: tests/docs/test_quotes_md.py --write")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        unittest.main()
