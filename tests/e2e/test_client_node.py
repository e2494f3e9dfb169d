#!/usr/bin/env python3
"""The client for Node.js as people get it, packed and installed by npm: the protocol's vectors and sinks that lie, documents of a
live sink through kills of both, a corpus on disk, and its types."""
import json
import os
import shutil
import subprocess
import unittest

import client_places
import generator
import readers
from harness import PATIENCE, ROOT, Case

PROGRAMS = ROOT / "tests" / "e2e" / "clients"


class Installed(Case):
    @classmethod
    def setUpClass(cls):
        cls.place = client_places.node_with(*client_places.NODE_NEEDS)

    def program(self, name):
        return shutil.copy(PROGRAMS / name, self.place)

    def run_node(self, *arguments):
        done = subprocess.run(["node", *map(str, arguments)], cwd=self.place, capture_output=True, encoding="utf-8", check=False,
                              timeout=PATIENCE, env={**os.environ, "QUOTEWIRE_VECTORS": str(ROOT / "proto" / "vectors")})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


class Client(Installed):
    def test_vectors_damage_and_lies(self):
        told = self.run_node("--test", "--test-reporter=tap", self.program("client.test.mjs"))
        self.assertRegex(told, r"(?m)^# pass (1[89]|2\d)$")
        self.assertRegex(told, r"(?m)^# fail 0$")

    def test_it_is_typed(self):
        program = self.place / "program.ts"
        program.write_text('import { open, follow, Document } from "quotewire";\n'
                           "export function speakers(folder: string): string[] {\n"
                           "  return [...open(folder)].flatMap((d) => d.quotes.flatMap((q) => q.speaker ?? []));\n"
                           "}\n"
                           "export async function first(): Promise<Document | undefined> {\n"
                           '  for await (const document of follow("tcp://h:1", { state: "position" })) return document;\n'
                           "  return undefined;\n"
                           "}\n"
                           "// @ts-expect-error\n"
                           "open(7);\n")
        done = subprocess.run(["npx", "--no-install", "tsc", "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022",
                               program], cwd=self.place, capture_output=True, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_documents_are_what_export_says(self):
        source = generator.write(self.folder / "articles.jsonl", 200, seed=8)
        corpus = self.folder / "corpus"
        self.quotewire("run", source, "--corpus", corpus, "--quiet", code=1)
        code = ('import { open } from "quotewire"; import fs from "node:fs";\n'
                "for (const document of open(process.argv[1]).documents())"
                ' fs.writeSync(1, JSON.stringify(document.toObject()) + "\\n");')
        told = [json.loads(line) for line in self.run_node("--input-type=module", "-e", code, corpus).splitlines()]
        readers.check_same(self, told, self.export(corpus))
        self.assertTrue(any("\N{SHIP}" in document["text"] for document in told))


class Follow(readers.Following, Installed):
    def command(self):
        return ["node", self.program("reader.mjs")]


if __name__ == "__main__":
    unittest.main(verbosity=2)
