"""One program of the stage: started, waited for, stopped."""

import fcntl
import os
import pathlib
import random
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

#: Where `swift build -c release` puts the programs.
PROGRAMS = pathlib.Path(os.environ.get("BUILD_FOLDER", ROOT / ".build" / "release"))

#: Below the range the kernel takes local ports from, so that no outgoing connection sits on a port given here.
PORTS = range(20000, 32000)

#: The ports given to this process.
given = set()
#: Their bytes of this file are locked until it ends, so that no process is given one that another has yet to bind.
LOCKS = open(pathlib.Path(tempfile.gettempdir()) / f"weir-ports-{os.getuid()}", "ab")


class Failure(Exception):
    """The stage could not do what it was asked; the text says what to look at."""


def free_port():
    """A TCP port of 127.0.0.1 that nothing uses now, and that is given to nobody else."""
    for _ in range(200):
        port = random.choice(PORTS)
        if port in given:
            continue
        try:
            fcntl.lockf(LOCKS, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except OSError:
            continue
        given.add(port)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Failure("no free TCP port between 20000 and 32000")


def wait_until(found, what, timeout=60):
    """What `found` returns, once it is true; raises with `what` is the matter after the timeout, in seconds."""
    deadline = time.monotonic() + timeout
    while not (result := found()):
        if time.monotonic() > deadline:
            raise Failure(what)
        time.sleep(0.05)
    return result


def is_listening(port):
    """Whether a socket listens on the port of 127.0.0.1 or of every address, told without connecting to it."""
    wanted = f":{port:04X}"
    with open("/proc/net/tcp") as table:
        return any(
            fields[1].endswith(wanted) and fields[3] == "0A" for fields in (line.split() for line in table)
        )


def program(name):
    """The path of a program of the build."""
    path = PROGRAMS / name
    if not path.exists():
        raise Failure(f"{path} is not there: run `make build` first")
    return str(path)


class Process:
    """A program with its output in `log`; `user` is who runs it (None: who runs us)."""

    def __init__(self, name, command, log, port=None, user=None, environment=None):
        self.name, self.command, self.log, self.port = name, [str(c) for c in command], log, port
        self.user, self.environment = user, environment
        self.handle = None

    @property
    def pid(self):
        return self.handle.pid

    def start(self, timeout=60):
        """Starts it and, where it has a port, waits until it listens; returns the seconds that took."""
        begun = time.monotonic()
        who = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        with open(self.log, "ab") as output:
            self.handle = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/",
                env={**os.environ, **(self.environment or {})}, start_new_session=True, **who,
            )
        while self.port and not is_listening(self.port):
            if self.handle.poll() is not None:
                raise Failure(f"{self.name} ended with status {self.handle.returncode}:\n{self.tail()}")
            if time.monotonic() - begun > timeout:
                self.kill()
                raise Failure(f"{self.name} does not listen on port {self.port}:\n{self.tail()}")
            time.sleep(0.0005)
        return time.monotonic() - begun

    def stop(self, signal_number=signal.SIGTERM, timeout=60):
        """Asks it to end and waits; returns its exit status, or -9 when it had to be killed."""
        if self.handle is None or self.handle.poll() is not None:
            return None if self.handle is None else self.handle.returncode
        self.handle.send_signal(signal_number)
        try:
            return self.handle.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9

    def kill(self):
        """kill -9, as a crash would."""
        self.handle.kill()
        self.handle.wait()

    def tail(self, lines=20):
        """The end of what it wrote."""
        text = pathlib.Path(self.log).read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])
