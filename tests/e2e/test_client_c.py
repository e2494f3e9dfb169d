#!/usr/bin/env python3
"""libquotewire as people get it, installed under a prefix: programs built with pkg-config and with CMake, what the library shows,
documents of a live sink through kills of both, a corpus on disk."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import msgpack
    import zmq
except ImportError as error:
    print(f"skipped: {error} (Debian: python3-msgpack, python3-zmq)")
    sys.exit(77)

import generator
import readers
from harness import PATIENCE, PROGRAMS, ROOT, Case

READER = ROOT / "tests" / "e2e" / "clients" / "reader.c"


def text_of(command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, encoding="utf-8", check=False, **options)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Installed(Case):
    """The prefix, and a reader built against it."""

    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.place = pathlib.Path(place.name)
        cls.prefix = cls.place / "prefix"
        text_of(["cmake", "--install", PROGRAMS, "--prefix", cls.prefix])
        cls.pc = next(cls.prefix.rglob("quotewire.pc"))
        cls.library = cls.pc.parents[1]
        cls.program = cls.build("reader")

    @classmethod
    def pkg_config(cls, *options):
        return text_of(["pkg-config", *options, "quotewire"], env={"PKG_CONFIG_PATH": str(cls.pc.parent), "PATH": "/usr/bin:/bin"}).split()

    @classmethod
    def build(cls, name, *options, compiler=("cc", "-std=gnu11"), source=READER):
        flags = cls.pkg_config("--cflags", *(["--static"] if "-static-library" in options else []))
        libraries = cls.pkg_config("--libs")
        if "-static-library" in options:
            libraries = [f"{cls.library}/libquotewire.a" if part == "-lquotewire" else part
                         for part in cls.pkg_config("--libs", "--static")]
        output = cls.place / name
        text_of([*compiler, "-Wall", "-Wextra", "-Werror", *flags, source, "-o", output, *libraries,
                 f"-Wl,-rpath,{cls.library}"])
        return output


class Library(Installed):
    def test_the_header_is_plain_c_and_c_plus_plus(self):
        for compiler in (("cc", "-std=c99", "-pedantic-errors"), ("c++", "-x", "c++", "-std=c++11", "-pedantic-errors")):
            source = self.place / "empty.c"
            source.write_text("#include <quotewire.h>\n"
                              "int main (void) { int major; quotewire_version (&major, 0, 0); return major; }\n")
            self.assertEqual(subprocess.call([self.build("empty", compiler=compiler, source=source)]), 0)

    def test_the_example_is_the_one_of_the_manual(self):
        example = ROOT / "clients" / "c" / "examples" / "speakers.c"
        self.assertIn(example.read_text(encoding="utf-8"), (ROOT / "docs" / "clients.md").read_text(encoding="utf-8"))
        self.build("speakers", source=example)

    def test_it_shows_its_interface_and_nothing_else(self):
        header = (self.prefix / "include" / "quotewire.h").read_text(encoding="utf-8")
        declared = set(re.findall(r"\b(quotewire_\w+) \(", header))
        self.assertGreater(len(declared), 50)
        shared = self.library / "libquotewire.so"
        shown = {line.split()[-1] for line in text_of(["nm", "-D", "--defined-only", shared]).splitlines()}
        self.assertEqual(shown, declared)
        static = {line.split()[-1] for line in text_of(["nm", "--defined-only", "-g", self.library / "libquotewire.a"]).splitlines()
                  if len(line.split()) == 3}
        self.assertEqual(static, declared)
        self.assertRegex(text_of(["readelf", "-d", shared]), r"SONAME.*libquotewire\.so\.0\b")
        self.assertTrue(shared.resolve().name.startswith("libquotewire.so.0."))

    def test_pkg_config_and_a_static_program(self):
        self.assertEqual(text_of(["pkg-config", "--modversion", "quotewire"],
                                 env={"PKG_CONFIG_PATH": str(self.pc.parent), "PATH": "/usr/bin:/bin"}).strip(), "0.1.0")
        program = self.build("static-reader", "-static-library")
        self.assertNotIn("libquotewire", text_of(["ldd", program]))
        self.assertEqual(subprocess.run([program], check=False).returncode, 2)

    def test_a_prefix_that_was_moved_and_cmake(self):
        moved = self.folder / "elsewhere"
        shutil.copytree(self.prefix, moved, symlinks=True)
        (self.folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required (VERSION 3.16)\nproject (reader C)\nfind_package (quotewire 0.1 REQUIRED)\n"
            f"add_executable (reader {READER})\ntarget_link_libraries (reader PRIVATE quotewire::quotewire)\n"
            f"add_executable (static {READER})\ntarget_link_libraries (static PRIVATE quotewire::quotewire-static)\n")
        text_of(["cmake", "-S", self.folder, "-B", self.folder / "build", f"-DCMAKE_PREFIX_PATH={moved}"])
        text_of(["cmake", "--build", self.folder / "build"])
        self.assertIn(str(moved), text_of(["ldd", self.folder / "build" / "reader"]))
        for name in ("reader", "static"):
            self.assertEqual(subprocess.run([self.folder / "build" / name], check=False).returncode, 2)
        found = text_of(["pkg-config", "--cflags", "quotewire"],
                        env={"PKG_CONFIG_PATH": str(moved / self.pc.parent.relative_to(self.prefix)), "PATH": "/usr/bin:/bin"})
        self.assertIn(str(moved), str(pathlib.Path(found.strip().removeprefix("-I")).resolve()))


class Corpus(Installed):
    def flat(self, document, span):
        start, end = span or (0, 0)
        return f"{start}:{end}=" + document["text"][start:end].replace("\n", " ")

    def expected(self, document, position):
        """What reader.c prints of a document, from what export says of it."""
        clusters = document.get("clusters", {})
        yield f"document {document['id']} {position}{' failed' if 'failed' in document else ''}"
        for part in document.get("structure", []):
            yield f"paragraph {part['role']} {self.flat(document, (part['start'], part['end']))}"
        tokens = iter(document.get("tokens", []))
        for start, end in document.get("sentences", []):
            line, last = f"sentence {start}:{end}", None
            while last != end:
                token = next(tokens)
                last = token[1]
                line += f" {self.flat(document, token)}"
            yield line
        for part in document.get("entities", []):
            cluster = clusters.get(part["entity"], {})
            yield (f"entity {part['type']} {self.flat(document, (part['start'], part['end']))} [{part['entity'] or '-'}]"
                   f" [{cluster.get('name', '-')}] [{cluster.get('type', '-')}]")
        for part in document.get("quotes", []):
            yield (f"quote {part['type']} {part['how']} {'speech' if part['speech'] else 'belief'} {part['confidence']} "
                   f"{part['statement'] or '0' * 10}"
                   f" [{part['speaker'] or '-'}] [{part['entity'] or '-'}] {self.flat(document, (part['start'], part['end']))}"
                   f" cue {self.flat(document, part['cue'])} mention {self.flat(document, part['speaker_mention'])}"
                   f" via {self.flat(document, part.get('via'))}")

    def test_what_it_tells_of_a_corpus_is_what_export_says(self):
        source = generator.write(self.folder / "articles.jsonl", 200, seed=8)
        corpus = self.folder / "corpus"
        self.quotewire("run", source, "--corpus", corpus, "--quiet", code=1)
        told = text_of([self.program, corpus]).splitlines()
        expected = [line for position, document in enumerate(self.export(corpus)) for line in self.expected(document, position)]
        self.assertEqual(len(told), len(expected))
        for line, other in zip(told, expected):
            self.assertEqual(line, other)
        self.assertGreater(sum(line.startswith("quote ") for line in told), 100)
        segment = corpus / "segment-000000.msgpack"
        octets = bytearray(segment.read_bytes())
        octets[len(octets) // 2] ^= 1
        segment.write_bytes(octets)
        done = subprocess.run([self.program, corpus], capture_output=True, encoding="utf-8", check=False)
        self.assertEqual(done.returncode, 14)
        self.assertRegex(done.stderr, r"status 4: segment-000000.msgpack: the record at position \d+ is damaged")

    def test_errors_say_what_is_wrong(self):
        (self.folder / "state").write_text("none\n")
        for arguments, code, text in (((self.folder,), 13, "is not a corpus"),
                                      (("--from", "0", "nonsense"), 16, "nonsense"),
                                      (("--state", self.folder / "state", "ipc:///tmp/nobody"), 16, "does not hold a position")):
            done = subprocess.run([self.program, *arguments], capture_output=True, encoding="utf-8", check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(text, done.stderr)


class Lies(Installed):
    """A sink that answers HELLO as it should, and FOLLOW with what it should not."""

    def answer(self, lie):
        context = zmq.Context.instance()
        with context.socket(zmq.ROUTER) as sink:
            sink.linger = 0
            port = sink.bind_to_random_port("tcp://127.0.0.1")
            reader = subprocess.Popen([self.program, "--from", "0", f"tcp://127.0.0.1:{port}"], stderr=subprocess.PIPE,
                                      stdout=subprocess.DEVNULL, encoding="utf-8")
            end = time.monotonic() + PATIENCE
            while reader.poll() is None:
                self.assertLess(time.monotonic(), end, "it never ends")
                if sink.poll(50):
                    peer, frame = sink.recv_multipart()[:2]
                    if frame[3] == 1:
                        welcome = {"version": 1, "life": 1, "session": 0, "heartbeat_ms": 100, "documents": 1}
                        sink.send_multipart([peer, b"QW\x01\x02" + msgpack.packb(welcome)])
                    elif frame[3] == 0x40:
                        sink.send_multipart([peer, *lie])
            said = reader.stderr.read()
            reader.stderr.close()
        return reader.returncode, said

    def test_lies_come_to_an_end(self):
        head = b"QW\x01\x41" + msgpack.packb({"position": 0, "count": 1, "documents": 1})
        for lie in ([b"nonsense"], [b"QW\x01\x41\xdd\x05\xf5\xe1\x00"], [head, b""], [head, b"\xdf\xff\xff\xff\xff"], [head, b"\x80"],
                    [head, b"", b""], [b"QW\x01\x41" + msgpack.packb({"position": 9, "count": 0, "documents": 1}), b""]):
            with self.subTest(lie):
                code, said = self.answer(lie)
                self.assertEqual(code, 14, said)
                self.assertIn("sends what cannot be read, again and again", said)

    def test_refusals_are_final(self):
        code, said = self.answer([b"QW\x01\x03" + msgpack.packb({"code": 6, "text": "beyond the corpus"})])
        self.assertEqual(code, 15, said)
        self.assertIn("beyond the corpus", said)


class Follow(readers.Following, Installed):
    def command(self):
        return [self.program]


if __name__ == "__main__":
    unittest.main(verbosity=2)
