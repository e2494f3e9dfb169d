"""What this package raises."""


class Error(Exception):
    """Anything below."""


class Damaged(Error, ValueError):
    """A record, a layer or an index is not what Quotewire writes, or its checksum does not match."""


class NotACorpus(Error, FileNotFoundError):
    """The folder has no segments."""


class Refused(Error, ConnectionError):
    """The sink will not serve this reader: no common version, or a position beyond its corpus. Trying again is of no use."""


class NoAnswer(Error, TimeoutError):
    """No sink answered in time. Only a follower that does not wait raises it."""
