"""A pytest plugin that writes what becomes of each test as it happens: one JSON line when a test starts, one when it
is done. A run that hangs or crashes has told what it did up to there, and the next one, given the same file, goes on
with the tests that were not started. The file is named by OUTCOME_LINES.
"""

import json
import os

import pytest

#: Longest explanation kept of one test, in characters: its end says what failed.
DETAIL_LIMIT = 2000


class Writer:
    """Keeps the worst of a test's three phases, and writes it when the test is over."""

    def __init__(self, path):
        with open(path) as before:
            self.started = {json.loads(line)["test"] for line in before}
        self.file = open(path, "a")
        self.worst = {}

    def write(self, **line):
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    def pytest_collection_modifyitems(self, config, items):
        done = [item for item in items if item.nodeid in self.started]
        if done:
            config.hook.pytest_deselected(items=done)
            items[:] = [item for item in items if item.nodeid not in self.started]

    def pytest_runtest_logstart(self, nodeid):
        self.write(test=nodeid)

    def pytest_runtest_logreport(self, report):
        status, detail = outcome(report)
        if status is not None and self.worst.get(report.nodeid, ("passed", ""))[0] in ("passed", "skipped"):
            self.worst[report.nodeid] = (status, detail)

    def pytest_runtest_logfinish(self, nodeid):
        status, detail = self.worst.pop(nodeid, ("error", "no phase of it was reported"))
        self.write(test=nodeid, status=status, detail=detail[-DETAIL_LIMIT:])

    def pytest_collectreport(self, report):
        if report.failed:
            self.write(test=report.nodeid or "collection", status="error", detail=str(report.longrepr)[-DETAIL_LIMIT:])


def outcome(report):
    """What a phase says about its test; `None` where it says nothing new."""
    if report.failed:
        return ("failed" if report.when == "call" else "error"), str(report.longrepr)
    if report.skipped:
        expected = getattr(report, "wasxfail", None)
        if expected is not None:
            return "skipped", f"failed as expected: {expected}"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        return "skipped", reason
    return ("passed", "") if report.when == "call" else (None, "")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    config.pluginmanager.register(Writer(os.environ["OUTCOME_LINES"]), "outcome-lines")
