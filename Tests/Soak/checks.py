"""What must hold of a gateway at quiet moments and at the end, each with its limit."""

import dataclasses
import re
import sqlite3
import statistics
import time

from stage.process import Failure

from .process_state import Descriptors, descriptors, folder_size, memory

#: Time for the sessions of clients that are gone to be gone from gateway and server, in seconds.
SETTLING_TIME = 25
#: Quiet moments left out before memory counts as settled, and those that make a window.
WARM_UP, WINDOW = 2, 3
#: Most that the settled memory may have grown by at the end: kB, and a share of what it was.
MEMORY_GROWTH, MEMORY_GROWTH_SHARE = 4096, 0.08
#: Most that the spool may hold while the sink is there: the segment in use and the one before, 8 MiB each, and notes.
SPOOL_LIMIT = 20 << 20
#: Most that the sink's folder may hold, as a multiple of the records in it.
SINK_OVERHEAD = 2.0
#: Time for a gateway to end once it is asked to, and for the log to be verified, in seconds.
END_TIME, VERIFY_TIME = 40, 1200
#: What the gateway may say as an error: the faults that a policy edit put in, and a database that is away.
EXPECTED_ERRORS = ("configuration refused; the last good one stays in force",)
#: A line of the gateway's log: when, how bad, what.
LOG_LINE = re.compile(r"^\S+Z (trace|debug|info|notice|warning|error|critical) ")


@dataclasses.dataclass(frozen=True)
class Moment:
    """What was measured when nothing was going on."""

    resident: int
    private_dirty: int
    descriptors: Descriptors
    spool: int
    sink: int


def quiet_moment(world, listener_count):
    """Waits until nothing is left of the load, and measures; fails what stays."""
    expected = (listener_count, listener_count)
    deadline = time.monotonic() + SETTLING_TIME
    while True:
        now = look(world)
        open_sessions = server_sessions(world)
        if (now.clients, now.upstream) == expected and open_sessions == listener_count:
            break
        if time.monotonic() > deadline:
            world.fail(
                "left over",
                f"{now.clients} clients, {now.upstream} upstream connections, {open_sessions} sessions of the "
                f"server, where {listener_count} of each should be")
            break
        time.sleep(0.1)
    used = memory(world.gateway.process.pid)
    return Moment(
        used.resident, used.private_dirty, now, folder_size(world.gateway.records), folder_size(world.stage.sink_data))


def look(world):
    return descriptors(
        world.gateway.process.pid, {connection.port for connection in world.gateway.connections},
        world.stage.postgresql.port, world.stage.sink_port)


def server_sessions(world):
    """The gateway's sessions as the server counts them."""
    return int(world.stage.postgresql.endpoint().value(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clinic_app' AND backend_type = 'client backend'"))


def check_alive(world):
    """The gateway runs, and has said nothing that it should not have."""
    status = world.gateway.process.handle.poll()
    if status is not None:
        raise Failure(f"the gateway ended with status {status}:\n{world.gateway.process.tail()}")


def log_surprises(world):
    """Lines of the gateway's log that nobody meant to be there."""
    surprises = []
    for line in world.gateway.log.read_text(errors="replace").splitlines():
        told = LOG_LINE.match(line)
        if told is None or told[1] in ("error", "critical") and not any(text in line for text in EXPECTED_ERRORS):
            surprises.append(line)
    return surprises


def growth(moments, field):
    """The median of the first settled window, of the last window, and the most the last may be; in kB."""
    values = [getattr(moment, field) for moment in moments]
    settled = values[min(WARM_UP, max(0, len(values) - WINDOW)):]
    first, last = statistics.median(settled[:WINDOW]), statistics.median(settled[-WINDOW:])
    return first, last, first + max(MEMORY_GROWTH, first * MEMORY_GROWTH_SHARE)


def ended(world):
    """Stops the gateway and the sink; the gateway's exit status."""
    status = world.gateway.process.stop(timeout=END_TIME)
    world.stage.sink.stop()
    return status


def verified(world):
    """What `weirctl verify` says of the sink's log beside the gateway's."""
    return world.stage.weirctl("verify", world.stage.sink_data, world.gateway.data, timeout=VERIFY_TIME)


class Log:
    """The sink's log, read from its store."""

    def __init__(self, world):
        self.store = sqlite3.connect(f"file:{world.stage.sink_data / 'evidence.sqlite'}?mode=ro", uri=True)

    def value(self, sql):
        return self.store.execute(sql).fetchone()[0]

    def discrepancies(self, sessions):
        """Where the log and what clients know differ; `sessions` by application name."""
        found = []
        told = {}
        for name, state, statements in self.store.execute(
                "SELECT application_name, state, statements FROM sessions WHERE state <> 'Refused'"):
            told.setdefault(name, []).append((state, statements))
        for name, session in sessions.items():
            entries = told.get(name, [])
            if len(entries) != 1 or entries[0][0] != "Ended":
                found.append(f"{name}: {entries or 'not in the log'}")
            elif session.isExact and entries[0][1] != session.statements:
                found.append(f"{name}: {entries[0][1]} statements in the log, {session.statements} by the client")
        found += [f"{name}: {entries}" for name, entries in told.items() if any(state != "Ended" for state,
            _ in entries)]
        return found


def sink_counts(world):
    """Sessions, records and bytes of records in the sink's log."""
    log = Log(world)
    return (
        log.value("SELECT count(*) FROM sessions WHERE state <> 'Refused'"), log.value("SELECT count(*) FROM records"),
        log.value("SELECT sum(length(line)) FROM records"))
