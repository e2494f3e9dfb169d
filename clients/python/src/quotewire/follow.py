"""The corpus of a running sink as a stream, over any restart of it. PROTOCOL.md, section 10."""
import collections
import logging
import os
import random
import socket as host
import time
from typing import Any, Deque, Iterator, Optional

import msgpack
import zmq

from . import _keys, _records, _state
from .document import Document
from .errors import Damaged, NoAnswer, Refused

_HELLO, _WELCOME, _ERROR, _HEARTBEAT, _BYE, _FOLLOW, _DOCUMENTS = 0x01, 0x02, 0x03, 0x04, 0x05, 0x40, 0x41
_REFUSED_VERSION, _REFUSED_MESSAGE, _REFUSED_ORDER, _REFUSED_LIMIT, _REFUSED_STOPPED = 1, 2, 6, 7, 9
_READER = 4
_HEAD = b"QW\x01"
_SILENT_BEATS = 5
_FIRST_PAUSE, _LAST_PAUSE = 0.05, 2.0  # seconds before a fresh socket
_ANSWER = 10.0                         # seconds that a follower that does not wait gives the sink
_WRONG_AT_MOST = 5                     # messages in a row that cannot be read

_log = logging.getLogger("quotewire")


class Follower(Iterator[Document]):
    """Documents of a sink as they are committed, from a position on; `quotewire.follow` gives it.

    Iterating waits for the next document, for ever if need be: it connects again by itself when the sink is killed, started
    again, or unreachable, and goes on at its own position, so that nothing is missed and nothing comes twice. It is for one
    thread. Whatever the sink sends, at most `credit` octets of records are under way.

    Attributes: `position`, the position behind the last document that was handed out; `total`, how many records the sink
    has, as it last said, or None.
    """

    def __init__(self, endpoint: str, position: int = 0, *, state: "str | os.PathLike[str] | None" = None, wait: bool = True,
                 idle: Optional[float] = None, credit: int = 4 << 20, max_bytes: int = 256 << 20, verify: bool = True,
                 name: Optional[str] = None, key: "str | os.PathLike[str] | None" = None) -> None:
        stored = _state.load(state) if state is not None else None
        self.position = position if stored is None else stored
        self.total: Optional[int] = None
        self._endpoint, self._state, self._wait, self._idle = endpoint, state, wait, idle
        self._credit, self._max_bytes, self._verify = credit, max_bytes, verify
        self._name = name or f"{host.gethostname()}.{os.getpid()}"
        self._key = _keys.load(key) if key is not None else None
        self._watch: Any = None  # tells of refused keys
        self._life = random.SystemRandom().getrandbits(64) | 1
        self._batch: Deque[Document] = collections.deque()
        self._saved, self._first = stored, self.position
        self._next = self._asked = self.position  # behind what was received; of the last FOLLOW
        self._since = 0                           # octets received since
        self._welcome = self._closed = False
        self._beat = 1.0
        self._heard = self._told = time.monotonic()
        self._pause, self._open_at, self._wrong = _FIRST_PAUSE, 0.0, 0
        self._context: Any = zmq.Context.instance()
        self._socket: Any = None
        self._connect()  # a wrong endpoint shows at once

    # -- what callers do -------------------------------------------------------------------------------------------------

    def __iter__(self) -> "Follower":
        return self

    def __next__(self) -> Document:
        document = None if self._closed else self.next(self._idle) if self._wait else self._next_at_hand()
        if document is None:
            raise StopIteration
        return document

    def _next_at_hand(self) -> Optional[Document]:
        """The next document of those that the sink has; None when all were had."""
        end = time.monotonic() + _ANSWER
        while self.total is None or self.position < self.total:
            document = self.next(0.05)
            if document is not None:
                return document
            if time.monotonic() > end:
                raise NoAnswer(f"no sink answers at {self._endpoint}")
        return None

    def next(self, timeout: Optional[float] = None) -> Optional[Document]:
        """The next document, or None when none came within so many seconds (None: for ever). Asking for the next one says
        that all before it are done with, so their position may be stored."""
        if self._closed:
            raise ValueError("the follower is closed")
        deadline = None if timeout is None else time.monotonic() + timeout
        if not self._batch:
            self.save()
        while not self._batch:
            if not self._receive():
                now = time.monotonic()
                self._keep_time(now)
                if deadline is not None and now >= deadline:
                    return None
                self._sleep(now, deadline)
        if self._socket is not None and self._welcome:
            self._beat_if_due(time.monotonic())
        document = self._batch.popleft()
        self.position += 1
        return document

    def save(self) -> None:
        """Stores the position in the state file now, if there is one. Otherwise that happens when all documents that came in
        one message are used up, and at close."""
        if self._state is not None and self._saved != self.position:
            _state.store(self._state, self.position)
            self._saved = self.position

    def close(self) -> None:
        """Stores the position and says goodbye. What was handed out counts as done with."""
        self._close(self.position)

    def _close(self, position: int) -> None:
        if self._closed:
            return
        self._closed = True
        if self._socket is not None:
            if self._welcome:
                self._socket.linger = 50
                self._send(_BYE, {})
            self._close_socket()
        self.position = position
        self.save()

    def __enter__(self) -> "Follower":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """After an exception the last document counts as not done with, so it comes again."""
        last = self.position - 1 if kind is not None and self.position > self._first else self.position
        self._close(last)

    def __del__(self) -> None:
        if getattr(self, "_socket", None) is not None:
            self._close_socket()

    # -- the conversation ------------------------------------------------------------------------------------------------

    def _send(self, kind: int, body: Any) -> None:
        """What cannot be sent is lost; then the sink stays silent and a fresh socket follows."""
        try:
            self._socket.send(_HEAD + bytes([kind]) + msgpack.packb(body), zmq.DONTWAIT)
        except zmq.Again:
            pass
        self._told = time.monotonic()

    def _connect(self) -> None:
        socket = self._context.socket(zmq.DEALER)
        socket.linger = 0
        socket.setsockopt(zmq.RCVHWM, 0)  # credit bounds it
        socket.setsockopt(zmq.MAXMSGSIZE, self._max_bytes)
        socket.setsockopt(zmq.RECONNECT_IVL, 50)
        socket.setsockopt(zmq.RECONNECT_IVL_MAX, 1000)
        socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
        socket.setsockopt(zmq.TCP_MAXRT, 5000)
        if self._key and self._endpoint.startswith("tcp:"):
            socket.curve_publickey, socket.curve_secretkey = self._key.public, self._key.secret
            socket.curve_serverkey = self._key.sink
            self._watch = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        try:
            socket.connect(self._endpoint)
        except zmq.ZMQError as error:
            socket.close()
            raise ValueError(f"{self._endpoint!r} is no endpoint: {error}") from error
        self._socket = socket
        self._heard = time.monotonic()
        self._send(_HELLO, {"role": _READER, "version_min": 1, "version_max": 1, "life": self._life, "name": self._name,
                            "software": "quotewire-python"})

    def _close_socket(self) -> None:
        if self._watch is not None:
            self._watch = None
            self._socket.disable_monitor()
        self._socket.close()
        self._socket = None

    def _disconnect(self, why: Optional[str]) -> None:
        if why:
            _log.info("%s: %s; going on at position %d on a fresh socket", self._endpoint, why, self._next)
        self._close_socket()
        self._welcome = False
        self._open_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _LAST_PAUSE)

    def _ask(self) -> None:
        self._send(_FOLLOW, {"position": self._next, "credit": self._credit})
        self._asked, self._since = self._next, 0

    def _beat_if_due(self, now: float) -> None:
        if now - self._told >= self._beat:
            self._send(_HEARTBEAT, {})

    def _keep_time(self, now: float) -> None:
        if self._socket is None:
            if now >= self._open_at:
                self._connect()
        elif self._watch is not None and self._watch.poll(0):
            raise Refused(f"{self._endpoint} refuses the key '{self._key.name if self._key else ''}'")
        elif now - self._heard > _SILENT_BEATS * self._beat:
            self._disconnect("the sink is silent" if self._welcome else None)
        elif self._welcome:
            if self._asked != self._next:
                self._ask()  # nothing is here: whatever is under way needs no more of the old credit
            self._beat_if_due(now)

    def _sleep(self, now: float, deadline: Optional[float]) -> None:
        due = now + self._beat / 2 if self._socket is not None else self._open_at
        until = max(0.0, (due if deadline is None else min(due, deadline)) - now)
        if self._socket is not None:
            self._socket.poll(int(1000 * until) + 1)
        else:
            time.sleep(until)

    def _receive(self) -> bool:
        """Takes one message; False: there is none."""
        if self._socket is None:
            return False
        if self._welcome and self._since >= self._credit // 2:
            self._ask()
        try:
            frames = self._socket.recv_multipart(zmq.DONTWAIT)
        except zmq.Again:
            return False
        try:
            self._hear(frames)
        except Damaged as damaged:
            self._wrong += 1
            if self._wrong >= _WRONG_AT_MOST:
                raise Damaged(f"{self._endpoint} sends what cannot be read, again and again: {damaged}") from damaged
            self._disconnect(str(damaged))
        return True

    def _hear(self, frames: "list[bytes]") -> None:
        head = frames[0]
        if len(head) < 5 or head[:3] != _HEAD or len(frames) > 2:
            raise Damaged("a message is none of Quotewire's")
        kind, body = head[3], _records.unpack(head[4:])
        if not isinstance(body, dict):
            raise Damaged("a message's body is no map")
        self._heard = time.monotonic()
        if kind == _DOCUMENTS and self._welcome and len(frames) == 2:
            self._hear_documents(body, frames[1])
        elif kind == _ERROR:
            self._hear_error(body)
        elif kind == _WELCOME and not self._welcome:
            self._welcome = True
            self.total = _uint(body, "documents", 0)
            beat = _uint(body, "heartbeat_ms")
            self._beat = beat / 1000 if 0 < beat < 3600000 else 1.0
            self._ask()
        elif kind == _BYE:
            self._disconnect("the sink has stopped")

    def _hear_documents(self, body: "dict[str, Any]", records: bytes) -> None:
        if _uint(body, "position") != self._next:
            raise Damaged("documents came out of order")
        found = []
        for i, record in enumerate(_records.split(records, _uint(body, "count"))):
            if self._verify:
                _records.check(record)
            found.append(Document(_records.parse(record), self._next + i))
        self.total = _uint(body, "documents")
        self._pause, self._wrong = _FIRST_PAUSE, 0
        self._batch.extend(found)
        self._next += len(found)
        self._since += len(records)

    def _hear_error(self, body: "dict[str, Any]") -> None:
        code, text = _uint(body, "code"), str(body.get("text", ""))
        if code == _REFUSED_STOPPED:
            raise Refused(f"{self._endpoint} cannot read a record: {text}")
        if code in (_REFUSED_VERSION, _REFUSED_MESSAGE, _REFUSED_ORDER):
            raise Refused(f"{self._endpoint} refuses: {text}")
        self._disconnect("the sink has readers enough" if code == _REFUSED_LIMIT else "the sink has forgotten this reader")


def _uint(body: "dict[str, Any]", name: str, default: Optional[int] = None) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Damaged(f"a message has no number '{name}'")
    return value


def follow(endpoint: str, position: int = 0, *, state: "str | os.PathLike[str] | None" = None, wait: bool = True,
           idle: Optional[float] = None, credit: int = 4 << 20, max_bytes: int = 256 << 20, verify: bool = True,
           name: Optional[str] = None, key: "str | os.PathLike[str] | None" = None) -> Follower:
    """Documents of the sink at `endpoint` (its --follow, or the --serve of `quotewire run`) from `position` on.

    state      a file for the position: if it is there, it counts instead of `position`. It is written when the documents
               of one message are used up, and when the follower is closed; so after a kill -9 a few documents come again.
               Whoever must not see that keeps `document.position + 1` beside what is made of the document.
    wait       False: end when everything that the sink has was had; NoAnswer if no sink answers for 10 s.
    idle       end when no document came for so many seconds (None: go on for ever).
    credit     octets under way at most.
    max_bytes  octets that one message of the sink may have at most.
    verify     False: do not compare checksums.
    name       for the sink's log.
    key        a reader's key file, made by `quotewire keys new reader NAME`: for tcp from other machines.

    Records come as they stand in the corpus: one that replaces a failed document has `supersedes`, and may be `dropped`.
    Raises Refused where trying again is of no use, Damaged when the sink sends what cannot be read again and again,
    ValueError for an endpoint that is none.
    """
    return Follower(endpoint, position, state=state, wait=wait, idle=idle, credit=credit, max_bytes=max_bytes, verify=verify,
                    name=name, key=key)
