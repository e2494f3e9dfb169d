"""A pipeline whose workers and readers come by tcp, with keys."""
import socket
import subprocess
import unittest

from pipeline import PROGRAMS, Pipeline


def free_ports(count):
    """The first of so many ports in a row that nobody has."""
    for _ in range(100):
        sockets = [socket.socket() for _ in range(count)]
        try:
            sockets[0].bind(("127.0.0.1", 0))
            first = sockets[0].getsockname()[1]
            for i, other in enumerate(sockets[1:]):
                other.bind(("127.0.0.1", first + 1 + i))
            return first
        except (OSError, OverflowError):
            continue
        finally:
            for one in sockets:
                one.close()
    raise unittest.SkipTest("no free ports")


def new_key(keys, role, name):
    done = subprocess.run([PROGRAMS / "quotewire-keys", "--keys", keys, "new", role, name], check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


class Network(Pipeline):
    """Workers and readers come by tcp with keys; sink and ventilator are on one machine."""

    def __init__(self, folder, source, **options):
        super().__init__(folder, source, **options)
        self.port = free_ports(3)
        self.keys = self.folder / "keys"
        self.key = new_key(self.keys, "worker", "w1")
        self.sink_options = (*self.sink_options, "--keys", self.keys)
        self.ventilator_options = (*self.ventilator_options, "--keys", self.keys)

    def endpoint(self, socket):  # pylint: disable=redefined-outer-name
        tcp = {"tasks": 0, "results": 1, "follow": 2}
        return f"tcp://127.0.0.1:{self.port + tcp[socket]}" if socket in tcp else super().endpoint(socket)

    def add_worker(self, *more, program=None, key=None):
        return super().add_worker("--key", key or self.key, *more, program=program)
