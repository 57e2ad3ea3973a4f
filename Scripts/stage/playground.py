"""The playground seen from another program: started, its lines read, ended by closing its input."""

import subprocess

from .postgresql import Endpoint
from .process import ROOT, Failure


class Playground:
    """Use as a context manager; `values` holds what it printed."""

    def __init__(self, *arguments):
        self.arguments = [str(argument) for argument in arguments]
        self.values = {}
        self.handle = None

    def __enter__(self):
        self.handle = subprocess.Popen(
            [ROOT / "Scripts" / "playground", *self.arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )
        for line in self.handle.stdout:
            if line == "READY\n":
                return self
            key, _, value = line.rstrip("\n").partition("=")
            self.values[key] = value
        raise Failure(f"the playground ended with status {self.handle.wait()} before it was ready")

    def __exit__(self, *_):
        self.handle.stdin.close()
        if self.handle.wait(timeout=300) != 0:
            raise Failure(f"the playground ended with status {self.handle.returncode}")

    def endpoint(self, side):
        """`DIRECT` or `GATEWAY`."""
        host, port, *rest = (
            self.values[f"{side}_{field}"] for field in ("HOST", "PORT", "USER", "PASSWORD", "DATABASE"))
        return Endpoint(host, int(port), *rest)
