#!/usr/bin/env python3
"""How good the annotations are, against floors. The gold texts belong to other people and are not part of this project:
without a folder ../shared with data/ and tools/ beside the checkout (or one named by QUOTEWIRE_GOLD), nothing is measured.

A floor stands a little below what was measured when it was set; raise it when the annotators get better.
`test_scores.py --measure` prints the figures of now as a table.
"""
import atexit
import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("QUOTEWIRE_GOLD", ROOT.parent / "shared"))
PROGRAMS = pathlib.Path(os.environ.get("QUOTEWIRE_BUILD", ROOT / "build"))
DATA, TOOLS = SHARED / "data", SHARED / "tools"
SPEECH = "--speech-only --types direct,indirect,mixed"

# what is measured, its gold in data/, the scorer in tools/ and its options, the figure in the scorer's JSON (the last of a
# list is F1), the floor in percent
FLOORS = (
    ("entities_worldwide", "ner/worldwide/dev.raw.jsonl", "score_entities.py --coarse", "all", 81.0),
    ("entities_wikinews", "ner/gum_news/test.raw.jsonl", "score_entities.py --coarse", "all", 65.0),
    ("entities_wikipedia", "ner/uner_pud_wiki/test.raw.jsonl", "score_entities.py --coarse --types PER,ORG,LOC", "all", 74.8),
    ("entities_europarl", "ner/europarl/test.tsv", "score_entities.py --coarse", "all", 66.0),
    ("entities_seeds", "entities_seeds/gold.jsonl", "score_entities.py --coarse", "all", 91.0),
    ("clusters_seeds", "entities_seeds/gold.jsonl", "score_clusters.py", "b3", 93.3),
    ("clusters_across_seeds", "entities_seeds/gold.jsonl", "score_clusters.py --across", "b3", 92.0),
    ("quotes_polnear_spans", "quotes/polnear/dev.jsonl", f"score_quotes.py {SPEECH}", "partial", 82.0),
    ("quotes_polnear", "quotes/polnear/dev.jsonl", f"score_quotes.py {SPEECH}", "e2e", 76.2),
    ("quotes_world_spans", "quotes/world/dev.jsonl", f"score_quotes.py {SPEECH}", "partial", 88.0),
    ("quotes_world", "quotes/world/dev.jsonl", f"score_quotes.py {SPEECH}", "e2e", 81.5),
    ("quotes_seeds_spans", "quotes/seeds/gold.jsonl", f"score_quotes.py {SPEECH}", "partial", 90.0),
    ("quotes_seeds", "quotes/seeds/gold.jsonl", f"score_quotes.py {SPEECH}", "e2e", 85.0),
    ("tokens_ewt", "tokens/en_ewt.dev.jsonl", "score_tokens.py", "tokens", 99.4),
    ("sentences_ewt", "tokens/en_ewt.dev.jsonl", "score_tokens.py", "sentences", 83.5),
    ("tokens_gum", "tokens/en_gum.dev.jsonl", "score_tokens.py", "tokens", 99.7),
    ("sentences_gum", "tokens/en_gum.dev.jsonl", "score_tokens.py", "sentences", 92.5),
    ("structure_seeds", "entities_seeds/gold.jsonl", None, "roles", 95.0),
)


def documents_of_tokens(path, sentences=40):
    """Documents as the scorers want them, of a .tsv file of tokens and labels: a sentence a line, blanks where people write them."""
    texts = [[line.split("\t")[:2] for line in block.splitlines()]
             for block in path.read_text(encoding="utf-8").split("\n\n") if block.strip()]
    for first in range(0, len(texts), sentences):
        text, entities = "", []
        for tokens in texts[first:first + sentences]:
            words = [token for token, _ in tokens]
            for i, (token, label) in enumerate(tokens):
                possessive = ["'", "s"] in (words[i:i + 2], words[max(0, i - 1):i + 1])
                text += "" if i == 0 or possessive or token in ",.;:!?)%" or words[i - 1] == "(" else " "
                start, text = len(text), text + token
                if label.startswith("I-") and entities and entities[-1][2] == label[2:]:
                    entities[-1][1] = len(text)
                elif label != "O":
                    entities.append([start, len(text), label[2:]])
            text += "\n\n"
        yield {"id": f"{path.parent.name}-{first}", "text": text, "ents": entities}


@functools.cache
def gold_file(gold):
    """A path of JSON lines."""
    if not gold.endswith(".tsv"):
        return DATA / gold
    made = tempfile.NamedTemporaryFile("w", prefix="qw", suffix=".jsonl", encoding="utf-8")  # pylint: disable=consider-using-with
    made.writelines(json.dumps(document) + "\n" for document in documents_of_tokens(DATA / gold))
    made.flush()
    atexit.register(made.close)
    return pathlib.Path(made.name)


@functools.cache
def annotated(gold):
    """The lines that quotewire-annotate writes for the texts of a gold file. It is shown nothing else of it."""
    with open(gold_file(gold), encoding="utf-8") as file:
        documents = [json.loads(line) for line in file]
    texts = "".join(json.dumps({"id": document["id"], "text": document["text"]}) + "\n" for document in documents)
    done = subprocess.run([PROGRAMS / "quotewire-annotate", "--models", ROOT / "workers" / "models"], input=texts.encode(),
                          stdout=subprocess.PIPE, check=True)
    return done.stdout


@functools.cache
def annotated_in_chunks(gold, chunk_bytes):
    """The same by a whole pipeline, which cuts the articles into small chunks and brings them together."""
    with tempfile.TemporaryDirectory(prefix="qw", dir="/tmp") as folder:
        texts, corpus = pathlib.Path(folder, "texts.jsonl"), pathlib.Path(folder, "corpus")
        with open(DATA / gold, encoding="utf-8") as file, open(texts, "w", encoding="utf-8") as out:
            for document in map(json.loads, file):
                out.write(json.dumps({"id": document["id"], "text": document["text"]}) + "\n")
        environment = {**os.environ, "QUOTEWIRE_BUILD": str(PROGRAMS)}
        quotewire = ROOT / "deploy" / "quotewire"
        subprocess.run([quotewire, "run", texts, "--corpus", corpus, "--chunk-bytes", str(chunk_bytes), "--quiet"],
                       env=environment, check=True, stdout=subprocess.DEVNULL)
        return subprocess.run([quotewire, "export", corpus], env=environment, check=True, stdout=subprocess.PIPE).stdout


def paragraph_roles(gold):
    """The share of the gold paragraphs whose characters all have the right role."""
    right = total = 0
    ours = {document["id"]: document["structure"] for document in map(json.loads, annotated(gold).splitlines())}
    with open(DATA / gold, encoding="utf-8") as file:
        for document in map(json.loads, file):
            role_at = {}
            for paragraph in ours[document["id"]]:
                role_at.update(dict.fromkeys(range(paragraph["start"], paragraph["end"]), paragraph["role"]))
            for paragraph in document["structure"]:
                total += 1
                right += all(role_at.get(at) == paragraph["role"] or document["text"][at].isspace()
                             for at in range(paragraph["start"], paragraph["end"]))
    return {"roles": right / total}


@functools.cache
def scores(gold, scorer, chunk_bytes=None):
    if scorer is None:
        return paragraph_roles(gold)
    name, *options = scorer.split()
    done = subprocess.run([sys.executable, TOOLS / name, *options, "--json", gold_file(gold), "/dev/stdin"],
                          input=annotated_in_chunks(gold, chunk_bytes) if chunk_bytes else annotated(gold),
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def measure(gold, scorer, figure, chunk_bytes=None):
    value = scores(gold, scorer, chunk_bytes)[figure]
    return 100 * (value[-1] if isinstance(value, list) else value)


class Scores(unittest.TestCase):
    def test_quotes_are_as_good_in_chunks_of_2000_bytes(self):
        for metric, gold, scorer, figure, _ in FLOORS:
            if metric in ("quotes_polnear", "quotes_world", "quotes_polnear_spans", "quotes_world_spans"):
                with self.subTest(metric):
                    whole = measure(gold, scorer, figure)
                    self.assertLessEqual(abs(measure(gold, scorer, figure, chunk_bytes=2000) - whole), 0.5)


def _case(gold, scorer, figure, floor):
    def case(self):
        self.assertGreaterEqual(measure(gold, scorer, figure), floor)
    return case


for metric, *row in FLOORS:
    setattr(Scores, f"test_{metric}_keeps_its_floor", _case(*row))


if __name__ == "__main__":
    if not DATA.is_dir() or not TOOLS.is_dir():
        print(f"skipped: {SHARED} with the gold texts and their scorers is not there")
        sys.exit(77)
    if sys.argv[1:] == ["--measure"]:
        for metric, *row, floor in FLOORS:
            print(f"{metric:24} {measure(*row):6.2f}  floor {floor}")
            if metric.startswith("quotes"):
                print(f"{'  in chunks of 2000 bytes':24} {measure(*row, chunk_bytes=2000):6.2f}")
    else:
        unittest.main()
