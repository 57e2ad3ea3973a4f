"""Through the gateway, the server says what it says without it: message by message, byte by byte."""

import difflib
import itertools
import operator
import os

import pytest
from player import Stuck, play
from plays import GROUPS, TABLES
from random_plays import random_play
from stage.process import ROOT
from stage.stage import Stage

USER, DATABASE = "plays", "plays"
#: How many random plays; their seeds are the numbers from 0. A test plays a block of them.
RANDOM_PLAYS, BLOCK = int(os.environ.get("RANDOM_PLAYS", 300)), 50
MANIFESTS = ROOT / "Tests" / "IntegrationTests" / "manifests" / "equality"
PLAYS = {f"{group}: {name}": steps for group, plays in GROUPS.items() for name, steps in plays.items()}


class Ways:
    """The ways into one server: around the gateway, and through its two connections."""

    def __init__(self, stage, gateway, password):
        direct = stage.postgresql.endpoint(DATABASE, USER, password)
        through = gateway.endpoint(USER)
        free, governed = (type(through)(
            through.host, connection.port, USER, through.password, connection.database)
            for connection in sorted(gateway.connections, key=lambda one: one.name))
        self.all = {"direct": direct, "free": free, "governed": governed}
        known = direct.value("SELECT array_agg(oid) FROM (SELECT oid FROM pg_class UNION SELECT oid FROM pg_type) AS t")
        self.known = frozenset(map(int, known.strip("{}").split(",")))

    def difference(self, steps, ways=("free", "governed"), areEqual=operator.eq):
        """Plays on every way; the first difference to the direct one, as lines, or None."""
        expected = self.played("direct", steps)
        for name in ways:
            got = self.played(name, steps)
            if not areEqual(got, expected):
                lines = difflib.unified_diff(expected, got, "direct", name, lineterm="", n=2)
                return "\n".join(line[:600] for line in itertools.islice(lines, 60))
        return None

    def played(self, name, steps):
        try:
            return play(self.all[name], steps, self.all["direct"], self.known)
        except Stuck as stuck:
            return [*str(stuck).splitlines(), "no further answer"]

    def shortened(self, steps):
        """A part of the play that still differs: what can be left out is, one by one."""
        parts = [part for step in steps for part in (messages(step) if isinstance(step, bytes) else [step])]
        for index in reversed(range(len(parts))):
            if self.difference(parts[:index] + parts[index + 1:], areEqual=are_alike) is not None:
                del parts[index]
        return parts


def are_alike(got, expected):
    """Equality but for two things: who ends a session over unread messages may take its last answers with it, and an
    error that the gateway has to give itself has no place in the server's source."""
    if got[-1] == expected[-1] == "closed":
        got, expected = got[:-1], expected[:-1]
    elif len(got) != len(expected):
        return False
    return all(
        one == other or one.startswith("E ") and "  F=" not in one and one == other.partition("  F=")[0]
        for one, other in zip(got, expected))


def messages(data):
    """The messages in bytes that a play sends at once; what is no whole message stays as it is."""
    while len(data) >= 5 and 4 <= int.from_bytes(data[1:5], "big") < len(data):
        end = int.from_bytes(data[1:5], "big") + 1
        yield data[:end]
        data = data[end:]
    if data:
        yield data


@pytest.fixture(scope="module")
def ways():
    with Stage(settings={"max_prepared_transactions": "10"}) as stage:
        stage.start_postgresql()
        stage.start_sink()
        password = stage.postgresql.ensure_role(USER)
        stage.postgresql.ensure_database(DATABASE, USER)
        gateway = stage.add_gateway(MANIFESTS, users=[USER], credential=(USER, password))
        stage.postgresql.endpoint(DATABASE).script(f"SET ROLE {USER};" + TABLES)
        yield Ways(stage, gateway, password)


@pytest.mark.parametrize("name", PLAYS)
def test_play(ways, name):
    difference = ways.difference(
        PLAYS[name], ("free",) if name.endswith("(unless masked)") else ("free", "governed"))
    assert difference is None, difference


@pytest.mark.parametrize("first", range(0, RANDOM_PLAYS, BLOCK))
def test_random_plays(ways, first):
    for seed in range(first, first + BLOCK):
        steps = random_play(seed)
        if ways.difference(steps, areEqual=are_alike) is not None:
            parts = ways.shortened(steps)
            difference = ways.difference(parts, areEqual=are_alike) or "at times"
            pytest.fail(f"seed {seed}: {', '.join(map(repr, parts))}\n{difference}", pytrace=False)
