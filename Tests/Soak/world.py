"""What all of a soak shares: the stage, the ways in, what went wrong and when that was no wonder."""

import collections
import dataclasses
import itertools
import threading
import time

from wire import TERMINATE, Wire, error, fields, query

#: Longest that anything may go without an answer, in seconds.
DEADLINE = 60
#: A server that restarts excuses what happened so many seconds before and after, too.
EXCUSE_MARGIN = 2.0


class Surprise(Exception):
    """An answer that is not the one there should be."""


@dataclasses.dataclass
class Session:
    """What a client knows of a session it had: how many statements the log must tell of, if it is sure."""

    statements: int = 0
    isExact: bool = True


class World:
    """Threads may use it at once."""

    def __init__(self, stage, gateway, governed, free):
        self.stage, self.gateway, self.governed, self.free = stage, gateway, governed, free
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.excused = collections.Counter()
        self.failures = []
        self.sessions = {}
        self.outages = []
        self._numbers = itertools.count(1)

    def number(self):
        return next(self._numbers)

    # What went wrong

    def fail(self, what, detail):
        detail = str(detail)[:2000]
        with self.lock:
            self.failures.append((time.monotonic(), what, detail))
        print(f"{what}: {detail.splitlines()[0][:300]}", flush=True)

    def begin_outage(self):
        """The server is about to go away; returns what ends the outage."""
        outage = [time.monotonic() - EXCUSE_MARGIN, float("inf")]
        with self.lock:
            self.outages.append(outage)

        def end():
            outage[1] = time.monotonic() + EXCUSE_MARGIN
        return end

    def excuses(self, begun, ended=None):
        """Whether the server was away at some time since `begun`."""
        ended = ended or time.monotonic()
        with self.lock:
            return any(first <= ended and begun <= last for first, last in self.outages)

    # Sessions that the log has to tell of

    def client(self, endpoint):
        return Client(self, endpoint)

    def name_session(self):
        """An application name that no other session has."""
        return f"soak-{self.number()}"

    def opened(self, name, isExact=False):
        """A client has logged in under that application name."""
        session = Session(isExact=isExact)
        with self.lock:
            self.sessions[name] = session
        return session


class Client(Wire):
    """A connection of its own name that counts its statements."""

    def __init__(self, world, endpoint):
        name = world.name_session()
        super().__init__(endpoint, timeout=DEADLINE, application_name=name)
        self.session = world.opened(name, isExact=True)

    def run(self, sql, code=None):
        """A simple query; its answer, which must have the SQLSTATE given (None: success)."""
        self.session.statements += 1
        return expect(self.ask(query(sql)), code, sql)

    def __exit__(self, kind, *_):
        if kind is None:
            self.send(TERMINATE)
        else:
            self.session.isExact = False
        self.close()

    def uncounted(self):
        """From now on the client does not say how many statements there were."""
        self.session.isExact = False
        return self


def expect(got, code, what):
    """The answer, unless its error is another than should be."""
    if error(got) != code:
        said = next((fields(body) for kind, body in got if kind == b"E"), {})
        raise Surprise(f"{str(what)[:200]}: {error(got)} {said.get('M')} instead of {code}")
    return got
