"""What the runner learns of a pytest run, also of one that hangs or is ended by a test."""

import sys

from . import python_suite

TESTS = """
import os, time, unittest
import pytest

def test_that_passes(): pass
def test_that_fails(): assert 1 == 2
def test_that_ends_python(): os._exit(3)
def test_that_hangs(): time.sleep(600)
@pytest.mark.skip(reason="not today")
def test_that_is_skipped(): pass
@pytest.mark.xfail(reason="known")
def test_that_fails_as_expected(): assert False
@pytest.fixture
def broken(): raise OSError("no such thing")
def test_without_its_fixture(broken): pass
@pytest.fixture
def crumbling():
    yield
    raise OSError("gone")
def test_whose_fixture_fails_afterwards(crumbling): pass
class SomeUnitTests(unittest.TestCase):
    def test_at_last(self): pass
"""


def test_every_outcome_is_told_over_hangs_and_crashes(tmp_path, monkeypatch):
    monkeypatch.setattr(python_suite, "SILENCE_LIMIT", 6)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "test_broken.py").write_text("import no_such_module")
    lines = tmp_path / "outcomes"
    lines.touch()
    outcomes = python_suite.watch(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "outcome_lines",
         "--continue-on-collection-errors", "test_some.py", "test_broken.py"],
        tmp_path, {"OUTCOME_LINES": str(lines), "PYTHONPATH": str(python_suite.PLUGIN)}, lines)
    assert {test.partition("::")[2] or test: it.status for test, it in outcomes.items()} == {
        "test_that_passes": "passed",
        "test_that_fails": "failed",
        "test_that_ends_python": "error",
        "test_that_hangs": "error",
        "test_that_is_skipped": "skipped",
        "test_that_fails_as_expected": "skipped",
        "test_without_its_fixture": "error",
        "test_whose_fixture_fails_afterwards": "error",
        "SomeUnitTests::test_at_last": "passed",
        "test_broken.py": "error",
    }
    assert outcomes["test_some.py::test_that_hangs"].detail == "hung"
    assert "1 == 2" in outcomes["test_some.py::test_that_fails"].detail
    assert outcomes["test_some.py::test_that_is_skipped"].detail == "Skipped: not today"
