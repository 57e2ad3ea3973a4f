"""The connection's own limits on a session's time."""

import json
import time

import pytest
from servers import eventually
from stage.process import ROOT
from wire import Wire, fields, query, rows, status

CONNECTION = (ROOT / "Tests" / "IntegrationTests" / "manifests" / "clinic.yaml").read_text().split("---")[0]


@pytest.fixture
def limited(stage, tmp_path):
    """Starts a gateway under these limits."""
    started = []

    def start(limits):
        folder = tmp_path / "manifests"
        folder.mkdir()
        (folder / "clinic.yaml").write_text(CONNECTION + f"  session: {{{limits}}}\n")
        started.append(stage.add_gateway(folder, name=f"gateway-{len(stage.gateways)}", users=["tester"]))
        return started[0]
    yield start
    for gateway in started:
        gateway.process.stop()


def ending(session):
    """The code the session ends with."""
    return [fields(body)["C"] for kind, body in session.closes() if kind == b"E"]


def reasons(gateway):
    return [record["reason"] for file in sorted(gateway.records.glob("events-*.jsonl"))
            for record in map(json.loads, file.read_bytes().split(b"\0")[0].splitlines())
            if record["type"] == "sessionEnded"]


def test_an_idle_session_ends_as_postgresql_ends_it(limited):
    """Neither one that asks now and then is idle, nor one whose statement runs, nor one in a transaction."""
    gateway = limited("idleTimeout: 2s")
    with Wire(gateway.endpoint()) as asking, Wire(gateway.endpoint()) as running, Wire(gateway.endpoint()) as begun:
        begun.ask(query("BEGIN"))
        running.send(query("SELECT pg_sleep(2.5)"))
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            assert rows(asking.ask(query("SELECT 1"))) == [[b"1"]]
            time.sleep(0.1)
        assert rows(running.until(b"Z")) == [[b""]]
        since = time.monotonic()
        assert status(begun.ask(query("COMMIT"))) == "I"
        assert [ending(session) for session in (asking, running, begun)] == [["57P05"]] * 3
        assert time.monotonic() - since > 1.9
    assert reasons(gateway) == ["idle time-out"] * 3


def test_an_idle_transaction_ends_as_postgresql_ends_it(limited, stage):
    gateway = limited("idleInTransactionTimeout: 500ms")
    with Wire(gateway.endpoint()) as session:
        time.sleep(0.8)
        assert status(session.ask(query("BEGIN"))) == "T"
        assert ending(session) == ["25P03"]
    direct, waiting = stage.postgresql.endpoint("clinic"), "SELECT FROM pg_stat_activity WHERE state LIKE 'idle in%'"
    eventually(lambda: direct.value(f"SELECT NOT EXISTS ({waiting})") == "t", "the transaction is still there")
    assert reasons(gateway) == ["idle in transaction time-out"]


def test_the_last_transaction_of_a_session_may_end(limited):
    gateway = limited("maximumDuration: 2s")
    with Wire(gateway.endpoint()) as session:
        session.ask(query("BEGIN"))
        time.sleep(2.2)
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]
        assert status(session.ask(query("COMMIT"))) == "I"
        assert ending(session) == ["57P01"]
    assert reasons(gateway) == ["maximum duration reached"]


def test_a_changed_limit_reaches_a_running_session(limited):
    gateway = limited("replication: Refuse")
    file = gateway.manifests / "clinic.yaml"
    with Wire(gateway.endpoint()) as session:
        time.sleep(1)
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]
        file.write_text(file.read_text().replace("replication: Refuse", "idleTimeout: 300ms"))
        assert ending(session) == ["57P05"]
