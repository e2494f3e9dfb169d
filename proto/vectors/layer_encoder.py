"""Layers from annotations, written after PROTOCOL.md and not after the C code, so that the vectors check both.

Annotations have the form of the interchange: half-open spans in code points.
"""

ROLES = ["body", "headline", "byline", "dateline", "caption", "boilerplate"]
TYPES = ["PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "MISC", "DATE", "TIME", "MONEY", "PERCENT"]
PREFIXES = ["person", "org", "place", "place", "norp", "product", "event", "misc", "date", "time", "money", "percent"]
QUOTE_TYPES = ["direct", "indirect", "mixed"]
HOWS = ["none", "name", "apposition", "pronoun", "nominal", "turn", "text"]


def usual_key(type_name, name):
    words, word = [], ""
    for character in name:
        if ord(character) >= 0x80 or character.isdigit() or character.isalpha():
            word += character.lower() if ord(character) < 0x80 else character
        elif word:
            words.append(word)
            word = ""
    if word:
        words.append(word)
    return PREFIXES[TYPES.index(type_name)] + ":" + "-".join(words)


def pack_halves(halves):
    if len(halves) % 2:
        halves = halves + [0]
    return bytes(low | high << 4 for low, high in zip(halves[::2], halves[1::2]))


def half_byte_number(number):
    halves = []
    while number > 7:
        halves.append(8 | number & 7)
        number >>= 3
    return halves + [number]


def tokens(by, annotations):
    halves, last = [], 0
    for start, end in annotations["tokens"]:
        gap, length = start - last, end - start
        if gap == 1 and length <= 12:
            halves.append(length)
        elif gap == 0 and length <= 3:
            halves.append(12 + length)
        else:
            halves += [0] + half_byte_number(gap) + half_byte_number(length)
        last = end
    lengths = bytearray()
    for start, end in annotations["sentences"]:
        count = sum(start <= token[0] and token[1] <= end for token in annotations["tokens"])
        while count > 127:
            lengths.append(0x80 | count & 127)
            count >>= 7
        lengths.append(count)
    return {"by": by, "count": len(annotations["tokens"]), "spans": pack_halves(halves), "sentences": bytes(lengths)}


def entities(by, annotations, text):
    keys = list(annotations["clusters"])
    mentions, last = [], 0
    for mention in annotations["entities"]:
        cluster = keys.index(mention["entity"]) + 1 if mention["entity"] else 0
        mentions += [mention["start"] - last, mention["end"] - mention["start"], TYPES.index(mention["type"]), cluster]
        last = mention["end"]
    layer = {"by": by, "mentions": mentions}
    clusters = []
    for key, cluster in annotations["clusters"].items():
        named = [
            i
            for i, mention in enumerate(annotations["entities"])
            if mention["entity"] == key and text[mention["start"] : mention["end"]] == cluster["name"]
        ]
        clusters.append(named[0] if named else cluster["name"])
        clusters.append(None if key == usual_key(cluster["type"], cluster["name"]) else key)
    if clusters:
        layer["clusters"] = clusters
    return layer


def quotes(by, annotations, text):
    keys = list(annotations["clusters"])

    def pair(span, origin):
        return [span[0] - origin, span[1] - span[0]] if span else [0, 0]

    items, last = [], 0
    for quote in annotations["quotes"]:
        start = quote["start"]
        flags = (not quote["speech"]) | quote["opens_before"] << 1 | quote["runs_on"] << 2
        speaker = keys.index(quote["entity"]) if quote["entity"] else quote["speaker"]
        mention = quote["speaker_mention"]
        if mention and speaker == text[mention[0] : mention[1]]:
            speaker = True
        item = pair((start, quote["end"]), last) + [QUOTE_TYPES.index(quote["type"]), flags]
        item += pair(quote["cue"], start) + pair(mention, start)
        item += [HOWS.index(quote["how"]), quote["confidence"], speaker]
        if "via" in quote:
            item += pair(quote["via"], start)
        items.append(item)
        last = start
    layer = {"by": by, "quotes": items}
    if any(quote["statement"] for quote in annotations["quotes"]):
        layer["statements"] = bytes.fromhex("".join(quote["statement"] or "0000000000" for quote in annotations["quotes"]))
    return layer


def paragraph_numbers(paragraphs):
    numbers, last = [], 0
    for paragraph in paragraphs:
        numbers += [paragraph["start"] - last, paragraph["end"] - paragraph["start"], ROLES.index(paragraph["role"])]
        last = paragraph["end"]
    return numbers


def structure(by, annotations):
    return {"by": by, "paragraphs": paragraph_numbers(annotations["structure"])}
