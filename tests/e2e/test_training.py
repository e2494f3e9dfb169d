#!/usr/bin/env python3
"""The trainers of the entity annotator, on a made-up language and labels of its own: plain texts, word vectors and a list
become a lexicon, a lexicon and labelled texts a model, and the model finds names."""
import json
import random
import subprocess
import unittest

from harness import PROGRAMS, ROOT, Case

PEOPLE, PLACES = ("Kamu", "Kalo", "Kari", "Kassa", "Kato"), ("Potu", "Pola", "Posk", "Poma")
RECIPE = "target mine\nmap mine per PERSON\nmap mine loc LOC\nsource mine labelled.tsv\n"


class Training(Case):
    def setUp(self):
        super().setUp()
        chance = random.Random(5)
        pairs = [(chance.choice(PEOPLE), chance.choice(PLACES)) for _ in range(300)]
        self.write("labelled.tsv", "".join(
            ("-DOCSTART-\tO\n\n" if i % 10 == 0 else "") + f"{person}\tB-per\nven\tO\nso\tO\n{place}\tB-loc\n.\tO\n\n"
            for i, (person, place) in enumerate(pairs)))
        self.write("recipe", RECIPE)
        self.write("news.jsonl", "".join(json.dumps({"text": f"{person} ven so {place}. Ule {place} ta {person}."}) + "\n"
                                         for person, place in pairs))
        self.write("names", "Kamu\t1\nKamilo\t1\n")
        self.write("vectors", "".join(f"{word.lower()} {kind} {i / 100} 0.5\n" for kind, words in ((1, PEOPLE), (-1, PLACES))
                                      for i, word in enumerate(words)) + "ven 0 1 0\nso 0 1 1\nkasimo 1 0.2 0.5\n")

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def run_tool(self, name, *arguments, code=0, stdin=b""):
        done = subprocess.run([PROGRAMS / name, *map(str, arguments)], input=stdin, cwd=self.folder, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode(), done.stderr.decode()

    def lexicon(self, *arguments):
        return self.run_tool("quotewire-train-words", "-c", 2, "-k", 2, "-n", "names", *arguments,
                             stdin=(self.folder / "news.jsonl").read_bytes())[0]

    def learn(self, output, *arguments):
        return self.run_tool("quotewire-train-entities", "-o", output, "-l", "lexicon", "-1", "0.05", "-n", 2, *arguments,
                             "recipe")[0]

    def test_a_lexicon_and_a_model_come_out_the_same_twice_and_find_names(self):
        lexicon = self.lexicon("-v", "vectors", "-M", 100)
        self.assertEqual(lexicon, self.lexicon("-v", "vectors", "-M", 100))
        entries = {word: list(map(int, rest)) for word, *rest in (line.split("\t") for line in lexicon.splitlines())}
        self.assertEqual(entries["Kamu"][2], entries["Kato"][2])     # close by their vectors
        self.assertNotEqual(entries["Kamu"][2], entries["Potu"][2])
        self.assertTrue(entries["Kamu"][0])                          # and by their neighbours
        self.assertIn("Kasimo", entries)                             # has a vector, and stands in no text
        self.assertNotIn("Kamilo", entries)                          # listed, but neither read of nor known
        self.write("lexicon", lexicon)

        report = self.learn("entities.model", "-t", "recipe")
        self.assertRegex(report, r"(?m)^PERSON +P 100.0 +R 100.0 +F1 100.0 +gold 300")
        self.assertRegex(report, r"(?m)^LOC +P 100.0 +R 100.0 +F1 100.0")
        self.learn("again.model")
        first, again = ((self.folder / name).read_bytes() for name in ("entities.model", "again.model"))
        self.assertEqual(first, again)

        models = self.folder / "models"
        models.mkdir()
        (models / "entities.model").write_bytes(first)
        for name in ("tokens.model", "quotes.model"):
            (models / name).symlink_to(ROOT / "workers" / "models" / name)
        text = "Kabelo ven so Pondo."  # never seen: by their letters and place
        out = self.run_tool("quotewire-annotate", "--models", models, stdin=json.dumps({"id": "1", "text": text}).encode())[0]
        found = [(text[e["start"]:e["end"]], e["type"]) for e in json.loads(out)["entities"]]
        self.assertEqual(found, [("Kabelo", "PERSON"), ("Pondo", "LOC")])

        # types that a model gives to the words of plain texts go into the next lexicon, and names of two words with them
        typed = self.lexicon("-m", "entities.model")
        flags = {line.split("\t")[0]: int(line.split("\t")[2]) for line in typed.splitlines()}
        self.assertEqual((flags["Kamu"] >> 8 & 15, flags["Potu"] >> 8 & 15), (1, 3))

    def test_held_out_texts_say_nothing(self):
        texts = (self.folder / "news.jsonl").read_text(encoding="utf-8").splitlines()
        held = json.dumps({"text": "Zubi " + " ".join(json.loads(text)["text"] for text in texts[:20])}) + "\n"
        self.write("held.jsonl", held)
        self.write("news.jsonl", held * 5 + "\n".join(texts) + "\n")
        self.assertIn("Zubi\t", self.lexicon())
        self.assertNotIn("Zubi\t", self.lexicon("-x", "held.jsonl"))

    def test_bad_input_is_named(self):
        self.write("vectors", "kamu 1 2\nkalo 1 x\n")
        stderr = self.run_tool("quotewire-train-words", "-v", "vectors", code=1)[1]
        self.assertIn("'vectors' line 2", stderr)
        self.write("names", "Kamu 1\n")
        self.assertIn("'names' line 1", self.run_tool("quotewire-train-words", "-n", "names", code=1)[1])
        self.assertIn("line 1", self.run_tool("quotewire-train-words", code=1, stdin=b"no json\n")[1])
        self.write("lexicon", "Kamu\tx\n")
        self.assertIn("'lexicon' line 1", self.run_tool("quotewire-train-entities", "-l", "lexicon", "recipe", code=1)[1])
        self.write("recipe", "source mine absent.tsv\n")
        self.assertIn("absent.tsv", self.run_tool("quotewire-train-entities", "recipe", code=1)[1])


if __name__ == "__main__":
    unittest.main()
