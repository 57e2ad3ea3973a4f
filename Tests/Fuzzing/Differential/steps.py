"""The statements of a session, each with the messages that carry it to the server."""

import dataclasses
import struct
from typing import Callable

from wire import SYNC, bind, describe, execute, message, parse, query


@dataclasses.dataclass(frozen=True)
class Step:
    """A statement and its messages, which are answered by exactly one ReadyForQuery; `path` makes them of a text."""

    sql: str
    sent: bytes
    path: Callable = None

    def of(self, sql):
        """The same way with another statement."""
        return Step(sql, self.path(sql), self.path) if self.path else self


def by(path):
    """Makes steps of statements that take that path."""
    return lambda sql: Step(sql, path(sql), path)


def _extended(sql):
    return parse(sql) + bind() + describe() + execute() + SYNC


def _binary(sql):
    return parse(sql) + bind(result_formats=(1, )) + describe() + execute() + SYNC


def _undescribed(sql):
    return parse(sql) + bind(result_formats=(1, )) + execute() + SYNC


def _paged(sql):
    """Two rows at a time, through a named statement and a named portal."""
    return (message(b"C", b"Sns\0") + parse(sql, b"ns") + bind(portal=b"np", name=b"ns") + describe(b"S", b"ns") +
            execute(b"np", 2) + execute(b"np", 2) + execute(b"np") + SYNC)


def _interleaved(sql):
    """Two portals of one statement in turn, one in text and one in binary."""
    return (message(b"C", b"Sni\0") + parse(sql, b"ni") + bind(portal=b"p1", name=b"ni") +
            bind(portal=b"p2", name=b"ni", result_formats=(1, )) + execute(b"p1", 1) + execute(b"p2", 1) +
            describe(b"P", b"p2") + execute(b"p1", 1) + message(b"C", b"Pp1\0") + execute(b"p2") + SYNC)


simple, extended, binary = by(query), by(_extended), by(_binary)
undescribed, paged, interleaved = by(_undescribed), by(_paged), by(_interleaved)


def by_some_path(random, sql):
    """The statement on a path of any kind."""
    share = random.random()
    if share < 0.5:
        return simple(sql)
    if share < 0.7:
        return extended(sql)
    if share < 0.9:
        return binary(sql)
    return random.choice([undescribed, paged, interleaved])(sql)


def with_parameters(sql, parameters, is_typed):
    """A statement with binary parameters, given as `(type, its identifier, octets)`."""
    types = tuple(identifier if is_typed else 0 for _, identifier, _ in parameters)
    values = [value for _, _, value in parameters]

    def path(sql):
        return (parse(sql, types=types) + bind(values, formats=(1, ), result_formats=(1, )) + describe() + execute() +
                SYNC)

    return by(path)(sql)


def copy_in(sql, data, pieces, fails=False):
    """COPY ... FROM STDIN and its data in so many pieces; the client breaks off on demand."""
    size = max(1, -(-len(data) // pieces))
    messages = b"".join(message(b"d", data[at:at + size]) for at in range(0, len(data), size))
    end = message(b"f", b"enough\0") if fails else message(b"c")
    return Step(sql, query(sql) + messages + end)


def function_call(identifier, arguments, name):
    """The FunctionCall message: arguments in text, the result too."""
    body = struct.pack("!IhhH", identifier, 1, 0, len(arguments))
    for argument in arguments:
        body += struct.pack("!i", -1) if argument is None else struct.pack("!i", len(argument)) + argument
    return Step(f"FunctionCall {name}", message(b"F", body + struct.pack("!h", 0)))
