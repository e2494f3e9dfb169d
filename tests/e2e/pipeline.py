"""A pipeline of real processes that may be killed: starts sink, ventilator and workers, and starts again what was killed, as a
supervisor would, but at the moments and with the options that a test wants."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("QUOTEWIRE_BUILD", ROOT / "build")).resolve()
TEST_PROGRAMS = pathlib.Path(os.environ.get("QUOTEWIRE_TEST_PROGRAMS", PROGRAMS / "tests")).resolve()
MODELS = ROOT / "workers" / "models"
PATIENCE = 150.0  # seconds until a run is said to hang; none is expected to take a tenth of it

# So that a run has many chunks, tasks, commits and segments to be killed in. Bytes depend on --chunk-bytes and --segment-bytes
# (of the ventilator's and the sink's options), and on nothing else.
SINK = ("--segment-bytes", "262144", "--heartbeat-ms", "100")
VENTILATOR = ("--chunk-bytes", "2000", "--heartbeat-ms", "100")

ORDERLY = (0, -signal.SIGTERM)  # what SIGTERM ends with; the latter when it comes before main


def new_folder(case):
    """A folder for a test case, with a short name because there will be sockets in it; gone when the case is."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="qw", dir="/tmp"))
    case.addCleanup(shutil.rmtree, folder, ignore_errors=True)
    return folder


def corpus_bytes(corpus):
    """Name and bytes of each segment and index."""
    return {path.name: path.read_bytes() for path in sorted(pathlib.Path(corpus).glob("segment-*"))}


class Failure(AssertionError):
    pass


class Pipeline:
    """Processes by name: "sink", "ventilator", "worker-0", ..."""

    def __init__(self, folder, source, corpus="corpus", sink=(), ventilator=(), program="quotewire-worker"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.corpus = self.folder / corpus
        self.source = source
        self.sink_options = (*SINK, *sink)
        self.ventilator_options = (*VENTILATOR, *ventilator)
        self.worker_program = program
        self.processes = {}
        self.commands = {}
        self.kills = {}
        self.expected = {}  # role -> exit codes of it that mean: start it again
        self.code = None    # of the ventilator, when it ended by itself
        self.workers = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
        for process in self.processes.values():
            process.wait()

    def endpoint(self, socket):
        return f"ipc://{self.folder}/{socket}"

    def log(self):
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _start(self, name, command=None, **options):
        if command:
            self.commands[name] = command
        with open(self.folder / "log", "ab") as log:
            self.processes[name] = subprocess.Popen([str(part) for part in self.commands[name]], stderr=log, **options)
        return self.processes[name]

    def start_sink(self, **options):
        return self._start("sink", [PROGRAMS / "quotewire-sink", "--corpus", self.corpus, "--control", self.endpoint("control"),
                                    "--results", self.endpoint("results"), "--follow", self.endpoint("follow"),
                                    *self.sink_options], **options)

    def start_ventilator(self, *more, **options):
        return self._start("ventilator", [PROGRAMS / "quotewire-ventilator", "--tasks", self.endpoint("tasks"), "--control",
                                          self.endpoint("control"), *self.ventilator_options, *more, self.source], **options)

    def add_worker(self, *more, program=None):
        name = f"worker-{self.workers}"
        self.workers += 1
        program = program or PROGRAMS / self.worker_program
        return self._start(name, [program, "--connect", self.endpoint("tasks"), "--models", MODELS, *more])

    def start(self, workers=1, worker=()):
        self.start_sink()
        self.start_ventilator()
        for _ in range(workers):
            self.add_worker(*worker)
        return self

    def names(self, role=""):
        """The processes that run, by name."""
        return [name for name, process in self.processes.items() if name.startswith(role) and process.poll() is None]

    def signal(self, name, number=signal.SIGKILL):
        self.processes[name].send_signal(number)
        if number == signal.SIGKILL:
            self.processes[name].wait(PATIENCE)  # else it might be chosen to leave in order while it dies
            role = name.split("-")[0]
            self.kills[role] = self.kills.get(role, 0) + 1

    def retire(self, name):
        """Asks a worker to leave; it is not started again."""
        process = self.processes.pop(name)
        process.terminate()
        if process.wait(PATIENCE) not in ORDERLY:
            raise Failure(f"{name} leaves with {process.returncode}\n{self.log()[-2000:]}")

    def tend(self):
        """Starts again what was killed. False: the ventilator has ended by itself."""
        for name, process in list(self.processes.items()):
            code = process.poll()
            if code is None:
                continue
            if name == "ventilator" and code >= 0:
                self.code = code
                return False
            if code != -signal.SIGKILL and code not in self.expected.get(name.split("-")[0], ()):
                raise Failure(f"{name} ended with {code}\n{self.log()[-2000:]}")
            self._start(name)
        return True

    def tend_sink(self):
        """The same for a sink that goes on when the run is over."""
        if self.processes["sink"].poll() == -signal.SIGKILL:
            self._start("sink")

    def run(self, disturb=None, patience=PATIENCE):
        """Until the ventilator ends by itself; `disturb` is called all the while. Returns the ventilator's exit code."""
        end = time.monotonic() + patience
        while self.tend():
            if disturb:
                disturb()
            if time.monotonic() > end:
                raise Failure(f"the run hangs\n{self.log()[-4000:]}")
            time.sleep(0.005)
        return self.code

    def stop(self):
        """Ends what is left, each in good order."""
        left = {name: process for name, process in self.processes.items() if process.poll() is None}
        for name in sorted(left):
            left[name].send_signal(signal.SIGCONT)
            left[name].terminate()
        for name, process in left.items():
            if process.wait(PATIENCE) not in ORDERLY and name != "ventilator":
                raise Failure(f"{name}, asked to end, ends with {process.returncode}\n{self.log()[-2000:]}")


def reference(folder, source, code):
    """The corpus of a run with one worker that nobody disturbs."""
    with Pipeline(folder, source) as pipeline:
        got = pipeline.start(1).run()
        pipeline.stop()
    if got != code:
        raise Failure(f"the undisturbed run ends with {got}, not {code}\n{pipeline.log()[-2000:]}")
    return pipeline.corpus
