#!/usr/bin/env python3
"""Readers that stream the corpus while it grows, and while they and the sink are killed: nothing is missed, nothing comes
twice (I1, I7)."""
import signal
import unittest

import generator
import readers
from pipeline import PROGRAMS, new_folder

DOCUMENTS = 1500


class Follow(unittest.TestCase):
    def setUp(self):
        self.folder = new_folder(self)
        self.source = generator.write(self.folder / "articles.jsonl", DOCUMENTS, seed=4)

    def stream(self, seed, state, kill_reader_with):
        return readers.stream(self, self.folder, self.source, [PROGRAMS / "quotewire-follow"], seed, state, kill_reader_with)

    def test_a_reader_that_keeps_the_position_of_its_last_document_has_each_once(self):
        readers.check_each_once(self, *self.stream(1, state=False, kill_reader_with=signal.SIGKILL))

    def test_a_reader_with_a_state_file_that_ends_in_good_order_has_each_once(self):
        readers.check_each_once(self, *self.stream(2, state=True, kill_reader_with=signal.SIGTERM))

    def test_a_reader_with_a_state_file_that_is_killed_misses_none_and_repeats_one_batch_at_most(self):
        readers.check_none_missing(self, *self.stream(3, state=True, kill_reader_with=signal.SIGKILL))


if __name__ == "__main__":
    unittest.main(verbosity=2)
