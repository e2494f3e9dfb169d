"""Several hosts on one machine, for tests: network namespaces on a bridge that stands in one of its own, so that nothing of this
machine's own network is touched. Needs root and `ip`."""
import os
import re
import shutil
import subprocess
import unittest

NETWORK = "10.77.0."


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, encoding="utf-8")


def _remove_all(of):
    """Removes the namespaces of the process `of`; with them go their links and routes."""
    names = subprocess.run(["ip", "netns", "list"], check=False, capture_output=True, encoding="utf-8").stdout.split("\n")
    for name in (line.split(" ")[0] for line in names):
        found = re.fullmatch(r"qw-(\d+)-\w+", name)
        if found and of(int(found[1])):
            for pid in subprocess.run(["ip", "netns", "pids", name], check=False, capture_output=True, encoding="utf-8").stdout.split():
                os.kill(int(pid), 9)
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def _is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


class Hosts:
    """`names`: of the hosts, letters only. Each has one address, and one link to the switch."""

    def __init__(self, case, names):
        if os.geteuid() != 0 or not shutil.which("ip"):
            raise unittest.SkipTest("only root may make network namespaces, with iproute2")
        _remove_all(_is_gone)  # what a test that was killed has left
        case.addClassCleanup(_remove_all, lambda pid: pid == os.getpid())
        self._switch = self._name("switch")
        self.addresses = {}
        try:
            ip("netns", "add", self._switch)
        except subprocess.CalledProcessError as error:
            raise unittest.SkipTest(f"no network namespaces here: {error.stderr.strip()}") from error
        self._in(self._switch, "link", "add", "bridge", "type", "bridge")
        self._in(self._switch, "link", "set", "bridge", "up")
        for i, name in enumerate(names):
            self._add(name, f"{NETWORK}{i + 1}")

    @staticmethod
    def _name(host):
        return f"qw-{os.getpid()}-{host}"

    @staticmethod
    def _in(namespace, *arguments):
        ip("-n", namespace, *arguments)

    def _add(self, name, address):
        host = self._name(name)
        ip("netns", "add", host)
        ip("link", "add", "eth0", "netns", host, "type", "veth", "peer", "name", name, "netns", self._switch)
        self._in(self._switch, "link", "set", "dev", name, "master", "bridge", "up")
        self._in(host, "link", "set", "lo", "up")
        # a host that takes over an address says so to the others
        subprocess.run(["ip", "netns", "exec", host, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/arp_notify"], check=True)
        self._in(host, "link", "set", "eth0", "up")
        self.give(name, address)

    def give(self, name, address):
        self._in(self._name(name), "addr", "add", f"{address}/24", "dev", "eth0")
        self.addresses[name] = address

    def take(self, name):
        """Takes a host's address away."""
        address = self.addresses.pop(name)
        self._in(self._name(name), "addr", "del", f"{address}/24", "dev", "eth0")
        return address

    def cut(self, name):
        """Nothing passes to or from the host, and nobody is told. "bridge": between any two."""
        self._in(self._switch, "link", "set", "dev", name, "down")

    def mend(self, name):
        self._in(self._switch, "link", "set", "dev", name, "up")

    def command(self, name, command):
        """The command, to be run on the host."""
        return ["ip", "netns", "exec", self._name(name), *command]
