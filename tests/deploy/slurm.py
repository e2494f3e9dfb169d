"""A Slurm of two virtual nodes on this machine, for one test: munged, slurmctld and two slurmd, all in one folder."""
import os
import pathlib
import secrets
import shutil
import socket
import subprocess
import time

from harness import free_ports

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol", "sinfo")
PATIENCE = 60.0


def missing():
    """What a test cannot do without and this machine does not have; None when all is there."""
    if os.geteuid() != 0:
        return "only root can start a Slurm"
    absent = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    return f"Slurm is not installed ({', '.join(absent)})" if absent else None


PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Slurm:
    """with Slurm(folder) as slurm: slurm.run("sbatch", ...). Partition `low` gives way to partition `high`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.environment = {**os.environ, "PATH": PATH, "SLURM_CONF": str(self.folder / "slurm.conf")}
        self.daemons = []

    def _configure(self):
        host = socket.gethostname().split(".")[0]
        controller = free_ports(3)
        one, two = controller + 1, controller + 2
        (self.folder / "munge.key").write_bytes(secrets.token_bytes(128))
        (self.folder / "munge.key").chmod(0o400)
        (self.folder / "slurm.conf").write_text(f"""
ClusterName=quotewire
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={self.folder}/munge.socket
StateSaveLocation={self.folder}/state
SlurmdSpoolDir={self.folder}/spool-%n
SlurmctldPidFile={self.folder}/slurmctld.pid
SlurmdPidFile={self.folder}/slurmd-%n.pid
SlurmctldLogFile={self.folder}/slurmctld.log
SlurmdLogFile={self.folder}/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
ReturnToService=2
MpiDefault=none
NodeName=one NodeHostname={host} NodeAddr=127.0.0.1 Port={one} CPUs=2 RealMemory=1000
NodeName=two NodeHostname={host} NodeAddr=127.0.0.1 Port={two} CPUs=2 RealMemory=1000
PartitionName=low Nodes=one,two Default=YES PriorityTier=1 GraceTime=30 PreemptMode=REQUEUE
PartitionName=high Nodes=one,two PriorityTier=2 PreemptMode=OFF
""")

    def _daemon(self, *command):
        log = open(self.folder / (command[0] + ".said"), "ab")
        self.daemons.append(subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        log.close()

    def __enter__(self):
        (self.folder / "state").mkdir()
        self._configure()
        self._daemon("munged", "--foreground", "--force", "--num-threads=2", f"--key-file={self.folder}/munge.key",
                     f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munge.pid",
                     f"--log-file={self.folder}/munge.log", f"--seed-file={self.folder}/munge.seed")
        end = time.monotonic() + PATIENCE
        while not (self.folder / "munge.socket").exists() and time.monotonic() < end:
            time.sleep(0.05)
        self._daemon("slurmctld", "-D")
        for node in ("one", "two"):
            self._daemon("slurmd", "-D", "-N", node)
        while self.run("sinfo", "--noheader", "--format=%D %t", check=False).split() not in (["2", "idle"], ["2", "idle"] * 2):
            if time.monotonic() > end:
                logs = "".join(path.read_text(errors="replace")[-1500:] for path in self.folder.glob("slurm*.log"))
                self.__exit__()
                raise AssertionError(f"Slurm does not start\n{logs}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.run("scancel", "--signal=KILL", "--full", "--user=root", check=False)
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def run(self, *command, check=True):
        done = subprocess.run([str(part) for part in command], env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8", check=False, timeout=PATIENCE)
        if check and done.returncode:
            raise AssertionError(f"{command[0]}: {done.stderr}")
        return done.stdout
