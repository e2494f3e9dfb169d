"""A pipeline whose workers and readers come by tcp, with keys."""
import subprocess

from harness import free_ports
from pipeline import PROGRAMS, Pipeline


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
