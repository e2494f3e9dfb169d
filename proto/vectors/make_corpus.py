"""Writes corpus/*.json: records of the corpus, and a segment with its index."""

import struct

import layer_encoder
import make_layers
import xxhash
from vector_files import pack, write

BY = make_layers.BY


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def sealed(members):
    """The record with its checksum, as value and as bytes."""
    encoded = pack({**members, "crc32c": 0})[:-8]  # the last key and the one-byte 0 go
    crc = crc32c(encoded)
    return {**members, "crc32c": crc}, encoded + b"\xa6crc32c\xce" + struct.pack(">I", crc)


def annotated():
    text = "Pier holds\n“It holds,” said Mara Venn.\n"
    key = "person:mara-venn"
    venn = make_layers.mention(text, "Mara Venn", "PERSON", key)
    quote = make_layers.quote(
        text,
        "“It holds,”",
        cue="said",
        speaker_mention="Mara Venn",
        how="name",
        confidence=90,
        speaker="Mara Venn",
        entity=key,
    )
    annotations = {
        "structure": [{"start": 0, "end": 10, "role": "headline"}, {"start": 11, "end": 38, "role": "body"}],
        "tokens": make_layers.spans(text, "Pier", "holds", "“", "It", "holds", ",", "”", "said", "Mara", "Venn", "."),
        "sentences": [[0, 10], [11, 38]],
        "entities": [venn],
        "clusters": {key: {"name": "Mara Venn", "type": "PERSON"}},
        "quotes": [quote],
    }
    members = {
        "id": "harbour-17",
        "sequence": 0,
        "source": {"path": "news/harbour.jsonl", "record": 17},
        "metadata": {
            "title": "Pier holds",
            "views": 1234567890123,
            "ratio": 0.25,
            "change": -130,
            "tags": ["port", None, True],
        },
        "text": text,
        "layers": {
            "entities": layer_encoder.entities(BY, annotations, text),
            "quotes": layer_encoder.quotes(BY, annotations, text),
            "sentiment": {
                "parts": [[0, 11, {"by": "mood 2", "score": 0.5}], [11, 28, {"by": "mood 2", "score": -0.5}]]
            },
            "structure": layer_encoder.structure("rules 1", annotations),
            "tokens": layer_encoder.tokens(BY, annotations),
        },
    }
    return members, annotations


MINIMAL = {"id": "a", "sequence": 1, "source": {}, "text": "", "layers": {}}
FAILED = {
    "id": "港-18",
    "sequence": 2,
    "source": {"path": "port.txt", "encoding": "SHIFT_JIS"},
    "text": "船は朝に出る。",
    "failed": {
        "reason": "a part could not be annotated",
        "holes": [[0, 7, ["entities", "quotes"], "three workers died over it"]],
    },
    "layers": {"structure": {"by": "rules 1", "paragraphs": [0, 7, 0]}},
}
UNREADABLE = {
    "id": "0123456789abcdef0123456789abcdef",
    "sequence": 3,
    "source": {"path": "torn.gz"},
    "text": "",
    "failed": {"reason": "gzip: unexpected end of file"},
    "layers": {},
}
RETRIED = {"id": "港-18", "sequence": 0, "source": {"path": "port.txt"}, "text": "船。", "supersedes": 3, "layers": {}}
DROPPED = {
    "id": "0123456789abcdef0123456789abcdef",
    "sequence": 3,
    "source": {"path": "torn.gz"},
    "text": "",
    "supersedes": 4,
    "dropped": True,
    "layers": {},
}


def records():
    def record(name, members, **more):
        value, encoded = sealed(members)
        write(
            "corpus", "record-" + name, kind="record", valid=True, canonical=True, hex=encoded.hex(), json=value, **more
        )

    members, annotations = annotated()
    record("annotated", members, text=members["text"], annotations=annotations)
    record("minimal", MINIMAL)
    record("failed", FAILED)
    record("unreadable", UNREADABLE)
    record("of-a-retry", RETRIED)
    record("dropped", DROPPED)
    value, encoded = sealed({"colour": "blue", **MINIMAL})
    write(
        "corpus",
        "record-accepted-unknown-key",
        kind="record",
        valid=True,
        canonical=False,
        hex=encoded.hex(),
        json=value,
    )

    def broken(name, encoded, error):
        write("corpus", "invalid-record-" + name, kind="record", valid=False, hex=encoded.hex(), json=None, error=error)

    _, encoded = sealed(MINIMAL)
    broken("flipped-bit", encoded.replace(b"\xa2id\xa1a", b"\xa2id\xa1b"), "checksum does not match")
    broken("truncated", encoded[:-1], "does not end with its checksum")
    broken("followed-by-another", encoded + encoded, "bytes left over")
    broken("no-checksum", pack(MINIMAL), "does not end with its checksum")
    broken("narrow-checksum", encoded[:-5] + b"\x05", "does not end with its checksum")
    broken(
        "no-text",
        sealed({key: MINIMAL[key] for key in ("id", "sequence", "source", "layers")})[1],
        "lacks its id, source, text or layers",
    )
    broken("layers-are-a-list", sealed({**MINIMAL, "layers": []})[1], "field 'layers' is not a map")
    broken("only-a-tail", b"\xa6crc32c\xce\x00\x00\x00\x00", "does not end with its checksum")


def segment():
    """Three records from position 5 on, and the index that belongs to them."""
    members, annotations = annotated()
    first = {"flags": 0, "tokens": len(annotations["tokens"]), "mentions": 1, "quotes": 1}
    items = [
        (members, first),
        (FAILED, {"flags": 1, "tokens": 0, "mentions": 0, "quotes": 0}),
        (DROPPED, {"flags": 6, "tokens": 0, "mentions": 0, "quotes": 0}),
    ]
    data, index, values, entries = b"", b"QWINDEX1" + struct.pack("<Q", 5), [], []
    for record_members, counts in items:
        value, encoded = sealed(record_members)
        id_hash = xxhash.xxh3_128_digest(value["id"].encode())
        entry = {"offset": len(data), "size": len(encoded), "crc32c": value["crc32c"], "id_hash": id_hash, **counts}
        index += struct.pack("<QII16sIIII", *entry.values())
        data += encoded
        values.append(value)
        entries.append({**entry, "id_hash": id_hash.hex()})
    write(
        "corpus",
        "segment",
        kind="segment",
        valid=True,
        canonical=True,
        hex=data.hex(),
        json=values,
        first_position=5,
        index_hex=index.hex(),
        entries=entries,
    )


def main():
    records()
    segment()


if __name__ == "__main__":
    main()
