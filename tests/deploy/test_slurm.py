"""deploy/slurm/quotewire-workers.sbatch under a real Slurm of two virtual nodes, with preemption."""
import json
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
import slurm  # noqa: E402
from harness import Case, PROGRAMS, QUOTEWIRE, ROOT, free_ports  # noqa: E402

SCRIPT = ROOT / "deploy" / "slurm" / "quotewire-workers.sbatch"
WORKERS = 4


@unittest.skipIf(slurm.missing(), f"skipped: {slurm.missing()}")
class SlurmArray(Case):
    def setUp(self):
        super().setUp()
        self.corpus, self.at = self.folder / "corpus", self.folder / "at"
        first = free_ports(3)
        tasks, control, results = (f"tcp://127.0.0.1:{port}" for port in range(first, first + 3))
        self.endpoints = ("--tasks", tasks, "--control", control)
        self.tasks = tasks
        self.log = open(self.folder / "log", "wb")
        self.addCleanup(self.log.close)
        self.program("sink", "--corpus", self.corpus, "--control", control, "--results", results)
        self.ventilator = self.program("ventilator", *self.endpoints, "-", stdin=subprocess.PIPE)
        self.addCleanup(self.ventilator.stdin.close)

    def program(self, role, *options, stdin=subprocess.DEVNULL):
        process = subprocess.Popen([PROGRAMS / f"quotewire-{role}", *options], stdin=stdin, stderr=self.log, stdout=self.log)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return process

    def workers(self):
        said = subprocess.run([QUOTEWIRE, "status", "--json", *self.endpoints], capture_output=True, check=False,
                              env=self.environment).stdout
        return [worker["name"] for worker in json.loads(said)["ventilator"]["workers"]] if said else []

    def feed(self, lines):
        self.ventilator.stdin.write(b"".join(lines))
        self.ventilator.stdin.flush()

    @staticmethod
    def hurry(cluster, job):
        cluster.run("scontrol", "update", f"jobid={job}", "starttime=now", check=False)
        return True

    def outputs(self):
        return "".join(path.read_text() for path in sorted(self.folder.glob("slurm-*.out")))

    def test_preempted_workers_drain_and_come_back(self):
        lines = self.articles(300).read_bytes().splitlines(keepends=True)
        with slurm.Slurm(self.folder) as cluster:
            job = cluster.run("sbatch", "--parsable", f"--array=1-{WORKERS}", f"--output={self.folder}/slurm-%a.out",
                              "--mem=100", f"--export=ALL,QUOTEWIRE_AT={self.at},QUOTEWIRE={QUOTEWIRE}", SCRIPT).strip()
            self.at.write_text(self.tasks + "\n")
            self.wait_for(lambda: len(self.workers()) == WORKERS, "the workers of the array")
            self.feed(lines[:100])
            self.wait_for_documents(self.corpus, 100)

            urgent = cluster.run("sbatch", "--parsable", "--partition=high", "--nodes=2", "--exclusive", "--mem=100",
                                 "--output=/dev/null", f"--wrap=touch {self.folder}/urgent; sleep 1").strip()
            self.wait_for((self.folder / "urgent").exists, f"job {urgent} to take the nodes")
            self.assertEqual(self.outputs().count("leaves with 0"), WORKERS, self.outputs())
            self.feed(lines[100:])
            # Slurm leaves a job alone for two minutes after it was queued again
            self.wait_for(lambda: "PENDING" in cluster.run("squeue", "--noheader", f"--job={job}", "--format=%T"), "the queue")
            self.wait_for(lambda: self.hurry(cluster, job) and len(self.workers()) == WORKERS, "the workers to be back")
            self.ventilator.stdin.close()
            self.assertEqual(self.ventilator.wait(60), 0)
            self.wait_for(lambda: not cluster.run("squeue", "--noheader", f"--job={job}", check=False), "the array to be done")
            self.assertEqual(self.outputs().count("leaves with 0"), 2 * WORKERS, self.outputs())
        self.quotewire("run", "-", "--corpus", self.folder / "other", "--quiet", input=b"".join(lines).decode())
        self.assert_same_corpus(self.corpus, self.folder / "other")


if __name__ == "__main__":
    unittest.main()
