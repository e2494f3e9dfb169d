#!/usr/bin/env python3
"""Writes workers/entities/body_names.c: bodies named after a place or a people that the sources besides the Worldwide texts keep
whole, where these would cut them ("European" + "Union").

    bodies.py DATA > workers/entities/body_names.c

DATA is the folder of the labelled texts that entities.recipe names."""
import collections
import pathlib
import sys

OTHERS = ("gmb/train.tsv", "wikigold/train.tsv", "redocred/dev.tsv", "redocred/test.tsv", "gum_free/train.tsv",
          "crossner_politics/train.tsv")
LEAST, CUTS, SHARE = 5, 3, 0.9  # times seen whole; for each time cut; of the times that it has any label


def sentences(path, column):
    """Lists of (word, label)."""
    sentence = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        fields = line.split("\t")
        if len(fields) > column and fields[0] != "-DOCSTART-":
            sentence.append((fields[0], fields[column]))
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def names(sentence):
    """(first, end, type) of each."""
    first = None
    for i, (_, label) in enumerate([*sentence, ("", "O")]):
        if first is not None and label[0] != "I":
            yield first, i, sentence[first][1][2:]
            first = None
        if label[0] == "B":
            first = i


def text(sentence, first, end):
    return " ".join(word for word, _ in sentence[first:end]).lower()


def main():
    data = pathlib.Path(sys.argv[1])
    roots = collections.Counter()  # names of places and peoples
    for sentence in sentences(data / "worldwide/train.tsv", 2):
        roots.update(text(sentence, first, end) for first, end, kind in names(sentence) if kind in ("Location", "NORP"))
    whole, any_label, cut = collections.Counter(), collections.Counter(), collections.Counter()
    for source in OTHERS:
        for sentence in sentences(data / source, 1):
            found = list(names(sentence))
            any_label.update(text(sentence, first, end) for first, end, _ in found)
            whole.update(text(sentence, first, end) for first, end, kind in found if kind == "ORG")
            cut.update(text(sentence, one[0], two[1]) for one, two in zip(found, found[1:]) if one[1] == two[0])
    bodies = []
    for name, times in whole.items():
        words = name.split(" ")
        parts = [" ".join(words[:i]) for i in range(1, len(words))] + [" ".join(words[i:]) for i in range(1, len(words))]
        if (times >= LEAST and times >= CUTS * cut[name] and times >= SHARE * any_label[name] and roots[name] < 2
                and words[0] != "the" and words[-1] != "of" and "and" not in words and any(roots[part] >= 2 for part in parts)):
            bodies.append(name)
    print("/*  body_names.c - made by workers/models/bodies.py. */")
    print('#include "workers/entities/body_names.h"\n\n#include <stddef.h>\n')
    print("const char *const qw_body_names[] = {")
    for name in sorted(bodies, key=str.encode):
        print('    "' + name.replace('"', '\\"') + '",')
    print("};\n\nconst size_t qw_body_name_count = sizeof qw_body_names / sizeof *qw_body_names;")


if __name__ == "__main__":
    main()
