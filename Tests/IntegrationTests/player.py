"""Plays a sequence of protocol messages on one connection and writes down everything the other side answers.

What must differ between two connections of one role is written as a word: process ids of notifications, the OIDs of
relations that the play itself made, and the number of its temporary schema. All else is kept byte for byte.
"""

import dataclasses
import re
import struct
import time

from wire import Wire, SYNC, cancel, fields, message, query, row, rows

#: Ends a play in whatever state it is: a COPY fails, a pipeline is synchronized, a transaction rolled back.
SENTINEL = b"end of the play"
ENDING = message(b"f", b"the play is over\0") + SYNC + query("ROLLBACK") + query(f"SELECT '{SENTINEL.decode()}'")

#: The first OID that is not the server's own.
FIRST_USER_OID = 16384


@dataclasses.dataclass(frozen=True)
class Until:
    """Waits for a message of one of the kinds before going on."""

    kinds: bytes


@dataclasses.dataclass(frozen=True)
class Elsewhere:
    """A statement on another connection, around the gateway; `{process}` is the play's server process."""

    sql: str


@dataclasses.dataclass(frozen=True)
class Asleep:
    """Waits until the play's server process is in `pg_sleep`."""


@dataclasses.dataclass(frozen=True)
class Copied:
    """Waits until the play's COPY has read so many bytes and waits for more."""

    count: int


@dataclasses.dataclass(frozen=True)
class Cancel:
    """A CancelRequest for whatever the play is running."""


@dataclasses.dataclass(frozen=True)
class Pause:
    """Lets some seconds go by."""

    seconds: float


@dataclasses.dataclass(frozen=True)
class Close:
    """The other side has to end the connection now."""


class Stuck(Exception):
    """The other side does not answer; carries what it had answered."""


def play(endpoint, steps, direct, known=frozenset(), timeout=30, **parameters):
    """Plays the steps, each bytes to be sent or one of the classes above; returns the transcript as lines.

    `direct` is a way around the gateway for what happens elsewhere, `known` are OIDs that are the same on every way.
    """
    lines = []
    with Wire(endpoint, timeout=timeout, **parameters) as wire:
        def note(kind, body):
            lines.append(written(kind, body, wire.process, known))

        def read(until):
            while True:
                kind, body = wire.receive()
                note(kind, body)
                if until(kind, body):
                    return

        def send(data):
            try:
                wire.send(data)
            except ConnectionError:
                # The other side has ended: what it said before is there still.
                read(lambda *_: False)

        try:
            for step in steps:
                if isinstance(step, bytes):
                    send(step)
                elif isinstance(step, Until):
                    read(lambda kind, _, kinds=step.kinds: kind in kinds)
                elif isinstance(step, Elsewhere):
                    with Wire(direct, timeout=timeout) as other:
                        other.ask(query(step.sql.format(process=wire.process)))
                elif isinstance(step, Pause):
                    time.sleep(step.seconds)
                elif isinstance(step, Asleep):
                    wait_for_sleep(direct, wire.process, timeout)
                elif isinstance(step, Copied):
                    wait_for_copy(direct, wire.process, step.count, timeout)
                elif isinstance(step, Cancel):
                    cancel(endpoint, wire.process, wire.secret)
                else:
                    read(lambda *_: False)
            send(ENDING)
            read(lambda kind, body: kind == b"D" and row(body) == [SENTINEL])
            read(lambda kind, _: kind == b"Z")
        except (EOFError, ConnectionError):
            lines.append("closed")
        except TimeoutError:
            raise Stuck("\n".join(lines)) from None
    return lines


def wait_for_sleep(direct, process, timeout):
    """Returns when the server process waits for the end of a `pg_sleep`."""
    wait_for(direct, f"SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = {process}", timeout)


def wait_for_copy(direct, process, count, timeout):
    """Returns when the server process has read so many bytes of a COPY and waits for more."""
    wait_for(direct, "SELECT wait_event = 'ClientRead' FROM pg_stat_activity JOIN pg_stat_progress_copy USING (pid)"
                     f" WHERE pid = {process} AND bytes_processed >= {count}", timeout)


def wait_for(direct, sql, timeout):
    deadline = time.monotonic() + timeout
    with Wire(direct, timeout=timeout) as other:
        while rows(other.ask(query(sql))) != [[b"t"]]:
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(0.01)


def written(kind, body, process, known):
    """One message as a line of the transcript."""
    if kind == b"A":
        sender, = struct.unpack_from("!i", body)
        return f"A {'self' if sender == process else 'other'} {body[4:]!r}"
    if kind in (b"E", b"N"):
        said = "  ".join(f"{code}={value}" for code, value in fields(body).items())
        said = re.sub(r"pg_temp_\d+", "pg_temp_N", said)
        return f"{kind.decode()} {said}"
    if kind == b"T":
        return f"T {description(body, known)}"
    if kind == b"D" and len(body) < 1000:
        return f"D {row(body)}"
    return f"{kind.decode()} {body!r}"


def description(body, known):
    """A RowDescription: each column's name, table, attribute, type, size, modifier and format."""
    count, at, columns = struct.unpack_from("!h", body)[0], 2, []
    for _ in range(count):
        end = body.index(b"\0", at)
        table, attribute, oid, size, modifier, form = struct.unpack_from("!IhIhih", body, end + 1)
        table = "new" if table >= FIRST_USER_OID and table not in known else table
        oid = "new" if oid >= FIRST_USER_OID and oid not in known else oid
        columns.append((body[at:end], table, attribute, oid, size, modifier, form))
        at = end + 19
    assert at == len(body)
    return columns
