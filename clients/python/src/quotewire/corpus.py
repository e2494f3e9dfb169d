"""A corpus on disk: its records by position and by id, beside a sink that writes it too."""
import mmap
import os
import struct
import threading
from typing import BinaryIO, Dict, Iterator, List, NamedTuple, Optional, Sequence, Union, overload

from xxhash import xxh3_128_digest

from . import _records
from .document import Document
from .errors import Damaged, NotACorpus

_HEAD, _ENTRY = struct.Struct("<8sQ"), struct.Struct("<QII16sIIII")
_FAILED, _DROPPED, _SUPERSEDES = 1, 2, 4
_AHEAD_BYTES, _AHEAD_ENTRIES = 1 << 20, 256
_OPEN_AT_MOST = 8  # segments


class _Entry(NamedTuple):
    """A record in the index."""
    offset: int
    size: int
    crc32c: int
    id_hash: bytes
    flags: int
    tokens: int
    mentions: int
    quotes: int


class _Segment:
    """One file of records and its index."""

    def __init__(self, folder: str, number: int, first: int) -> None:
        self.path = os.path.join(folder, f"segment-{number:06}.msgpack")
        self.index_path = os.path.join(folder, f"segment-{number:06}.index")
        self.first, self.count = first, 0
        self.file: Optional[BinaryIO] = None
        self.made_up: Optional[List[_Entry]] = None  # of a segment whose index is of no use

    def exists(self) -> bool:
        return os.path.exists(self.index_path) or os.path.exists(self.path)

    def head(self) -> Optional[int]:
        """Its first position, as its index says."""
        try:
            with open(self.index_path, "rb") as index:
                magic, first = _HEAD.unpack(index.read(_HEAD.size))
        except (OSError, struct.error):
            return None
        return first if magic == b"QWINDEX1" else None

    def look(self, sealed: bool) -> None:
        """Counts its records anew. Without an index that fits, the segment itself is read."""
        if self.made_up is not None:
            return
        if self.head() == self.first:
            self.count = max(self.count, (os.path.getsize(self.index_path) - _HEAD.size) // _ENTRY.size)
            if self._fits(sealed):
                return
        self.made_up = self._scan()
        self.count = len(self.made_up)

    def _fits(self, sealed: bool) -> bool:
        size = os.path.getsize(self.path) if os.path.exists(self.path) else 0
        last = self.entries(self.count - 1, 1) if self.count else []
        end = last[0].offset + last[0].size if last else 0
        return end == size if sealed else end <= size and bool(last) == bool(self.count)

    def entries(self, at: int, count: int) -> List[_Entry]:
        if self.made_up is not None:
            return self.made_up[at:at + count]
        with open(self.index_path, "rb") as index:
            index.seek(_HEAD.size + at * _ENTRY.size)
            data = index.read(min(count, self.count - at) * _ENTRY.size)
        return [_Entry(*fields) for fields in _ENTRY.iter_unpack(data[:len(data) - len(data) % _ENTRY.size])]

    def find(self, id_hash: bytes) -> List[int]:
        """Which of its records have an id with this hash."""
        if self.made_up is not None:
            return [at for at, entry in enumerate(self.made_up) if entry.id_hash == id_hash]
        found = []
        if self.count:
            with open(self.index_path, "rb") as index, mmap.mmap(index.fileno(), 0, access=mmap.ACCESS_READ) as octets:
                end = _HEAD.size + self.count * _ENTRY.size
                at = octets.find(id_hash, _HEAD.size, end)
                while at >= 0:
                    if (at - _HEAD.size) % _ENTRY.size == 16:
                        found.append((at - _HEAD.size) // _ENTRY.size)
                    at = octets.find(id_hash, at + 1, end)
        return found

    def read(self, offset: int, size: int) -> bytes:
        if self.file is None:
            self.file = open(self.path, "rb", buffering=0)
        self.file.seek(offset)
        found = bytearray()
        while len(found) < size:
            piece = self.file.read(size - len(found))
            if not piece:
                break
            found += piece
        return bytes(found)

    def _scan(self) -> List[_Entry]:
        """Its records, as far as they are right."""
        found: List[_Entry] = []
        try:
            with open(self.path, "rb") as file:
                for offset, record in _records.stream(file):
                    _records.check(record)
                    fields = _records.parse(record)
                    flags = ((_FAILED if fields.failed is not None else 0) | (_DROPPED if fields.dropped else 0)
                             | (_SUPERSEDES if fields.supersedes else 0))
                    found.append(_Entry(offset, len(record), int.from_bytes(record[-4:], "big"),
                                        xxh3_128_digest(fields.id.encode()), flags, 0, 0, 0))
        except (OSError, Damaged, ValueError):
            pass  # what comes behind cannot be had
        return found

    def close(self) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None


class Corpus(Sequence[Document]):
    """A corpus, as `quotewire.open` gives it. As a sequence it has every record, by position: `corpus[7]`, `corpus[-1]`,
    `corpus[10:20]`, `len(corpus)`, `for document in corpus`. A failed document that was retried has a record for each try;
    `documents()` has each document once. `corpus["id"]` is the newest record with that id.

    Only what is on disk for good is seen, and more of it as time goes on if a sink is writing. Reading needs no lock and
    disturbs nobody. It may be used from several threads.
    """

    def __init__(self, folder: "str | os.PathLike[str]", verify: bool = True) -> None:
        self._folder = os.fspath(folder)
        self._verify = verify
        self._lock = threading.RLock()
        self._segments: List[_Segment] = []
        self._open: List[_Segment] = []  # the one used last comes last
        self._refresh()
        if not self._segments:
            raise NotACorpus(f"{self._folder} is not a corpus: it has no segment-000000.msgpack")

    # -- segments --------------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        with self._lock:
            while True:
                last = self._segments[-1] if self._segments else None
                following = _Segment(self._folder, len(self._segments), 0)
                if not following.exists():
                    break
                if last:
                    last.look(sealed=True)
                    first = following.head()
                    if first is not None and first >= last.first + last.count:
                        last.count = first - last.first  # what is damaged keeps its positions
                    following.first = last.first + last.count
                self._segments.append(following)
                following.look(sealed=False)
            if self._segments:
                self._segments[-1].look(sealed=False)

    def _known(self) -> int:
        return self._segments[-1].first + self._segments[-1].count

    def _locate(self, position: int) -> _Segment:
        low, high = 0, len(self._segments) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._segments[middle].first <= position:
                low = middle
            else:
                high = middle - 1
        return self._segments[low]

    def _octets(self, segment: _Segment, offset: int, size: int) -> bytes:
        """A part of a segment's file, which stays open for the next."""
        if segment in self._open:
            self._open.remove(segment)
        self._open.append(segment)
        if len(self._open) > _OPEN_AT_MOST:
            self._open.pop(0).close()
        return segment.read(offset, size)

    # -- records ---------------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """How many records it has now."""
        self._refresh()
        return self._known()

    @overload
    def __getitem__(self, at: Union[int, str]) -> Document: ...

    @overload
    def __getitem__(self, at: slice) -> List[Document]: ...

    def __getitem__(self, at: Union[int, str, slice]) -> Union[Document, List[Document]]:
        if isinstance(at, str):
            found = self.find(at)
            if found is None:
                raise KeyError(at)
            return found
        if isinstance(at, slice):
            return [self[position] for position in range(*at.indices(len(self)))]
        count = len(self) if at < 0 or at >= self._known() else self._known()
        position = at + count if at < 0 else at
        if not 0 <= position < count:
            raise IndexError(f"there is no position {at}: the corpus has {count} records")
        with self._lock:
            return self._read(position)

    def _read(self, position: int) -> Document:
        segment = self._locate(position)
        at = position - segment.first
        for _ in range(2):
            found = segment.entries(at, 1)
            record = self._octets(segment, found[0].offset, found[0].size) if found else b""
            if found and self._is_right(record, found[0]):
                return Document(_records.parse(record), position)
            if segment.made_up is not None:
                break
            made_up = segment._scan()  # the fault may be the index's
            if at >= len(made_up):
                break
            segment.made_up = made_up
        raise Damaged(f"{segment.path}: the record at position {position} is damaged")

    def _is_right(self, record: bytes, entry: _Entry) -> bool:
        if len(record) != entry.size or record[-4:] != entry.crc32c.to_bytes(4, "big"):
            return False
        if self._verify:
            try:
                _records.check(record)
            except Damaged:
                return False
        return True

    def __iter__(self) -> Iterator[Document]:
        """Every record up to the end that the corpus has when it is reached."""
        return self._run(0, None)

    def _run(self, position: int, stop: Optional[int]) -> Iterator[Document]:
        """Records [position, stop), read many at a time."""
        while True:
            if position >= self._known():
                self._refresh()
            end = self._known() if stop is None else min(stop, self._known())
            if position >= end:
                return
            with self._lock:
                batch = self._read_ahead(position, end)
            for document in batch:
                yield document
            position += len(batch)

    def _read_ahead(self, position: int, end: int) -> List[Document]:
        segment = self._locate(position)
        at = position - segment.first
        entries: List[_Entry] = []
        size = 0
        for entry in segment.entries(at, min(_AHEAD_ENTRIES, end - position)):
            if entries and (entry.offset != entries[0].offset + size or size + entry.size > _AHEAD_BYTES):
                break
            entries.append(entry)
            size += entry.size
        data = self._octets(segment, entries[0].offset, size) if entries else b""
        found: List[Document] = []
        for entry in entries:
            begin = entry.offset - entries[0].offset
            record = data[begin:begin + entry.size]
            if not self._is_right(record, entry):
                break
            found.append(Document(_records.parse(record), position + len(found)))
        return found or [self._read(position)]

    # -- ids and documents -----------------------------------------------------------------------------------------------

    def find(self, id: str) -> Optional[Document]:
        """The newest record with this id, or None. Takes time in proportion to the index, 48 octets a record."""
        octets = id.encode("utf-8", "surrogatepass")
        if len(octets) > _records.LONGEST_ID:
            return None
        wanted = xxh3_128_digest(octets)
        self._refresh()
        for segment in reversed(self._segments):
            for at in reversed(segment.find(wanted)):
                document = self[segment.first + at]
                if document.id == id:
                    return document
        return None

    def __contains__(self, id: object) -> bool:
        """Whether there is a record with this id (or one equal to this document)."""
        if isinstance(id, Document):
            return 0 <= id.position < len(self) and self[id.position] == id
        return isinstance(id, str) and self.find(id) is not None

    def documents(self, only: Optional[str] = None) -> Iterator[Document]:
        """Each document once, where its first record stands, in its newest form, without dropped ones; `only` is
        "annotated" or "failed". So does `quotewire export`. Takes memory in proportion to the number of failures."""
        if only not in (None, "annotated", "failed"):
            raise ValueError(f"only is 'annotated' or 'failed', not {only!r}")
        end = len(self)
        newest = self._histories(end)
        for document in self._run(0, end):
            root, last, dropped = newest.get(xxh3_128_digest(document.id.encode()), (document.position,) * 2 + (False,))
            if root != document.position or dropped:
                continue
            if last != document.position:
                document = self[last]
            if only is None or (document.failed is not None) == (only == "failed"):
                yield document

    def _histories(self, end: int) -> Dict[bytes, "tuple[int, int, bool]"]:
        """Of each document that ever failed, by its id's hash: first and newest position, and whether it is dropped."""
        found: Dict[bytes, "tuple[int, int, bool]"] = {}
        position = 0
        while position < end:
            segment = self._locate(position)
            entries = segment.entries(position - segment.first, min(_AHEAD_ENTRIES, end - position))
            if not entries:
                raise Damaged(f"{segment.index_path}: the entry of position {position} cannot be read")
            for entry in entries:
                dropped = bool(entry.flags & _DROPPED)
                history = found.get(entry.id_hash)
                if history and not (history[2] and not entry.flags & _SUPERSEDES):
                    found[entry.id_hash] = (history[0], position, dropped)
                elif history or entry.flags & (_FAILED | _DROPPED | _SUPERSEDES):
                    found[entry.id_hash] = (position, position, dropped)
                position += 1
        return found

    # -- the end ---------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Closes its files. It may be used again, and opens them then."""
        with self._lock:
            while self._open:
                self._open.pop().close()

    def __enter__(self) -> "Corpus":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        for segment in getattr(self, "_open", []):
            segment.close()

    def __repr__(self) -> str:
        return f"<Corpus {self._folder!r}, {self._known()} records>"


def open_corpus(folder: "str | os.PathLike[str]", *, verify: bool = True) -> Corpus:
    """The corpus in a folder. `verify=False` leaves out the comparison of checksums, which in plain Python takes most of the
    time (pip install quotewire[fast] makes it quick). Raises NotACorpus."""
    return Corpus(folder, verify)
