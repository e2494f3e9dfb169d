#!/usr/bin/env python3
"""The main job on five real articles about one event. They are press texts and not part of this project: without a folder
../shared/seeds beside the checkout (or QUOTEWIRE_GOLD/seeds) nothing is tested."""
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from harness import ROOT, Case  # noqa: E402  (found through the path above)

SEEDS = pathlib.Path(os.environ.get("QUOTEWIRE_GOLD", ROOT.parent / "shared")) / "seeds"
PERSONS = ("Choe Ryong Hae", "Kim Jong Un", "Sergey Ryabkov", "Koh Yu-hwan", "Georgy Toloraya")
# who says it, and the words with which it begins
DIRECT = (
    ("Koh Yu-hwan", "Russia could be looking to"),
    ("Sergey Ryabkov", "First, it is the nuclear"),
    ("Sergey Ryabkov", "Second, it is security"),
    ("Sergey Ryabkov", "Apart from that, in focus"),
    ("Lim Byeong-cheoi", "Our government views"),
    ("Cha Doo-hyun", "It’s highly likely that"),
    ("Georgy Toloraya", "North Koreans want any"),
    ("Georgy Toloraya", "Also because the general"),
)


class Seeds(Case):
    def setUp(self):
        super().setUp()
        self.quotewire("run", SEEDS, "--corpus", self.folder / "c", "--quiet")
        self.documents = self.export(self.folder / "c")

    def test_there_are_five_documents_with_the_texts_of_the_files(self):
        self.assertEqual([document["text"] for document in self.documents],
                         [file.read_bytes().decode() for file in sorted(SEEDS.glob("*.txt"))])

    def test_the_main_persons_are_persons(self):
        named = {cluster["name"] for document in self.documents for cluster in document["clusters"].values()
                 if cluster["type"] == "PERSON"}
        self.assertLessEqual(set(PERSONS), named)

    def test_direct_quotations_carry_their_speakers(self):
        direct = {document["text"][quote["start"]:quote["end"]].strip("“”\"'"): quote["speaker"]
                  for document in self.documents for quote in document["quotes"] if quote["type"] == "direct"}
        for speaker, words in DIRECT:
            with self.subTest(words):
                self.assertEqual([name for text, name in direct.items() if text.startswith(words)], [speaker])


if __name__ == "__main__":
    if not SEEDS.is_dir():
        print(f"skipped: {SEEDS} is not there")
        sys.exit(77)
    unittest.main()
