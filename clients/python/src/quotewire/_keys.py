"""Key files, as `quotewire keys` makes them: CZMQ's certificates, with the sink's public key beside one's own."""
import os
from typing import Dict, NamedTuple


class Key(NamedTuple):
    """A reader's key. All are Z85."""
    name: str
    public: bytes
    secret: bytes
    sink: bytes


def _sections(path: "str | os.PathLike[str]") -> Dict[str, Dict[str, str]]:
    found: Dict[str, Dict[str, str]] = {}
    values: Dict[str, str] = {}
    with open(path, encoding="utf-8") as file:
        if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o007:
            raise ValueError(f"others may read the key {os.fspath(path)}: chmod o= it")
        for line in file.read(1 << 16).splitlines():
            name, _, value = line.partition("=")
            if line.strip().startswith("#") or not line.strip():
                continue
            if not line[0].isspace():
                values = found.setdefault(line.strip(), {})
            else:
                values[name.strip()] = value.strip().strip('"')
    return found


def load(path: "str | os.PathLike[str]") -> Key:
    """ValueError: the file is no reader's key, or others may read it."""
    found = _sections(path)
    metadata, curve = found.get("metadata", {}), found.get("curve", {})
    key = Key(metadata.get("name", ""), *(text.encode() for text in (
        curve.get("public-key", ""), curve.get("secret-key", ""), metadata.get("sink", ""))))
    if not all(len(part) == 40 for part in key[1:]):
        raise ValueError(f"{os.fspath(path)} is no secret key that knows its sink")
    return key
