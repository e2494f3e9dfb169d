"""One pipeline on this machine: a sink, a ventilator and workers over ipc, kept alive until every document is committed."""
import json
import os
import selectors
import signal
import subprocess
import time

from children import Child, how_it_ended
from places import Busy, Missing, RunFolder
from progress import Screen, Tally, summary, summary_text

ANNOTATED, SOME_FAILED, USAGE, STORAGE, BUSY, BROKEN, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

VENTILATOR_RESULTS = {0: ANNOTATED, 1: SOME_FAILED, 2: USAGE, 3: STORAGE}  # these end the run; all else is a death
SINK_BUSY, SINK_STORAGE, WRONG_USAGE = 4, 3, 2
BUSY_PATIENCE = 3.0   # seconds: the sink of a run that was just killed may hold the corpus for a moment yet
STOP_PATIENCE = 30.0  # seconds that programs get to stop by themselves
LONG_PAUSE = 1.0      # seconds until a worker that left is replaced, if the run is not over by then
LEAVE_PATIENCE = 0.5  # seconds that workers get to hear from the ventilator that the run is over


class Pipeline:
    """`options` are those of `quotewire run`, see usage.py. run() returns the exit code."""

    def __init__(self, places, options):
        self._options = options
        self._places = places
        self._screen = Screen(options.quiet)
        self._tally = Tally()
        self._selector = selectors.DefaultSelector()
        self._log = None
        self._result = None      # the exit code, once the run is to end
        self._interrupts = 0
        self._documents_seen = {}  # by child: how far the run was at its last death
        self._progress_rest = b""

    # -- the whole run ---------------------------------------------------------------------------------------------------

    def run(self):
        try:
            self._sink_program = self._places.program("sink")
            self._ventilator_program = self._places.program("ventilator")
            self._worker_program = self._places.program("worker")
            self._models = self._places.models_folder()
        except Missing as missing:
            self._screen.error(str(missing))
            return BROKEN
        try:
            if self._options.log:
                self._log = open(self._options.log, "ab", buffering=0)
            self._folder = RunFolder.take(self._options.corpus)
        except Busy as busy:
            self._screen.error(str(busy))
            return BUSY
        except OSError as error:
            self._screen.error(str(error))
            return USAGE
        self._watch_signals()
        self._plan()
        try:
            while self._result is None:
                self._start_what_is_due()
                self._wait(0.1)
                self._bury_the_dead()
        finally:
            self._stop()
        seconds = time.monotonic() - self._tally.began
        self._screen.end()
        self._folder.remove()
        self._say_summary(seconds)
        return self._result

    def _plan(self):
        options, endpoint = self._options, self._folder.endpoint
        self._progress, progress_end = os.pipe()
        os.set_blocking(self._progress, False)
        os.set_blocking(progress_end, False)  # a supervisor that is held up never holds up the ventilator
        self._selector.register(self._progress, selectors.EVENT_READ, self._read_progress)

        bound = {name: [endpoint(name)] for name in ("tasks", "results", "follow")}
        if options.listen:
            host, port = options.listen
            for i, name in enumerate(("tasks", "results", "follow")):
                bound[name].append(f"tcp://{host}:{port + i}")
        bound["follow"] += [options.serve] if options.serve else []
        network = ["--keys", options.keys] if options.keys else ["--insecure"] if options.insecure else []
        sink = [self._sink_program, "--corpus", options.corpus, "--control", endpoint("control"),
                "--results", ",".join(bound["results"]), "--follow", ",".join(bound["follow"]), *network]
        ventilator = [self._ventilator_program, "--tasks", ",".join(bound["tasks"]), "--control", endpoint("control"),
                      "--progress-fd", str(progress_end), *network]
        own = [self._worker_program, "--connect", endpoint("tasks"), "--models", self._models, "--once"]
        worker = [*options.worker, endpoint("tasks")] if options.worker else own
        for command, config in ((sink, options.sink_config), (ventilator, options.ventilator_config),
                                (worker, options.worker_config)):
            command += ["--config", config] if config else []
        ventilator += ["--layers", options.layers] if options.layers else []
        ventilator += ["--chunk-bytes", options.chunk_bytes] if options.chunk_bytes else []
        ventilator += ["--source-type", options.source_type] if options.source_type else []
        ventilator += ["--follow"] if options.follow else []
        ventilator += self._metrics(1)
        ventilator += (["--retry", options.corpus] if options.retry_failed else
                       ["--from", options.from_corpus] if options.from_corpus else ["--", *options.sources])

        self._reads_stdin = "-" in options.sources
        self._sink = Child("sink", sink + self._metrics(0))
        stdin = None if self._reads_stdin else subprocess.DEVNULL
        self._ventilator = Child("ventilator", ventilator, stdin, (progress_end,))
        names = [f"worker-{i + 1}" for i in range(options.workers)]
        self._workers = [Child(name, worker if options.worker else worker + ["--name", name] + self._metrics(2 + i))
                         for i, name in enumerate(names)]
        self._children = [self._sink, self._ventilator, *self._workers]
        self._folder.describe(corpus=os.path.realpath(options.corpus), supervisor=os.getpid(), tasks=endpoint("tasks"),
                              control=endpoint("control"), results=endpoint("results"), follow=endpoint("follow"))

    def _metrics(self, number):
        """Each program answers Prometheus at a port of its own: the sink, the ventilator, then the workers."""
        if not self._options.metrics:
            return []
        host, port = self._options.metrics
        return ["--metrics", f"{host}:{port + number}"]

    # -- signals ---------------------------------------------------------------------------------------------------------

    def _watch_signals(self):
        wake, waker = os.pipe()
        for end in (wake, waker):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        self._selector.register(wake, selectors.EVENT_READ, lambda: os.read(wake, 4096))
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._interrupt)
        if signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL:
            signal.signal(signal.SIGTSTP, self._pause)

    def _interrupt(self, _number, _frame):
        self._interrupts += 1
        if self._result is None:
            self._result = INTERRUPTED

    def _pause(self, _number, _frame):
        """Ctrl-Z: the whole pipeline stops and goes on together."""
        self._signal_all(signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number):
        for child in self._children:
            child.send(number)

    # -- children --------------------------------------------------------------------------------------------------------

    def _start_what_is_due(self):
        now = time.monotonic()
        for child in self._children:
            if child.process is None and child.due <= now:
                child.start()
                self._selector.register(child.process.stderr, selectors.EVENT_READ, lambda child=child: self._hear(child))

    def _wait(self, seconds):
        for key, _ in self._selector.select(seconds):
            key.data()

    def _hear(self, child):
        """Passes on what a program says: everything to the log, warnings and errors to the screen."""
        lines = child.read_lines()
        if lines is None:
            self._selector.unregister(child.process.stderr)
            return
        for line in lines:
            if self._log:
                self._log.write(line.encode() + b"\n")
            level = line.split(" ", 4)[3:4]  # "TIME ROLE PID LEVEL: text"; what looks otherwise matters too
            if level not in (["info:"], ["debug:"]):
                self._screen.remark(line)

    def _hear_out(self, child):
        """What is left in the pipe of a dead program. It fits into a few reads."""
        for _ in range(4):
            if child.process.stderr.fileno() in self._selector.get_map():
                self._hear(child)
        if child.process.stderr.fileno() in self._selector.get_map():
            self._selector.unregister(child.process.stderr)

    def _bury_the_dead(self):
        for child in self._children:
            if child.process is None or child.alive or self._result is not None:
                continue
            code = child.process.returncode
            self._hear_out(child)
            if child is self._ventilator:
                self._read_progress()
            self._result = self._final_result(child, code)
            if self._result is None:
                self._plan_restart(child, code)

    def _final_result(self, child, code):
        """The exit code of the run when this death ends it, otherwise None."""
        if child is self._ventilator:
            result = VENTILATOR_RESULTS.get(code)
            if result is None and self._reads_stdin:
                self._screen.error(f"the ventilator {how_it_ended(code)}, and what it had read from standard input cannot "
                                   "be read again. What is committed stays; feed the same input once more to go on.")
                return BROKEN
            return result
        if code == WRONG_USAGE:
            return USAGE
        if child is self._sink and code == SINK_STORAGE:
            return STORAGE
        if child is self._sink and code == SINK_BUSY and time.monotonic() - self._tally.began > BUSY_PATIENCE:
            return BUSY
        return None

    def _plan_restart(self, child, code):
        documents = self._tally.now["documents"]
        progressed = documents > self._documents_seen.get(child.name, 0)
        self._documents_seen[child.name] = documents
        last_lines = list(child.last_lines)
        if child in self._workers and code == 0:  # it was told that the run is over, or somebody stopped it
            child.bury(progressed, LONG_PAUSE)
            return
        pause = child.bury(progressed)
        if child not in self._workers:
            self._tally.restarted = True
        if child is self._ventilator:
            self._tally.ventilator_died()
        if pause is not None:
            self._screen.remark(f"quotewire: {child.name} {how_it_ended(code)}; it is started again in {pause:g} s")
            return
        self._screen.error(f"{child.name} {how_it_ended(code)} again and again; giving up. It said last:")
        for line in last_lines:
            self._screen.say("    " + line)
        self._result = BROKEN

    # -- the end ---------------------------------------------------------------------------------------------------------

    def _stop(self):
        """The ventilator and the workers, which finish the chunk at hand, then the sink, which commits what is complete. A
        second Ctrl-C ends them all at once, which no corpus minds."""
        first_interrupts = max(1, self._interrupts)
        if self._result in (ANNOTATED, SOME_FAILED):
            patience = time.monotonic() + LEAVE_PATIENCE
            while any(child.alive for child in self._workers) and time.monotonic() < patience:
                self._wait(0.1)
        for group in ([self._ventilator, *self._workers], [self._sink]):
            for child in group:
                child.send(signal.SIGTERM)
            patience = time.monotonic() + STOP_PATIENCE
            while any(child.alive for child in group):
                late = time.monotonic() > patience
                if late:
                    patience = float("inf")
                    names = " and ".join(child.name for child in group if child.alive)
                    self._screen.error(f"{names} did not stop within {STOP_PATIENCE:g} s, and is killed")
                if late or self._interrupts > first_interrupts:
                    self._signal_all(signal.SIGKILL)
                self._wait(0.1)
        for child in self._children:
            if child.process is not None:
                self._hear_out(child)
        self._read_progress()
        if self._result in (ANNOTATED, SOME_FAILED) and self._sink.process and self._sink.process.returncode == SINK_STORAGE:
            self._result = STORAGE

    def _read_progress(self):
        try:
            data = os.read(self._progress, 1 << 16)
        except BlockingIOError:
            return
        *lines, self._progress_rest = (self._progress_rest + data).split(b"\n")
        for line in lines:
            self._tally.report(json.loads(line))
        if lines and self._result is None:
            self._screen.progress(self._tally)

    def _say_summary(self, seconds):
        if self._result not in (ANNOTATED, SOME_FAILED, INTERRUPTED):
            return
        facts = summary(self._tally, self._options.corpus, seconds)
        facts["complete"] = self._result != INTERRUPTED
        if self._options.json:
            print(json.dumps(facts))
        elif not self._options.quiet:
            print(summary_text(facts, facts["complete"]))
