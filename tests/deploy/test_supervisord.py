"""deploy/supervisord/quotewire.conf under a real supervisord."""
import pathlib
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from harness import Case, QUOTEWIRE, ROOT, article_files, kill  # noqa: E402

WORKERS = 3


@unittest.skipUnless(shutil.which("supervisord"), "skipped: supervisord is not installed")
class Supervisord(Case):
    def setUp(self):
        super().setUp()
        self.inbox, self.corpus = self.folder / "inbox", self.folder / "corpus"
        self.inbox.mkdir()
        self.configuration = self.folder / "supervisord.conf"
        self.configuration.write_text(f"""
[supervisord]
logfile = {self.folder}/supervisord.log
pidfile = {self.folder}/supervisord.pid
childlogdir = {self.folder}
nodaemon = true
[unix_http_server]
file = {self.folder}/supervisor.sock
[supervisorctl]
serverurl = unix://{self.folder}/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[include]
files = {ROOT}/deploy/supervisord/quotewire.conf
""")
        environment = {**self.environment, "QUOTEWIRE": str(QUOTEWIRE), "QUOTEWIRE_CORPUS": str(self.corpus),
                       "QUOTEWIRE_SOURCES": str(self.inbox), "QUOTEWIRE_SOCKETS": str(self.folder),
                       "QUOTEWIRE_WORKERS": str(WORKERS)}
        self.environment = environment
        with open(self.folder / "said", "wb") as said:
            self.supervisord = subprocess.Popen(["supervisord", "-c", self.configuration], env=environment,
                                                stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        self.addCleanup(self.end)

    def end(self):
        """Also of what it has started, when a test fails half-way."""
        if self.supervisord.poll() is None:
            self.supervisord.terminate()
            self.supervisord.wait(60)

    def control(self, *command):
        return subprocess.run(["supervisorctl", "-c", self.configuration, *command], env=self.environment,
                              capture_output=True, encoding="utf-8", check=False).stdout

    def running(self):
        """The pid of each program that runs, by name."""
        lines = [line.split() for line in self.control("status").splitlines()]
        return {words[0].removeprefix("quotewire:"): int(words[3].rstrip(",")) for words in lines if words[1] == "RUNNING"}

    def test_all_is_annotated_whatever_is_killed_and_stops_in_good_order(self):
        self.wait_for(lambda: len(self.running()) == 2 + WORKERS, "all programs to run")
        files = article_files()
        for file in files[:12]:
            shutil.copy(file, self.inbox)
        self.wait_for_documents(self.corpus, 12)

        killed = self.running()
        for pid in killed.values():
            kill(pid)
        self.wait_for(lambda: len(self.running()) == 2 + WORKERS, "all to be started again")
        self.assertFalse(set(killed.values()) & set(self.running().values()))
        for file in files[12:]:
            shutil.copy(file, self.inbox)
        self.wait_for_documents(self.corpus, len(files))

        self.control("stop", "quotewire:*")
        stopped = [line.split()[1] for line in self.control("status").splitlines()]
        self.assertEqual(set(stopped), {"STOPPED"}, stopped)
        self.quotewire("check", self.corpus)
        self.assertEqual(len(self.export(self.corpus)), len(files))
        self.supervisord.send_signal(signal.SIGTERM)
        self.assertEqual(self.supervisord.wait(60), 0)


if __name__ == "__main__":
    unittest.main()
