"""A small part of every third-party suite, direct and through the gateway, compared test by test."""

import pytest

from .ground import MODES
from .runner import Runner, tell
from .suites import every_suite
from stage.process import ROOT

#: The others' small parts are marked slow.
QUICK = {"regression", "libpq_pipeline", "psycopg2", "asyncpg", "pg8000"}


@pytest.fixture(scope="module")
def runner():
    with Runner(ROOT / ".cache" / "suites", quick=True) as it:
        yield it


@pytest.mark.parametrize("mode", MODES[1:])
@pytest.mark.parametrize("suite", [
    pytest.param(suite, id=suite.name, marks=[pytest.mark.slow] * (suite.name not in QUICK))
    for suite in every_suite()])
def test_a_suite_goes_as_it_does_without_the_gateway(runner, suite, mode):
    comparison = runner.compare(suite, mode)
    tell(comparison)
    assert comparison.is_good
