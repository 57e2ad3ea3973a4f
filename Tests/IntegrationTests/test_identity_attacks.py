"""Attacks on who is asking and on what is recorded of it, each by the case of the catalogue that it plays."""

import json
import struct
import subprocess
import time

import pytest
from approvals import CONNECTION, governed, notice, rule
from oidc import Signer
from servers import MANIFEST, eventually
from stage.postgresql import CLINIC_SQL
from stage.process import ROOT
from test_tokens import issuer_of, log_in, manifest, psql, started
from wire import SYNC, Wire, bind, error, execute, message, parse, query

ESCAPE = "\x1b[2K\x1b[1A"
FORGED = '{"seq":1,"type":"sessionEnded","reason":"all is well","statements":0}'


@pytest.fixture(scope="module")
def signer():
    return Signer()


@pytest.fixture(scope="module")
def issuers(signer):
    """One of jobs, for which somebody answers, under a service account that all of them share."""
    return [issuer_of(signer, owner={"claim": "actor", "prefix": "people:"}, subjectPrefix="ci:")]


def new_gateway(stage, name, text, **more):
    folder = stage.folder / f"{name}-manifests"
    folder.mkdir()
    (folder / "clinic.yaml").write_text(text)
    gateway = stage.gateway(folder, name=name, **more)
    return gateway


@pytest.fixture(scope="module")
def gateway(stage, issuers):
    gateway = new_gateway(stage, "attacked", manifest(15432, issuers), users=["tester"])
    gateway.start()
    stage.postgresql.endpoint("clinic").script(CLINIC_SQL)
    return gateway


def records(gateway):
    """All that the gateway has recorded, but for a line that it is writing."""
    for file in sorted(gateway.records.glob("events-*.jsonl")):
        for line in file.read_bytes().split(b"\0")[0].rpartition(b"\n")[0].splitlines():
            yield json.loads(line)


def verified(stage, *paths):
    done = stage.weirctl("verify", *paths)
    assert done.returncode == 0, done.stdout + done.stderr


# T01


@pytest.mark.parametrize("claimed", ["ceo", "postgres", "people:ann", "system:serviceaccount:clinic:api"])
def test_t01_the_user_name_that_is_claimed_proves_nothing(gateway, signer, claimed):
    done = psql(gateway, signer.token(actor="ann"), "SELECT name FROM patients WHERE id = 1", user=claimed)
    assert done.returncode == 0 and "Bemondson" not in done.stdout, done.stderr
    record = started(gateway, claimed)
    assert record["subject"] == "ci:repo:clinic/migrations" and record["claimedUser"] == claimed
    refused = psql(gateway, "", user=claimed)
    assert refused.returncode == 2


# T03


def test_t03_a_shared_service_account_is_told_apart_by_who_is_behind_it(gateway, signer):
    for actor, run in (("ann", "1"), ("eve", "2")):
        token = signer.token(actor=actor, run_id=run, jti=f"run-{run}")
        assert psql(gateway, token, user=f"by-{actor}").returncode == 0
    ann, eve = started(gateway, "by-ann"), started(gateway, "by-eve")
    assert ann["subject"] == eve["subject"]
    assert "owner=people:ann" in ann["attributes"] and "run=1" in ann["attributes"] and ann["tokens"] == ["run-1"]
    assert "owner=people:eve" in eve["attributes"] and "run=2" in eve["attributes"] and eve["tokens"] == ["run-2"]


def test_t03_a_token_that_names_nobody_behind_it_opens_nothing(gateway, signer):
    for token in (signer.token(), signer.token(actor=""), signer.token(actor=["ann", "eve"])):
        done = psql(gateway, token)
        assert done.returncode == 2 and "claim actor" in done.stderr, done.stderr


# T07


def test_t07_no_channel_is_without_a_record(stage, signer):
    """The fast path, COPY both ways, prepared statements and replication commands."""
    text = MANIFEST.split("---")[0] + "  session: {replication: Allow}\n"
    gateway = new_gateway(stage, "channels", text, users=["tester"])
    gateway.start()
    database = stage.postgresql.endpoint("clinic")
    database.script("CREATE TABLE t07 (id int)")
    function = int(database.value("SELECT 'int4pl(int, int)'::regprocedure::oid"))
    with Wire(gateway.endpoint("tester")) as session:
        body = struct.pack("!ihhhi", function, 1, 0, 2, 1) + b"2" + struct.pack("!i", 1) + b"3" + struct.pack("!h", 0)
        session.ask(message(b"F", body))
        session.send(query("COPY t07 FROM STDIN"))
        session.until(b"G")
        session.ask(message(b"d", b"1\n2\n"), message(b"c"))
        session.ask(query("COPY t07 TO STDOUT"))
        session.ask(parse("SELECT id FROM t07 WHERE id = $1"), bind((b"1",)), execute(), SYNC)
    with Wire(gateway.endpoint("tester"), replication="database") as session:
        assert error(session.ask(query("IDENTIFY_SYSTEM"))) is None
    told = [(it["channel"], it["text"]) for it in records(gateway) if it["type"] == "statement"]
    for channel, words in [("FunctionCall", str(function)), ("Query", "COPY t07 FROM STDIN"), ("Query", "COPY t07 TO"),
                           ("Execute", "SELECT id FROM t07"), ("Query", "IDENTIFY_SYSTEM")]:
        assert any(it == channel and words in text for it, text in told), (channel, words, told)
    copied = [it for it in records(gateway) if it["type"] == "outcome" and it.get("bytesIn")]
    assert [it["bytesIn"] for it in copied] == [4]
    gateway.process.stop()


# T09


def test_t09_nothing_that_is_recorded_makes_a_line_of_its_own_or_moves_a_cursor(stage, gateway, signer):
    hostile = f"x\n{FORGED}\r{ESCAPE}\u202e"
    endpoint = gateway.endpoint("tester")
    with Wire(endpoint, application_name=hostile) as session:
        session.ask(query(f"SELECT 1 -- {hostile}"))
        session.ask(query(f"SELECT '{hostile}'"))
    psql(gateway, "wrong", user=f"u{ESCAPE}\n{FORGED}")
    own = list(records(gateway))
    assert [it["seq"] for it in own] == list(range(1, len(own) + 1))
    assert not any(it.get("reason") == "all is well" for it in own)
    session = stage.session_of("tester")
    sink = ("--sink", stage.sink_url)
    for arguments in (["sessions", "list"], ["sessions", "show", session], ["sessions", "replay", session],
                      ["export", "--format", "csv"], ["export", "--format", "ocsf"], ["export"]):
        done = stage.weirctl(*arguments, *sink)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout and "\r" not in done.stdout, arguments
        # The lines of a statement are told apart from others by what they are indented by.
        lines = done.stdout.splitlines()
        assert not any(line.startswith('{"seq":1,"type":"sessionEnded"') for line in lines), arguments
    verified(stage, gateway.records)


# T11


def test_t11_a_flood_drops_no_record_and_runs_no_statement_without_one(stage):
    """The sink is away and the log's room is small: then statements are refused, and all that ran is in the log."""
    text = MANIFEST.split("---")[0] + "  failureMode: {auditUnavailable: Buffer, auditBufferBytes: 1048576}\n"
    gateway = new_gateway(stage, "flooded", text, users=["tester"])
    gateway.start()
    database = stage.postgresql.endpoint("clinic")
    database.script("CREATE TABLE t11 (id int)")
    with Wire(gateway.endpoint("tester")) as session:
        stage.sink.kill()
        ran, refused = 0, None
        for number in range(400):
            refused = error(session.ask(query(f"INSERT INTO t11 VALUES ({number}) /* {'x' * 20_000} */")))
            if refused:
                break
            ran += 1
        assert refused and 10 < ran < 60, (refused, ran)
        assert int(database.value("SELECT count(*) FROM t11")) == ran
        told = [it for it in records(gateway) if it["type"] == "statement" and it["verdict"] == "Allow"]
        assert len([it for it in told if it["text"].startswith("INSERT INTO t11")]) == ran
        stage.start_sink()
        eventually(lambda: error(session.ask(query("INSERT INTO t11 VALUES (-1)"))) is None, "no room again", 60)
    session = stage.session_of("tester", timeout=60)
    out = stage.weirctl("sessions", "replay", session, "--sink", stage.sink_url, "-o", "json").stdout
    got = [json.loads(line) for line in out.splitlines()]
    texts = [it["text"] for it in got if it["type"] == "statement" and it["verdict"] == "Allow"]
    assert len([text for text in texts if " /* x" in text]) == ran
    gateway.process.stop()
    verified(stage, stage.sink_data)


# T15


@pytest.fixture(scope="module")
def moved_clock(stage, issuers):
    """A gateway, and what moves its clock by seconds."""
    library, clock = stage.folder / "skewed_clock.so", stage.folder / "clock"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library,
                    ROOT / "Tests" / "IntegrationTests" / "skewed_clock.c", "-ldl"], check=True)
    clock.write_text("0")
    gateway = new_gateway(stage, "skewed", manifest(15432, issuers), users=["tester"])
    gateway.process.environment = {"LD_PRELOAD": str(library), "WEIR_TEST_CLOCK": str(clock)}
    gateway.start()

    def move(seconds):
        draft = clock.with_suffix(".new")
        draft.write_text(str(seconds))
        draft.rename(clock)
    yield gateway, move
    gateway.process.stop()


def test_t15_a_clock_that_is_set_back_keeps_no_token_alive(stage, moved_clock, signer):
    gateway, move = moved_clock
    expired = signer.token(actor="ann", exp=int(time.time()) - 1)
    short = signer.token(actor="ann", exp=int(time.time()) + 6)
    session = log_in(gateway, short)
    move(-7200)
    try:
        for token in (expired, signer.token(actor="ann", exp=int(time.time()) - 3600, iat=int(time.time()) - 7000)):
            assert "expired" in psql(gateway, token).stderr
        assert error(session.closes()) == "28000"
        assert "expired" in psql(gateway, short).stderr
        assert gateway.endpoint("tester").value("SELECT 1") == "1"
    finally:
        move(0)
    times = [(it["time"], it.get("clockBehind", 0)) for it in records(gateway)]
    assert [it for it, _ in times] == sorted(it for it, _ in times)
    assert max(behind for _, behind in times) > 7_100_000_000, "that the clock went back is told"
    verified(stage, gateway.records)


def test_t15_a_clock_that_is_put_forward_lets_nobody_in(moved_clock, signer):
    gateway, move = moved_clock
    session = log_in(gateway, signer.token(actor="ann"))
    move(7200)
    try:
        assert "expired" in psql(gateway, signer.token(actor="ann")).stderr
        later = signer.token(actor="ann", iat=int(time.time()) + 7000, exp=int(time.time()) + 9000)
        assert psql(gateway, later).returncode == 0, "as the clock says; it is in the records"
        # By the time that has passed: it was let in rightly.
        assert error(session.ask(query("SELECT 1"))) in (None, "28000")
    finally:
        move(0)
        session.close()


# T17


def test_t17_whoever_looks_at_recordings_is_recorded(stage, gateway):
    assert gateway.endpoint("tester").value("SELECT 17") == "17"
    session, sink = stage.session_of("tester"), ("--sink", stage.sink_url)

    def readings():
        out = stage.weirctl("export", *sink, "--reader", "counter").stdout
        return [json.loads(line)["record"]["reader"] for line in out.splitlines() if '"evidenceRead"' in line]

    for number, arguments in enumerate((["sessions", "list"], ["sessions", "show", session],
                                        ["sessions", "replay", session], ["export"], ["export", "--format", "csv"],
                                        ["export", "--session", session])):
        reader = f"auditor-{number}"
        assert stage.weirctl(*arguments, *sink, "--reader", reader).returncode == 0
        assert f"unverified:{reader}" in readings(), arguments
    verified(stage, stage.sink_data)


# On behalf of people: who asks are two, and neither says yes


def test_neither_the_person_nor_the_application_approves_what_one_does_for_the_other():
    signer = Signer()
    issuer = {"issuer": signer.issuer, "audience": "weir", "jwks": signer.keys, "clockSkew": "0s"}
    identity = f"  identity: {{issuers: {json.dumps([issuer])}, onBehalfOf: {{allowed: {{users: [pool]}}}}}}\n"
    manifests = CONNECTION + identity + rule(
        "held", "{statements: [Delete]}", "approvers: {users: [ana, ben, pool]}")
    with governed(manifests, "CREATE TABLE t (id int); INSERT INTO t VALUES (1)", people=("ana", "ben", "pool"),
                  users=("pool",)) as (stage, operator, gateway):
        session = Wire(gateway.endpoint("pool"))

        def acts():
            return error(session.ask(query(f"SET weir.on_behalf_of = '{signer.token(sub='ana')}'"))) is None
        eventually(acts, "the person's token is not taken")
        session.send(query("DELETE FROM t WHERE id = 1"))
        request = notice(session)
        for person in ("ana", "pool"):
            done = operator.weirctl(person, "approve", request)
            assert done.returncode == 1 and "would not count" in done.stderr, (person, done.stderr)
        assert stage.postgresql.endpoint("clinic").value("SELECT count(*) FROM t") == "1"
        operator.approve("ben", request)
        assert error(session.until(b"Z")) is None
        assert stage.postgresql.endpoint("clinic").value("SELECT count(*) FROM t") == "0"
        told = [it for it in records(gateway) if it["type"] == "statement" and it["text"].startswith("DELETE")]
        assert [it["onBehalfOf"] for it in told] == ["ana"]
        session.close()
