"""A position in a file: decimal digits and a line end, as `quotewire follow --state` keeps it."""
import os
from typing import Optional

from .errors import Damaged


def load(path: "str | os.PathLike[str]") -> Optional[int]:
    """None: there is no such file yet."""
    try:
        with open(path, "rb") as file:
            text = file.read(32)
    except FileNotFoundError:
        return None
    digits = text.rstrip(b"\n")
    if not digits.isdigit() or len(text) - len(digits) > 1 or int(digits) >= 1 << 64:
        raise Damaged(f"the state file {os.fspath(path)} does not hold a position")
    return int(digits)


def store(path: "str | os.PathLike[str]", position: int) -> None:
    """On disk when it returns: after any crash either the old position or the new one is there."""
    name = os.fspath(path)
    fresh = name + ".new"
    with open(fresh, "wb") as file:
        file.write(b"%d\n" % position)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, name)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(os.path.dirname(name) or ".", os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
