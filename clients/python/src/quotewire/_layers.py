"""Layers as MessagePack has them, made into objects. Nothing is believed: offsets lie inside the text and in order, types are
known, or Damaged is raised. The forms are those of PROTOCOL.md, section 12."""
import re
from typing import Any, Iterator, List, Optional, Tuple

from .annotations import Cluster, Entity, Hole, Paragraph, Part, Quote, Sentence, Span, Token
from .errors import Damaged

ROLES = ("body", "headline", "byline", "dateline", "caption", "boilerplate")
TYPES = ("PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "MISC", "DATE", "TIME", "MONEY", "PERCENT")
PREFIXES = ("person", "org", "place", "place", "norp", "product", "event", "misc", "date", "time", "money", "percent")
QUOTE_TYPES = ("direct", "indirect", "mixed")
HOWS = ("none", "name", "apposition", "pronoun", "nominal", "turn", "text")
BELIEF, OPENS_BEFORE, RUNS_ON, ALL_FLAGS = 1, 2, 4, 7
_PREFIX_OF = dict(zip(TYPES, PREFIXES))
_LOWER = {upper: upper + 32 for upper in range(65, 91)}  # of ASCII alone
_BETWEEN = re.compile(r"[\x00-/:-`{-\x7f]+")
STATEMENT = 5  # octets


def member(layer: Any, name: str, kind: type) -> Any:
    """A member of the map that a layer is, which must be there and of this type."""
    value = layer.get(name) if isinstance(layer, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Damaged(f"'{name}' is missing or is something else")
    return value


def number(value: Any, name: str, least: int = 0) -> int:
    if type(value) is not int or value < least:  # a bool is none
        raise Damaged(f"'{name}' has {value!r} where a number should be")
    return value


def one_of(names: Tuple[str, ...], value: Any, name: str) -> str:
    if number(value, name) >= len(names):
        raise Damaged(f"'{name}' has {value}, of which nothing is known")
    return names[int(value)]


def usual_key(kind: str, name: str) -> str:
    """The key of a cluster when nothing else is known than its type and its name."""
    return _PREFIX_OF[kind] + ":" + _BETWEEN.sub("-", name.translate(_LOWER)).strip("-")


# ---- tokens --------------------------------------------------------------------------------------------------------


def _long(halves: Iterator[int]) -> int:
    value = shift = 0
    while shift < 30:
        half = next(halves)
        value |= (half & 7) << shift
        if half < 8:
            return value
        shift += 3
    raise Damaged("a token's gap or length is too long a number")


def tokens(layer: Any, text: str) -> List[Token]:
    spans, count = member(layer, "spans", bytes), number(layer.get("count"), "count")
    if count > 2 * len(spans):
        raise Damaged("there are more tokens than are written")
    halves = [half for octet in spans for half in (octet & 15, octet >> 4)]
    found, end, left = [], 0, iter(halves)
    try:
        for _ in range(count):
            half = next(left)
            if 1 <= half <= 12:
                start = end + 1
                end = start + half
            elif half:
                start = end
                end += half - 12
            else:
                start = end + _long(left)
                end = start + _long(left)
                if start == end:
                    raise Damaged("a token is empty")
            found.append(Token(text, start, end))
    except StopIteration:
        raise Damaged("there are more tokens than are written") from None
    if end > len(text):
        raise Damaged("a token lies outside of the text")
    rest = list(left)
    if rest not in ([], [0]):
        raise Damaged("there is something behind the last token")
    return found


def sentences(layer: Any, text: str, words: List[Token]) -> List[Sentence]:
    found, first, length, shift = [], 0, 0, 0
    for octet in member(layer, "sentences", bytes):
        length |= (octet & 127) << shift
        shift += 7
        if shift > 35:
            raise Damaged("a sentence's length is too long a number")
        if octet < 128:
            if not 0 < length <= len(words) - first:
                raise Damaged("the sentences are not of the tokens that there are")
            sentence = Sentence(text, words[first].start, words[first + length - 1].end)
            sentence.tokens = words[first:first + length]
            found.append(sentence)
            first, length, shift = first + length, 0, 0
    if first != len(words) or shift:
        raise Damaged("the sentences are not of the tokens that there are")
    return found


# ---- entities ------------------------------------------------------------------------------------------------------


def entities(layer: Any, text: str) -> Tuple[List[Entity], List[Cluster]]:
    numbers = member(layer, "mentions", list)
    named = layer.get("clusters", [])
    if len(numbers) % 4 or not isinstance(named, list) or len(named) % 2 or len(named) > len(numbers) // 2:
        raise Damaged("'mentions' is not of fours, or 'clusters' not of pairs")
    mentions, of, end = [], [], 0
    kinds = ["MISC"] * (len(named) // 2)
    for i in range(0, len(numbers), 4):
        start = end + number(numbers[i], "mentions")
        end = start + number(numbers[i + 1], "mentions", 1)
        cluster = number(numbers[i + 3], "mentions") - 1
        if end > len(text):
            raise Damaged("a mention lies outside of the text")
        if cluster >= len(kinds):
            raise Damaged("a mention has a cluster that does not exist")
        mention = Entity(text, start, end)
        mention.type = one_of(TYPES, numbers[i + 2], "mentions")
        mention.cluster = None
        mentions.append(mention)
        of.append(cluster)
        if cluster >= 0:
            kinds[cluster] = mention.type
    clusters = [_cluster(named[2 * i], named[2 * i + 1], kind, mentions) for i, kind in enumerate(kinds)]
    for mention, at in zip(mentions, of):
        if at >= 0:
            mention.cluster = clusters[at]
            clusters[at].mentions.append(mention)
    return mentions, clusters


def _cluster(name: Any, key: Any, kind: str, mentions: List[Entity]) -> Cluster:
    if not isinstance(name, str):
        if number(name, "clusters") >= len(mentions):
            raise Damaged("a cluster is named by a mention that does not exist")
        name = mentions[name].text
    if key is not None and not isinstance(key, str):
        raise Damaged("a cluster's key is no text")
    return Cluster(usual_key(kind, name) if key is None else key, name, kind)


# ---- quotes --------------------------------------------------------------------------------------------------------


def _near(text: str, item: List[Any], at: int, origin: int) -> Optional[Span]:
    start, length = number(item[at], "quotes", -1 << 32), number(item[at + 1], "quotes")
    if length == 0:
        return None
    start += origin
    if start < 0 or start + length > len(text):
        raise Damaged("a part of a quote lies outside of the text")
    return Span(text, start, start + length)


def quotes(layer: Any, text: str, clusters: List[Cluster]) -> List[Quote]:
    found, start, items = [], 0, member(layer, "quotes", list)
    statements = member(layer, "statements", bytes) if "statements" in layer else bytes(STATEMENT * len(items))
    if len(statements) != STATEMENT * len(items):
        raise Damaged("'statements' has not five octets for each quote")
    for i, item in enumerate(items):
        if not isinstance(item, list) or len(item) < 11 or len(item) == 12:
            raise Damaged("'quotes' has an item that is not a quote")
        start += number(item[0], "quotes")
        quote = Quote(text, start, start + number(item[1], "quotes", 1))
        if quote.end > len(text):
            raise Damaged("a quote lies outside of the text")
        flags, speaker = number(item[3], "quotes"), item[10]
        quote.type = one_of(QUOTE_TYPES, item[2], "quotes")
        quote.how = one_of(HOWS, item[8], "quotes")
        quote.confidence = number(item[9], "quotes")
        if flags > ALL_FLAGS or quote.confidence > 100:
            raise Damaged("a quote has an impossible value")
        quote.speech = not flags & BELIEF
        quote.opens_before, quote.runs_on = bool(flags & OPENS_BEFORE), bool(flags & RUNS_ON)
        quote.cue = _near(text, item, 4, start)
        quote.speaker_mention = _near(text, item, 6, start)
        quote.via = _near(text, item, 11, start) if len(item) > 12 else None
        statement = statements[STATEMENT * i:STATEMENT * (i + 1)]
        quote.statement = statement.hex() if any(statement) else None
        quote.cluster = None
        if speaker is True:
            quote.speaker = quote.speaker_mention.text if quote.speaker_mention else None
        elif speaker is None or isinstance(speaker, str):
            quote.speaker = speaker or None
        elif number(speaker, "quotes") < len(clusters):
            quote.cluster = clusters[speaker]
            quote.speaker = quote.cluster.name
        else:
            raise Damaged("a quote's speaker is a cluster that does not exist")
        found.append(quote)
    return found


# ---- the others ----------------------------------------------------------------------------------------------------


def structure(layer: Any, text: str) -> List[Paragraph]:
    numbers, found, end = member(layer, "paragraphs", list), [], 0
    if len(numbers) % 3:
        raise Damaged("'paragraphs' is not of threes")
    for i in range(0, len(numbers), 3):
        start = end + number(numbers[i], "paragraphs")
        end = start + number(numbers[i + 1], "paragraphs", 1)
        if end > len(text):
            raise Damaged("a paragraph lies outside of the text")
        paragraph = Paragraph(text, start, end)
        paragraph.role = one_of(ROLES, numbers[i + 2], "paragraphs")
        found.append(paragraph)
    return found


def _piece(kind: type, text: str, item: Any, size: int, name: str) -> Any:
    """A list of start, length, and what else."""
    if not isinstance(item, list) or len(item) < size:
        raise Damaged(f"'{name}' has an item that is something else")
    start, length = number(item[0], name), number(item[1], name)
    if start + length > len(text):
        raise Damaged(f"'{name}' has an item outside of the text")
    return kind(text, start, start + length)


def parts(layer: Any, text: str) -> List[Part]:
    found = []
    for item in member(layer, "parts", list):
        part = _piece(Part, text, item, 3, "parts")
        part.value = item[2]
        found.append(part)
    return found


def holes(items: Any, text: str) -> List[Hole]:
    found = []
    for item in member({"holes": items}, "holes", list):
        hole = _piece(Hole, text, item, 4, "holes")
        hole.layers, hole.reason = item[2], item[3]
        if not isinstance(hole.layers, list) or not isinstance(hole.reason, str):
            raise Damaged("'holes' has an item that is something else")
        found.append(hole)
    return found
