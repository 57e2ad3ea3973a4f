"""The audit log: what it tells, what it keeps to itself, and that nobody changes it unnoticed."""

import base64
import hashlib
import json
import shutil
import sqlite3
import urllib.request

import pytest
from servers import eventually
from stage.files import contents
from stage.postgresql import CLINIC_SQL
from stage.process import ROOT
from stage.stage import Stage
from wire import Wire, bind, execute, parse, query, SYNC

NUMBER, PHONE = "937-14-7919", "+1-201-555-0177"


@pytest.fixture(scope="module")
def stage():
    with Stage() as running:
        running.start_postgresql()
        running.start_sink()
        gateway = running.add_gateway(
            ROOT / "Tests" / "IntegrationTests" / "manifests", users=["tester", "other"],
            options=["--user-groups", "tester=nurses,night"])
        running.postgresql.endpoint("clinic").script(CLINIC_SQL)
        with Wire(gateway.endpoint("tester"), application_name="ward round") as session:
            session.ask(query("SELECT id, name, insurer FROM patients WHERE id <= 3"))
            session.ask(query(f"SELECT id FROM patients WHERE ssn = '{NUMBER}'"))
            session.ask(query(f"UPDATE patients SET phone = '{PHONE}' WHERE id = 3"))
            session.ask(
                parse("UPDATE patients SET phone = $1 WHERE id = $2"), bind((PHONE.encode(), b"4")), execute(), SYNC)
            session.ask(query("SELECT count(*) FROM visits -- free \x1b[31m text\n"))
            session.ask(query("DROP TABLE visits"))
            session.ask(query("SELECT 1/0"))
            session.ask(query("COPY departments TO STDOUT"))
        yield running


@pytest.fixture(scope="module")
def session_id(stage):
    session, log = stage.session_of("tester"), stage.gateways[0].records

    def is_idle():
        last = sorted(log.glob("events-*.jsonl"))[-1].read_bytes().split(b"\0")[0].splitlines()[-1]
        known = log / "acknowledged"
        return known.exists() and int(known.read_text()) == json.loads(last)["seq"]
    eventually(is_idle, "the gateway does not hear that the sink has its log")
    return session


def records(stage, session):
    """The session's records, as the sink has them."""
    out = stage.weirctl("sessions", "replay", session, "--sink", stage.sink_url, "-o", "json").stdout
    return [json.loads(line) for line in out.splitlines()]


def test_the_session_says_who_and_how_that_was_proven(stage, session_id):
    started = records(stage, session_id)[0]
    assert (started["subject"], started["groups"], started["proof"]) == ("tester", ["nurses", "night"], "GatewayUser")
    assert (started["connection"], started["database"]) == ("default/clinic", "clinic")
    assert started["applicationName"] == "ward round"


def test_every_statement_has_its_decision_before_its_outcome(stage, session_id):
    told = [(r["type"], r["number"], r.get("verdict", r.get("tag", ""))) for r in records(stage, session_id)
            if r["type"] in ("statement", "outcome")]
    assert told == [
        ("statement", 1, "Mask"), ("outcome", 1, "SELECT 3"), ("statement", 2, "Refuse"), ("statement", 3, "Allow"),
        ("outcome", 3, "UPDATE 1"), ("statement", 4, "Allow"), ("outcome", 4, "UPDATE 1"), ("statement", 5, "Allow"),
        ("outcome", 5, "SELECT 1"), ("statement", 6, "Refuse"), ("statement", 7, "Allow"), ("outcome", 7, ""),
        ("statement", 8, "Allow"), ("outcome", 8, "COPY 6")]


def test_masks_rules_errors_and_rows_are_told(stage, session_id):
    of = {(r["type"], r.get("number")): r for r in records(stage, session_id)}
    assert of["statement", 1]["masks"] == ["public.patients.name=Redact"]
    assert of["outcome", 1]["rows"] == 3
    assert "patients" in of["statement", 2]["rule"] and of["statement", 2]["requestID"] == f"{session_id}/2"
    assert "no-destruction" in of["statement", 6]["rule"]
    assert of["outcome", 7]["sqlState"] == "22012"
    assert of["outcome", 8]["bytesOut"] > 50


def test_no_governed_value_is_in_the_log(stage, session_id):
    exported = stage.weirctl("export", "--sink", stage.sink_url).stdout
    files = b"".join(data for folder in (stage.gateways[0].records, stage.sink_data) for _, data in contents(folder))
    assert "SELECT id FROM patients WHERE ssn = $1" in exported
    for secret in (NUMBER, PHONE, "Bemondson"):
        assert secret not in exported and secret.encode() not in files


def test_a_replay_is_safe_to_look_at(stage, session_id):
    shown = stage.weirctl("sessions", "replay", session_id, "--sink", stage.sink_url).stdout
    assert "SELECT count(*) FROM visits" in shown and "\x1b" not in shown


def test_a_session_is_shown_with_its_statements(stage, session_id):
    show = ("sessions", "show", session_id, "--sink", stage.sink_url)
    shown = json.loads(stage.weirctl(*show, "-o", "json").stdout)
    assert shown["session"]["session"] == session_id
    assert [it["number"] for it in shown["statements"]] == list(range(1, 9))
    counted = next(it for it in shown["statements"] if "count(*) FROM visits" in it["text"])
    assert set(counted) == {"number", "time", "verdict", "rule", "result", "onBehalfOf", "text"}
    table = stage.weirctl(*show).stdout
    for statement in shown["statements"]:
        assert statement["time"][11:] in table and statement["result"] in table


def test_who_reads_the_evidence_is_evidence(stage, session_id):
    stage.weirctl("sessions", "show", session_id, "--sink", stage.sink_url, "--reader", "auditor-7")
    assert "auditor-7" in stage.weirctl("export", "--sink", stage.sink_url).stdout


def test_an_export_verifies_and_a_changed_one_does_not(stage, session_id, tmp_path):
    bundle = tmp_path / "session.jsonl"
    done = stage.weirctl("export", "--session", session_id, "--sink", stage.sink_url, "--output", bundle)
    assert done.returncode == 0, done.stderr
    assert stage.weirctl("verify", bundle).returncode == 0
    changed = tmp_path / "changed.jsonl"
    changed.write_text(bundle.read_text().replace('"Refuse"', '"Allow"', 1))
    assert stage.weirctl("verify", changed).returncode == 1
    removed = tmp_path / "removed.jsonl"
    removed.write_text("".join(line for line in bundle.read_text().splitlines(keepends=True) if "DROP" not in line))
    assert stage.weirctl("verify", removed).returncode == 1


@pytest.mark.parametrize("form", ["csv", "ocsf"])
def test_exports_for_other_tools(stage, session_id, form):
    out = stage.weirctl("export", "--session", session_id, "--format", form, "--sink", stage.sink_url).stdout
    assert "no-destruction" in out and NUMBER not in out
    if form == "ocsf":
        assert all(json.loads(line) for line in out.splitlines())


def copy_of(log, folder):
    """What a gateway has written: it may put a file in another's place meanwhile."""
    folder.mkdir()
    for path, data in contents(log):
        (folder / path.name).write_bytes(data)
    return folder


def line_of(lines, text):
    return next(index for index, line in enumerate(lines) if text in line)


def edited(lines):
    at = line_of(lines, b"DROP TABLE")
    return [*lines[:at], lines[at].replace(b'"Refuse"', b'"Allow"'), *lines[at + 1:]]


def removed(lines):
    at = line_of(lines, b"DROP TABLE")
    return lines[:at] + lines[at + 1:]


def reordered(lines):
    at = line_of(lines, b"DROP TABLE")
    return lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]


def truncated(lines):
    return lines[:line_of(lines, b"DROP TABLE")]


def repeated(lines):
    at = line_of(lines, b"DROP TABLE")
    return lines[:at + 1] + lines[at:]


def one_bit(lines):
    return [*lines[:4], lines[4][:30] + bytes([lines[4][30] ^ 1]) + lines[4][31:], *lines[5:]]


@pytest.mark.parametrize("change", [edited, removed, reordered, truncated, repeated, one_bit])
def test_a_changed_gateway_log_is_found_out(stage, session_id, tmp_path, change):
    copy = copy_of(stage.gateways[0].records, tmp_path / "log")
    assert stage.weirctl("verify", copy).returncode == 0
    segment = next(p for p in sorted(copy.glob("events-*.jsonl")) if b"DROP TABLE" in p.read_bytes())
    segment.write_bytes(b"".join(change(segment.read_bytes().splitlines(keepends=True))))
    done = stage.weirctl("verify", copy)
    assert done.returncode == 1, done.stdout


FORGERIES = {
    "a record edited": "UPDATE records SET line = CAST(replace(CAST(line AS TEXT), 'Refuse', 'Allow') AS BLOB)"
                       " WHERE CAST(line AS TEXT) LIKE '%DROP TABLE%'",
    "a record removed": "DELETE FROM records WHERE CAST(line AS TEXT) LIKE '%DROP TABLE%'",
    "the end removed": "DELETE FROM records WHERE position > (SELECT max(position) - 5 FROM records)",
    "two records exchanged": "UPDATE records SET position = -1 WHERE position = 9;"
                             "UPDATE records SET position = 9 WHERE position = 10;"
                             "UPDATE records SET position = 10 WHERE position = -1",
    "a gateway removed": "DELETE FROM records WHERE gateway = 2; DELETE FROM gateways WHERE id = 2",
    "a checkpoint changed": "UPDATE checkpoints SET note = replace(note, 'a', 'b')",
}


@pytest.mark.parametrize("sql", FORGERIES.values(), ids=FORGERIES)
def test_a_changed_sink_is_found_out(stage, session_id, tmp_path, sql):
    copy = tmp_path / "sink"
    shutil.copytree(stage.sink_data, copy)
    assert stage.weirctl("verify", copy).returncode == 0
    store = sqlite3.connect(copy / "evidence.sqlite")
    before = store.total_changes
    store.executescript(f"PRAGMA foreign_keys = off; {sql}")
    store.commit()
    assert store.total_changes > before
    store.close()
    done = stage.weirctl("verify", copy)
    assert done.returncode == 1, done.stdout


def test_a_gateway_and_a_sink_that_disagree_are_found_out(stage, session_id, tmp_path):
    """Cut both at different places: each half may look whole, together they do not."""
    copy = copy_of(stage.gateways[0].records, tmp_path / "log")
    (copy / "acknowledged").unlink(missing_ok=True)
    segment = next(p for p in sorted(copy.glob("events-*.jsonl")) if b"DROP TABLE" in p.read_bytes())
    segment.write_bytes(b"".join(truncated(segment.read_bytes().splitlines(keepends=True))))
    assert stage.weirctl("verify", stage.sink_data, copy).returncode == 1


def renamed(key, name):
    """A key under another name (C2SP signed-note)."""
    body = key.strip().split("+", 2)[2]
    digest = hashlib.sha256(name.encode() + b"\n" + base64.b64decode(body)).hexdigest()[:8]
    return f"{name}+{digest}+{body}\n"


def test_a_key_or_checkpoint_that_nothing_is_of_is_no_success(stage, session_id, tmp_path):
    records = stage.gateways[0].records
    own = next(records.parent.glob("**/gateway.pub"))
    assert stage.weirctl("verify", records, "--gateway-key", own).returncode == 0
    other = tmp_path / "other.pub"
    other.write_text(renamed(own.read_text(), "other"))
    done = stage.weirctl("verify", records, "--gateway-key", other)
    assert done.returncode == 1 and "no log is of gateway other, whose key is given" in done.stdout, done.stdout
    key = next(stage.sink_data.glob("**/sink.pub"))
    assert stage.weirctl("verify", records, "--sink-key", key).returncode == 64
    assert stage.weirctl("verify", stage.sink_data, "--sink-key", key).returncode == 0
    bundle = tmp_path / "session.jsonl"
    stage.weirctl("export", "--session", session_id, "--sink", stage.sink_url, "--output", bundle)
    older = tmp_path / "older"
    with urllib.request.urlopen(f"{stage.sink_url}/v1/checkpoint") as answer:
        older.write_bytes(answer.read())
    stage.weirctl("sessions", "list", "--sink", stage.sink_url)
    later = tmp_path / "later.jsonl"

    def grown():
        stage.weirctl("export", "--session", session_id, "--sink", stage.sink_url, "--output", later)
        done = stage.weirctl("verify", later, "--checkpoint", older)
        return done.returncode == 1 and "verify an export of the whole log" in done.stdout
    eventually(grown, "the bundle is of a later tree")


def test_nothing_is_verified_where_there_is_nothing(stage, tmp_path):
    assert stage.weirctl("verify", tmp_path).returncode == 1


def test_sessions_go_on_without_the_sink_and_arrive_later(stage):
    stage.sink.kill()
    endpoint = stage.gateways[0].endpoint("other")
    assert endpoint.value("SELECT 4711") == "4711"
    stage.start_sink()
    session = stage.session_of("other", timeout=60)
    assert "4711" in stage.weirctl("sessions", "replay", session, "--sink", stage.sink_url).stdout
