"""Idle sessions that must get every notification while their server lives."""

import select
import threading
import time

from wire import query

from .load import Notifier
from .world import DEADLINE, Surprise, expect

#: A server killed so many seconds after it confirmed a notification may not have delivered it.
DELIVERY_TIME = 3.0
RECONNECT_DELAY = 0.2


class Listener(threading.Thread):
    """Listens, and comes back after each restart; what it heard in which of its lives."""

    def __init__(self, world, endpoint):
        super().__init__(name="listener", daemon=True)
        self.world, self.endpoint = world, endpoint
        self.isOver = threading.Event()
        #: `[ready, lost, numbers]`; lost is None while it lives.
        self.lives = []

    def run(self):
        while not self.isOver.is_set():
            begun = time.monotonic()
            try:
                with self.world.client(self.endpoint).uncounted() as client:
                    self.listen(client)
            except TimeoutError as error:
                self.world.fail("stuck", f"listener: {error!r}")
            except (Surprise, EOFError, OSError) as error:
                life = self.lives[-1] if self.lives else None
                if life and life[1] is None:
                    life[1] = begun = time.monotonic()
                # A server that shuts down fast does not go before its clients.
                if not self.world.excuses(begun - 1):
                    self.world.fail("listener lost", repr(error))
                time.sleep(RECONNECT_DELAY)

    def listen(self, client):
        expect(client.ask(query(f"LISTEN {Notifier.CHANNEL}")), None, "LISTEN")
        numbers = set()
        self.lives.append([time.monotonic(), None, numbers])
        while not self.isOver.is_set():
            if len(client.buffer) == client.at and not select.select([client.socket], [], [], 0.5)[0]:
                continue
            kind, body = client.receive()
            if kind == b"A":
                numbers.add(int(body[4:].split(b"\0")[1]))
            elif kind == b"E":
                client.closes()
                raise EOFError
        self.lives[-1][1] = time.monotonic()

    @property
    def isListening(self):
        return bool(self.lives) and self.lives[-1][1] is None

    def missing(self, confirmed):
        """Numbers it should have heard and has not."""
        return {
            number for number, begun, done in confirmed for ready, lost, numbers in self.lives
            if ready < begun and (lost is None or done < lost - DELIVERY_TIME) and number not in numbers}


def wait_until_heard(world, listeners, notifier):
    """Every listener is there and has heard all it should; says so where not."""
    deadline = time.monotonic() + DEADLINE
    while not all(listener.isListening and not listener.missing(notifier.confirmed) for listener in listeners):
        if time.monotonic() > deadline:
            for listener in listeners:
                missing = sorted(listener.missing(notifier.confirmed))
                if missing or not listener.isListening:
                    world.fail("listener", f"listening: {listener.isListening}, not heard: {missing[:20]}")
            return
        time.sleep(0.05)
