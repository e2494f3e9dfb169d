"""The commands of `quotewire`: what each is and which program stands behind it."""
import argparse
import os
import shlex
import shutil
import subprocess
import sys

import parquet
import pipeline
import usage
from places import Missing, Places, running

# Commands that are a program of their own, with arguments that come before the user's.
PROGRAMS = {
    "show": ("corpus", ["show"]),
    "summary": ("corpus", ["summary"]),
    "aliases": ("corpus", ["aliases"]),
    "check": ("corpus", ["check"]),
    "index": ("index", ["update"]),
    "query": ("index", ["query"]),
    "speakers": ("index", ["speakers"]),
    "entities": ("index", ["entities"]),
    "serve": ("serve", []),
    "sink": ("sink", []),
    "ventilator": ("ventilator", []),
}
PROGRAMS_WITH_MODELS = ("annotate", "worker")
MANY_WORKERS = 4096
FOLLOW_NOBODY = 3  # as quotewire-follow has it


class Parser(argparse.ArgumentParser):
    """Says what is wrong as the other programs do, and shows help texts as they are written."""

    def __init__(self, command, text):
        super().__init__(prog=f"quotewire {command}", add_help=False, allow_abbrev=False)
        self._text = text
        self.add_argument("-h", "--help", action="store_true")

    def error(self, message):
        sys.stderr.write(f"{self.prog}: {message}\nTry '{self.prog} --help'.\n")
        sys.exit(pipeline.USAGE)

    def parse(self, arguments):
        ahead = arguments[:arguments.index("--")] if "--" in arguments else arguments
        if "-h" in ahead or "--help" in ahead:  # before anything that may be missing is complained about
            sys.stdout.write(self._text)
            sys.exit(0)
        return self.parse_intermixed_args(arguments)


def _worker_count(text):
    number = int(text)
    if not 0 <= number <= MANY_WORKERS:
        raise ValueError
    return number


def _address(text):
    """(host, port) of HOST:PORT; the programs say the rest."""
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ValueError
    return host, int(port)


_worker_count.__name__ = "number of workers"
_address.__name__ = "HOST:PORT"


def _run_parser(command, text):
    parser = Parser(command, text)
    parser.add_argument("-w", "--workers", type=_worker_count, default=len(os.sched_getaffinity(0)))
    parser.add_argument("-f", "--follow", action="store_true")
    parser.add_argument("-q", "--quiet", action="store_true")
    parser.add_argument("-j", "--json", action="store_true")
    parser.add_argument("-l", "--layers")
    parser.add_argument("--metrics", type=_address)
    parser.add_argument("--insecure", action="store_true")
    for name in ("chunk-bytes", "source-type", "serve", "listen", "keys", "log", "sink-config", "ventilator-config",
                 "worker-config", "worker"):
        parser.add_argument("--" + name)
    return parser


def _check_worker(parser, options):
    """Sets options.worker to the words of a command, or None for our own."""
    options.worker = shlex.split(options.worker) if options.worker is not None else None
    if options.worker is not None and not options.worker:
        parser.error("--worker is a command")
    if options.worker and not shutil.which(options.worker[0]):
        parser.error(f"there is no program '{options.worker[0]}' for --worker")
    if options.worker and options.worker_config:
        parser.error("--worker-config is for our own worker, not for that of --worker")


def _check_network(parser, places, options):
    """Sets options.listen to (host, port) or None, and options.keys to a folder or None."""
    if options.listen:
        host, colon, port = options.listen.removeprefix("tcp://").rpartition(":")
        if not options.listen.startswith("tcp://") or not host or not colon or not port.isdigit() or not 1 <= int(port) <= 65533:
            parser.error(f"--listen is tcp://HOST:PORT (or tcp://*:PORT), not '{options.listen}'")
        options.listen = (host, int(port))
    elif options.workers == 0:
        parser.error("--workers 0 needs --listen, for workers elsewhere")
    folder = options.keys or places.keys
    options.keys = folder if options.keys or (not options.insecure and os.path.isdir(os.path.join(folder, "known"))) else None


def run(places, arguments):
    parser = _run_parser("run", usage.RUN)
    parser.add_argument("sources", nargs="*")
    parser.add_argument("-d", "--corpus", required=True)
    parser.add_argument("--from", dest="from_corpus")
    options = parser.parse(arguments)
    if options.from_corpus and (options.sources or options.follow):
        parser.error("--from takes the place of a SOURCE")
    if options.from_corpus and not options.layers:
        parser.error("--from needs --layers NAME: the layer to add")
    if options.from_corpus and os.path.realpath(options.from_corpus) == os.path.realpath(options.corpus):
        parser.error("--from and --corpus are one corpus: the documents with the new layer go into another")
    if options.from_corpus and not options.worker and options.workers:
        parser.error("--from needs --worker COMMAND: our own worker makes no layer to add")
    if not options.sources and not options.from_corpus:
        parser.error("no SOURCE is given")
    _check_worker(parser, options)
    _check_network(parser, places, options)
    options.retry_failed = False
    return pipeline.Pipeline(places, options).run()


def retry(places, arguments):
    parser = _run_parser("failed retry", usage.RETRY)
    parser.add_argument("corpus")
    options = parser.parse(arguments)
    if options.follow:
        parser.error("--follow needs a SOURCE")
    _check_network(parser, places, options)
    _check_worker(parser, options)
    options.retry_failed, options.from_corpus, options.sources = True, None, []
    return pipeline.Pipeline(places, options).run()


def failed(places, arguments):
    what = arguments[0] if arguments else None
    if what == "retry":
        return retry(places, arguments[1:])
    if what in ("list", "drop"):
        return _become(places, "corpus", ["failed", *arguments])
    if what in ("-h", "--help"):
        sys.stdout.write(usage.FAILED)
        return 0
    sys.stderr.write("quotewire failed: say list, retry or drop\nTry 'quotewire failed --help'.\n")
    return pipeline.USAGE


def status(places, arguments):
    parser = Parser("status", usage.STATUS)
    parser.add_argument("-d", "--corpus")
    parser.add_argument("-j", "--json", action="store_true")
    parser.add_argument("--timeout-ms", default="2000")
    parser.add_argument("--tasks")
    parser.add_argument("--control")
    parser.add_argument("-k", "--key")
    options = parser.parse(arguments)
    if options.tasks or options.control:
        return _become(places, "status", arguments)
    pipelines = running(options.corpus)
    if not pipelines:
        sys.stderr.write("quotewire: no pipeline is running" + (f" on '{options.corpus}'\n" if options.corpus else "\n"))
        return 1
    worst = 0
    for facts in pipelines:
        command = [places.program("status"), "--tasks", facts["tasks"], "--control", facts["control"],
                   "--corpus", facts["corpus"], "--timeout-ms", options.timeout_ms]
        code = subprocess.call(command + (["--json"] if options.json else []))
        worst = max(worst, code if code >= 0 else 1)
    return worst


def follow(places, arguments):
    """quotewire-follow, told where the pipeline on --corpus DIR (or the only one that runs) serves its readers."""
    own = Parser("follow", usage.FOLLOW)
    own.add_argument("-d", "--corpus")
    known, rest = own.parse_known_args(arguments)
    if known.help:
        sys.stdout.write(usage.FOLLOW)
        return 0
    if any("://" in argument for argument in rest) or "--version" in rest or "-V" in rest:
        return _become(places, "follow", rest)
    pipelines = running(known.corpus)
    if len(pipelines) != 1:
        sys.stderr.write("quotewire follow: several pipelines are running: say which with --corpus DIR\n" if pipelines else
                         "quotewire follow: no pipeline is running; 'quotewire export' reads what is there\n")
        return FOLLOW_NOBODY
    return _become(places, "follow", [*rest, "--", pipelines[0]["follow"]])


def export(places, arguments):
    """quotewire-corpus export; Parquet is made of its JSON lines, because there is no library for it in C in Debian."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-f", "--format")
    known, rest = parser.parse_known_args(arguments)
    if known.format == "parquet":
        return parquet.export(places.program("corpus"), rest)
    return _become(places, "corpus", ["export", *arguments])


def _become(places, name, arguments):
    """The program takes this process's place, so that pipes, signals and exit codes are its own."""
    path = places.program(name)
    sys.stdout.flush()
    os.execv(path, [path, *arguments])


def main(here, arguments):
    places = Places(here)
    command, rest = (arguments[0], arguments[1:]) if arguments else (None, [])
    own = {"run": run, "failed": failed, "status": status, "follow": follow, "export": export}
    try:
        if command in own:
            return own[command](places, rest)
        if command in PROGRAMS:
            name, first = PROGRAMS[command]
            return _become(places, name, first + rest)
        if command in PROGRAMS_WITH_MODELS:
            return _become(places, command, ["--models", places.models_folder(), *rest])
        if command == "keys":
            os.makedirs(os.path.dirname(places.keys), mode=0o700, exist_ok=True)
            return _become(places, command, ["--keys", places.keys, *rest])
    except Missing as missing:
        sys.stderr.write(f"quotewire: {missing}\n")
        return pipeline.BROKEN
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    if command in ("-V", "--version"):
        print("quotewire", usage.VERSION)
        return 0
    if command in ("-h", "--help", "help"):
        sys.stdout.write(usage.MAIN)
        return 0
    sys.stderr.write((f"quotewire: there is no command '{command}'\n" if command else "quotewire: what is to be done?\n")
                     + "Try 'quotewire --help'.\n")
    return pipeline.USAGE
