"""Writes layers/*.json: each layer with its text, its bytes and what it says as annotations."""

import re

import layer_encoder
from vector_files import pack, write

BY = "example 1"


def spans(text, *words):
    """The spans of words, each looked for behind the one before."""
    found, at = [], 0
    for word in words:
        start = text.index(word, at)
        at = start + len(word)
        found.append([start, at])
    return found


def span(text, words, behind=0):
    start = text.index(words, behind)
    return [start, start + len(words)]


def layer(name, kind, text, value, annotations):
    write(
        "layers",
        f"{kind}-{name}",
        kind=kind,
        valid=True,
        canonical=True,
        text=text,
        hex=pack(value).hex(),
        json=value,
        annotations=annotations,
    )


def broken(name, kind, text, encoded, error):
    write(
        "layers", f"invalid-{kind}-{name}", kind=kind, valid=False, text=text, hex=encoded.hex(), json=None, error=error
    )


def token_layers():
    def tokens(name, text, token_spans, sentences):
        annotations = {"tokens": token_spans, "sentences": sentences}
        layer(name, "tokens", text, layer_encoder.tokens(BY, annotations), annotations)

    tokens("none", "", [], [])
    tokens("none-in-blank-text", " \n", [], [])
    text = "Rain stops play."
    tokens("one-sentence", text, spans(text, "Rain", "stops", "play", "."), [[0, 16]])
    text = "Go, go."
    tokens("even-number-of-halves", text, spans(text, "Go", ",", "go", "."), [[0, 7]])
    # every one-half form: 1 to 12 behind a space, 1 to 3 at once
    words = ["abcdefghijkl"[:n] for n in range(1, 13)]
    text = " " + " ".join(words) + "." + "…!" + "n't"
    tokens("every-half", text, spans(text, *words, ".", "…!", "n't"), [[1, len(text)]])
    # escapes: a first token without a gap, long words, long gaps, numbers of one, two, three and four halves
    text = "Donaudampfschiff" + "x" * 4 + " " * 9 + "y" * 13 + "\n\n" + "z" * 64 + " " * 700 + "w" * 600 + "ende"
    tokens(
        "escapes",
        text,
        spans(text, "Donaudampfschiff", "xxxx", "y" * 13, "z" * 64, "w" * 600, "ende"),
        [span(text, "Donaudampfschiffxxxx"), [29, len(text)]],
    )
    text = "«Naïve», 彼は言った。🚢🚢 ⛵️ leaves."
    tokens(
        "many-bytes-a-character",
        text,
        spans(text, "«", "Naïve", "»", ",", "彼", "は", "言った", "。", "🚢🚢", "⛵️", "leaves", "."),
        [span(text, "«Naïve», 彼は言った。"), span(text, "🚢🚢 ⛵️ leaves.")],
    )
    # 130 and 300 tokens: sentence lengths of two bytes
    text = " ".join(130 * ["a"]) + ". " + " ".join(300 * ["b"])
    tokens(
        "long-sentences",
        text,
        [[m.start(), m.end()] for m in re.finditer(r"\w|\.", text)],
        [[0, 260], [261, len(text)]],
    )

    value = {"by": BY, "count": 2, "spans": bytes([0x22]), "sentences": b"\x02"}
    text = " ab cd"
    write(
        "layers",
        "tokens-accepted-unknown-key",
        kind="tokens",
        valid=True,
        canonical=False,
        text=text,
        hex=pack({"score": [1], **value}).hex(),
        json={"score": [1], **value},
        annotations={"tokens": [[1, 3], [4, 6]], "sentences": [[1, 6]]},
    )
    escaped = layer_encoder.pack_halves([0, 1, 2, 0, 1, 2])
    write(
        "layers",
        "tokens-accepted-needless-escapes",
        kind="tokens",
        valid=True,
        canonical=False,
        text=text,
        hex=pack({**value, "spans": escaped}).hex(),
        json={**value, "spans": escaped},
        annotations={"tokens": [[1, 3], [4, 6]], "sentences": [[1, 6]]},
    )
    broken("outside", "tokens", " ab c", pack(value), "outside of its text")
    broken(
        "empty-token",
        "tokens",
        text,
        pack({**value, "spans": layer_encoder.pack_halves([2, 0, 1, 0])}),
        "token 1 is empty",
    )
    broken("cut-off", "tokens", text, pack({**value, "spans": layer_encoder.pack_halves([2, 0])}), "token 1 is cut off")
    broken(
        "endless-number", "tokens", text, pack({**value, "spans": bytes([0xF0]) + 12 * b"\xff" + b"\x01"}), "cut off"
    )
    broken("left-over", "tokens", text, pack({**value, "spans": b"\x22\x00"}), "bytes left over")
    broken(
        "half-left-over",
        "tokens",
        text,
        pack({**value, "count": 1, "spans": b"\x22", "sentences": b"\x01"}),
        "empty half byte",
    )
    broken("count-beyond-column", "tokens", text, pack({**value, "count": 100000000}), "more than the column can hold")
    broken("sentences-too-few", "tokens", text, pack({**value, "sentences": b"\x01"}), "does not hold every token")
    broken("sentences-too-many", "tokens", text, pack({**value, "sentences": b"\x03"}), "impossible length")
    broken("sentence-empty", "tokens", text, pack({**value, "sentences": b"\x00\x02"}), "impossible length")
    broken(
        "no-spans", "tokens", text, pack({"by": BY, "count": 0, "sentences": b""}), "field 'tokens.spans' is missing"
    )
    broken("spans-are-text", "tokens", text, pack({**value, "spans": "x"}), "field 'tokens.spans' is not bytes")


def mention(text, words, type_name, key=None, behind=0):
    start, end = span(text, words, behind)
    return {"start": start, "end": end, "type": type_name, "entity": key}


TEXT = (
    "“The pier holds,” said Mara Venn, who runs Port Élan. “We had luck,” she added. Venn paid £40 on Monday 3 May, "
    "the harbour board said, quoting Radio Nord. Officials fear that the ferries stop."
)


def entity_layers():
    def entities(name, text, mentions, clusters):
        annotations = {"entities": mentions, "clusters": clusters}
        layer(name, "entities", text, layer_encoder.entities(BY, annotations, text), annotations)

    entities("none", "", [], {})
    entities(
        "of-a-worker",
        TEXT,
        [
            mention(TEXT, "Mara Venn", "PERSON"),
            mention(TEXT, "Port Élan", "LOC"),
            mention(TEXT, "£40", "MONEY"),
            mention(TEXT, "Monday 3 May", "DATE"),
            mention(TEXT, "Radio Nord", "ORG"),
        ],
        {},
    )
    venn, port = "person:mara-venn", "place:port-Élan"
    behind = TEXT.index("added.")
    resolved = [
        mention(TEXT, "Mara Venn", "PERSON", venn),
        mention(TEXT, "Port Élan", "LOC", port),
        mention(TEXT, "Venn", "PERSON", venn, behind),
        mention(TEXT, "£40", "MONEY"),
        mention(TEXT, "Radio Nord", "ORG", "org:radio-north-sea"),
    ]
    clusters = {
        venn: {"name": "Mara Venn", "type": "PERSON"},
        port: {"name": "Port Élan", "type": "LOC"},
        "org:radio-north-sea": {"name": "Radio Nord", "type": "ORG"},
    }
    entities("of-a-document", TEXT, resolved, clusters)
    text = "Reporters from OSLO met Oslo’s mayor."
    entities(
        "name-not-in-the-text",
        text,
        [mention(text, "OSLO", "LOC", "place:oslo"), mention(text, "Oslo’s", "LOC", "place:oslo")],
        {"place:oslo": {"name": "Oslo", "type": "LOC"}},
    )
    text = " ".join(f"w{n}" for n in range(12))
    entities("every-type", text, [mention(text, f"w{n}", name) for n, name in enumerate(layer_encoder.TYPES)], {})

    value = {"by": BY, "mentions": [5, 4, 0, 0]}
    text = "said Mara"
    write(
        "layers",
        "entities-accepted-without-by",
        kind="entities",
        valid=True,
        canonical=False,
        text=text,
        hex=pack({"mentions": [5, 4, 0, 0], "model": "m"}).hex(),
        json={"mentions": [5, 4, 0, 0], "model": "m"},
        annotations={"entities": [{"start": 5, "end": 9, "type": "PERSON", "entity": None}], "clusters": {}},
    )
    broken("outside", "entities", "said Mar", pack(value), "mention 0 lies outside of its text")
    broken("huge-gap", "entities", text, pack({**value, "mentions": [(1 << 64) - 1, 4, 0, 0]}), "outside of its text")
    broken("empty", "entities", text, pack({**value, "mentions": [5, 0, 0, 0]}), "outside of its text")
    broken("unknown-type", "entities", text, pack({**value, "mentions": [5, 4, 12, 0]}), "unknown type 12")
    broken(
        "no-such-cluster", "entities", text, pack({**value, "mentions": [5, 4, 0, 1]}), "a cluster that does not exist"
    )
    broken(
        "named-by-nobody",
        "entities",
        text,
        pack({"by": BY, "mentions": [5, 4, 0, 1], "clusters": [1, None]}),
        "named by a mention that",
    )
    broken("not-in-fours", "entities", text, pack({**value, "mentions": [5, 4, 0]}), "not a list of fours")
    broken("no-mentions", "entities", text, pack({"by": BY}), "field 'mentions' is missing")


def quote(text, words, **members):
    start, end = span(text, words)
    found = {
        "start": start,
        "end": end,
        "type": "direct",
        "cue": None,
        "speaker_mention": None,
        "speaker": None,
        "entity": None,
        "speech": True,
        "how": "none",
        "confidence": 0,
        "statement": None,
        "opens_before": False,
        "runs_on": False,
    }
    for key in ("cue", "speaker_mention", "via"):
        if key in members:
            members[key] = span(text, members[key], end)
    return {**found, **members}


def quote_layers():
    """A quote's cluster is a number in the entities of its document, which therefore stand in the vector too."""

    def quotes(name, text, items, mentions=(), clusters=None):
        annotations = {"quotes": items, "entities": list(mentions), "clusters": clusters or {}}
        value = layer_encoder.quotes(BY, annotations, text)
        write(
            "layers",
            f"quotes-{name}",
            kind="quotes",
            valid=True,
            canonical=True,
            text=text,
            hex=pack(value).hex(),
            json=value,
            annotations=annotations,
        )

    quotes("none", "", [])
    first = quote(TEXT, "“The pier holds,”", cue="said", speaker_mention="Mara Venn", how="name", confidence=90)
    second = quote(TEXT, "“We had luck,”", cue="added", speaker_mention="she", how="none", confidence=0)
    paid = quote(
        TEXT,
        "Venn paid £40 on Monday 3 May",
        type="indirect",
        cue="said",
        speaker_mention="the harbour board",
        via="Radio Nord",
        how="none",
    )
    fear = quote(TEXT, "the ferries stop", type="indirect", speech=False, how="none")
    fear["cue"], fear["speaker_mention"] = span(TEXT, "fear"), span(TEXT, "Officials")
    quotes("of-a-worker", TEXT, [first, second, paid, fear])
    venn = "person:mara-venn"
    quotes(
        "of-a-document",
        TEXT,
        [
            {**first, "speaker": "Mara Venn", "entity": venn, "statement": "0123456789"},
            {**second, "speaker": "Mara Venn", "entity": venn, "how": "pronoun", "confidence": 75, "statement": "ffffffffff"},
            {**paid, "speaker": "the harbour board", "how": "text", "confidence": 60, "statement": "0000000001"},
            fear,
        ],
        [mention(TEXT, "Mara Venn", "PERSON", venn)],
        {venn: {"name": "Mara Venn", "type": "PERSON"}},
    )
    text = "night of wind. “We stayed,” Ines Ø. 🚢 said, “and we sang until"
    quotes(
        "over-the-borders-of-a-chunk",
        text,
        [
            quote(text, "night of wind.", opens_before=True),
            quote(text, "“We stayed,”", type="mixed", speaker_mention="Ines Ø."),
            quote(text, "“and we sang until", runs_on=True, how="turn", confidence=100),
        ],
    )

    item = [0, 5, 0, 0, 0, 0, 0, 0, 0, 0, None]
    text = "“Hi.”"
    write(
        "layers",
        "quotes-accepted-longer-item",
        kind="quotes",
        valid=True,
        canonical=False,
        text=text,
        hex=pack({"by": BY, "quotes": [item + [0, 0, "new"]]}).hex(),
        json={"by": BY, "quotes": [item + [0, 0, "new"]]},
        annotations={"quotes": [quote(text, text)], "entities": [], "clusters": {}},
    )

    def bad(name, error, at=0, value=None, items=None):
        changed = items or [item[:at] + [value] + item[at + 1 :]]
        broken(name, "quotes", text, pack({"by": BY, "quotes": changed}), error)

    broken(
        "statements-too-short",
        "quotes",
        text,
        pack({"by": BY, "quotes": [item], "statements": bytes(4)}),
        "has not five bytes for each quote",
    )
    broken(
        "statements-are-text",
        "quotes",
        text,
        pack({"by": BY, "statements": "12345", "quotes": [item]}),
        "field 'quotes.statements' is not bytes",
    )
    bad("outside", "field 'quotes.span' lies outside of its text", 1, 6)
    bad("empty", "impossible value", 1, 0)
    bad("unknown-type", "impossible value", 2, 3)
    bad("unknown-flag", "impossible value", 3, 8)
    bad("unknown-how", "impossible value", 8, 7)
    bad("more-than-sure", "impossible value", 9, 101)
    bad("no-such-cluster", "impossible value", 10, 0)
    bad("short-item", "an item that is not a quote", items=[item[:10]])
    bad("half-a-via", "an item that is not a quote", items=[item + [1]])
    bad("not-in-order", "not in order", items=[[1, 2] + item[2:], [-1, 5] + item[2:]])
    bad("begins-before-its-text", "field 'quotes.span' lies outside of its text", 0, -1)
    bad("cue-before-its-text", "field 'quotes.cue' lies outside of its text", items=[item[:4] + [-1, 1] + item[6:]])
    bad("cue-far-away", "field 'quotes.cue' lies outside of its text", items=[item[:4] + [1 << 62, 1] + item[6:]])
    bad("cue-far-behind", "field 'quotes.cue' lies outside of its text", items=[item[:4] + [-(1 << 63), 1] + item[6:]])
    broken("no-quotes", "quotes", text, pack({"by": BY}), "field 'quotes' is missing")


def structure_layers():
    def structure(name, text, paragraphs):
        annotations = {"structure": [{"start": start, "end": end, "role": role} for (start, end), role in paragraphs]}
        layer(name, "structure", text, layer_encoder.structure(BY, annotations), annotations)

    structure("none", "", [])
    text = (
        "\nPier holds\n\nBy Ines Ø.\nPORT ÉLAN, May 3 (Nord) — The pier held.\n🚢 The ferry. Nord Photo\n\n(c) Nord\n"
    )
    parts = spans(
        text,
        "Pier holds",
        "By Ines Ø.",
        "PORT ÉLAN, May 3 (Nord) —",
        "The pier held.",
        "🚢 The ferry. Nord Photo",
        "(c) Nord",
    )
    structure("every-role", text, zip(parts, ["headline", "byline", "dateline", "body", "caption", "boilerplate"]))
    broken(
        "outside", "structure", "Fin.", pack({"by": BY, "paragraphs": [0, 5, 0]}), "an impossible paragraph, number 0"
    )
    broken("unknown-role", "structure", "Fin.", pack({"by": BY, "paragraphs": [0, 4, 6]}), "an impossible paragraph")
    broken("empty", "structure", "Fin.", pack({"by": BY, "paragraphs": [0, 0, 0]}), "an impossible paragraph")
    broken("not-in-threes", "structure", "Fin.", pack({"by": BY, "paragraphs": [0, 4]}), "not a list of threes")


def keys():
    """The key of a name; the value is [type, name, key]."""
    names = [
        ("PERSON", "Choe Ryong Hae"),
        ("PERSON", "  J. R. R. Tolkien, Jr.--"),
        ("LOC", "Port Élan"),
        ("FAC", "Pier 39"),
        ("ORG", "AT&T"),
        ("NORP", "Māori"),
        ("PRODUCT", "A320neo"),
        ("EVENT", "World Cup 2026"),
        ("MISC", "C++"),
        ("DATE", "3 May"),
        ("TIME", "10:30"),
        ("MONEY", "£40"),
        ("PERCENT", "4.5%"),
        ("ORG", "朝日新聞"),
        ("ORG", "!?"),
    ]
    for number, (type_name, name) in enumerate(names):
        value = [type_name, name, layer_encoder.usual_key(type_name, name)]
        write("layers", f"key-{number:02}", kind="key", valid=True, canonical=True, hex=pack(value).hex(), json=value)


def main():
    for section in (token_layers, entity_layers, quote_layers, structure_layers, keys):
        section()


if __name__ == "__main__":
    main()
