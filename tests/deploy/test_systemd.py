"""The units of systemd: checked by systemd's own tools, and a machine of namespaces in which systemd is the first process."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from harness import Case, ROOT, PROGRAMS, article_files  # noqa: E402

UNITS = ("quotewire-sink.service", "quotewire-ventilator.service", "quotewire-worker@.service")
MOST_EXPOSED = 15  # tenths: what `systemd-analyze security` may say of a unit; what it says now is 1.2


def install(prefix, destination=None):
    environment = {**os.environ, "DESTDIR": str(destination or "")}
    subprocess.run(["cmake", "--install", PROGRAMS, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL, env=environment)


@unittest.skipUnless(shutil.which("systemd-analyze"), "skipped: systemd is not installed")
class Units(Case):
    def setUp(self):
        super().setUp()
        install(self.folder / "prefix")
        self.units = self.folder / "prefix" / "lib" / "systemd" / "system"

    def test_verify_finds_nothing(self):
        names = [*UNITS[:2], "quotewire-worker@1.service", "quotewire.target"]
        shutil.copy(self.units / UNITS[2], self.units / names[2])
        found = subprocess.run(["systemd-analyze", "verify", "--man=no", *(self.units / name for name in names)],
                               capture_output=True, encoding="utf-8", check=False)
        # what verify says of this machine's other units is not about these
        said = [line for line in found.stderr.splitlines() if "quotewire" in line]
        self.assertEqual((found.returncode, said), (0, []))

    def test_little_is_exposed(self):
        for unit in UNITS:
            found = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}",
                                    self.units / unit], capture_output=True, encoding="utf-8", check=False)
            self.assertEqual(found.returncode, 0, f"{unit}: {found.stdout[-200:]}{found.stderr}")

    def test_a_configuration_that_is_there_stays(self):
        configuration = self.folder / "prefix" / "etc" / "quotewire" / "sink.conf"
        configuration.write_text('corpus = "/elsewhere"\n')
        install(self.folder / "prefix")
        self.assertEqual(configuration.read_text(), 'corpus = "/elsewhere"\n')


@unittest.skipUnless(os.path.exists("/lib/systemd/systemd"), "skipped: systemd is not installed")
@unittest.skipUnless(os.geteuid() == 0, "skipped: only root can make namespaces to boot systemd in")
class Boot(Case):
    """The machine's own files are this machine's; what is written to them stays in memory."""

    def setUp(self):
        super().setUp()
        tree, shared = self.folder / "tree", self.folder / "shared"
        shared.mkdir()
        install("/usr", tree)
        for unit in UNITS:  # so that the watchdog and the pauses fit into a test
            folder = tree / "etc" / "systemd" / "system" / (unit + ".d")
            folder.mkdir(parents=True)
            (folder / "quick.conf").write_text("[Service]\nWatchdogSec=3\nRestartSec=100ms\n")
        log = open(self.folder / "log", "wb")
        self.addCleanup(log.close)
        self.machine = subprocess.Popen(["sh", pathlib.Path(__file__).with_name("boot_systemd.sh"), self.folder],
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self._power_off)

    def _power_off(self):
        self.machine.kill()
        self.machine.wait()
        for hierarchy in ("systemd", "unified", "."):  # what the machine left of its control groups
            folder = pathlib.Path("/sys/fs/cgroup", hierarchy, "quotewire-test")
            for path, _, _ in os.walk(folder, topdown=False) if folder.is_dir() else []:
                self.wait_for(lambda path=path: self._remove(path), "the control groups to be empty")

    @staticmethod
    def _remove(path):
        try:
            os.rmdir(path)
        except OSError:
            return False
        return True

    def first_process(self):
        """systemd, as seen from here."""
        for child in pathlib.Path(f"/proc/{self.machine.pid}/task/{self.machine.pid}/children").read_text().split():
            try:
                if os.path.basename(os.readlink(f"/proc/{child}/exe")) == "systemd":
                    return child
            except FileNotFoundError:  # it is gone by now
                pass
        return None

    def inside(self, *command, check=True):
        enter = ["nsenter", "--target", self.first_process(), "--all", "--root", "--wd"]
        return subprocess.run([*enter, *command], capture_output=True, encoding="utf-8", check=check, timeout=60).stdout

    def property(self, unit, name):
        return self.inside("systemctl", "show", "--property", name, "--value", unit, check=False).strip()

    def is_active(self, unit):
        return self.property(unit, "ActiveState") == "active"

    def main_process(self, unit):
        return self.property(unit, "MainPID")

    def documents(self):
        said = self.inside("/usr/libexec/quotewire/quotewire-corpus", "summary", "--json", "/var/lib/quotewire/corpus", check=False)
        return json.loads(said)["documents"] if said else 0

    def drop(self, files):
        for file in files:
            shutil.copy(file, self.folder / "shared")
        self.inside("sh", "-c", "mv /mnt/*.txt /var/spool/quotewire")

    def test_articles_are_annotated_whatever_is_killed_or_stands_still(self):
        self.wait_for(self.first_process, "systemd")
        self.wait_for(lambda: self.is_active("quotewire-worker@1"), "the worker to be active")
        self.assertTrue(self.is_active("quotewire-sink") and self.is_active("quotewire-ventilator"))
        self.assertIn("serving", self.property("quotewire-sink", "StatusText"))
        files = article_files()
        self.drop(files[:8])
        self.wait_for(lambda: self.documents() == 8, "the first articles")

        for unit in ("quotewire-sink", "quotewire-ventilator", "quotewire-worker@1"):
            self.inside("systemctl", "kill", "--signal=KILL", unit)
        self.drop(files[8:16])
        self.wait_for(lambda: self.documents() == 16, "the articles after kill -9 of all")

        still = self.main_process("quotewire-sink")
        self.inside("kill", "-STOP", still)
        self.drop(files[16:])
        self.wait_for(lambda: self.main_process("quotewire-sink") not in ("0", still), "the watchdog to act")
        self.wait_for(lambda: self.documents() == len(files), "the articles after the sink stood still")

        self.inside("systemctl", "stop", "quotewire.target")
        self.wait_for(lambda: not self.is_active("quotewire-sink"), "the units to stop")
        for unit in ("quotewire-sink", "quotewire-ventilator", "quotewire-worker@1"):
            self.assertIn(self.property(unit, "Result"), ("success",), unit)
        self.inside("cp", "-r", "/var/lib/quotewire/corpus", "/mnt/corpus")
        annotated = self.export(self.folder / "shared" / "corpus")
        self.assertEqual({document["text"] for document in annotated},
                         {document["text"] for document in self.export(self.undisturbed(files))})
        self.assertFalse([document["id"] for document in annotated if "failed" in document])

    def undisturbed(self, files):
        self.quotewire("run", *files, "--corpus", self.folder / "other", "--quiet")
        return self.folder / "other"


if __name__ == "__main__":
    unittest.main()
