"""Builds with sanitizers, runs every ctest case, counts the single cases in them, and says how many passed."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
PLAIN, SANITIZED = ROOT / "build", ROOT / "build-sanitize"
SECONDS_PER_CASE = 900

HELP = """\
Usage: tests/run [OPTION]...

Installs what is needed (deploy/setup --tests), builds twice, and runs all tests: modules, fuzz
targets, the simulation and the protocol against a build with AddressSanitizer and
UndefinedBehaviorSanitizer (build-sanitize/), the end-to-end tests against the plain build
(build/). The last line says 'N passed, N failed', and ', N skipped' when a case could not be run.

  -R, --only REGEX   only ctest cases with such a name: unit, fuzz, python, e2e, quality, unit.tokens ...
  -j, --jobs N       so many at a time (one a core)
  -h, --help         this text

Exit codes: 0 all passed (or were skipped); 1 some failed; 2 wrong usage or something cannot be built.
"""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f"tests/run: {message}\nTry 'tests/run --help'.", file=sys.stderr)
        sys.exit(2)


def build():
    """The sanitized build, with all tests. The plain one was made by deploy/setup."""
    configure = ["cmake", "-S", ROOT, "-B", SANITIZED, "-G", "Ninja", "-DQW_SANITIZE=ON", f"-DQW_E2E_BUILD={PLAIN}"]
    with tempfile.TemporaryFile() as output:
        if subprocess.call(configure, stdout=output, stderr=subprocess.STDOUT):
            output.seek(0)
            sys.stderr.buffer.write(output.read())
            return False
    return subprocess.call(["cmake", "--build", SANITIZED]) == 0


def run_ctest(only, jobs, results):
    command = ["ctest", "--test-dir", SANITIZED, "--output-on-failure", "-j", str(jobs), "--timeout", str(SECONDS_PER_CASE),
               "--output-junit", results, "--test-output-size-passed", "4000000", "--test-output-size-failed", "4000000",
               "--no-tests=error"]
    environment = {**os.environ, "UBSAN_OPTIONS": "print_stacktrace=1"}
    subprocess.call(command + (["-R", only] if only else []), env=environment)


def number(pattern, text):
    return sum(int(found) for found in re.findall(pattern, text))


def count(status, output):
    """(passed, failed, skipped) of one ctest case: what cmocka or unittest say of the cases in it; others count as one."""
    if "[==========] Running " in output:
        passed = number(r"\[  PASSED  \] (\d+) test", output)
        failed = number(r"\[  FAILED  \] (\d+) test", output)
        skipped = number(r"\[  SKIPPED \] (\d+) test", output)
    elif re.search(r"(?m)^Ran \d+ tests? in ", output):
        failed = number(r"(?m)^FAILED \(.*?failures=(\d+)", output) + number(r"(?m)^FAILED \(.*?errors=(\d+)", output)
        skipped = number(r"(?m)^(?:OK|FAILED) \(.*?skipped=(\d+)", output)
        passed = max(0, number(r"(?m)^Ran (\d+) tests? in ", output) - failed - skipped)
    else:
        return {"run": (1, 0, 0), "notrun": (0, 0, 1)}.get(status, (0, 1, 0))
    if status == "fail" and failed == 0:  # it crashed, or a sanitizer spoke
        failed = 1
    return passed, failed, skipped


def why_skipped(output):
    reasons = re.findall(r"(?m)^.*\bskipped[: ].*$", output)
    return [reason.strip() for reason in reasons if not reason.startswith(("OK", "FAILED"))] or ["it did not say why"]


def main():
    parser = Parser(add_help=False)
    parser.add_argument("-R", "--only")
    parser.add_argument("-j", "--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("-h", "--help", action="store_true")
    options = parser.parse_args()
    if options.help:
        print(HELP, end="")
        return 0
    began = time.monotonic()
    if not build():
        print("tests/run: the build failed", file=sys.stderr)
        return 2
    totals = [0, 0, 0]
    notes = []
    with tempfile.TemporaryDirectory() as folder:
        results = pathlib.Path(folder, "results.xml")
        run_ctest(options.only, options.jobs, results)
        cases = xml.etree.ElementTree.parse(results).getroot().iter("testcase") if results.exists() else []
        for case in cases:
            output = case.findtext("system-out") or ""
            counts = count(case.get("status"), output)
            totals = [total + more for total, more in zip(totals, counts)]
            notes += [f"failed: {case.get('name')}"] if counts[1] else []
            notes += [f"skipped: {case.get('name')}: {reason}" for reason in why_skipped(output)] if counts[2] else []
    print("\n" + "\n".join([*notes, f"{time.monotonic() - began:.0f} s"]))
    passed, failed, skipped = totals
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
