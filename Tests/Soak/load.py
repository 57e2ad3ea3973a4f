"""The clients of a soak: each thread does one kind of thing over and over, until all are told to hold still."""

import random
import threading
import time
import traceback

import psycopg
from wire import query

from .operations import OPERATIONS
from .world import DEADLINE, Surprise

#: What an operation may end with when the server was away.
TROUBLES = (Surprise, EOFError, OSError, psycopg.Error)


class Gate:
    """Open while the load runs; `close` returns once nobody is inside any more."""

    def __init__(self):
        self.condition = threading.Condition()
        self.isOpen, self.isOver, self.inside = False, False, 0

    def enter(self, due):
        """Waits until it is open and the time has come; False when all is over."""
        with self.condition:
            while not self.isOver:
                wait = due - time.monotonic()
                if self.isOpen and wait <= 0:
                    self.inside += 1
                    return True
                self.condition.wait(wait if self.isOpen else None)
            return False

    def leave(self):
        with self.condition:
            self.inside -= 1
            self.condition.notify_all()

    def open(self):
        with self.condition:
            self.isOpen = True
            self.condition.notify_all()

    def close(self, timeout):
        """Returns whether everybody left in time."""
        with self.condition:
            self.isOpen = False
            return self.condition.wait_for(lambda: self.inside == 0, timeout)

    def end(self):
        with self.condition:
            self.isOver = True
            self.condition.notify_all()


class Worker(threading.Thread):
    """Does one operation over and over."""

    def __init__(self, world, gate, operation, pause, seed, first=0):
        super().__init__(name=operation.__name__, daemon=True)
        self.world, self.gate, self.operation, self.mean_pause = world, gate, operation, pause
        self.generator = random.Random(f"{seed} {operation.__name__}")
        #: How much of a pause comes before the first time.
        self.first = first

    def run(self):
        due = time.monotonic() + self.pause() * self.first
        while self.gate.enter(due):
            begun = time.monotonic()
            try:
                self.operation(self.world, self.generator)
                self.world.counts[self.name] += 1
            except TimeoutError as error:
                self.world.fail("stuck", f"{self.name}: no answer in {DEADLINE} s: {error}\n{traceback.format_exc()}")
            except TROUBLES as trouble:
                if self.world.excuses(begun):
                    self.world.excused[self.name] += 1
                else:
                    self.world.fail("surprise", f"{self.name}: {trouble!r}\n{traceback.format_exc()}")
            except Exception:
                self.world.fail("fault of the soak", f"{self.name}: {traceback.format_exc()}")
            finally:
                self.gate.leave()
            due = time.monotonic() + self.pause()

    def pause(self):
        return self.generator.uniform(0.5, 1.5) * self.mean_pause


class Notifier:
    """Sends numbered notifications and remembers which the server confirmed, and when."""

    MEAN_PAUSE = 0.5
    CHANNEL = "soak"

    def __init__(self):
        self.number = 0
        self.confirmed = []

    def notify(self, world, generator):
        with world.client(generator.choice((world.governed, world.free))) as client:
            for _ in range(generator.randint(1, 20)):
                self.number += 1
                begun = time.monotonic()
                client.run(f"NOTIFY {self.CHANNEL}, '{self.number}'")
                self.confirmed.append((self.number, begun, time.monotonic()))


def workers(world, gate, notifier, intensity, seed, others=()):
    """A thread for each kind of thing, none started yet."""
    def notify(world, generator):
        notifier.notify(world, generator)

    kinds = [*OPERATIONS, (notify, Notifier.MEAN_PAUSE)]
    return [Worker(world, gate, operation, pause / intensity, seed) for operation, pause in kinds] + [
        Worker(world, gate, operation, pause, seed, first=0.5) for operation, pause in others]


def first_query(world):
    """Makes the gateway read the catalogue on both of its connections."""
    for endpoint in (world.governed, world.free):
        with world.client(endpoint) as client:
            client.uncounted().ask(query("SELECT count(*) FROM visits"))
