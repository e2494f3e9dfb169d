"""Where things are: the programs, the models, and the run folder in which a pipeline has its sockets."""
import fcntl
import hashlib
import json
import os
import stat
import time

IPC_LIMIT = 107  # bytes of an ipc path, as the kernel has it


class Missing(Exception):
    """A program or a model is not where it should be."""


class Busy(Exception):
    """Another supervisor runs a pipeline on this corpus."""


class Places:
    """The folders that belong to this script: of the checkout that it stands in, or of the prefix where it is installed."""

    def __init__(self, here):
        root = os.path.dirname(here)
        self.checkout = root if os.path.isfile(os.path.join(root, "ventilator", "ventilator_main.c")) else None
        if self.checkout:
            self.programs = os.path.join(root, "build")
            self.models = os.path.join(root, "workers", "models")
        else:
            self.programs = os.path.join(root, "libexec", "quotewire")
            self.models = os.path.join(root, "share", "quotewire", "models")
        self.programs = os.environ.get("QUOTEWIRE_BUILD") or self.programs
        self.models = os.environ.get("QUOTEWIRE_MODELS") or self.models
        settings = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        self.keys = os.environ.get("QUOTEWIRE_KEYS") or os.path.join(settings, "quotewire", "keys")

    def program(self, name):
        path = os.path.join(self.programs, "quotewire-" + name)
        if os.access(path, os.X_OK):
            return path
        how = "build it with deploy/setup" if self.checkout else "install quotewire again"
        raise Missing(f"the program {path} is missing: {how}, or set QUOTEWIRE_BUILD to the folder that has it")

    def models_folder(self):
        if os.path.isdir(self.models):
            return self.models
        raise Missing(f"the models are missing: there should be a folder {self.models}")


def _bases():
    """The folders that may hold run folders; the one for new run folders first."""
    shared = f"/tmp/quotewire-{os.getuid()}"
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    # the longest name that will stand behind it: /quotewire/0123456789ab/control
    if own.startswith("/") and os.path.isdir(own) and len(os.fsencode(own)) + 32 <= IPC_LIMIT:
        return [os.path.join(own, "quotewire"), shared]
    return [shared]


def _make_private(folder):
    """Makes the folder, for its owner only; refuses one that somebody else could have put there."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} should be a folder of yours that nobody else may enter (0700): remove it")


class RunFolder:
    """A short private folder for the sockets of one pipeline, found by its corpus. Whoever holds its lock runs the pipeline;
    the kernel lets go of the lock when the supervisor dies in any way."""

    def __init__(self, path, lock=None):
        self.path, self._lock = path, lock

    @classmethod
    def take(cls, corpus):
        base = _bases()[0]
        _make_private(base)
        name = hashlib.blake2b(os.fsencode(os.path.realpath(corpus)), digest_size=6).hexdigest()
        path = os.path.join(base, name)
        for _ in range(20):  # `quotewire status` holds the lock for a moment, and so does a run that is just ending
            _make_private(path)
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # its last owner may have removed the folder between open and lock
                if os.path.samestat(os.fstat(lock), os.stat(path)):
                    return cls(path, lock)
            except (BlockingIOError, FileNotFoundError):
                pass
            os.close(lock)
            time.sleep(0.02)
        raise Busy(f"another run is at work on the corpus '{corpus}'")

    def endpoint(self, name):
        return "ipc://" + os.path.join(self.path, name)

    def describe(self, **facts):
        """Leaves for `quotewire status` what runs here."""
        with open(os.path.join(self.path, "run.json.new"), "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(facts, file)
        os.replace(file.name, os.path.join(self.path, "run.json"))

    def remove(self):
        for name in os.listdir(self.path):
            os.unlink(os.path.join(self.path, name))
        os.rmdir(self.path)
        os.close(self._lock)


def running(corpus=None):
    """What describe() left, of every pipeline of this user that is running now, or of the one on `corpus`."""
    wanted = os.path.realpath(corpus) if corpus else None
    found = []
    for base in _bases():
        for name in sorted(os.listdir(base)) if os.path.isdir(base) else []:
            path = os.path.join(base, name)
            try:
                with open(os.path.join(path, "run.json"), encoding="utf-8", errors="surrogateescape") as file:
                    facts = json.load(file)
                lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            except (OSError, ValueError):
                continue
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:  # its supervisor lives
                if wanted in (None, facts["corpus"]):
                    found.append(facts)
            os.close(lock)
    return found
