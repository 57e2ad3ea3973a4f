"""What an attack is, and how one is played and judged."""

import dataclasses
import struct
import uuid

from wire import Wire, bind, describe, error, execute, parse, query, SYNC

#: Every governed value in each form it has on the wire: text, and binary where that differs.
VALUES = [
    b"Orsolin", b"Vexgard", b"ORSOLIN", b"Timbrel Quondam", b"Hesper Langmuir", b"918-07-4432", b"927-31-0068",
    b"orsolin@", b"timbrel@", b"hesper@", b"1961-03-17", b"7745550142", b"83417.25", b"vexed", b"ochre",
    b"5b1f7a90-33c2", b"zoonotic", b"quartan ague",
    struct.pack("!i", -14169),  # 1961-03-17 as days from 2000-01-01
    struct.pack("!q", 7745550142),
    struct.pack("!hhh", 8, 3417, 2500),  # the digits of 83417.25 to the base of 10,000
    uuid.UUID("5b1f7a90-33c2-4e57-9d7e-0c4f1aa2b6d1").bytes,
]

#: Messages that say nothing of data: authentication, keys, and whose contents are the client's own words.
SILENT = (b"R", b"K", b"Z", b"S")


@dataclasses.dataclass(frozen=True)
class Attack:
    """Statements, each sent on its own, and what must not come of them.

    Without more said, no governed value may come back. `tells`: derived forms of a value that may not come back
    either. `oracle`: the rows themselves tell, so the last statement must be refused. `effect`: a query and the answer
    it must not have afterwards.
    """

    name: str
    statements: tuple
    tells: tuple = ()
    oracle: bool = False
    effect: tuple = None
    startup: tuple = ()

    def __str__(self):
        return self.name


def attack(name, *statements, **more):
    """An attack that gets values out."""
    return Attack(name, statements, **more)


def oracle(name, *statements, **more):
    """An attack whose answer tells without showing."""
    return Attack(name, statements, oracle=True, **more)


def destruction(name, *statements, effect=("SELECT count(*) FROM ONLY care.people", "0"), **more):
    """An attack that does what is forbidden."""
    return Attack(name, statements, effect=effect, **more)


def play(it, playground, side, path):
    """Everything that side of the playground said, and the answer to the last statement."""
    said, answer = [], []
    try:
        with Wire(playground.endpoint(side), **dict(it.startup)) as session:
            for statement in it.statements:
                statement = statement.replace("{scratch}", playground.values["SCRATCH"])
                answer = session.ask(*PATHS[path](statement))
                said += answer
    except (EOFError, ConnectionError):
        answer = []
    return said, answer


PATHS = {
    "simple": lambda sql: [query(sql)],
    "extended": lambda sql: [parse(sql), bind(), describe(), execute(), SYNC],
    "binary": lambda sql: [parse(sql), bind(result_formats=(1,)), execute(), SYNC],
}


def succeeds(it, said, answer, value_of):
    """Whether the attack reached what it was after; `value_of` asks the database itself."""
    spoken = b"\n".join(body for kind, body in said if kind not in SILENT)
    if it.effect:
        sql, reached = it.effect
        return value_of(sql) == reached
    if it.oracle:
        return bool(answer) and error(answer) is None
    return any(token in spoken for token in (*VALUES, *it.tells))
