"""A record of the corpus: a document with its layers, which are read when they are asked for."""
import base64
import math
from functools import cached_property
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from . import _layers
from ._records import Fields, unpack
from .annotations import Cluster, Entity, Failure, Paragraph, Part, Quote, Sentence, Token

if TYPE_CHECKING:
    import spacy.language
    import spacy.tokens
    import spacy.vocab

OUR_LAYERS = ("structure", "tokens", "entities", "quotes")
RESERVED = frozenset(["id", "text", "structure", "tokens", "sentences", "entities", "clusters", "quotes", "failed", "layers",
                      "metadata", "position", "sequence", "source", "supersedes", "dropped"])


class Document:
    """One record of a corpus.

    Attributes: `id`; `text`; `metadata`, as its source had it; `source`, a dict with `path`, `record` and `encoding` where
    known; `position`, its number in the corpus; `sequence`, its number in the run that brought it; `failed`, a Failure or
    None; `supersedes`, the position of the failed document in whose place this one stands, or None; `dropped`, True for a
    failed document that its owner dropped.

    The layers below are lists, empty where the document has no such layer. One that is not what Quotewire writes raises
    Damaged when it is first asked for.
    """

    def __init__(self, fields: Fields, position: int) -> None:
        self.position = position
        self.id: str = fields.id
        self.text: str = fields.text
        self.sequence: int = fields.sequence
        self.source: Dict[str, Any] = fields.source
        self.metadata: Dict[str, Any] = fields.metadata
        self.supersedes: Optional[int] = fields.supersedes - 1 if fields.supersedes else None
        self.dropped: bool = fields.dropped
        self.failed: Optional[Failure] = None
        if fields.failed is not None:
            found = fields.failed.get("holes")
            self.failed = Failure(_layers.member(fields.failed, "reason", str),
                                  None if found is None else _layers.holes(found, self.text))
        self._layers = fields.layers

    @property
    def layer_names(self) -> List[str]:
        """All layers that the record has."""
        return list(self._layers)

    def raw_layer(self, name: str) -> Any:
        """A layer as MessagePack has it, or None."""
        found = self._layers.get(name)
        return None if found is None else unpack(found)

    def layer(self, name: str) -> List[Part]:
        """A layer of other people's workers, chunk by chunk; empty when there is none. The structure, tokens, entities and
        quotes are not read with this."""
        found = self.raw_layer(name)
        return [] if found is None else _layers.parts(found, self.text)

    @cached_property
    def structure(self) -> List[Paragraph]:
        """Every paragraph, with its role."""
        found = self.raw_layer("structure")
        return [] if found is None else _layers.structure(found, self.text)

    @cached_property
    def _tokens(self) -> Tuple[List[Token], List[Sentence]]:
        found = self.raw_layer("tokens")
        if found is None:
            return [], []
        tokens = _layers.tokens(found, self.text)
        return tokens, _layers.sentences(found, self.text, tokens)

    @property
    def tokens(self) -> List[Token]:
        """In order, not overlapping."""
        return self._tokens[0]

    @property
    def sentences(self) -> List[Sentence]:
        """In order; together they have every token once."""
        return self._tokens[1]

    @cached_property
    def _entities(self) -> Tuple[List[Entity], List[Cluster]]:
        found = self.raw_layer("entities")
        return ([], []) if found is None else _layers.entities(found, self.text)

    @property
    def entities(self) -> List[Entity]:
        """Every mention, in order, not overlapping."""
        return self._entities[0]

    @property
    def clusters(self) -> List[Cluster]:
        """Who or what the mentions are."""
        return self._entities[1]

    @cached_property
    def quotes(self) -> List[Quote]:
        """In order of their starts."""
        found = self.raw_layer("quotes")
        return [] if found is None else _layers.quotes(found, self.text, self.clusters)

    def to_dict(self, place: bool = False) -> Dict[str, Any]:
        """What `quotewire export --format jsonl` writes of it; with `place` what it writes with --place."""
        result: Dict[str, Any] = {"id": self.id, "text": self.text}
        metadata = _json(self.metadata)
        result.update((name, value) for name, value in metadata.items() if name not in RESERVED)
        if place:
            result.update(position=self.position, sequence=self.sequence, source=self.source)
            result.update({"supersedes": self.supersedes} if self.supersedes is not None else {})
            result.update({"dropped": True} if self.dropped else {})
        if "structure" in self._layers:
            result["structure"] = [{"start": p.start, "end": p.end, "role": p.role} for p in self.structure]
        if "tokens" in self._layers:
            result["tokens"] = [list(token) for token in self.tokens]
            result["sentences"] = [list(sentence) for sentence in self.sentences]
        if "entities" in self._layers:
            result["entities"] = [{"start": e.start, "end": e.end, "type": e.type, "entity": e.key} for e in self.entities]
            result["clusters"] = {}
            for cluster in self.clusters:
                result["clusters"].setdefault(cluster.key, {"name": cluster.name, "type": cluster.type})
        if "quotes" in self._layers:
            result["quotes"] = [_quote(quote) for quote in self.quotes]
        if self.failed:
            result["failed"] = _failure(self.failed)
        others = {name: _json(self.raw_layer(name)) for name in self._layers if name not in OUR_LAYERS}
        result.update({"layers": others} if others else {})
        ours = {name: value for name, value in metadata.items() if name in RESERVED}
        result.update({"metadata": ours} if ours else {})
        return result

    def to_spacy(self, vocab: "Optional[spacy.vocab.Vocab | spacy.language.Language]" = None) -> "spacy.tokens.Doc":
        """The document as spaCy's Doc, with the same text and the same tokens (what stands between them is whitespace
        tokens, as spaCy makes them), `ents`, sentence starts, and `spans["quotes"]`, `spans["cues"]`, `spans["structure"]`.
        A quote's `label_` is its type; `._.speaker`, `._.entity`, `._.confidence` are as here. `vocab` may be a pipeline's;
        without one a new Vocab is made. Needs spaCy (pip install quotewire[spacy])."""
        from ._spacy import to_spacy
        return to_spacy(self, vocab)

    def __repr__(self) -> str:
        return f"<Document {self.position} {self.id!r}, {len(self.text)} code points>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        return (self.position, self.id, self.text, self._layers) == (other.position, other.id, other.text, other._layers)

    def __hash__(self) -> int:
        return hash((self.position, self.id))


def _json(value: Any) -> Any:
    """What JSON can say of a value of other people: octets become base64, numbers that are none become None."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {name: _json(item) for name, item in value.items()}
    return [_json(item) for item in value] if isinstance(value, list) else value


def _pair(span: Any) -> Optional[List[int]]:
    return list(span) if span else None


def _quote(quote: Quote) -> Dict[str, Any]:
    result = {"start": quote.start, "end": quote.end, "type": quote.type, "cue": _pair(quote.cue),
              "speaker_mention": _pair(quote.speaker_mention), "speaker": quote.speaker, "entity": quote.entity}
    if quote.via:
        result["via"] = _pair(quote.via)
    return {**result, "speech": quote.speech, "how": quote.how, "confidence": quote.confidence,
            "statement": quote.statement}


def _failure(failure: Failure) -> Dict[str, Any]:
    result: Dict[str, Any] = {"reason": failure.reason}
    if failure.holes is not None:
        result["holes"] = [{"start": hole.start, "end": hole.end, "layers": hole.layers, "reason": hole.reason}
                           for hole in failure.holes]
    return result
