"""What a person sees of a run: the progress line, remarks above it, and the summary at the end."""
import os
import shutil
import sys
import time
from collections import deque

WINDOW = 15.0        # seconds over which rates are taken
LINE_EVERY = 5.0     # seconds between plain lines
REMARKS, REMARKS_PER = 10, 10.0  # so many lines of the programs are shown in so many seconds

NAMES = ("documents", "annotated", "failed", "known", "known_failed", "open", "text_bytes", "bytes_read",
         "bytes_total", "tokens", "entities", "quotes", "redelivered", "workers")


class Tally:
    """Adds up what the ventilator reports, over all its lives: one that is started again reads the source from its start,
    and reports as known what earlier lives had committed."""

    def __init__(self):
        self.now = dict.fromkeys(NAMES, 0)
        self.total_is_final = False
        self.sink_is_there = False
        self.restarted = False  # what was committed and not yet counted when a program died is missing in the counts
        self.began = time.monotonic()
        self._before = dict.fromkeys(("annotated", "tokens", "entities", "quotes"), 0)
        self._points = deque()  # (time, documents, text bytes, share of the source that is done)

    def report(self, line):
        self.now.update((name, line[name]) for name in NAMES if name in line)
        self.total_is_final = bool(line.get("total_is_final"))
        self.sink_is_there = bool(line.get("sink"))
        now = time.monotonic()
        self._points.append((now, self.now["documents"], self.now["text_bytes"], self.share()))
        while self._points[0][0] < now - WINDOW:
            self._points.popleft()

    def ventilator_died(self):
        for name in self._before:
            self._before[name] += self.now[name]
        self.now = dict.fromkeys(NAMES, 0)
        self._points.clear()

    def count(self, name):
        """Tokens, entities or quotes that this run has added to the corpus."""
        return self._before[name] + self.now[name]

    @property
    def skipped(self):
        """Documents of the source that the corpus had before this run."""
        return max(0, self.now["known"] - self._before["annotated"])

    @property
    def failed(self):
        return self.now["failed"] + self.now["known_failed"]

    def share(self):
        """The part of the source that is done, between 0 and 1. What is read but not committed is open."""
        documents, total = self.now["documents"], self.now["bytes_total"]
        if not total or not documents:
            return 0.0
        return min(1.0, self.now["bytes_read"] / total) * documents / (documents + self.now["open"])

    def rates(self):
        """Documents a second, bytes of text a second, and seconds left (None when nobody can know)."""
        if len(self._points) < 2:
            return 0.0, 0.0, None
        (t0, documents0, bytes0, share0), (t1, documents1, bytes1, share1) = self._points[0], self._points[-1]
        span = max(t1 - t0, 1e-3)
        left = (1 - share1) * span / (share1 - share0) if self.total_is_final and share1 > share0 else None
        return max(0, documents1 - documents0) / span, max(0, bytes1 - bytes0) / span, left


def clock(seconds):
    seconds = int(seconds + 0.5)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def megabytes(count):
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} KB"


class Screen:
    """Standard error: a terminal has one progress line that is drawn again, elsewhere a plain line comes now and then."""

    def __init__(self, quiet):
        self.quiet = quiet
        self._terminal = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._colours = self._terminal and not os.environ.get("NO_COLOR")
        self._drawn = False
        self._last_line = time.monotonic()
        self._remarks_since, self._remarks, self._withheld = 0.0, 0, 0

    def _write(self, text):
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:  # nobody listens any more; the run goes on
            pass

    def _clear(self):
        if self._drawn:
            self._write("\r\x1b[K")
            self._drawn = False

    def say(self, text):
        """A line that stays."""
        self._clear()
        self._write(text + "\n")

    def error(self, text):
        self.say(f"\x1b[31mquotewire:\x1b[0m {text}" if self._colours else f"quotewire: {text}")

    def remark(self, text):
        """A line that one of the programs said; when they say very much, only its beginning is shown."""
        now = time.monotonic()
        if now - self._remarks_since >= REMARKS_PER:
            self.tell_withheld()
            self._remarks_since, self._remarks = now, 0
        self._remarks += 1
        if self._remarks <= REMARKS:
            self.say(text)
        else:
            self._withheld += 1

    def tell_withheld(self):
        if self._withheld:
            self.say(f"({self._withheld} more lines like these; --log FILE keeps them all)")
            self._withheld = 0

    def progress(self, tally):
        now = time.monotonic()
        if self.quiet or (not self._terminal and now - self._last_line < LINE_EVERY):
            return
        self._last_line = now
        line = self._progress_line(tally)
        if not self._terminal:
            self._write(line + "\n")
            return
        line = line[:shutil.get_terminal_size().columns - 1]
        if self._colours and tally.failed:
            failures = f"{tally.failed:,} failed"
            line = line.replace(failures, f"\x1b[31m{failures}\x1b[0m")
        self._write("\r\x1b[K" + line)
        self._drawn = True

    @staticmethod
    def _progress_line(tally):
        documents, text, left = tally.rates()
        parts = [f"{tally.now['documents']:,} documents", megabytes(tally.now["text_bytes"]),
                 f"{megabytes(text)}/s ({documents:,.0f} documents/s)"]
        if tally.skipped and not tally.restarted:
            parts.append(f"{tally.skipped:,} skipped, there already")
        if tally.failed:
            parts.append(f"{tally.failed:,} failed")
        if tally.total_is_final:
            parts.append(f"{100 * tally.share():.0f} %")
        if left is not None:
            parts.append(f"{clock(left)} left")
        if not tally.sink_is_there:
            parts.append("waiting for the sink")
        elif not tally.now["workers"]:
            parts.append("waiting for workers")
        return "  ".join(parts)

    def end(self):
        self.tell_withheld()
        self._clear()


def summary(tally, corpus, seconds):
    """The run in numbers: what `run --json` prints."""
    now = tally.now
    return {"corpus": corpus, "documents": now["documents"], "annotated": now["annotated"] + now["known"],
            "skipped": tally.skipped, "failed": tally.failed, "tokens": tally.count("tokens"),
            "entities": tally.count("entities"), "quotes": tally.count("quotes"), "counts_are_exact": not tally.restarted, "text_bytes": now["text_bytes"],
            "seconds": round(seconds, 3)}


def summary_text(facts, complete):
    exact = facts["counts_are_exact"]
    there = f", {facts['skipped']:,} of them were there already" if facts["skipped"] and exact else ""
    seconds = max(facts["seconds"], 1e-3)
    least = "" if exact else "at least "
    lines = [f"{facts['documents']:,} documents: {facts['annotated']:,} annotated{there}; {facts['failed']:,} failed",
             f"added {least}{facts['tokens']:,} tokens, {facts['entities']:,} entities, {facts['quotes']:,} quotes",
             f"{megabytes(facts['text_bytes'])} of text in {clock(seconds) if seconds >= 60 else f'{seconds:.1f} s'}: "
             f"{megabytes(facts['text_bytes'] / seconds)}/s, {facts['documents'] / seconds:,.0f} documents/s"]
    if facts["failed"]:
        lines.append(f"which failed, and why: quotewire failed list {facts['corpus']}")
    if not complete:
        lines.append("stopped before the end: run the same command again to go on")
    return "\n".join(lines)
