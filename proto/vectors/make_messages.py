"""Writes messages/*.json: every message at its least and in full, forms that must be accepted, and forms that must not."""

import layer_encoder
from vector_files import pack, write

TYPES = {
    "HELLO": 0x01,
    "WELCOME": 0x02,
    "ERROR": 0x03,
    "HEARTBEAT": 0x04,
    "BYE": 0x05,
    "TASK": 0x10,
    "DONE": 0x11,
    "RESULT": 0x20,
    "ANNOUNCE": 0x30,
    "PROGRESS": 0x31,
    "GIVE_UP": 0x32,
    "FOLLOW": 0x40,
    "DOCUMENTS": 0x41,
    "STATUS_REQUEST": 0x50,
    "STATUS_REPORT": 0x51,
}


def head(message, version=1):
    return b"QW" + bytes([version, TYPES[message]])


def valid(name, message, body):
    """What an encoder writes, byte for byte."""
    frame = head(message) + pack(body)
    write("messages", name, message=message, valid=True, canonical=True, hex=frame.hex(), json=body)


def accepted(name, message, body, encoded):
    """What a decoder takes although no encoder of ours writes it."""
    frame = head(message) + encoded
    write("messages", name, message=message, valid=True, canonical=False, hex=frame.hex(), json=body)


def invalid(name, message, frame, error):
    write("messages", "invalid-" + name, message=message, valid=False, hex=frame.hex(), json=None, error=error)


TEXT = "“The pier holds,” said Mara Venn."
STRUCTURE = [0, 33, 0]
LAYERS = {
    "tokens": layer_encoder.tokens(
        "rules 1",
        {
            "tokens": [[0, 1], [1, 4], [5, 9], [10, 15], [15, 16], [16, 17], [18, 22], [23, 27], [28, 32], [32, 33]],
            "sentences": [[0, 33]],
        },
    ),
    "entities": {"by": "tagger 1", "mentions": [23, 9, 0, 0]},
    "quotes": {"by": "rules 1", "quotes": [[0, 17, 0, 0, 18, 4, 23, 9, 1, 90, None]]},
}
LIFE = 0xF3A1C2D4E5B60718  # does not fit into a signed integer
BIG = (1 << 64) - 1


def connections():
    peer = {"role": 2, "version_min": 1, "version_max": 1, "life": 7, "name": "w"}
    valid("hello-worker-minimal", "HELLO", {**peer, "layers": ["sentiment"], "credit": 1})
    valid(
        "hello-worker",
        "HELLO",
        {
            "role": 2,
            "version_min": 1,
            "version_max": 3,
            "life": LIFE,
            "name": "worker-3.node17",
            "software": "quotewire 0.1.0",
            "process": 48213,
            "layers": ["tokens", "entities", "quotes"],
            "credit": 16,
        },
    )
    valid(
        "hello-ventilator",
        "HELLO",
        {
            "role": 1,
            "version_min": 1,
            "version_max": 1,
            "life": LIFE,
            "name": "ventilator",
            "software": "quotewire 0.1.0",
            "process": 300,
            "layers": ["tokens", "entities", "quotes"],
        },
    )
    valid("hello-reader", "HELLO", {**peer, "role": 4, "name": "lecteur à Genève"})

    valid(
        "welcome-reader", "WELCOME", {"version": 1, "life": 9, "session": 0, "heartbeat_ms": 1000, "documents": 70000}
    )
    valid("welcome-minimal", "WELCOME", {"version": 1, "life": BIG, "session": 0, "heartbeat_ms": 0})
    valid(
        "welcome-ventilator",
        "WELCOME",
        {
            "version": 1,
            "life": 9,
            "session": 42,
            "heartbeat_ms": 1000,
            "software": "quotewire 0.1.0",
            "endpoint": "tcp://sink.example:5557",
            "key": "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
            "window_documents": 4096,
            "window_bytes": 268435456,
            "max_document_bytes": 16777216,
            "documents": 5000000000,
            "secret": [LIFE, 7],
        },
    )
    valid(
        "welcome-worker",
        "WELCOME",
        {
            "version": 1,
            "life": 9,
            "session": 42,
            "heartbeat_ms": 1000,
            "software": "quotewire 0.1.0",
            "lease_ms": 30000,
            "endpoint": "tcp://sink.example:5557",
            "key": "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
            "layers": ["tokens", "entities", "quotes"],
        },
    )

    valid("error-version", "ERROR", {"code": 1, "text": "versions 2 to 3 were offered, 1 is spoken here"})
    valid("error-minimal", "ERROR", {"code": 3, "text": ""})
    valid(
        "error-long",
        "ERROR",
        {"code": 9, "text": "the corpus cannot be written: " + 20 * "no space left – " + "stopped"},
    )

    valid("heartbeat-minimal", "HEARTBEAT", {})
    valid("heartbeat-worker", "HEARTBEAT", {"session": 42, "credit": 16, "held": [129, 130, 65536]})
    valid("heartbeat-sink", "HEARTBEAT", {"session": 42, "last": 256})

    valid("bye-minimal", "BYE", {})
    valid("bye-drain", "BYE", {"drain": True, "text": "the source has ended"})


def work():
    chunk = {"sequence": 0, "chunk": 0, "id": "a", "text": "Rain.", "structure": [0, 5, 0]}
    valid("task-minimal", "TASK", {"task": 1, "session": 42, "layers": ["tokens"], "chunks": [chunk]})
    valid(
        "task-full",
        "TASK",
        {
            "task": 4294967296,
            "session": 42,
            "layers": ["tokens", "entities", "quotes"],
            "chunks": [
                {"sequence": 17, "chunk": 0, "id": "harbour-17", "text": TEXT, "structure": STRUCTURE, "whole": True},
                {
                    "sequence": 18,
                    "chunk": 3,
                    "id": "港-18",
                    "text": "船は朝に出る。🚢\n\nFin.\n",
                    "structure": [0, 8, 0, 2, 4, 5],
                },
                {"sequence": 19, "chunk": 0, "id": "empty", "text": "", "structure": []},
            ],
        },
    )

    valid(
        "task-of-a-corpus",
        "TASK",
        {
            "task": 1,
            "session": 42,
            "layers": ["sentiment"],
            "chunks": [
                {"sequence": 0, "chunk": 0, "id": "harbour-17", "text": TEXT, "structure": STRUCTURE, "layers": LAYERS},
            ],
        },
    )

    valid("done-minimal", "DONE", {"task": 0})
    valid("done-full", "DONE", {"task": 130, "microseconds": 1250, "credit": 16})

    valid(
        "result-minimal",
        "RESULT",
        {
            "session": 42,
            "task": 0,
            "layers": ["sentiment"],
            "chunks": [{"sequence": 0, "chunk": 0, "layers": {"sentiment": {"by": "mood 2", "score": -0.5}}}],
        },
    )
    valid(
        "result-full",
        "RESULT",
        {
            "session": 42,
            "task": 4294967296,
            "name": "worker-3.node17",
            "layers": ["tokens", "entities", "quotes"],
            "chunks": [
                {"sequence": 17, "chunk": 0, "layers": LAYERS, "settled": True},
                {"sequence": 18, "chunk": 3, "layers": {}, "failed": "the model has no room for this text"},
            ],
        },
    )


def delivery():
    document = {"sequence": 0, "id": "a", "source": {}, "text": "", "structure": [], "chunks": [0]}
    valid("announce-minimal", "ANNOUNCE", {"session": 42, "number": 1, "documents": [document]})
    valid(
        "announce-full",
        "ANNOUNCE",
        {
            "session": 42,
            "number": 2,
            "documents": [
                {
                    "sequence": 1,
                    "id": "harbour-17",
                    "source": {"path": "news/harbour.jsonl", "record": 17},
                    "metadata": {
                        "title": "Pier holds",
                        "views": 1234567890123,
                        "change": -130,
                        "ratio": 0.25,
                        "tags": ["port", None, True],
                        "place": {"lat": -0.5, "lon": 12.125},
                    },
                    "text": TEXT,
                    "structure": STRUCTURE,
                    "chunks": [17, 16],
                },
                {
                    "sequence": 2,
                    "id": "0123456789abcdef0123456789abcdef",
                    "source": {"path": "news/torn.gz"},
                    "text": "",
                    "structure": [],
                    "chunks": [],
                    "failed": "gzip: unexpected end of file",
                },
                {
                    "sequence": 3,
                    "id": "retry",
                    "source": {"path": "old.txt", "encoding": "windows-1252"},
                    "text": "Déjà vu.",
                    "structure": [0, 8, 0],
                    "chunks": [8],
                    "supersedes": 12,
                },
            ],
        },
    )

    valid(
        "announce-of-a-corpus",
        "ANNOUNCE",
        {
            "session": 42,
            "number": 3,
            "documents": [
                {
                    "sequence": 0,
                    "id": "harbour-17",
                    "source": {},
                    "text": TEXT,
                    "structure": STRUCTURE,
                    "chunks": [33],
                    "layers": LAYERS,
                },
                {
                    "sequence": 1,
                    "id": "harbour-18",
                    "source": {},
                    "text": "Fin.",
                    "structure": [],
                    "chunks": [],
                    "failed": "a part could not be annotated",
                    "layers": {},
                    "holes": [[0, 4, ["tokens"], "three workers died over it"]],
                },
            ],
        },
    )

    valid("progress-minimal", "PROGRESS", {"session": 42, "number": 1, "documents": 0})
    valid(
        "progress-full",
        "PROGRESS",
        {
            "session": 42,
            "number": 300,
            "documents": 70002,
            "accepted": [19, 20, 21],
            "received": [17, 0, 7, 17, 1, 7, 18, 3, 1],
            "refused": [18, 3, 6],
            "committed": [15, 0, 70000, 16, 1, 70001, 4, 2, 31, 5, 3, 32],
            "counts": [1810, 74, 9],
            "struck": ["rack-7"],
        },
    )

    valid(
        "give-up-minimal",
        "GIVE_UP",
        {"session": 42, "number": 3, "sequence": 0, "chunk": 0, "layer_mask": 1, "text": ""},
    )
    valid(
        "give-up-full",
        "GIVE_UP",
        {
            "session": 42,
            "number": 70000,
            "sequence": 18,
            "chunk": 3,
            "layer_mask": 6,
            "text": "three workers died over this chunk; the last was “worker-3”",
        },
    )


def reading():
    valid("follow-start", "FOLLOW", {"position": 0, "credit": 1})
    valid("follow-far", "FOLLOW", {"position": 5000000000, "credit": 16777216})
    valid("documents-none", "DOCUMENTS", {"position": 0, "count": 0, "documents": 0})
    valid("documents-some", "DOCUMENTS", {"position": 4999999990, "count": 10, "documents": 5000000000})

    valid("status-request", "STATUS_REQUEST", {})
    valid("status-report-minimal", "STATUS_REPORT", {"role": 3, "documents": 0})
    valid(
        "status-report-sink",
        "STATUS_REPORT",
        {
            "role": 3,
            "documents": 70002,
            "failures": 3,
            "duplicates": 11,
            "bytes": 412000000,
            "open": 120,
            "readers": 2,
            "mean_commit_us": 830,
            "counts": [81000000, 2400000, 310000],
        },
    )
    worker = {
        "name": "worker-3.node17",
        "tasks": 2,
        "chunks": 9120,
        "bytes": 36000000,
        "rate": 1800000,
        "seen_ms": 12,
        "strikes": 0,
    }
    valid(
        "status-report-ventilator",
        "STATUS_REPORT",
        {
            "role": 1,
            "documents": 70002,
            "failures": 3,
            "open": 120,
            "queued": 64,
            "redeliveries": 5,
            "workers": [worker, {**worker, "name": "лиса", "tasks": 0, "strikes": 1, "seen_ms": 29000}],
        },
    )


def tolerated():
    body = {"task": 5, "microseconds": 9, "credit": 2, "colour": {"r": [1, 2], "g": None, "b": b"\x00"}}
    accepted("accepted-unknown-key", "DONE", body, pack(body))
    body = {"credit": 2, "task": 5}
    accepted("accepted-other-order", "DONE", body, pack(body))
    accepted("accepted-zero-optional", "DONE", {"task": 5, "credit": 0}, pack({"task": 5, "credit": 0}))
    accepted(
        "accepted-wide-forms",
        "DONE",
        {"task": 5, "credit": 2},
        b"\xdf\x00\x00\x00\x02"
        + b"\xd9\x04task"
        + b"\xcf"
        + bytes(7)
        + b"\x05"
        + b"\xdb\x00\x00\x00\x06credit"
        + b"\xd3"
        + bytes(7)
        + b"\x02",
    )
    body = {"number": 1}
    accepted("accepted-request-with-keys", "STATUS_REQUEST", body, pack(body))
    body = {
        "task": 1,
        "session": 42,
        "layers": ["tokens"],
        "chunks": [{"priority": 3, "structure": [0, 5, 0], "text": "Rain.", "id": "a", "chunk": 0, "sequence": 0}],
    }
    accepted("accepted-unknown-key-in-item", "TASK", body, pack(body))


def refused():
    done = pack({"task": 5, "credit": 2})
    invalid("empty-frame", None, b"", "not a message of this protocol")
    invalid("other-magic", None, b"QX\x01\x11" + done, "not a message of this protocol")
    invalid("version-0", "DONE", head("DONE", 0) + done, "protocol version 0 is not spoken here")
    invalid("version-2", "DONE", head("DONE", 2) + done, "protocol version 2 is not spoken here")
    invalid("unknown-type", None, b"QW\x01\x7f" + done, "unknown message type 0x7f")
    invalid("no-body", "DONE", head("DONE"), "DONE: MessagePack: the value is cut off at byte 0")
    invalid("truncated", "DONE", (head("DONE") + done)[:-1], "DONE: MessagePack: the value is cut off at byte 14")
    invalid(
        "truncated-text",
        "ERROR",
        (head("ERROR") + pack({"code": 1, "text": "too late"}))[:-3],
        "a string longer than the frame",
    )
    invalid("truncated-number", "DONE", head("DONE") + b"\x81\xa4task\xcd\x01", "a cut-off head")
    invalid("left-over", "DONE", head("DONE") + done + b"\xc0", "DONE: MessagePack: bytes left over at byte 15")
    invalid("body-is-a-list", "DONE", head("DONE") + pack([5, 2]), "DONE")
    invalid("missing-key", "DONE", head("DONE") + pack({"credit": 2}), "field 'task' is missing")
    invalid(
        "missing-key-in-item",
        "TASK",
        head("TASK")
        + pack(
            {
                "task": 1,
                "session": 42,
                "layers": ["tokens"],
                "chunks": [{"sequence": 0, "id": "a", "text": "Rain.", "structure": [0, 5, 0]}],
            }
        ),
        "field 'chunk' is missing in chunks",
    )
    invalid("text-for-a-number", "DONE", head("DONE") + pack({"task": "5"}), "field 'task' is not an unsigned integer")
    invalid("negative-number", "DONE", head("DONE") + pack({"task": -5}), "field 'task' is not an unsigned integer")
    invalid(
        "float-for-a-number",
        "FOLLOW",
        head("FOLLOW") + pack({"position": 0, "credit": 8.0}),
        "field 'credit' is not an unsigned",
    )
    invalid(
        "nil-for-optional",
        "DONE",
        head("DONE") + pack({"task": 5, "credit": None}),
        "field 'credit' is not an unsigned integer",
    )
    invalid("bytes-for-text", "ERROR", head("ERROR") + pack({"code": 1, "text": b"late"}), "field 'text' is not text")
    invalid("number-for-a-list", "HEARTBEAT", head("HEARTBEAT") + pack({"held": 7}), "field 'held' is not an array")
    invalid(
        "number-in-a-list-of-texts",
        "HELLO",
        head("HELLO")
        + pack({"role": 2, "version_min": 1, "version_max": 1, "life": 7, "name": "w", "layers": ["tokens", 1]}),
        "field 'layers' is not text",
    )
    invalid(
        "list-for-a-map",
        "RESULT",
        head("RESULT")
        + pack(
            {"session": 42, "task": 0, "layers": ["tokens"], "chunks": [{"sequence": 0, "chunk": 0, "layers": [1]}]}
        ),
        "field 'layers' is not a map",
    )
    invalid("number-for-a-boolean", "BYE", head("BYE") + pack({"drain": 1}), "field 'drain' is not a boolean")
    invalid(
        "duplicate-key", "DONE", head("DONE") + b"\x82\xa4task\x05\xa4task\x06", "a key that stands twice in its map"
    )
    invalid("key-is-a-number", "DONE", head("DONE") + b"\x81\x05\x05", "a key that is not text")
    invalid(
        "huge-list",
        "HEARTBEAT",
        head("HEARTBEAT") + b"\x81\xa4held\xdd\x05\xf5\xe1\x00",
        "claims more items than the frame can hold",
    )
    invalid(
        "huge-map", "ANNOUNCE", head("ANNOUNCE") + b"\xdf\x05\xf5\xe1\x00", "claims more items than the frame can hold"
    )
    invalid(
        "huge-text",
        "ERROR",
        head("ERROR") + b"\x82\xa4code\x01\xa4text\xdb\xff\xff\xff\xff",
        "a string longer than the frame",
    )
    invalid(
        "too-many-items",
        "TASK",
        head("TASK") + pack({"task": 1, "session": 42, "layers": ["tokens"], "chunks": 40 * [0]}),
        "field 'chunks' claims more items than its frame can hold",
    )
    invalid(
        "nested-too-deep",
        "ERROR",
        head("ERROR") + pack({"code": 1, "text": "", "deep": None})[:-1] + b"\x91" * 16 + b"\xc0",
        "nested too deep",
    )
    invalid(
        "extension-type",
        "ERROR",
        head("ERROR") + b"\x83\xa4code\x01\xa4text\xa0\xa4when\xd6\xff\x00\x00\x00\x00",
        "an unknown type",
    )
    invalid(
        "text-not-utf-8", "ERROR", head("ERROR") + b"\x82\xa4code\x01\xa4text\xa2\xc3\x28", "text that is not UTF-8"
    )
    invalid("surrogate", "ERROR", head("ERROR") + b"\x82\xa4code\x01\xa4text\xa3\xed\xa0\x80", "text that is not UTF-8")


def main():
    for section in (connections, work, delivery, reading, tolerated, refused):
        section()


if __name__ == "__main__":
    main()
