"""What a document's layers say, as objects. Every `start` and `end` counts code points of the document's text, as Python's own
indices do, so `text[quote.start:quote.end]` is the quote, and so is `quote.text`."""
from typing import Any, Iterator, List, Optional


class Span:
    """A part of a text: [start, end)."""

    __slots__ = ("start", "end", "_of")

    def __init__(self, of: str, start: int, end: int) -> None:
        self._of, self.start, self.end = of, start, end

    @property
    def text(self) -> str:
        """The words themselves."""
        return self._of[self.start:self.end]

    @property
    def slice(self) -> "slice":
        """For `document.text[span.slice]`."""
        return slice(self.start, self.end)

    def __iter__(self) -> Iterator[int]:
        """So that `start, end = span` and `list(span)` work."""
        yield self.start
        yield self.end

    def __len__(self) -> int:
        return self.end - self.start

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.start}:{self.end} {self.text!r}>"

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Span) and type(other) is type(self)
                and (self.start, self.end, self._of) == (other.start, other.end, other._of))

    def __hash__(self) -> int:
        return hash((self.start, self.end))


class Token(Span):
    """A word, a number, a mark."""

    __slots__ = ()


class Sentence(Span):
    """A sentence: at least one token."""

    __slots__ = ("tokens",)
    tokens: List[Token]


class Paragraph(Span):
    """A paragraph, or the dateline at the front of one, and its role: body, headline, byline, dateline, caption or
    boilerplate."""

    __slots__ = ("role",)
    role: str


class Cluster:
    """All mentions of one person, body or place in a document."""

    __slots__ = ("key", "name", "type", "mentions")

    def __init__(self, key: str, name: str, kind: str) -> None:
        self.key = key                       #: the same in every document, such as "person:choe-ryong-hae"
        self.name = name                     #: the fullest name
        self.type = kind                     #: as of its mentions
        self.mentions: List["Entity"] = []   #: in order

    def __repr__(self) -> str:
        return f"<Cluster {self.key!r} {self.name!r}>"


class Entity(Span):
    """A mention of somebody or something."""

    __slots__ = ("type", "cluster")
    type: str                   #: PERSON, ORG, LOC, FAC, NORP, PRODUCT, EVENT, MISC, DATE, TIME, MONEY, PERCENT
    cluster: Optional[Cluster]  #: None where nothing is known of it, as of dates

    @property
    def key(self) -> Optional[str]:
        """The cluster's key."""
        return self.cluster.key if self.cluster else None


class Quote(Span):
    """A quotation: with its marks if it is direct, the clause if it is indirect."""

    __slots__ = ("type", "speech", "cue", "speaker_mention", "via", "speaker", "cluster", "how", "confidence", "statement",
                 "opens_before", "runs_on")
    type: str                        #: direct, indirect or mixed
    speech: bool                     #: False: a belief or a wish, not something said
    cue: Optional[Span]              #: "said"
    speaker_mention: Optional[Span]  #: the words that name the speaker: "she"
    via: Optional[Span]              #: who relayed it
    speaker: Optional[str]           #: who it was, by the full name
    cluster: Optional[Cluster]       #: the speaker's
    how: str                         #: how the speaker was found: none, name, apposition, pronoun, nominal, turn, text
    confidence: int                  #: per cent that the speaker is right
    statement: Optional[str]         #: the same for the same words of the same speaker, in every document
    opens_before: bool               #: began in the chunk before (of a worker's layer only)
    runs_on: bool                    #: no closing mark before the paragraph ended

    @property
    def entity(self) -> Optional[str]:
        """The key of the speaker's cluster."""
        return self.cluster.key if self.cluster else None


class Part(Span):
    """What a worker of other people made of one chunk: any value. Offsets inside it count from `start`."""

    __slots__ = ("value",)
    value: Any


class Hole(Span):
    """A chunk that was not annotated."""

    __slots__ = ("layers", "reason")
    layers: List[str]
    reason: str


class Failure:
    """Why a document is not, or not wholly, annotated."""

    __slots__ = ("reason", "holes")

    def __init__(self, reason: str, holes: Optional[List[Hole]]) -> None:
        self.reason = reason
        self.holes = holes  #: None: it could not be read at all

    def __repr__(self) -> str:
        return f"<Failure {self.reason!r}>"
