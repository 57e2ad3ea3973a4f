"""Ordinary programs work under a masking policy; `make usability` prints the table."""

import sys

import pytest

from usability import run
from outcomes import FLOOR


@pytest.mark.slow
def test_ordinary_statements_work():
    outcomes = run()
    told = "\n".join(outcomes.table())
    print(told, file=sys.stderr)
    assert sum(len(group) for group in outcomes.families.values()) > 900
    assert outcomes.share >= FLOOR, told
