"""The Debian packages, installed into a clean Debian and used there; and the container image, built on top of it."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from harness import Case, PROGRAMS, QUOTEWIRE, ROOT, article_files  # noqa: E402

PATIENCE = 900
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "NO_COLOR": "1", "DEBIAN_FRONTEND": "noninteractive"}
IMAGE = "localhost/quotewire-test"
NO_NETWORK = re.compile(r"(?i)failed to fetch|could not resolve|temporary failure|unable to connect|connection (timed out|refused)")


def call(*command, **options):
    """(exit code, all that it said)."""
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", timeout=PATIENCE, check=False, **options)
    return done.returncode, done.stdout


def must(*command, **options):
    """What it said. Skips where only the network is to blame."""
    code, said = call(*command, **options)
    if code and NO_NETWORK.search(said):
        raise unittest.SkipTest(f"skipped: {command[0]} cannot fetch Debian's packages here")
    if code:
        raise AssertionError(f"{' '.join(map(str, command))} ends with {code}:\n{said[-3000:]}")
    return said


@unittest.skipUnless(os.geteuid() == 0, "skipped: only root can make a clean Debian")
@unittest.skipUnless(shutil.which("mmdebstrap"), "skipped: mmdebstrap is not installed")
class Packages(Case):
    @classmethod
    def setUpClass(cls):
        cls.place = pathlib.Path(tempfile.mkdtemp(prefix="qwdeb", dir="/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.place, ignore_errors=True)
        must("cpack", "-G", "DEB", "--config", PROGRAMS / "CPackConfig.cmake", "-B", cls.place / "packages")
        cls.packages = sorted((cls.place / "packages").glob("*.deb"))
        cls.root = cls.place / "root"
        must("mmdebstrap", "--quiet", "--variant=minbase", "bookworm", cls.root)
        shutil.copytree(ROOT / "tests" / "articles", cls.root / "articles")
        for package in cls.packages:
            shutil.copy(package, cls.root / "tmp")
        cls.inside("apt-get", "update", "-q")
        cls.inside("apt-get", "install", "-y", "-q", "--no-install-recommends", *(f"/tmp/{p.name}" for p in cls.packages))

    @classmethod
    def inside(cls, *command):
        return must("chroot", cls.root, *command, env=ENVIRONMENT)

    def test_1_a_clean_debian_makes_the_same_corpus(self):
        self.inside("quotewire", "run", "/articles", "--corpus", "/corpus", "--quiet")
        self.quotewire("run", ROOT / "tests" / "articles", "--corpus", self.folder / "corpus", "--quiet")
        here = self.export(self.folder / "corpus")
        there = [json.loads(line) for line in self.inside("quotewire", "export", "/corpus").splitlines()]
        self.assertEqual(len(here), len(article_files()))
        for document in (*here, *there):
            document.pop("source", None)  # the path, which is another one
        self.assertEqual(here, there)

    def test_2_python_reads_it(self):
        said = self.inside("python3", "-c", "import quotewire\nwith quotewire.open('/corpus') as corpus: print(len(corpus))")
        self.assertEqual(said.strip(), str(len(article_files())))

    def test_2_a_program_in_c_reads_it(self):
        """Compiled here against the -dev package, run there with the library of the other."""
        unpacked = self.folder / "dev"
        for package in self.packages:
            if package.name.startswith("libquotewire"):
                must("dpkg-deb", "--extract", package, unpacked)
        must("cc", "-o", self.root / "speakers", ROOT / "clients" / "c" / "examples" / "speakers.c",
             f"-I{unpacked}/usr/include", f"-L{unpacked}/usr/lib", "-lquotewire", "-Wl,--allow-shlib-undefined")
        here = subprocess.run([QUOTEWIRE, "export", self.root / "corpus"], capture_output=True, check=True, env=self.environment)
        quotes = sum(len(json.loads(line)["quotes"]) for line in here.stdout.splitlines())
        self.assertGreater(quotes, 0)
        self.assertGreaterEqual(len(self.inside("/speakers", "/corpus").splitlines()), quotes)

    def test_3_services_are_there_and_their_configuration_is_the_administrators(self):
        for unit in ("quotewire.target", "quotewire-sink.service", "quotewire-worker@.service"):
            self.assertTrue((self.root / "usr" / "lib" / "systemd" / "system" / unit).is_file(), unit)
        listed = self.inside("dpkg-query", "--show", "--showformat=${Conffiles}", "quotewire")
        self.assertIn("/etc/quotewire/sink.conf", listed)

    def test_4_removed_it_leaves_corpus_and_configuration(self):
        self.inside("apt-get", "remove", "-y", "-q", *(p.name.split("_")[0] for p in self.packages))
        self.assertFalse((self.root / "usr" / "bin" / "quotewire").exists())
        self.assertFalse((self.root / "usr" / "libexec" / "quotewire").exists())
        self.assertTrue((self.root / "corpus" / "segment-000000.msgpack").is_file())
        self.assertTrue((self.root / "etc" / "quotewire" / "sink.conf").is_file())

    @unittest.skipUnless(shutil.which("podman"), "skipped: podman is not installed")
    @unittest.skipUnless(os.environ.get("CI") or os.environ.get("QUOTEWIRE_TEST_IMAGE"),
                         "skipped: builds for some minutes; QUOTEWIRE_TEST_IMAGE=1 asks for it")
    def test_5_the_image_is_built(self):
        """In chroots instead of containers, as it can be done inside of a container too; so it is not started here as one."""
        storage = ("--root", self.place / "storage", "--runroot", self.place / "run", "--storage-driver", "vfs")
        archive = self.place / "base.tar"
        must("tar", "--one-file-system", "-C", self.root, "--exclude=./proc/*", "--exclude=./sys/*", "--exclude=./tmp/*",
             "--exclude=./corpus", "--exclude=./articles", "-cf", archive, ".")
        must("podman", *storage, "import", archive, f"{IMAGE}-base")
        must("podman", *storage, "build", "--isolation", "chroot", "--network", "host", "--build-arg", f"BASE={IMAGE}-base",
             "--file", ROOT / "deploy" / "container" / "Containerfile", "--tag", IMAGE, ROOT)
        facts = json.loads(must("podman", *storage, "image", "inspect", IMAGE))[0]["Config"]
        self.assertEqual((facts["User"], facts["Entrypoint"]), ("10001:10001", ["quotewire"]))
        mounted = pathlib.Path(must("podman", *storage, "image", "mount", IMAGE).split()[-1])
        self.addCleanup(call, "podman", *storage, "image", "unmount", IMAGE)
        said = must("chroot", "--userspec=10001:10001", mounted, "quotewire", "--version", env=ENVIRONMENT)
        self.assertRegex(said, r"^quotewire \d")


if __name__ == "__main__":
    unittest.main()
