"""Replication by PostgreSQL's own programs, where the connection allows it and nothing binds the subject."""

import json
import pathlib
import shutil
import subprocess

import pytest
from servers import eventually
from stage.process import ROOT
from stage.stage import Stage
from wire import Wire, error, fields, kinds, message, query, rows

CONNECTION = (ROOT / "Tests" / "IntegrationTests" / "manifests" / "clinic.yaml").read_text().split("---")[0]
ALLOW = "  session: {replication: Allow}\n"
RULE = """---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: no-drop, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  match: {statements: [Drop]}
  effect: Deny
"""


@pytest.fixture(scope="module")
def stage():
    with Stage(settings={"wal_level": "logical", "wal_sender_timeout": "20s"}) as running:
        running.start_postgresql()
        running.start_sink()
        running.programs = pathlib.Path(running.postgresql.endpoint().value(
            "SELECT setting FROM pg_config WHERE name = 'BINDIR'"))
        yield running


@pytest.fixture
def gateway(stage, tmp_path):
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    (manifests / "clinic.yaml").write_text(CONNECTION + ALLOW)
    started = stage.add_gateway(manifests, name=f"gateway-{len(stage.gateways)}", users=["tester"])
    stage.postgresql.endpoint("clinic").script("CREATE TABLE IF NOT EXISTS wards (id int, name text)")
    yield started
    started.process.stop()


def program(stage, name):
    return stage.programs / name


def texts(gateway):
    """What the log has of statements."""
    return [record["text"] for file in sorted(gateway.records.glob("events-*.jsonl"))
            for record in map(json.loads, file.read_bytes().split(b"\0")[0].splitlines()) if "text" in record]


def test_a_base_backup(stage, gateway, tmp_path):
    folder = tmp_path / "backup"
    done = gateway.endpoint().run(
        [program(stage, "pg_basebackup"), "-D", folder, "-X", "stream", "-c", "fast", "--no-sync"])
    assert done.returncode == 0, done.stderr
    assert (folder / "PG_VERSION").exists()
    verified = subprocess.run([program(stage, "pg_verifybackup"), folder], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stderr
    said = texts(gateway)
    assert any(text.startswith("BASE_BACKUP") for text in said)
    assert any(text.startswith("START_REPLICATION") for text in said)
    shutil.rmtree(folder)


@pytest.mark.slow
def test_a_log_receiver(stage, gateway, tmp_path):
    way, folder = gateway.endpoint(), tmp_path / "wal"
    folder.mkdir()
    create = way.run([program(stage, "pg_receivewal"), "--create-slot", "-S", "receiver", "-D", folder])
    assert create.returncode == 0, create.stderr
    direct = stage.postgresql.endpoint("clinic")
    direct.value("SELECT pg_switch_wal()")
    direct.script("INSERT INTO wards VALUES (1, 'North')")
    end = direct.value("SELECT pg_current_wal_insert_lsn()")
    # The slot holds nothing yet: the receiver starts with the segment that is being written.
    done = way.run([program(stage, "pg_receivewal"), "-S", "receiver", "-D", folder, "--endpos", end, "--no-loop",
                    "--no-sync"])
    assert done.returncode == 0, done.stderr
    assert any(b"North" in file.read_bytes() for file in folder.iterdir())
    drop = way.run([program(stage, "pg_receivewal"), "--drop-slot", "-S", "receiver", "-D", folder])
    assert drop.returncode == 0, drop.stderr


def test_a_logical_receiver(stage, gateway):
    way = gateway.endpoint()
    direct = stage.postgresql.endpoint("clinic")
    receiver = [program(stage, "pg_recvlogical"), "-d", "clinic", "-S", "decoded"]
    assert way.run([*receiver, "--create-slot", "-P", "test_decoding"]).returncode == 0
    direct.script("INSERT INTO wards VALUES (2, 'South')")
    end = direct.value("SELECT pg_current_wal_insert_lsn()")
    done = way.run([*receiver, "--start", "-f", "-", "--endpos", end, "--no-loop"])
    assert done.returncode == 0, done.stderr
    assert "name[text]:'South'" in done.stdout
    assert way.run([*receiver, "--drop-slot"]).returncode == 0


def test_commands_and_statements_on_one_session(stage, gateway):
    with Wire(gateway.endpoint(), replication="database") as session:
        assert len(rows(session.ask(query("IDENTIFY_SYSTEM")))) == 1
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]
        assert rows(session.ask(query("SHOW wal_level"))) == [[b"logical"]]
        slot = session.ask(query("CREATE_REPLICATION_SLOT mixed TEMPORARY LOGICAL test_decoding"))
        position = rows(slot)[0][1].decode()
        session.send(query(f"START_REPLICATION SLOT mixed LOGICAL {position}"))
        assert kinds(session.until(b"W")) == "W"
        stage.postgresql.endpoint("clinic").script("INSERT INTO wards VALUES (3, 'East')")
        while b"East" not in session.until(b"d")[-1][1]:
            pass
        # A stand-by's status, then the end of the copy from this side.
        session.send(message(b"d", b"r" + bytes(8 * 4) + b"\0"), message(b"c"))
        assert error(session.until(b"Z")) is None
        assert rows(session.ask(query("SELECT 2"))) == [[b"2"]]


def refusal(gateway):
    """Of a session for replication; empty when there is none."""
    try:
        Wire(gateway.endpoint(), replication="true").close()
        return ""
    except ConnectionError as refused:
        return str(refused)


def test_it_is_refused_unless_allowed(gateway):
    file = gateway.manifests / "clinic.yaml"
    allowed = file.read_text()
    for text in (allowed.replace(ALLOW, ""), allowed + RULE):
        file.write_text(text)
        assert "replication" in eventually(lambda: refusal(gateway), "it is not refused")
        file.write_text(allowed)
        eventually(lambda: not refusal(gateway), "it is not allowed again")
    for value in ("off", "false", "0"):
        with Wire(gateway.endpoint(), replication=value) as session:
            assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]


@pytest.mark.parametrize("change", [RULE, ""], ids=["a rule", "no longer allowed"])
def test_a_stream_ends_with_the_permission(stage, gateway, change):
    file = gateway.manifests / "clinic.yaml"
    allowed = file.read_text()
    with Wire(gateway.endpoint(), replication="database") as session:
        # Not that of the play before, whose server process may be there still.
        name = f"ending_{len(stage.gateways)}"
        slot = session.ask(query(f"CREATE_REPLICATION_SLOT {name} TEMPORARY LOGICAL test_decoding"))
        session.send(query(f"START_REPLICATION SLOT {name} LOGICAL {rows(slot)[0][1].decode()}"))
        session.until(b"W")
        file.write_text(allowed + change if change else allowed.replace(ALLOW, ""))
        got = session.closes()
        assert [fields(body)["C"] for kind, body in got if kind == b"E"] == ["42501"]
    with Wire(gateway.endpoint()) as session:
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]
