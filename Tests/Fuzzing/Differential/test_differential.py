"""A small share of what `make fuzz-differential` runs."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from fuzzer import Fuzzer  # noqa: E402
from minimizing import minimized  # noqa: E402
from pair import Pair  # noqa: E402
from reporting import report, told  # noqa: E402

#: Statements, and the least shares of what the database executes that the gateway must let through: a fuzzer whose
#: statements are refused proves nothing.
STATEMENTS, EXECUTED, TELLING = 4000, 0.6, 0.2
SEED = 20


@pytest.fixture(scope="module")
def pair():
    with Pair() as running:
        yield running


def test_two_databases_look_the_same(pair):
    fuzzer = Fuzzer(pair, SEED, measured=0.2, disturbed=0.01)
    fuzzer.run(STATEMENTS)
    assert not fuzzer.findings, "\n".join(told(SEED, minimized(fuzzer, it)) for it in fuzzer.findings)
    counts, shares = fuzzer.counts, "\n".join(report(SEED, fuzzer.counts, 0, 1))
    assert counts["executed"] > STATEMENTS / 3, shares
    assert counts["valid and executed"] >= EXECUTED * counts["valid"] > 0, shares
    assert counts["telling and executed"] >= TELLING * counts["telling"] > 0, shares


def test_a_difference_is_seen(pair):
    """Around the gateways the same statements tell the databases apart, by values and by markers."""
    fuzzer = Fuzzer(pair, SEED, measured=0, disturbed=0)
    fuzzer.reconnect = lambda: setattr(fuzzer, "sessions", pair.connect_around())
    fuzzer.run(STATEMENTS)
    assert fuzzer.findings
