"""Records as octets: where each ends, whether its checksum is right, and its fields. Input is hostile: everything is walked
over once without making anything of it, so that what is made afterwards is in proportion to the octets that are really there."""
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

import msgpack
from crc32c import crc32c

from .errors import Damaged

TAIL = 12  # octets: the key "crc32c" and a number in its 5-octet form
TAIL_KEY = b"\xa6crc32c\xce"
LONGEST_ID = 529


class Fields(NamedTuple):
    """A record taken apart; layers are left as octets."""
    id: str
    text: str
    sequence: int
    source: Dict[str, Any]
    metadata: Dict[str, Any]
    failed: Optional[Dict[str, Any]]
    supersedes: int
    dropped: bool
    layers: Dict[str, bytes]


def _refuse(_code: int, _data: bytes) -> Any:
    raise ValueError("an extension type")


def _unpacker(data: bytes) -> Any:
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=True, ext_hook=_refuse, max_buffer_size=len(data) + 1)
    unpacker.feed(data)
    return unpacker


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


def unpack(data: bytes) -> Any:
    """One whole value."""
    try:
        walk = _unpacker(data)
        walk.skip()
        if walk.tell() != len(data):
            raise Damaged("octets are left over behind a value")
        return msgpack.unpackb(data, raw=False, strict_map_key=True, ext_hook=_refuse)
    except Damaged:
        raise
    except Exception as error:  # msgpack has no one class for what can be wrong
        raise Damaged(f"not MessagePack as it should be: {_why(error)}") from error


def split(data: bytes, count: int) -> List[bytes]:
    """The records of a frame, which must be `count` and nothing else."""
    found, begin, walk = [], 0, _unpacker(data)
    try:
        for _ in range(count):
            walk.skip()
            end = walk.tell()
            found.append(data[begin:end])
            begin = end
    except Exception as error:
        raise Damaged(f"a frame has fewer records than it should: {_why(error)}") from error
    if begin != len(data):
        raise Damaged("a frame has more than its records")
    return found


def check(record: bytes) -> None:
    """Raises Damaged unless the record proves itself."""
    if record[-TAIL:-4] != TAIL_KEY or int.from_bytes(record[-4:], "big") != crc32c(record[:-TAIL]):
        raise Damaged("a record's checksum does not match")


def _entries(walk: Any) -> Iterator[str]:
    """The keys of the map that comes next; the caller reads each value before it asks for the next key."""
    seen = set()
    for _ in range(walk.read_map_header()):
        key = walk.unpack()
        if not isinstance(key, str) or key in seen:
            raise Damaged("a key of a record is no text, or stands there twice")
        seen.add(key)
        yield key


KINDS = {"id": str, "text": str, "sequence": int, "source": dict, "metadata": dict, "failed": dict, "supersedes": int,
         "dropped": bool}
NEEDED = ("id", "text", "sequence", "source", "layers")


def parse(record: bytes) -> Fields:
    """Takes apart a record that ends where its octets end."""
    found: Dict[str, Any] = {}
    try:
        walk = _unpacker(record)
        walk.skip()
        if walk.tell() != len(record):
            raise Damaged("octets are left over behind a record")
        walk = _unpacker(record)
        for key in _entries(walk):
            if key == "layers":
                layers = found[key] = {}
                for name in _entries(walk):
                    begin = walk.tell()
                    walk.skip()
                    layers[name] = record[begin:walk.tell()]
            elif key in KINDS:
                found[key] = walk.unpack()
                if type(found[key]) is not KINDS[key]:
                    raise Damaged(f"a record's '{key}' is something else")
            else:
                walk.skip()
    except Damaged:
        raise
    except Exception as error:
        raise Damaged(f"a record is not MessagePack as it should be: {_why(error)}") from error
    missing = [key for key in NEEDED if key not in found]
    if missing or found["sequence"] < 0 or found.get("supersedes", 0) < 0:
        raise Damaged(f"a record has no '{missing[0]}'" if missing else "a record's number is below 0")
    return Fields(found["id"], found["text"], found["sequence"], found["source"], found.get("metadata", {}),
                  found.get("failed"), found.get("supersedes", 0), found.get("dropped", False), found["layers"])


def stream(file: Any) -> Iterator[Any]:
    """(offset, record) for each whole record of a file, in constant memory."""
    window, begin = b"", 0
    size = 1 << 16
    while True:
        more = file.read(size)
        window += more
        walk, used = _unpacker(window), 0
        try:
            while used < len(window):
                walk.skip()
                yield begin + used, window[used:walk.tell()]
                used = walk.tell()
        except msgpack.OutOfData:
            pass
        window, begin = window[used:], begin + used
        if not more:
            return
        size = max(1 << 16, len(window))  # a record that is cut off: twice as much
