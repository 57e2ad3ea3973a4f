"""Approvals of rules whose statements run in some hours only."""

import datetime
import re
import time

import pytest
from approvals import CONNECTION, governed, notice, rule
from wire import Wire, error, fields, query

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def window(start, end):
    """From so many minutes after the next whole one, to so many."""
    first, last = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes + 1)
                   for minutes in (start, end))
    end = f"{last:%H:%M}".replace("00:00", "24:00")
    return f'"{DAYS[first.weekday()]} {first:%H:%M}-{end} UTC"'


def manifests(opening):
    people = "approvers: {users: [ana]}"
    return CONNECTION + rule("now", "{statements: [Drop]}", f"{people}, windows: [{window(-5, 5)}, {window(600, 660)}]",
                             grant="{type: Session, duration: 1h}") + rule(
        "soon", "{statements: [Truncate]}", f"{people}, windows: [{opening}]") + rule(
        "later", "{statements: [Delete]}", f"{people}, windows: [{window(600, 660)}], requestTTL: 12s") + rule(
        "again", "{statements: [Update]}", f"{people}, windows: [{window(600, 660)}]", whileWaiting="Reject") + rule(
        "opening", "{statements: [Insert]}", f"{people}, windows: [{opening}]", whileWaiting="Reject")


@pytest.fixture(scope="module")
def around():
    # Not before all is there and has been asked.
    start = 0 if 60 - time.time() % 60 > 40 else 1
    with governed(manifests(window(start, 5)), "CREATE TABLE t (id int); CREATE TABLE old (id int)") as around:
        yield around


@pytest.fixture
def session(around):
    with Wire(around[2].endpoint("job"), timeout=200) as session:
        yield session


@pytest.mark.slow
def test_what_is_approved_runs_once_a_window_opens(around, session):
    change = query("INSERT INTO t VALUES (1)")
    session.send(query("TRUNCATE t"))
    kind, body = session.receive()
    assert kind == b"N" and "it runs" in fields(body)["M"] and "UTC only" in fields(body)["M"]
    request = re.search(r"request (\S+)\.", fields(body)["D"])[1]
    with Wire(around[2].endpoint("job")) as other:
        again = re.search(r"request (\S+)", fields(other.ask(change)[0][1])["M"])[1]
        around[1].approve("ana", again)
        # Approved, and not used up by coming too early.
        early = other.ask(change)
        assert error(early) == "42501" and fields(early[0][1])["M"].startswith("approved by ApprovalRule/opening, but")
        around[1].approve("ana", request)
        kind, body = session.receive()
        assert kind == b"N" and fields(body)["M"].startswith("approved by ApprovalRule/soon, waiting for its window")
        assert "approvals approve" not in fields(body).get("H", "")
        answered = session.until(b"Z")
        assert error(answered) is None and time.time() % 60 < 40
        assert error(other.ask(change)) is None
        assert error(other.ask(change)) == "42501"


def test_within_a_window_it_runs_at_once(around, session):
    session.send(query("DROP TABLE old"))
    request = notice(session)
    assert re.search(r"windows +\S+ \S+ UTC or \S+ \S+ UTC\n", around[1].weirctl("ana", "show", request).stdout)
    around[1].approve("ana", request)
    assert error(session.until(b"Z")) is None
    assert error(session.ask(query("DROP TABLE IF EXISTS old"))) is None


@pytest.mark.slow
def test_no_window_opens_before_the_end_of_the_request(around, session):
    session.send(query("DELETE FROM t"))
    kind, body = session.receive()
    around[1].approve("ana", re.search(r"request (\S+)\.", fields(body)["D"])[1])
    kind, body = session.receive()
    told = fields(body)
    assert kind == b"N" and told["M"].startswith("approved by ApprovalRule/later, waiting for its window")
    assert told["H"] == "None opens before the request ends."
    answer = session.until(b"Z")
    assert error(answer) == "42501"
    told = fields(next(body for kind, body in answer if kind == b"E"))["M"]
    assert told.startswith("approved by ApprovalRule/later, but no window opened in time: it runs ")


def test_a_client_that_does_not_wait_is_told_when(session):
    told = fields(session.ask(query("UPDATE t SET id = 1"))[0][1])
    assert "It runs" in told["H"] and "UTC only" in told["H"]
