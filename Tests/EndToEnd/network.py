"""A network for pods: a namespace each, on one bridge."""

import contextlib
import json
import os
import signal
import subprocess

from stage.claim import claim_first


def run(*command, **more):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **more)


class Network:
    """Use as a context manager. Needs the right to make network namespaces, as root has.

    Runs at the same time have numbers of their own. What a run that was killed has left under its number, whoever has
    that next removes.
    """

    def __init__(self):
        self.number, self.claim = claim_first("e2e", range(250))
        self.prefix = f"10.213.{self.number}"
        self.bridge = f"weir-e2e-{self.number}"
        #: Where pods find what runs on this machine itself.
        self.address = f"{self.prefix}.1"
        self.last = 1
        self.namespaces = []

    def __enter__(self):
        self._clear()
        run("ip", "link", "add", self.bridge, "type", "bridge")
        run("ip", "address", "add", f"{self.address}/24", "dev", self.bridge)
        run("ip", "link", "set", self.bridge, "up")
        return self

    def __exit__(self, *_):
        for namespace in list(self.namespaces):
            namespace.close()
        subprocess.run(["ip", "link", "delete", self.bridge], capture_output=True)
        self.claim.close()

    def _clear(self):
        for name in (line.split()[0] for line in run("ip", "netns", "list").stdout.splitlines()):
            if name.startswith(f"{self.bridge}-"):
                remove_namespace(name)
        for link in json.loads(run("ip", "-j", "link", "show").stdout):
            if link["ifname"] == self.bridge or link["ifname"].startswith(f"we{self.number}-"):
                subprocess.run(["ip", "link", "delete", link["ifname"]], capture_output=True)

    def namespace(self):
        self.last += 1
        namespace = Namespace(self, self.last)
        self.namespaces.append(namespace)
        return namespace


class Namespace:
    """A pod's network: its own loopback, and an address that the machine and other pods reach."""

    def __init__(self, network, number):
        self.network = network
        self.address = f"{network.prefix}.{number}"
        self.name = f"{network.bridge}-{number}"
        self.link = f"we{network.number}-{number}"
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        run("ip", "link", "set", self.link, "master", network.bridge, "up")
        run("ip", "-n", self.name, "address", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            run("ip", "-n", self.name, "link", "set", device, "up")

    @property
    def entering(self):
        """The beginning of a command that is to run within."""
        return ["ip", "netns", "exec", self.name]

    def close(self):
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)
        # The kernel keeps a namespace, and its wire, for as long as a connection of it waits for an answer.
        subprocess.run(["ip", "link", "delete", self.link], capture_output=True)
        if self in self.network.namespaces:
            self.network.namespaces.remove(self)


def remove_namespace(name):
    """With what still runs there."""
    for process in subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process), signal.SIGKILL)
    subprocess.run(["ip", "netns", "delete", name], capture_output=True)
