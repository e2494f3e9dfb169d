"""A PostgreSQL of our own for a test: a cluster in a folder, with its socket there, run by a user without rights."""
import glob
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile


class Absent(Exception):
    """There is none on this machine."""


def _unprivileged():
    """PostgreSQL will not run as root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Absent("no user to run PostgreSQL as")


class Postgres:
    def __init__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [shutil.which("initdb") or ""]
        if not found[-1]:
            raise Absent("PostgreSQL is not installed (Debian: postgresql)")
        self._programs = pathlib.Path(found[-1]).parent
        self._user = _unprivileged()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="qwpg", dir="/tmp"))
        self.url = f"postgresql://quotewire@/news?host={self.folder}"
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        try:
            self._do("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "quotewire", "--locale=C.UTF-8", "-E", "UTF8",
                     "--no-sync")
            self._do("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-o",
                     f"-k {self.folder} -c listen_addresses= -c fsync=off", "start")
            self._do("createdb", "-h", self.folder, "-U", "quotewire", "news")
        except BaseException:
            self.stop()
            raise

    def _do(self, name, *arguments):
        options = {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []} if self._user else {}
        subprocess.run([str(self._programs / name), *map(str, arguments)], check=True, cwd="/", stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"}, **options)

    def rows(self, sql):
        """The answer, each value as text; null as None."""
        done = subprocess.run([str(self._programs / "psql"), self.url, "-XAtqc", sql, "-F", "\x1f", "-R", "\x1e", "-P",
                               "null=\x1d", "-v", "ON_ERROR_STOP=1"], capture_output=True, encoding="utf-8", check=True)
        lines = done.stdout.removesuffix("\n").split("\x1e") if done.stdout.strip("\n") else []
        return [tuple(None if value == "\x1d" else value for value in line.split("\x1f")) for line in lines]

    def stop(self):
        if (self.folder / "data" / "postmaster.pid").exists():
            self._do("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
