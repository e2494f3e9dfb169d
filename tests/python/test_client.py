#!/usr/bin/env python3
"""The Python client against the protocol's vectors, against a corpus that is damaged in every way, and against sinks that lie."""

import json
import pathlib
import random
import resource
import struct
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VECTORS = ROOT / "proto" / "vectors"
sys.path.insert(0, str(ROOT / "clients" / "python" / "src"))

try:
    import crc32c
    import msgpack
    import xxhash
    import zmq
except ImportError:
    print("skipped: Python's crc32c, msgpack, xxhash or zmq is missing (Debian: python3-crc32c and so on)")
    sys.exit(77)

import quotewire
from quotewire import _layers, _records, _state


def vectors(folder):
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((VECTORS / folder).glob("*.json"))]
    assert found
    return found


def pair(span):
    return list(span) if span else None


def record(id="a", text="Mara Venn said “no”.", **fields):
    """A record as the sink writes it."""
    body = {"id": id, "sequence": 0, "source": {}, "text": text, "layers": {}, **fields}
    return seal(msgpack.packb({**body, "crc32c": 0})[:-8])


def seal(front):
    """A record of everything before the tail, which is put behind it."""
    return front + _records.TAIL_KEY + struct.pack(">I", crc32c.crc32c(front))


class Layers(unittest.TestCase):
    def check(self, kind, layer, told, text):
        if kind == "tokens":
            tokens = _layers.tokens(layer, text)
            self.assertEqual([list(token) for token in tokens], told["tokens"])
            self.assertEqual([list(s) for s in _layers.sentences(layer, text, tokens)], told["sentences"])
        elif kind == "entities":
            mentions, clusters = _layers.entities(layer, text)
            self.assertEqual([{"start": m.start, "end": m.end, "type": m.type, "entity": m.key} for m in mentions],
                             told["entities"])
            self.assertEqual({c.key: {"name": c.name, "type": c.type} for c in clusters}, told["clusters"])
        elif kind == "quotes":
            clusters = [quotewire.Cluster(key, c["name"], c["type"]) for key, c in told["clusters"].items()]
            quotes = _layers.quotes(layer, text, clusters)
            self.assertEqual(len(quotes), len(told["quotes"]))
            for quote, expected in zip(quotes, told["quotes"]):
                for name in ("start", "end", "type", "speech", "speaker", "entity", "how", "confidence", "statement"):
                    self.assertEqual(getattr(quote, name), expected[name], name)
                for name in ("cue", "speaker_mention", "via"):
                    self.assertEqual(pair(getattr(quote, name)), expected.get(name), name)
                for name in ("opens_before", "runs_on"):
                    self.assertEqual(getattr(quote, name), expected.get(name, False), name)
        else:
            self.assertEqual([{"start": p.start, "end": p.end, "role": p.role} for p in _layers.structure(layer, text)],
                             told["structure"])

    @staticmethod
    def read(kind, layer, text):
        if kind == "tokens":
            _layers.sentences(layer, text, _layers.tokens(layer, text))
        elif kind == "quotes":
            _layers.quotes(layer, text, [])
        else:
            getattr(_layers, kind)(layer, text)

    def test_vectors(self):
        seen = {True: 0, False: 0}
        for vector in vectors("layers"):
            octets, kind = bytes.fromhex(vector["hex"]), vector["kind"]
            with self.subTest(vector["name"]):
                seen[vector["valid"]] += 1
                if kind == "key":
                    name, words, key = msgpack.unpackb(octets)
                    self.assertEqual(_layers.usual_key(name, words), key)
                elif vector["valid"]:
                    self.check(kind, _records.unpack(octets), vector["annotations"], vector["text"])
                else:
                    with self.assertRaises(quotewire.Damaged):
                        self.read(kind, _records.unpack(octets), vector["text"])
        self.assertGreater(min(seen.values()), 20)

    def test_spans_are_ready_for_slicing(self):
        text = "🚢 船 “no” said Ö."
        token = quotewire.Token(text, 4, 8)
        self.assertEqual((token.text, text[token.slice], text[token.start:token.end], str(token)), ("“no”",) * 4)
        self.assertEqual((len(token), tuple(token), token), (4, (4, 8), quotewire.Token(text, 4, 8)))
        self.assertNotEqual(token, quotewire.Sentence(text, 4, 8))


class Records(unittest.TestCase):
    def test_vectors(self):
        for vector in vectors("corpus"):
            if vector["kind"] != "record":
                continue
            octets = bytes.fromhex(vector["hex"])
            with self.subTest(vector["name"]):
                if not vector["valid"]:
                    with self.assertRaises(quotewire.Damaged):
                        _records.check(octets)
                        _records.parse(octets)
                    continue
                _records.check(octets)
                document, told = quotewire.Document(_records.parse(octets), 3), vector["json"]
                self.assertEqual((document.id, document.text, document.sequence, document.metadata),
                                 (told["id"], told["text"], told["sequence"], told.get("metadata", {})))
                self.assertEqual(document.supersedes, told["supersedes"] - 1 if "supersedes" in told else None)
                self.assertEqual((document.dropped, document.failed is not None), ("dropped" in told, "failed" in told))
                json.dumps(document.to_dict(place=True))

    def test_values_of_other_people_become_json(self):
        layers = {"sound": {"parts": [[0, 4, {"wave": b"\x00\xff", "loud": float("nan"), "of": [b"", 1.5]}]]}}
        document = quotewire.Document(_records.parse(record(layers=layers, metadata={"id": b"x", "raw": b"\x01"})), 0)
        self.assertEqual(document.layer("sound")[0].value["wave"], b"\x00\xff")
        told = document.to_dict()
        self.assertEqual(told["layers"]["sound"]["parts"][0][2], {"wave": "AP8=", "loud": None, "of": ["", 1.5]})
        self.assertEqual((told["raw"], told["metadata"]), ("AQ==", {"id": "eA=="}))
        json.dumps(told, allow_nan=False)

    def test_no_octets_bring_anything_but_damaged(self):
        """Fields, layers and lengths changed at random, under a checksum that is right."""
        good = [bytes.fromhex(v["hex"]) for v in vectors("corpus") if v["kind"] == "record" and v["valid"]]
        chance, refused = random.Random(7), 0
        for _ in range(6000):
            front = bytearray(chance.choice(good)[:-12])
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(front))
                front[at:at + chance.choice([0, 1, 1, 1, 3])] = chance.choice([
                    chance.randbytes(1), b"\xdd\x05\xf5\xe1\x00", b"\xdf\xff\xff\xff\xff", b"\xc7\xff", b"\xcf" + b"\xff" * 8, b"\x81"])
            octets = seal(bytes(front))
            try:
                _records.check(octets)
                quotewire.Document(_records.parse(octets), 0).to_dict(place=True)
            except quotewire.Damaged:
                refused += 1
        self.assertGreater(refused, 1000)

    def test_claims_take_no_memory(self):
        """A megabyte that is lists inside of lists, each of which claims to be as long as there are octets."""
        claim = b"\xdd" + struct.pack(">I", 1 << 20)
        bomb = record(metadata={})[:-12].replace(b"metadata\x80", b"metadata\x81\xa1a" + claim * 500) + bytes(1 << 20)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for read in (lambda: _records.parse(seal(bomb)), lambda: _records.unpack(claim * 500 + bytes(1 << 20)),
                     lambda: _records.split(claim * 500 + bytes(1 << 20), 1)):
            with self.assertRaises(quotewire.Damaged):
                read()
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, 64 << 10)  # KiB


class Corpus(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)

    def write(self, *segments, index=True):
        """Segments of records, with their indexes."""
        first = 0
        for number, records in enumerate(segments):
            entries, offset = struct.pack("<8sQ", b"QWINDEX1", first), 0
            for octets in records:
                fields = _records.parse(octets)
                flags = (fields.failed is not None) | fields.dropped << 1 | bool(fields.supersedes) << 2
                entries += struct.pack("<QII16sIIII", offset, len(octets), int.from_bytes(octets[-4:], "big"),
                                       xxhash.xxh3_128_digest(fields.id.encode()), flags, 0, 0, 0)
                offset += len(octets)
            (self.folder / f"segment-{number:06}.msgpack").write_bytes(b"".join(records))
            if index:
                (self.folder / f"segment-{number:06}.index").write_bytes(entries)
            first += len(records)

    def test_the_segment_of_the_vectors(self):
        vector = next(v for v in vectors("corpus") if v["kind"] == "segment")
        (self.folder / "segment-000000.msgpack").write_bytes(bytes.fromhex(vector["hex"]))
        (self.folder / "segment-000000.index").write_bytes(bytes.fromhex(vector["index_hex"]))
        with quotewire.open(self.folder) as corpus:
            self.assertEqual([document.id for document in corpus], [told["id"] for told in vector["json"]])
            self.assertTrue(all(told["id"] in corpus for told in vector["json"]))
            sentiment = corpus["harbour-17"].layer("sentiment")
            self.assertEqual([(part.start, part.end, part.value["score"]) for part in sentiment], [(0, 11, 0.5), (11, 39, -0.5)])

    def check_all(self, corpus, count):
        self.assertEqual(len(corpus), count)
        self.assertEqual([document.id for document in corpus], [f"d{i}" for i in range(count)])
        self.assertEqual([document.position for document in corpus[2:7:2]], [2, 4, 6])
        self.assertEqual((corpus[-1].id, corpus[0].id, corpus["d5"].position), (f"d{count - 1}", "d0", 5))
        self.assertIsNone(corpus.find("nobody"))
        self.assertIsNone(corpus.find("x" * 2000))
        self.assertFalse("nobody" in corpus)
        with self.assertRaises(IndexError):
            corpus[count]
        with self.assertRaises(KeyError):
            corpus["nobody"]

    def test_positions_and_ids_over_segments(self):
        records = [record(f"d{i}") for i in range(20)]
        self.write(records[:7], records[7:8], records[8:])
        self.check_all(quotewire.open(self.folder), 20)

    def test_without_indexes_the_segments_are_enough(self):
        records = [record(f"d{i}", text="x" * (i * 9000)) for i in range(20)]
        self.write(records[:7], records[7:], index=False)
        self.check_all(quotewire.open(str(self.folder)), 20)

    def test_an_index_that_does_not_fit_is_made_up_for(self):
        records = [record(f"d{i}") for i in range(20)]
        for damage in (b"", b"QWINDEX0" + bytes(8), b"QWINDEX1" + bytes(8) + b"\xff" * 48 * 20, b"QWINDEX1" + bytes(9)):
            self.write(records[:7], records[7:])
            (self.folder / "segment-000000.index").write_bytes(damage)
            self.check_all(quotewire.open(self.folder), 20)

    def test_it_grows(self):
        records = [record(f"d{i}") for i in range(20)]
        self.write(records[:5])
        corpus = quotewire.open(self.folder)
        self.assertEqual(len(corpus), 5)
        iterator = iter(corpus)
        self.assertEqual([next(iterator).id for _ in range(5)], [f"d{i}" for i in range(5)])
        self.write(records[:7], records[7:])
        self.assertEqual([document.id for document in iterator], [f"d{i}" for i in range(5, 20)])
        self.check_all(corpus, 20)

    def test_a_record_that_is_damaged_says_so_and_leaves_the_others(self):
        records = [record(f"d{i}") for i in range(20)]
        self.write(records[:7], records[7:])
        path = self.folder / "segment-000000.msgpack"
        octets = bytearray(path.read_bytes())
        octets[3 * len(records[0]) + 40] ^= 1
        path.write_bytes(octets)
        corpus = quotewire.open(self.folder)
        with self.assertRaisesRegex(quotewire.Damaged, "segment-000000.msgpack: the record at position 3 is damaged"):
            corpus[3]
        self.assertEqual((corpus[2].id, corpus[4].id, corpus[19].id), ("d2", "d4", "d19"))
        with self.assertRaises(quotewire.Damaged):
            list(corpus)

    def test_records_behind_the_index_are_not_seen(self):
        records = [record(f"d{i}") for i in range(9)]
        self.write(records[:5])
        with open(self.folder / "segment-000000.msgpack", "ab") as segment:
            segment.write(b"".join(records[5:])[:-3])
        self.assertEqual(len(quotewire.open(self.folder)), 5)

    def test_what_is_no_corpus(self):
        for folder in (self.folder, self.folder / "nowhere"):
            with self.assertRaisesRegex(quotewire.NotACorpus, "is not a corpus"):
                quotewire.open(folder)

    def test_documents_are_each_there_once_in_their_newest_form(self):
        failed = {"reason": "a worker died"}
        self.write([record("a"), record("b", failed=failed), record("c", failed=failed), record("d", failed=failed)],
                   [record("b", supersedes=2, text="again"), record("c", supersedes=3, failed=failed, dropped=True),
                    record("c", text="a new one"), record("d", supersedes=4, failed=failed, text="failed again")])
        corpus = quotewire.open(self.folder)
        self.assertEqual([(d.id, d.position, d.text[:9]) for d in corpus.documents()],
                         [("a", 0, "Mara Venn"), ("b", 4, "again"), ("d", 7, "failed ag"), ("c", 6, "a new one")])
        self.assertEqual([d.id for d in corpus.documents(only="failed")], ["d"])
        self.assertEqual([d.id for d in corpus.documents(only="annotated")], ["a", "b", "c"])
        self.assertEqual((corpus["b"].position, corpus["b"].supersedes, len(corpus)), (4, 1, 8))


class State(unittest.TestCase):
    def test_a_position_or_a_clear_error(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "position")
            self.assertIsNone(_state.load(path))
            for position in (0, 7, (1 << 64) - 1):
                _state.store(path, position)
                self.assertEqual(_state.load(path), position)
            self.assertEqual([child.name for child in pathlib.Path(folder).iterdir()], ["position"])
            for wrong in (b"", b"\n", b"-1\n", b"7 8", b"x", b"9" * 40, b"7\n\n"):
                path.write_bytes(wrong)
                with self.assertRaisesRegex(quotewire.Damaged, "does not hold a position"):
                    quotewire.follow("ipc:///tmp/nobody", state=path)


HELLO, WELCOME, ERROR, HEARTBEAT, BYE, FOLLOW, DOCUMENTS = 1, 2, 3, 4, 5, 0x40, 0x41


class Sink(threading.Thread):
    """A sink of so many records that answers each message as `answer(sink, peer, kind, body)` says."""

    def __init__(self, answer, records=()):
        super().__init__(daemon=True)
        self.answer, self.records, self.ended, self.hellos = answer, list(records), False, 0
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.linger = 0
        self.endpoint = f"tcp://127.0.0.1:{self.socket.bind_to_random_port('tcp://127.0.0.1')}"
        self.start()

    def send(self, peer, kind, body, *more):
        self.socket.send_multipart([peer, b"QW\x01" + bytes([kind]) + msgpack.packb(body), *more])

    def welcome(self, peer):
        self.send(peer, WELCOME, {"version": 1, "life": 1, "session": 0, "heartbeat_ms": 100, "documents": len(self.records)})

    def documents(self, peer, position, count):
        found = self.records[position:position + count]
        self.send(peer, DOCUMENTS, {"position": position, "count": len(found), "documents": len(self.records)}, b"".join(found))

    def run(self):
        while not self.ended:
            if self.socket.poll(20):
                peer, frame = self.socket.recv_multipart()
                self.hellos += frame[3] == HELLO
                self.answer(self, peer, frame[3], msgpack.unpackb(frame[4:]))
        self.socket.close()

    def stop(self):
        self.ended = True
        self.join()


class Follow(unittest.TestCase):
    def sink(self, answer, records=()):
        sink = Sink(answer, records)
        self.addCleanup(sink.stop)
        return sink

    @staticmethod
    def honest(sink, peer, kind, body, at_once=3):
        if kind == HELLO:
            sink.welcome(peer)
        elif kind == FOLLOW and body["position"] < len(sink.records):
            sink.documents(peer, body["position"], at_once)

    def test_every_document_once_over_a_sink_that_forgets_and_stops(self):
        told = []

        def forgetful(sink, peer, kind, body):
            told.append(kind)
            if kind == FOLLOW and len(told) % 5 == 0:
                sink.send(peer, ERROR, {"code": 3, "text": "say HELLO first"})
            elif kind == FOLLOW and len(told) % 7 == 0:
                sink.send(peer, BYE, {})
            else:
                self.honest(sink, peer, kind, body)

        sink = self.sink(forgetful, [record(f"d{i}") for i in range(40)])
        with quotewire.follow(sink.endpoint, 3, wait=False) as documents:
            self.assertEqual([(d.id, d.position) for d in documents], [(f"d{i}", i) for i in range(3, 40)])
            self.assertEqual((documents.position, documents.total), (40, 40))
        self.assertGreater(sink.hellos, 3)

    def test_lies_are_told_of_and_come_to_an_end(self):
        good = record("d0")
        lies = {
            "garbage": lambda sink, peer: sink.socket.send_multipart([peer, b"\x00" * 40]),
            "a body that is no map": lambda sink, peer: sink.send(peer, HEARTBEAT, [1]),
            "a body cut off": lambda sink, peer: sink.socket.send_multipart([peer, b"QW\x01\x41\x83"]),
            "a huge list": lambda sink, peer: sink.socket.send_multipart([peer, b"QW\x01\x41\xdd\x05\xf5\xe1\x00"]),
            "no position": lambda sink, peer: sink.send(peer, DOCUMENTS, {"count": 1, "documents": 1}, good),
            "another position": lambda sink, peer: sink.send(peer, DOCUMENTS, {"position": 9, "count": 1, "documents": 1}, good),
            "a count too large": lambda sink, peer: sink.send(peer, DOCUMENTS, {"position": 0, "count": 2, "documents": 1}, good),
            "a count too small": lambda sink, peer: sink.send(peer, DOCUMENTS, {"position": 0, "count": 0, "documents": 1}, good),
            "a wrong checksum": lambda sink, peer: sink.send(peer, DOCUMENTS, {"position": 0, "count": 1, "documents": 1},
                                                             good[:-1] + bytes([good[-1] ^ 1])),
            "a record of other things": lambda sink, peer: sink.send(peer, DOCUMENTS, {"position": 0, "count": 1, "documents": 1},
                                                                     seal(b"\x81\xa2id\x07")),
            "three frames": lambda sink, peer: sink.send(peer, DOCUMENTS, {"position": 0, "count": 1, "documents": 1}, good, b"")}
        for name, lie in lies.items():
            with self.subTest(name):
                sink = self.sink(lambda sink, peer, kind, body, lie=lie: sink.welcome(peer) if kind == HELLO else lie(sink, peer))
                with quotewire.follow(sink.endpoint) as documents:
                    with self.assertRaisesRegex(quotewire.Damaged, "again and again"):
                        next(documents)

    def test_refusals_are_final(self):
        for code, text in ((1, "no common version"), (2, "a bug"), (6, "beyond the corpus"), (9, "record 7 is damaged")):
            sink = self.sink(lambda sink, peer, kind, body, code=code, text=text: sink.send(peer, ERROR, {"code": code, "text": text}))
            with quotewire.follow(sink.endpoint, 7) as documents, self.assertRaisesRegex(quotewire.Refused, text):
                next(documents)

    def test_a_sink_that_falls_silent_is_asked_anew(self):
        silent = self.sink(lambda sink, peer, kind, body: sink.welcome(peer) if kind == HELLO else
                           self.honest(sink, peer, kind, body) if sink.hellos > 1 else None, [record("d0")])
        with quotewire.follow(silent.endpoint) as documents:
            self.assertEqual(next(documents).id, "d0")
        self.assertEqual(silent.hellos, 2)

    def test_nobody_there(self):
        with self.assertRaises(ValueError):
            quotewire.follow("nonsense")
        with quotewire.follow("tcp://127.0.0.1:1", idle=0.2) as documents:
            began = time.monotonic()
            self.assertEqual(list(documents), [])
            self.assertGreaterEqual(time.monotonic() - began, 0.2)

    def test_the_state_is_the_position_behind_what_was_done_with(self):
        sink = self.sink(self.honest, [record(f"d{i}") for i in range(10)])
        with tempfile.TemporaryDirectory() as folder:
            state = pathlib.Path(folder, "position")
            with quotewire.follow(sink.endpoint, state=state) as documents:
                self.assertEqual([next(documents).id for _ in range(2)], ["d0", "d1"])
                self.assertEqual(state.read_text(), "0\n")  # of three that came together, one is left
                self.assertEqual([next(documents).id for _ in range(2)], ["d2", "d3"])
                self.assertEqual(state.read_text(), "3\n")
            self.assertEqual(state.read_text(), "4\n")
            with self.assertRaises(KeyError), quotewire.follow(sink.endpoint, state=state) as documents:
                self.assertEqual([next(documents).id for _ in range(2)], ["d4", "d5"])
                raise KeyError("in the midst of d5")
            self.assertEqual(state.read_text(), "5\n")
            with quotewire.follow(sink.endpoint, 0, state=state, wait=False) as documents:
                self.assertEqual([document.id for document in documents], [f"d{i}" for i in range(5, 10)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
