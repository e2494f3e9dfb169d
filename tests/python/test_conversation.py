#!/usr/bin/env python3
"""Talks to the real programs as PROTOCOL.md says: its worker works beside ours, and its rules for peers hold.

Needs the programs (QUOTEWIRE_BUILD, or build/) and the Python packages msgpack and zmq.
"""

import os
import pathlib
import re
import struct
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

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("QUOTEWIRE_BUILD", ROOT / "build"))
DOCUMENTATION = (ROOT / "proto" / "PROTOCOL.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", DOCUMENTATION, re.MULTILINE | re.DOTALL)
PATIENCE_MS = 30000

HELLO, WELCOME, ERROR, HEARTBEAT, BYE = 1, 2, 3, 4, 5
RESULT, ANNOUNCE, PROGRESS, GIVE_UP = 0x20, 0x30, 0x31, 0x32
FOLLOW, DOCUMENTS, STATUS_REQUEST, STATUS_REPORT = 0x40, 0x41, 0x50, 0x51

ARTICLES = {
    "a.txt": "Pier holds\n\n“It holds,” said Mara Venn, the harbour master.\n\nShe added: “We had luck with the wind.”\n",
    "b.txt": "船は朝に出る。🚢\n\nThe ferry left PORT ÉLAN on Monday.\n",
    "c.txt": "Fin.",
}

DECODERS = {}
for example in EXAMPLES:
    if example.startswith(("def", "TYPES")):
        exec(compile(example, "PROTOCOL.md", "exec"), DECODERS)


class Peer:
    """A DEALER that speaks the protocol."""

    def __init__(self, endpoint):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(endpoint)
        self.told = {}

    def send(self, kind, body, version=1):
        self.socket.send(b"QW" + bytes([version, kind]) + msgpack.packb(body))

    def hello(self, role, **more):
        self.send(HELLO, {"role": role, "version_min": 1, "version_max": 1, "life": 4711, "name": "test", **more})

    def next(self, *kinds):
        """The next message that is no heartbeat; it must be of one of the kinds."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while self.socket.poll(max(0, int(1000 * (end - time.monotonic())))):
            frames = self.socket.recv_multipart()
            assert frames[0][:3] == b"QW\x01", frames[0][:4]
            if frames[0][3] != HEARTBEAT or HEARTBEAT in kinds:
                assert frames[0][3] in kinds, (frames[0][3], frames[0][4:])
                return frames[0][3], msgpack.unpackb(frames[0][4:]), frames[1:]
        raise AssertionError("no answer")

    def close(self):
        self.socket.close()


class Place:
    """A folder with a corpus and the endpoints of a sink and a ventilator in it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="qw")
        self.path = pathlib.Path(self.folder.name)
        self.programs = []

    def endpoint(self, name):
        return f"ipc://{self.path}/{name}"

    def start(self, *command):
        with open(self.path / "log", "ab") as log:
            program = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)
        self.programs.append(program)
        return program

    def start_sink(self):
        return self.start(
            BUILD / "quotewire-sink",
            "--corpus",
            self.path / "corpus",
            "--control",
            self.endpoint("control"),
            "--results",
            self.endpoint("results"),
            "--follow",
            self.endpoint("follow"),
        )

    def log(self):
        return (self.path / "log").read_text(encoding="utf-8", errors="replace")

    def end(self):
        for program in self.programs:
            program.terminate()
        for program in self.programs:
            program.wait(PATIENCE_MS / 1000)
        self.folder.cleanup()


def read_all(place, position=0, credit=1 << 20):
    """Every record from a position on, by FOLLOW."""
    reader = Peer(place.endpoint("follow"))
    reader.hello(4)
    _, welcome, _ = reader.next(WELCOME)
    records = []
    while position < welcome["documents"]:
        reader.send(FOLLOW, {"position": position, "credit": credit})
        _, body, frames = reader.next(DOCUMENTS)
        assert body["position"] == position and len(frames) == 1
        unpacker = msgpack.Unpacker()
        unpacker.feed(frames[0])
        batch = list(unpacker)
        assert len(batch) == body["count"] >= 1
        records += batch
        position += len(batch)
    reader.close()
    return records


class PrintedWorker(unittest.TestCase):
    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.end)
        source = self.place.path / "source"
        source.mkdir()
        for name, text in ARTICLES.items():
            (source / name).write_text(text, encoding="utf-8")
        (self.place.path / "worker.py").write_text(
            next(example for example in EXAMPLES if "zmq" in example), encoding="utf-8"
        )

    def test_a_layer_of_its_own_comes_into_the_corpus_beside_ours(self):
        place = self.place
        place.start_sink()
        place.start(
            BUILD / "quotewire-worker", "--connect", place.endpoint("tasks"), "--models", ROOT / "workers" / "models"
        )
        printed = place.start(sys.executable, place.path / "worker.py", place.endpoint("tasks"))
        ventilator = place.start(
            BUILD / "quotewire-ventilator",
            "--tasks",
            place.endpoint("tasks"),
            "--control",
            place.endpoint("control"),
            "--layers",
            "tokens+entities+quotes,shouting",
            "--chunk-bytes",
            "64",
            place.path / "source",
        )
        self.assertEqual(ventilator.wait(PATIENCE_MS / 1000), 0, place.log())
        self.assertEqual(printed.wait(PATIENCE_MS / 1000), 0, "it ends when the run is over: " + place.log())
        records = read_all(place)
        self.assertEqual([record["text"] for record in records], list(ARTICLES.values()))
        self.assertEqual(records, read_all(place, credit=1))
        self.assertEqual(records[1:], read_all(place, position=1))
        for record in records:
            self.check_layers(record["text"], record["layers"])
        quotes = records[0]["layers"]["quotes"]["quotes"]
        self.assertGreaterEqual(len(quotes), 1)
        self.check_files(records)

    def check_layers(self, text, layers):
        self.assertEqual(list(layers), ["entities", "quotes", "shouting", "structure", "tokens"])
        place = 0
        for start, length, value in layers["shouting"]["parts"]:
            chunk = text[start : start + length]
            self.assertEqual(start, place)
            self.assertEqual(value["share"], sum(c.isupper() for c in chunk) / max(1, len(chunk)))
            place += length
        self.assertEqual(place, len(text))
        tokens = DECODERS["decode_tokens"](layers["tokens"])
        sentences = DECODERS["decode_sentences"](layers["tokens"], tokens)
        mentions, clusters = DECODERS["decode_entities"](layers["entities"], text)
        spans = tokens + sentences + [(mention["start"], mention["end"]) for mention in mentions]
        for quote in DECODERS["decode_quotes"](layers["quotes"], clusters, text):
            spans += [span for span in (quote["cue"], quote["speaker_mention"], quote["via"]) if span]
        for paragraph in DECODERS["decode_structure"](layers["structure"]["paragraphs"]):
            spans.append((paragraph["start"], paragraph["end"]))
        for start, end in spans:
            self.assertTrue(0 <= start < end <= len(text))
            self.assertEqual(text[start:end].strip(), text[start:end])

    def check_files(self, records):
        corpus = self.place.path / "corpus"
        segment = (corpus / "segment-000000.msgpack").read_bytes()
        index = (corpus / "segment-000000.index").read_bytes()
        self.assertEqual(index[:16], b"QWINDEX1" + bytes(8))
        entries = list(struct.iter_unpack("<QII16sIIII", index[16:]))
        self.assertEqual([msgpack.unpackb(segment[entry[0] : entry[0] + entry[1]]) for entry in entries], records)
        self.assertEqual([entry[2] for entry in entries], [record["crc32c"] for record in records])
        self.assertEqual([entry[5] for entry in entries], [record["layers"]["tokens"]["count"] for record in records])


class Sink(unittest.TestCase):
    """This test is ventilator, worker and reader; the sink is the real one."""

    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.end)
        self.place.start_sink()
        self.peers = []
        self.addCleanup(lambda: [peer.close() for peer in self.peers])

    def peer(self, name):
        self.peers.append(Peer(self.place.endpoint(name)))
        return self.peers[-1]

    def ventilator(self, life=4711, layers=("mood",)):
        peer = self.peer("control")
        peer.hello(1, layers=list(layers), life=life)
        _, welcome, _ = peer.next(WELCOME)
        self.assertEqual(welcome["endpoint"], self.place.endpoint("results"))
        self.assertNotEqual(welcome["session"], 0)
        return peer, welcome["session"]

    def document(self, sequence, text="Rain.", **more):
        return {
            "sequence": sequence,
            "id": f"id-{sequence}",
            "source": {},
            "text": text,
            "structure": [],
            "chunks": [len(text)],
            **more,
        }

    def announce(self, peer, session, number, *documents):
        peer.send(ANNOUNCE, {"session": session, "number": number, "documents": list(documents)})

    def progress(self, peer, key, numbers=3):
        """What PROGRESS messages say under the key, as soon as it is so many numbers; one message may say several things."""
        while len(peer.told.get(key, [])) < numbers:
            _, body, _ = peer.next(PROGRESS)
            for other in ("accepted", "received", "refused", "committed"):
                peer.told.setdefault(other, []).extend(body.get(other, []))
        return peer.told.pop(key)

    def error(self, peer):
        return peer.next(ERROR)[1]["code"]

    def result(self, session, sequence, value, chunk=0, **more):
        worker = self.peer("results")
        worker.send(
            RESULT,
            {
                "session": session,
                "task": 1,
                "layers": ["mood"],
                "chunks": [{"sequence": sequence, "chunk": chunk, "layers": {"mood": value}, **more}],
            },
        )
        return worker

    def test_a_document_is_accepted_received_and_committed(self):
        peer, session = self.ventilator()
        self.announce(peer, session, 1, self.document(0))
        self.assertEqual(self.progress(peer, "accepted", 1), [0])
        self.result(session, 0, {"score": 0.5})
        self.assertEqual(self.progress(peer, "received"), [0, 0, 1])
        self.assertEqual(self.progress(peer, "committed"), [0, 0, 0])
        (record,) = read_all(self.place)
        self.assertEqual(record["layers"]["mood"], {"parts": [[0, 5, {"score": 0.5}]]})

    def test_what_is_in_the_corpus_is_known_in_the_next_session(self):
        self.test_a_document_is_accepted_received_and_committed()
        self.peers[0].send(BYE, {"drain": True})
        peer, session = self.ventilator(life=4712)
        self.announce(peer, session, 1, self.document(0))
        self.assertEqual(self.progress(peer, "committed"), [0, 2, 0])

    def test_the_same_id_with_another_text_is_a_failed_document(self):
        self.test_a_document_is_accepted_received_and_committed()
        peer, session = self.ventilator()
        self.announce(peer, session, 1, self.document(0, text="Snow."))
        self.assertEqual(self.progress(peer, "committed"), [0, 1, 1])
        self.assertRegex(read_all(self.place)[1]["id"], "^id-0#[0-9a-f]{16}$")

    def test_documents_leave_in_the_order_of_the_source_and_holes_are_named(self):
        peer, session = self.ventilator()
        self.announce(
            peer, session, 1, self.document(0), self.document(1, "", chunks=[], failed="torn"), self.document(2)
        )
        self.result(session, 2, None, failed="no words for it")
        self.progress(peer, "received")
        peer.send(
            GIVE_UP, {"session": session, "number": 2, "sequence": 0, "chunk": 0, "layer_mask": 1, "text": "three died"}
        )
        self.assertEqual(self.progress(peer, "committed", 9), [0, 1, 0, 1, 1, 1, 2, 1, 2])
        first, second, third = read_all(self.place)
        self.assertEqual(first["failed"]["holes"], [[0, 5, ["mood"], "three died"]])
        self.assertEqual(second["failed"], {"reason": "torn"})
        self.assertEqual(third["failed"]["holes"], [[0, 5, ["mood"], "no words for it"]])

    def test_a_wrong_result_is_refused_to_both(self):
        peer, session = self.ventilator(layers=["tokens"])
        self.announce(peer, session, 1, self.document(0))
        worker = self.peer("results")
        wrong = {"by": "test", "count": 1, "spans": b"\x09", "sentences": b"\x01"}
        worker.send(
            RESULT,
            {
                "session": session,
                "task": 1,
                "layers": ["tokens"],
                "chunks": [{"sequence": 0, "chunk": 0, "layers": {"tokens": wrong}}],
            },
        )
        self.assertEqual(self.progress(peer, "refused"), [0, 0, 1])
        self.assertEqual(self.error(worker), 2)

    def test_a_layer_comes_to_those_that_a_document_has(self):
        has = {
            "colour": {"parts": [[0, 5, "grey"]]},
            "structure": {"by": "somebody", "paragraphs": [0, 5, 0]},
            "tokens": {"by": "somebody", "count": 1, "spans": bytes([0x00, 0x05]), "sentences": b"\x01"},
            "weather": 7,
        }
        peer, session = self.ventilator()
        holes = [[0, 5, ["tokens"], "three died"]]
        self.announce(
            peer, session, 1, self.document(0, layers=has), self.document(1, chunks=[], failed="so", layers={}, holes=holes)
        )
        self.result(session, 0, {"score": 0.5})
        self.assertEqual(self.progress(peer, "committed", 6), [0, 0, 0, 1, 1, 1])
        first, second = read_all(self.place)
        self.assertEqual(list(first["layers"]), ["colour", "mood", "structure", "tokens", "weather"])
        self.assertEqual({**first["layers"], "mood": 0}, {**has, "mood": 0})
        self.assertEqual(second["text"], "Rain.")
        self.assertEqual((second["failed"], second["layers"]), ({"reason": "so", "holes": holes}, {}))

    def test_layers_that_lie_are_refused(self):
        outside = {"structure": {"paragraphs": [3, 9, 0]}}
        lies = [
            ({"layers": outside}, ["mood"]),
            ({"layers": {"quotes": {"quotes": [[]]}}}, ["mood"]),
            ({"layers": {}, "holes": [[2, 9, [], ""]], "failed": "so", "chunks": []}, ["mood"]),
            ({"layers": {}, "holes": [7], "failed": "so", "chunks": []}, ["mood"]),
            ({"layers": {}}, ["tokens"]),
        ]
        for lie, layers in lies:
            peer, session = self.ventilator(layers=layers)
            self.announce(peer, session, 1, self.document(0, **lie))
            self.assertEqual(self.error(peer), 2, lie)

    def test_a_gap_in_the_numbers_ends_the_session(self):
        peer, session = self.ventilator()
        self.announce(peer, session, 2, self.document(0))
        self.assertEqual(self.error(peer), 6)
        peer, session = self.ventilator()
        peer.send(HEARTBEAT, {"session": session, "last": 1})
        self.assertEqual(self.error(peer), 6)

    def test_a_message_of_another_session_is_refused(self):
        peer, session = self.ventilator()
        self.announce(peer, session + 1, 1, self.document(0))
        self.assertEqual(self.error(peer), 5)

    def test_one_ventilator_at_a_time(self):
        self.ventilator()
        other = self.peer("control")
        other.hello(1, layers=["mood"], life=4712)
        self.assertEqual(self.error(other), 4)

    def test_refusals(self):
        cases = {
            "no HELLO": ("control", lambda peer: peer.send(HEARTBEAT, {}), 3),
            "no HELLO of a reader": ("follow", lambda peer: peer.send(FOLLOW, {"position": 0, "credit": 1}), 3),
            "no common version": (
                "control",
                lambda peer: peer.hello(1, layers=["mood"], version_min=7, version_max=9),
                1,
            ),
            "another version": ("control", lambda peer: peer.send(HELLO, {}, version=9), 1),
            "unknown type": ("control", lambda peer: peer.send(0x7F, {}), 1),
            "missing key": ("control", lambda peer: peer.send(HELLO, {"role": 1}), 2),
            "not the protocol": ("control", lambda peer: peer.socket.send(b"GET / HTTP/1.1"), 2),
            "100 million items": ("control", lambda peer: peer.socket.send(b"QW\x01\x01\xdd\x05\xf5\xe1\x00"), 2),
            "another role": ("follow", lambda peer: peer.hello(2), 2),
            "layer of the ventilator": ("control", lambda peer: peer.hello(1, layers=["structure"]), 8),
            "no layers": ("control", lambda peer: peer.hello(1), 8),
            "no RESULT": ("results", lambda peer: peer.hello(2), 2),
        }
        for name, (socket, act, code) in cases.items():
            with self.subTest(name):
                peer = self.peer(socket)
                act(peer)
                self.assertEqual(self.error(peer), code)

    def test_a_reader_beyond_the_end_is_refused(self):
        reader = self.peer("follow")
        reader.hello(4)
        reader.next(WELCOME)
        reader.send(FOLLOW, {"position": 1, "credit": 1})
        self.assertEqual(self.error(reader), 6)

    def test_a_reader_gets_live_documents(self):
        reader = self.peer("follow")
        reader.hello(4)
        reader.next(WELCOME)
        reader.send(FOLLOW, {"position": 0, "credit": 1 << 20})
        self.test_a_document_is_accepted_received_and_committed()
        _, body, frames = reader.next(DOCUMENTS)
        self.assertEqual((body["position"], body["count"], body["documents"]), (0, 1, 1))
        self.assertEqual(msgpack.unpackb(frames[0])["id"], "id-0")

    def test_status_needs_no_hello(self):
        admin = self.peer("control")
        admin.send(STATUS_REQUEST, {})
        _, report, _ = admin.next(STATUS_REPORT)
        self.assertEqual((report["role"], report["documents"]), (3, 0))


class Ventilator(unittest.TestCase):
    """This test is the sink; the ventilator is the real one."""

    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.end)
        (self.place.path / "a.txt").write_text("Rain.", encoding="utf-8")
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.bind(self.place.endpoint("control"))
        self.addCleanup(self.socket.close)
        command = [BUILD / "quotewire-ventilator", "--tasks", self.place.endpoint("tasks"), "--control"]
        self.ventilator = self.place.start(*command, self.place.endpoint("control"), self.place.path / "a.txt")

    def next(self, kind, patience_ms=PATIENCE_MS):
        """The next message of this kind: who sent it, and its body; None when none comes in time."""
        end = time.monotonic() + patience_ms / 1000
        while self.socket.poll(max(0, int(1000 * (end - time.monotonic())))):
            peer, frame = self.socket.recv_multipart()
            if frame[3] == kind:
                return peer, msgpack.unpackb(frame[4:])
        return None

    def send(self, peer, kind, body):
        self.socket.send_multipart([peer, b"QW\x01" + bytes([kind]) + msgpack.packb(body)])

    def welcome(self, peer, session):
        self.send(peer, WELCOME, {"version": 1, "life": 1, "session": session, "heartbeat_ms": 1000, "endpoint": "ipc:///none"})

    def test_many_refusals_begin_one_session(self):
        first, _ = self.next(HELLO)
        self.welcome(first, 1)
        self.assertEqual(self.next(ANNOUNCE)[1]["session"], 1)
        greeted = None
        end = time.monotonic() + PATIENCE_MS / 1000
        while not greeted and time.monotonic() < end:  # more refusals than one, as there are for all that waited in a pipe
            self.send(first, ERROR, {"code": 3, "text": "say HELLO first"})
            greeted = self.next(HELLO, 1)
        second, _ = greeted
        self.assertNotEqual(first, second, "a new session begins on a fresh socket")
        self.welcome(second, 2)
        self.assertEqual(self.next(ANNOUNCE)[1]["session"], 2)
        self.assertIsNone(self.next(HELLO, 600), "a second greeting would end the session that has just begun")
        self.send(second, PROGRESS, {"session": 2, "number": 1, "documents": 1, "committed": [0, 0, 0]})
        self.assertEqual(self.ventilator.wait(PATIENCE_MS / 1000), 0, self.place.log())


if __name__ == "__main__":
    unittest.main()
