"""Attacks on approvals: what was approved is what runs, once, for whom and where it was approved, by people who may."""

import json
import re
import threading

import pytest
from approvals import CONNECTION, governed, notice, rule
from servers import eventually
from wire import SYNC, Wire, bind, error, execute, fields, parse, query, rows

MANIFESTS = CONNECTION + rule(
    "held", "{statements: [Delete], tables: [visits]}", "approvers: {groups: [dba]}, requestTTL: 10m") + rule(
    "again", "{statements: [Update], tables: [visits, notes]}",
    "approvers: {users: [ana, carl], groups: [dba]}, requestTTL: 10m",
    whileWaiting="Reject") + rule(
    "short", "{statements: [Truncate], tables: [desks]}", "approvers: {users: [ana]}, requestTTL: 10s")

SCHEMA = """
    CREATE TABLE visits (id int, note int DEFAULT 0);
    CREATE TABLE desks (id int);
    CREATE SCHEMA other;
    CREATE TABLE other.notes (id int);
    CREATE TABLE notes (id int);
    CREATE ROLE clerk;
    GRANT ALL ON ALL TABLES IN SCHEMA public TO clerk;
    INSERT INTO visits SELECT n FROM generate_series(1, 9) n;
"""

UPDATE = "UPDATE visits SET note = note + 1 WHERE id = 1"


@pytest.fixture(scope="module")
def around():
    with governed(MANIFESTS, SCHEMA, people=("ana", "ben", "carl", "eve", "job"), users=("job", "other"),
                  groups=["dba=ana,ben,job"]) as around:
        yield around


@pytest.fixture
def operator(around):
    return around[1]


@pytest.fixture
def gateway(around):
    return around[2].endpoint("job")


@pytest.fixture
def note(around):
    """How often the row was changed."""
    database = around[0].postgresql.endpoint("clinic")
    database.script("UPDATE visits SET note = 0")
    return lambda: int(database.value("SELECT sum(note) FROM visits"))


def asked(session, *messages):
    """The request by which it is asked for, while it is refused."""
    answer = session.ask(*messages)
    assert error(answer) == "42501", answer
    told = fields(next(body for kind, body in answer if kind == b"E"))
    return re.search(r"request (\S+)", told["M"])[1]


@pytest.mark.parametrize("other", [
    UPDATE + "; DELETE FROM visits", UPDATE + ";", UPDATE.replace("note = ", "note  = "), UPDATE + " -- ticket 7",
    UPDATE + " OR true", UPDATE.lower(),
])
def test_p01_one_text_is_approved_and_another_is_sent(operator, gateway, note, other):
    with Wire(gateway) as session:
        request = asked(session, query(UPDATE))
        operator.approve("ana", request)
        session.send(query(other))
        answer = [session.receive()]
        if answer[0][0] == b"N":
            operator.weirctl("ana", "deny", re.search(r"request (\S+)\.", fields(answer[0][1])["D"])[1])
        assert error(session.until(b"Z") + answer) == "42501" and note() == 0
        assert error(session.ask(query(UPDATE))) is None and note() == 1


def test_p03_the_same_text_with_other_parameters(operator, gateway, note):
    update = "UPDATE visits SET note = note + 1 WHERE id = $1"

    def run(value, **binding):
        return parse(update), bind([value], **binding), execute(), SYNC
    with Wire(gateway) as session:
        operator.approve("ana", asked(session, *run(b"2")))
        for others in (run(b"3"), run(b"\0\0\0\2", formats=[1]), run(b" 2"),
                       (parse(update, types=[20]), bind([b"2"]), execute(), SYNC)):
            asked(session, *others)
        assert note() == 0
        assert error(session.ask(*run(b"2"))) is None and note() == 1


def test_p05_an_approval_is_used_a_hundred_times(operator, gateway, note):
    with Wire(gateway) as session:
        operator.approve("ana", asked(session, query(UPDATE)))
    passed = []

    def run():
        with Wire(gateway) as session:
            passed.extend(error(session.ask(query(UPDATE))) for _ in range(10))
    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(None) == 1 and passed.count("42501") == 99 and note() == 1


def test_p07_who_asks_is_among_the_approvers(operator, gateway, note):
    with Wire(gateway) as session:
        request = asked(session, query(UPDATE))
        done = operator.weirctl("job", "approve", request)
        assert done.returncode == 1 and "nobody approves what they ask for themselves" in done.stderr
        asked(session, query(UPDATE))
        session.send(query("DELETE FROM visits"))
        held = notice(session)
        assert operator.weirctl("job", "approve", held).returncode == 1
        operator.weirctl("ana", "deny", held)
        assert error(session.until(b"Z")) == "42501" and note() == 0


def test_p09_the_approver_has_left_before_the_decision(operator, gateway, note):
    with Wire(gateway) as session:
        request = asked(session, query(UPDATE))
        token = operator.tokens / "people/carl"
        written = token.read_text()
        token.unlink()
        done = operator.weirctl("carl", "approve", request, token=save(operator, written))
        assert done.returncode == 1 and "401" in done.stderr
        token.write_text(written)
        token.chmod(0o600)
        asked(session, query(UPDATE))


def save(operator, token):
    file = operator.folder / "carls"
    file.write_text(token)
    file.chmod(0o600)
    return file


def test_p09_the_approver_leaves_between_decision_and_use(operator, gateway, note):
    with Wire(gateway) as session:
        # In person.
        change = query(UPDATE.replace("id = 1", "id = 2"))
        operator.approve("carl", asked(session, change))
        (operator.tokens / "people/carl").unlink()
        asked(session, change)
        # By group.
        request = asked(session, query(UPDATE))
        operator.approve("ben", request)
        operator.process.stop()
        command = operator.process.command
        operator.process.command = ["dba=ana,job" if part == "dba=ana,ben,job" else part for part in command]
        operator.process.start()
        eventually(lambda: operator.weirctl("ana", "list").returncode == 0, "the operator is not back")
        asked(session, query(UPDATE))
        assert note() == 0
        assert operator.weirctl("ben", "approve", request).returncode == 1
        operator.approve("ana", request)
        assert error(session.ask(query(UPDATE))) is None


@pytest.mark.slow
def test_p09_the_rule_names_others_when_the_approval_is_used(around, operator, gateway, note):
    file = around[2].manifests / "clinic.yaml"
    written = file.read_text()

    def configure(text):
        before = around[2].log.read_text().count("configuration in force")
        file.write_text(text)
        # A gateway that has lost its operator comes back within 30 seconds.
        eventually(lambda: around[2].log.read_text().count("configuration in force") > before, "not in force", 60)
    with Wire(gateway) as session:
        operator.approve("ana", asked(session, query(UPDATE)))
        try:
            configure(written.replace("users: [ana, carl], groups: [dba]", "users: [ben]"))
            asked(session, query(UPDATE))
            assert note() == 0
        finally:
            configure(written)
        assert error(session.ask(query(UPDATE))) is None


def test_p11_a_decision_nobody_proved_to_have_made(operator, gateway, note):
    with Wire(gateway) as session:
        request = asked(session, query(UPDATE))
        for token in ("", "x" * 32, operator.gateway_token.read_text()):
            done = operator.weirctl("eve", "approve", request, token=save(operator, token))
            assert done.returncode == (1 if token else 64), done.stdout
        assert operator.weirctl("eve", "approve", request).returncode == 1
        asked(session, query(UPDATE))
        assert note() == 0


@pytest.mark.slow
def test_p13_what_is_approved_too_late(operator, gateway):
    with Wire(gateway) as session:
        session.send(query("TRUNCATE desks"))
        request = notice(session)
        assert error(session.until(b"Z")) == "42501"

        def is_over():
            done = operator.weirctl("ana", "show", request, "-o", "json")
            return done.returncode == 1 or json.loads(done.stdout)["status"]["phase"] == "Expired"
        # The gateway's clock is ahead of the operator's by what the question took to come.
        eventually(is_over, "the request stays")
        assert operator.weirctl("ana", "approve", request).returncode == 1


@pytest.mark.slow
def test_p15_the_operator_is_away(operator, gateway):
    # A gateway that has lost its operator comes back within 30 seconds.
    with Wire(gateway, timeout=100) as session:
        session.send(query("TRUNCATE desks"))
        notice(session)
        operator.process.kill()
        try:
            answer = session.until(b"Z")
            assert error(answer) == "42501" and "in time" in fields(answer[0][1])["M"]
            session.send(query("DELETE FROM visits WHERE id = 99"))
        finally:
            operator.process.start()
        operator.approve("ana", notice(session))
        assert error(session.until(b"Z")) is None


@pytest.mark.parametrize("setting", [
    "SET search_path = other, public", "SET ROLE clerk", "SET SESSION AUTHORIZATION clerk",
    "SET client_encoding = 'SQL_ASCII'", "SET standard_conforming_strings = off",
    "CREATE TEMP TABLE notes (id int)",
])
def test_where_it_runs_is_changed_between_approval_and_run(operator, gateway, setting):
    change = query("UPDATE notes SET id = id + 0")
    with Wire(gateway) as session:
        operator.approve("ana", asked(session, change))
    with Wire(gateway) as session:
        assert error(session.ask(query(setting))) is None
        asked(session, change)
        undo = "DROP TABLE pg_temp.notes" if "TEMP" in setting else "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL"
        for part in undo.split("; "):
            session.ask(query(part))
    with Wire(gateway) as session:
        assert error(session.ask(change)) is None


def test_what_it_names_is_another_when_it_runs(around, operator, gateway):
    change = query("UPDATE notes SET id = id + 0")
    database = around[0].postgresql.endpoint("clinic")
    with Wire(gateway) as session:
        operator.approve("ana", asked(session, change))
        database.script("ALTER TABLE notes RENAME TO old_notes; CREATE TABLE notes (id int)")
        asked(session, change)


def test_two_requests_and_one_approval(operator, gateway):
    delete = query("DELETE FROM visits WHERE id = 98")
    # The operator was started anew, and the gateway may be 30 seconds in coming back.
    with Wire(gateway, timeout=100) as one, Wire(gateway, timeout=100) as two:
        one.send(delete)
        two.send(delete)
        first, second = notice(one), notice(two)
        operator.approve("ana", first)
        assert error(one.until(b"Z")) is None
        operator.weirctl("ana", "deny", second)
        assert error(two.until(b"Z")) == "42501"


def test_what_is_approved_for_one_is_run_by_another(around, operator, gateway, note):
    with Wire(gateway) as session:
        operator.approve("ana", asked(session, query(UPDATE)))
    with Wire(around[2].endpoint("other")) as session:
        asked(session, query(UPDATE))
    assert note() == 0
    with Wire(gateway) as session:
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]
