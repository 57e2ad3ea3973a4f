"""`mode: DryRun`: the client sees what it would see without, and the records tell what would have been."""

import json

import pytest
from stage.postgresql import CLINIC_SQL
from stage.process import ROOT
from wire import Wire, bind, execute, extended, parse, query, SYNC

MANIFESTS = ROOT / "Tests" / "IntegrationTests" / "manifests"
NUMBER = "937-14-7919"
STATEMENTS = [
    "SELECT id, name, ssn FROM patients ORDER BY id LIMIT 3",
    f"SELECT id FROM patients WHERE ssn = '{NUMBER}'",
    "COPY (SELECT name FROM patients ORDER BY id LIMIT 2) TO STDOUT",
    "BEGIN", "TRUNCATE visits CASCADE", "ROLLBACK",
    "BEGIN", "SELECT open_patients()", "FETCH 2 FROM opened", "COMMIT",
    "DO $$ BEGIN PERFORM 1; END $$",
    "SELECT FROM FROM",
    "SELECT 1/0",
]


@pytest.fixture(scope="module")
def stage(stage):
    gateway = stage.gateway(MANIFESTS, users=["tester"])
    for file in gateway.manifests.iterdir():
        connection, *rules = file.read_text().split("\n---\n")
        rules = [rule.replace("\nspec:\n", "\nspec:\n  mode: DryRun\n", 1) for rule in rules]
        file.write_text("\n---\n".join([connection, *rules]))
        assert file.read_text().count("mode: DryRun") == len(rules) > 0
    gateway.start()
    stage.postgresql.endpoint("clinic").script(
        CLINIC_SQL + """;
        CREATE FUNCTION open_patients() RETURNS refcursor LANGUAGE plpgsql AS $$
        DECLARE c refcursor := 'opened';
        BEGIN OPEN c FOR SELECT name FROM patients ORDER BY id; RETURN c; END $$""")
    return stage


def played(session):
    """What the server says to each statement, by both protocols."""
    simple = [session.ask(query(sql)) for sql in STATEMENTS]
    binary = [session.ask(extended(sql, result_formats=(1,))) for sql in STATEMENTS if "COPY" not in sql]
    bound = parse("SELECT name FROM patients WHERE ssn = $1"), bind((NUMBER.encode(),)), execute(), SYNC
    return simple, binary, session.ask(*bound)


@pytest.fixture(scope="module")
def records(stage):
    """What was recorded of a session that met the statements, beside one around the gateway."""
    with Wire(stage.postgresql.endpoint("clinic")) as session:
        around = played(session)
    with Wire(stage.gateways[0].endpoint("tester")) as session:
        assert played(session) == around
    session = stage.session_of("tester")
    out = stage.weirctl("sessions", "replay", session, "--sink", stage.sink_url, "-o", "json").stdout
    return session, [r for r in map(json.loads, out.splitlines()) if r["type"] == "statement"]


def test_every_statement_is_allowed_and_tells_what_would_have_been(records):
    simple = records[1][:len(STATEMENTS)]
    assert {r["verdict"] for r in records[1]} == {"Allow"}
    assert simple[0]["masks"] == ["dry-run public.patients.name=Redact", "dry-run public.patients.ssn=Partial"]
    assert "rule" not in simple[0]
    assert simple[1]["rule"].startswith("dry-run MaskingPolicy/")
    assert simple[2]["masks"] == ["dry-run public.patients.name=Redact"]
    assert simple[4]["rule"] == "dry-run ApprovalRule/no-destruction"
    assert simple[8]["rule"].startswith("dry-run ")
    assert simple[10]["rule"].startswith("dry-run ")


def test_what_the_policy_would_have_withheld_is_not_recorded(records):
    assert NUMBER not in json.dumps(records[1])


def test_replay_sets_it_apart(stage, records):
    text = stage.weirctl("sessions", "replay", records[0], "--sink", stage.sink_url).stdout
    assert "would mask public.patients.name=Redact public.patients.ssn=Partial" in text
    assert "would refuse by ApprovalRule/no-destruction" in text
    assert "masked" not in text and "dry-run" not in text
