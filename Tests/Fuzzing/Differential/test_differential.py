"""A small share of what `make fuzz-differential` runs.

Not in `make test`: rows that sort alike may come in either order, and the comparison does not know that yet.
"""

import time

import pytest
from fuzz import Fuzzer, report, told
from pair import Pair

#: Statements, and the least shares of what the database executes that the gateway must let through: a fuzzer whose
#: statements are refused proves nothing.
STATEMENTS, EXECUTED, TELLING = 4000, 0.7, 0.2


@pytest.fixture(scope="module")
def pair():
    with Pair() as running:
        yield running


def test_two_databases_look_the_same(pair):
    begun = time.monotonic()
    fuzzer = Fuzzer(pair, seed=20)
    fuzzer.measured = 0.2
    fuzzer.run(STATEMENTS, most_leaks=3)
    assert not fuzzer.leaks, "\n".join(map(told, fuzzer.leaks))
    counts, shares = fuzzer.counts, "\n".join(report(fuzzer, time.monotonic() - begun))
    assert counts["executed"] > STATEMENTS / 3, shares
    assert counts["valid and executed"] >= EXECUTED * counts["valid"] > 0, shares
    assert counts["telling and executed"] >= TELLING * counts["telling"] > 0, shares


def test_a_difference_is_seen(pair):
    """Around the gateways the same statements tell the databases apart, by values and by markers."""
    fuzzer = Fuzzer(pair, seed=20)
    fuzzer.sessions = pair.connect_around()
    fuzzer.run(STATEMENTS, most_leaks=3)
    assert len(fuzzer.leaks) == 3
