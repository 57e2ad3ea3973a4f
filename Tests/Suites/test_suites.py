"""A small part of every third-party suite, direct and through the gateway, compared test by test."""

import pytest

from .ground import MODES
from .runner import Runner, tell
from .suites import every_suite
from stage.process import ROOT

#: What runs each time; the other small parts are marked slow.
QUICK = {("pg8000", "unrelated")}


@pytest.fixture(scope="module")
def runner():
    with Runner(ROOT / ".cache" / "suites", quick=True) as it:
        yield it


@pytest.mark.parametrize("suite, mode", [
    pytest.param(suite, mode, id=f"{suite.name}-{mode}",
                 marks=[pytest.mark.slow] * ((suite.name, mode) not in QUICK))
    for suite in every_suite() for mode in MODES[1:]])
def test_a_suite_goes_as_it_does_without_the_gateway(runner, suite, mode):
    comparison = runner.compare(suite, mode)
    tell(comparison)
    assert comparison.is_good
