"""A network for pods: a namespace each, on one bridge."""

import os
import subprocess


def run(*command, **more):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **more)


class Network:
    """Use as a context manager. Needs the right to make network namespaces, as root has."""

    def __init__(self):
        number = os.getpid() % 250
        self.prefix = f"10.213.{number}"
        self.bridge = f"weir-e2e-{number}"
        #: Where pods find what runs on this machine itself.
        self.address = f"{self.prefix}.1"
        self.last = 1
        self.namespaces = []

    def __enter__(self):
        run("ip", "link", "add", self.bridge, "type", "bridge")
        run("ip", "address", "add", f"{self.address}/24", "dev", self.bridge)
        run("ip", "link", "set", self.bridge, "up")
        return self

    def __exit__(self, *_):
        for namespace in list(self.namespaces):
            namespace.close()
        subprocess.run(["ip", "link", "delete", self.bridge], capture_output=True)

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
        link = f"we{os.getpid() % 250}-{number}"
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        run("ip", "link", "set", link, "master", network.bridge, "up")
        run("ip", "-n", self.name, "address", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            run("ip", "-n", self.name, "link", "set", device, "up")

    @property
    def entering(self):
        """The beginning of a command that is to run within."""
        return ["ip", "netns", "exec", self.name]

    def close(self):
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)
        if self in self.network.namespaces:
            self.network.namespaces.remove(self)
