"""A document as spaCy's Doc."""
from typing import TYPE_CHECKING, Any, List, Optional, Tuple

import spacy.tokens
import spacy.util
import spacy.vocab

if TYPE_CHECKING:
    from .document import Document


def _extend() -> None:
    for name in ("speaker", "entity", "confidence", "cue"):
        if not spacy.tokens.Span.has_extension(name):
            spacy.tokens.Span.set_extension(name, default=None)


def _words(document: "Document") -> Tuple[List[str], List[bool], List[bool]]:
    """Words, whether a space follows each, and whether each begins a sentence, so that together they are the text."""
    starts = {sentence.tokens[0].start for sentence in document.sentences}
    words: List[str] = []
    spaces: List[bool] = []
    begins: List[bool] = []
    text, end = document.text, 0

    def between(gap: str) -> None:
        """What stands between two tokens: one space belongs to the word before it, the rest is a token of its own."""
        if gap.startswith(" ") and words and not spaces[-1]:
            spaces[-1] = True
            gap = gap[1:]
        if gap:
            words.append(gap)
            spaces.append(False)
            begins.append(False)

    for token in document.tokens:
        between(text[end:token.start])
        words.append(token.text)
        spaces.append(False)
        begins.append(token.start in starts)
        end = token.end
    between(text[end:])
    return words, spaces, begins


def to_spacy(document: "Document", vocab: Any) -> spacy.tokens.Doc:
    _extend()
    vocab = getattr(vocab, "vocab", vocab) or spacy.vocab.Vocab()
    words, spaces, begins = _words(document)
    doc = spacy.tokens.Doc(vocab, words=words, spaces=spaces, sent_starts=begins if document.sentences else None)

    def span(of: Any, label: str, key: Optional[str] = None) -> spacy.tokens.Span:
        return doc.char_span(of.start, of.end, label=label, kb_id=key or "", alignment_mode="expand")

    entities = [span(entity, entity.type, entity.key) for entity in document.entities]
    doc.ents = spacy.util.filter_spans([entity for entity in entities if entity is not None])
    quotes, cues = [], []
    for quote in document.quotes:
        found = span(quote, quote.type, quote.entity)
        if found is None:
            continue
        cue = span(quote.cue, "cue") if quote.cue else None
        found._.speaker, found._.entity, found._.confidence = quote.speaker, quote.entity, quote.confidence
        found._.cue = (cue.start, cue.end) if cue else None
        quotes.append(found)
        cues += [cue] if cue else []
    doc.spans["quotes"], doc.spans["cues"] = quotes, cues
    paragraphs = [span(paragraph, paragraph.role) for paragraph in document.structure]
    doc.spans["structure"] = [paragraph for paragraph in paragraphs if paragraph is not None]
    doc.user_data["quotewire"] = {"id": document.id, "position": document.position, "metadata": document.metadata}
    return doc
