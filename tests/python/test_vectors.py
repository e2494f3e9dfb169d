#!/usr/bin/env python3
"""Reads the vectors of proto/vectors with plain msgpack, and layers with the decoders that PROTOCOL.md prints.

So what the specification says can be seen to be enough for a reader in another language.
"""

import json
import pathlib
import re
import struct
import sys
import types
import unittest

try:
    import msgpack
except ImportError:
    print("skipped: the Python package msgpack is missing (Debian: python3-msgpack)")
    sys.exit(77)

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
DOCUMENTATION = (PROTO / "PROTOCOL.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", DOCUMENTATION, re.MULTILINE | re.DOTALL)

DECODERS = {}
for example in EXAMPLES:
    if not example.startswith("import"):
        exec(compile(example, "PROTOCOL.md", "exec"), DECODERS)


def vectors(folder):
    found = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((PROTO / "vectors" / folder).glob("*.json"))
    ]
    assert found, "no vectors in " + folder
    return found


def plain(value):
    """The value as the vectors write it down."""
    if isinstance(value, bytes):
        return {"bin": value.hex()}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1 << 63:
        return {"uint64": str(value)}
    return value


def pairs(spans):
    return [list(span) for span in spans]


def without_duplicates(items):
    found = dict(items)
    if len(found) != len(items):
        raise ValueError("a key twice")
    if any(isinstance(value, msgpack.Timestamp) for value in found.values()):
        raise ValueError("an extension type")
    return found


def strict(encoded):
    """What every receiver must refuse in MessagePack raises here."""

    def refuse(code, data):
        raise ValueError("an extension type")

    return msgpack.unpackb(
        encoded, raw=False, strict_map_key=True, timestamp=0, ext_hook=refuse, object_pairs_hook=without_duplicates
    )


def crc32c(data):
    crc = 0xFFFFFFFF
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Messages(unittest.TestCase):
    def test_every_message_is_what_its_octets_say(self):
        for vector in vectors("messages"):
            if vector["valid"]:
                with self.subTest(vector["name"]):
                    frame = bytes.fromhex(vector["hex"])
                    self.assertEqual(frame[:3], b"QW\x01")
                    value = strict(frame[4:])
                    self.assertEqual(plain(value), vector["json"])
                    if vector["canonical"]:
                        self.assertEqual(msgpack.packb(value), frame[4:])

    def test_type_numbers_are_those_of_the_grammar(self):
        grammar = {
            name.upper().replace("-", "_"): int(number, 16)
            for name, number in re.findall(r"^    ([a-z-]+) += head %x([0-9A-F]{2})", DOCUMENTATION, re.MULTILINE)
        }
        seen = set()
        for vector in vectors("messages"):
            if vector["valid"]:
                with self.subTest(vector["name"]):
                    self.assertEqual(bytes.fromhex(vector["hex"])[3], grammar[vector["message"]])
                    seen.add(vector["message"])
        self.assertEqual(len(seen), 15)

    def test_every_key_of_a_message_stands_in_its_table(self):
        sections = dict(
            re.findall(r"^### (HELLO.*?|[A-Z_]{3,}.*?)\n(.*?)(?=^##)", DOCUMENTATION, re.MULTILINE | re.DOTALL)
        )
        for vector in vectors("messages"):
            if not vector["valid"] or not vector["canonical"]:
                continue
            text = next(body for title, body in sections.items() if vector["message"] in re.split(r"[^A-Z_]+", title))
            items = [vector["json"]]
            for key in ("chunks", "documents", "workers"):
                listed = vector["json"].get(key)
                items += listed if isinstance(listed, list) else []
            for key in {key for item in items for key in item}:
                with self.subTest(vector["name"], key=key):
                    self.assertIn("`" + key + "`", text)

    def test_what_breaks_messagepack_itself_is_refused(self):
        names = {
            "truncated",
            "truncated-text",
            "truncated-number",
            "no-body",
            "left-over",
            "duplicate-key",
            "key-is-a-number",
            "huge-list",
            "huge-map",
            "huge-text",
            "extension-type",
            "text-not-utf-8",
            "surrogate",
        }
        for vector in vectors("messages"):
            name = vector["name"].removeprefix("invalid-")
            if name in names:
                names.remove(name)
                with self.subTest(name), self.assertRaises(Exception):
                    strict(bytes.fromhex(vector["hex"])[4:])
        self.assertEqual(names, set())


class Layers(unittest.TestCase):
    def check(self, kind, vector, layer):
        told, text = vector["annotations"], vector["text"]
        if kind == "tokens":
            tokens = DECODERS["decode_tokens"](layer)
            self.assertEqual(pairs(tokens), told["tokens"])
            self.assertEqual(pairs(DECODERS["decode_sentences"](layer, tokens)), told["sentences"])
        elif kind == "entities":
            self.check_entities(told, *DECODERS["decode_entities"](layer, text))
        elif kind == "quotes":
            clusters = [{**cluster, "key": key} for key, cluster in told["clusters"].items()]
            self.check_quotes(told, DECODERS["decode_quotes"](layer, clusters, text))
        elif kind == "structure":
            self.assertEqual(DECODERS["decode_structure"](layer["paragraphs"]), told["structure"])
        else:
            self.fail("no such layer: " + kind)

    def check_entities(self, told, mentions, clusters):
        keys = [cluster["key"] for cluster in clusters]
        found = [
            {
                "start": m["start"],
                "end": m["end"],
                "type": m["type"],
                "entity": keys[m["cluster"]] if m["cluster"] >= 0 else None,
            }
            for m in mentions
        ]
        self.assertEqual(found, told["entities"])
        self.assertEqual({c["key"]: {"name": c["name"], "type": c["type"]} for c in clusters}, told["clusters"])

    def check_quotes(self, told, quotes):
        self.assertEqual(len(quotes), len(told["quotes"]))
        for quote, expected in zip(quotes, told["quotes"]):
            quote = {key: list(value) if isinstance(value, tuple) else value for key, value in quote.items()}
            expected = {"via": None, **expected}
            self.assertEqual(quote, {key: expected[key] for key in quote})
            self.assertEqual(set(expected) - set(quote), {"opens_before", "runs_on"})

    def test_layers_say_what_the_printed_decoders_read(self):
        for vector in vectors("layers"):
            encoded = bytes.fromhex(vector["hex"])
            if vector["valid"]:
                with self.subTest(vector["name"]):
                    value = strict(encoded)
                    self.assertEqual(plain(value), vector["json"])
                    if vector["canonical"]:
                        self.assertEqual(msgpack.packb(value), encoded)
                    if vector["kind"] == "key":
                        self.assertEqual(DECODERS["usual_key"](*value[:2]), value[2])
                    else:
                        self.check(vector["kind"], vector, value)


class Corpus(unittest.TestCase):
    layers = Layers("check")

    def test_records_prove_themselves(self):
        for vector in vectors("corpus"):
            record = bytes.fromhex(vector["hex"])
            if vector["kind"] != "record" or not vector["valid"]:
                continue
            with self.subTest(vector["name"]):
                value = strict(record)
                self.assertEqual(plain(value), vector["json"])
                self.assertEqual(record[-12:-4], bytes.fromhex("a6637263333263ce"))
                self.assertEqual(struct.unpack(">I", record[-4:])[0], value["crc32c"])
                self.assertEqual(crc32c(record[:-12]), value["crc32c"])
                for name in ("structure", "tokens", "entities"):
                    if "annotations" in vector:
                        self.layers.check(name, vector, value["layers"][name])

    def test_a_flipped_bit_shows(self):
        broken = [vector for vector in vectors("corpus") if vector["name"] == "invalid-record-flipped-bit"]
        record = bytes.fromhex(broken[0]["hex"])
        self.assertNotEqual(crc32c(record[:-12]), struct.unpack(">I", record[-4:])[0])

    def test_the_index_tells_where_records_are(self):
        for vector in vectors("corpus"):
            if vector["kind"] != "segment":
                continue
            segment, index = bytes.fromhex(vector["hex"]), bytes.fromhex(vector["index_hex"])
            magic, first = struct.unpack_from("<8sQ", index)
            self.assertEqual((magic, first), (b"QWINDEX1", vector["first_position"]))
            names = ("offset", "size", "crc32c", "id_hash", "flags", "tokens", "mentions", "quotes")
            entries = [dict(zip(names, fields)) for fields in struct.iter_unpack("<QII16sIIII", index[16:])]
            self.assertEqual([{**entry, "id_hash": entry["id_hash"].hex()} for entry in entries], vector["entries"])
            records = [strict(segment[entry["offset"] : entry["offset"] + entry["size"]]) for entry in entries]
            self.assertEqual(plain(records), vector["json"])
            unpacker = msgpack.Unpacker(raw=False)
            unpacker.feed(segment)
            self.assertEqual(plain(list(unpacker)), vector["json"])


class PrintedWorker(unittest.TestCase):
    """The worker that PROTOCOL.md prints, against a ventilator and a sink that are lists of messages."""

    def run_worker(self, incoming):
        sent = {"tasks": [], "results": []}

        class Socket:
            def __init__(self):
                self.name = None

            def connect(self, endpoint):
                self.name = endpoint

            def send(self, frame):
                sent[self.name].append((frame[:3], frame[3], msgpack.unpackb(frame[4:])))

            def poll(self, milliseconds):
                return bool(incoming)

            def recv(self):
                kind, body = incoming.pop(0)
                return b"QW\x01" + bytes([kind]) + msgpack.packb(body)

            def close(self):
                pass

        stub = types.ModuleType("zmq")
        stub.DEALER = 5
        source = next(example for example in EXAMPLES if "zmq" in example)
        before = sys.modules.get("zmq")
        sys.modules["zmq"] = stub
        try:
            module = {"__name__": "printed_worker"}
            exec(compile(source, "PROTOCOL.md", "exec"), module)
        finally:
            if before:
                sys.modules["zmq"] = before
            else:
                del sys.modules["zmq"]
        context = types.SimpleNamespace(socket=lambda kind: Socket())
        return module["work"](context, "tasks"), sent

    WELCOME = (2, {"version": 1, "life": 1, "session": 7, "heartbeat_ms": 1000, "endpoint": "results"})

    def test_it_answers_a_task_with_a_result_and_done(self):
        task = {
            "task": 3,
            "session": 7,
            "layers": ["shouting"],
            "chunks": [
                {"sequence": 4, "chunk": 1, "id": "a", "text": "HEy", "structure": [0, 3, 0]},
                {"sequence": 5, "chunk": 0, "id": "b", "text": "", "structure": []},
            ],
        }
        over, sent = self.run_worker([self.WELCOME, (16, task), (5, {"drain": True})])
        self.assertTrue(over)
        hello, *others = sent["tasks"]
        self.assertEqual(hello[:2], (b"QW\x01", 1))
        self.assertEqual((hello[2]["role"], hello[2]["layers"], hello[2]["credit"]), (2, ["shouting"], 2))
        self.assertIn((b"QW\x01", 4, {"credit": 2}), others)
        self.assertEqual([body for _, kind, body in others if kind == 17], [{"task": 3}])
        self.assertEqual(
            sent["results"],
            [
                (
                    b"QW\x01",
                    32,
                    {
                        "session": 7,
                        "task": 3,
                        "layers": ["shouting"],
                        "chunks": [
                            {"sequence": 4, "chunk": 1, "layers": {"shouting": {"by": "shouting 1", "share": 2 / 3}}},
                            {"sequence": 5, "chunk": 0, "layers": {"shouting": {"by": "shouting 1", "share": 0.0}}},
                        ],
                    },
                )
            ],
        )

    def test_it_begins_anew_when_the_ventilator_leaves(self):
        over, _ = self.run_worker([self.WELCOME, (5, {})])
        self.assertFalse(over)

    def test_it_begins_anew_after_an_error(self):
        before, sys.stderr = sys.stderr, open("/dev/null", "w", encoding="utf-8")
        try:
            over, sent = self.run_worker([self.WELCOME, (3, {"code": 3, "text": "say HELLO first"})])
        finally:
            sys.stderr.close()
            sys.stderr = before
        self.assertFalse(over)
        self.assertEqual(sent["results"], [])


if __name__ == "__main__":
    unittest.main()
