"""Reads a Quotewire corpus: news articles with their tokens, sentences, entities, and quotations with who said them.

    import quotewire

    corpus = quotewire.open("news.corpus")          # on disk
    for document in corpus.documents():
        for quote in document.quotes:
            print(quote.speaker, quote.text)

    with quotewire.follow("tcp://127.0.0.1:7411", state="position") as documents:   # of a running pipeline, as they come
        for document in documents:
            ...

Offsets count code points, as Python's indices do. The corpus and the protocol are described in PROTOCOL.md.
"""
from .annotations import Cluster, Entity, Failure, Hole, Paragraph, Part, Quote, Sentence, Span, Token
from .corpus import Corpus
from .corpus import open_corpus as open  # noqa: A001
from .document import Document
from .errors import Damaged, Error, NoAnswer, NotACorpus, Refused
from .follow import Follower, follow

__version__ = "0.1.0"
__all__ = ["open", "follow", "Corpus", "Follower", "Document", "Span", "Token", "Sentence", "Paragraph", "Entity", "Cluster",
           "Quote", "Part", "Failure", "Hole", "Error", "Damaged", "NotACorpus", "Refused", "NoAnswer"]
