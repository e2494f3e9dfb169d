"""A program that the supervisor keeps running: started, watched, started again when it dies, stopped."""
import ctypes
import os
import signal
import subprocess
import time
from collections import deque

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds before a dead program is started again: doubled each time
STEADY_LIFE = 10.0                     # seconds of life after which the pause is the first one again
SHORT_LIFE, SHORT_LIVES = 1.0, 10      # so many lives in a row that were so short: it cannot be kept running
KEPT_LINES = 12                        # of what it said last

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _die_with_parent(parent):
    """Runs in the child before exec: the kernel kills it when the supervisor is gone, however that came."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class Child:
    def __init__(self, name, command, stdin=subprocess.DEVNULL, pass_fds=()):
        self.name, self.command = name, command
        self._stdin, self._pass_fds = stdin, pass_fds
        self.process = None
        self.last_lines = deque(maxlen=KEPT_LINES)
        self.restarts = 0
        self.due = 0.0  # when it is to be started, while there is no process
        self._began = 0.0
        self._pause = FIRST_PAUSE
        self._short_lives = 0
        self._rest = b""

    def start(self):
        parent = os.getpid()
        # a session of its own, so that Ctrl-C in the terminal reaches the supervisor alone
        self.process = subprocess.Popen(
            self.command, stdin=self._stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=self._pass_fds,
            start_new_session=True, preexec_fn=lambda: _die_with_parent(parent))
        os.set_blocking(self.process.stderr.fileno(), False)
        self._began = time.monotonic()
        self._rest = b""

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def send(self, signal_number):
        if self.alive:
            self.process.send_signal(signal_number)

    def read_lines(self):
        """What it has said since, as whole lines; None at the end of its standard error."""
        try:
            data = os.read(self.process.stderr.fileno(), 1 << 16)
        except BlockingIOError:
            return []
        if not data:
            rest, self._rest = self._rest, b""
            return self._keep([rest]) if rest else None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return self._keep(lines)

    def _keep(self, lines):
        texts = [line.decode("utf-8", "replace") for line in lines]
        self.last_lines.extend(texts)
        return texts

    def bury(self, progressed, least_pause=0.0):
        """It has died: plans its next start. Returns the pause until then, or None when it cannot be kept running.
        `progressed`: the run has got on since its last death, so that the program as such works."""
        now = time.monotonic()
        life = now - self._began
        self.process.stderr.close()
        self.process = None
        if progressed or life >= STEADY_LIFE:
            self._pause = FIRST_PAUSE
        self._short_lives = 0 if progressed or life >= SHORT_LIFE else self._short_lives + 1
        if self._short_lives >= SHORT_LIVES:
            return None
        pause = max(self._pause, least_pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self.restarts += 1
        self.due = now + pause
        return pause


def how_it_ended(code):
    """A return code of subprocess in words."""
    if code >= 0:
        return f"left with exit code {code}"
    try:
        return f"was killed by signal {-code} ({signal.strsignal(-code)})"
    except ValueError:
        return f"was killed by signal {-code}"
