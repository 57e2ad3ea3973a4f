"""What was approved is what runs: approvers see all of it, and whatever makes it another asks anew."""

import json
import re
import time

import pytest
from approvals import CONNECTION, governed, notice, rule
from wire import SYNC, Wire, bind, error, execute, extended, fields, message, parse, query, rows

MANIFESTS = CONNECTION + rule(
    "held", "{statements: [Delete], tables: [beds, shown]}", "approvers: {users: [ana]}, requestTTL: 10m") + rule(
    "again", "{statements: [Delete], tables: [visits, days]}", "approvers: {users: [ana]}, requestTTL: 10m",
    whileWaiting="Reject") + rule(
    "first", "{statements: [Delete], tables: [desks]}", "approvers: {users: [ana]}, requestTTL: 10s") + rule(
    "second", "{statements: [Delete], tables: [desks]}", "approvers: {users: [ben]}, requestTTL: 10m") + rule(
    "left", "{statements: [Delete], tables: [notes]}", "approvers: {users: [ana]}", whileWaiting="Reject") + rule(
    "right", "{statements: [Delete], tables: [notes]}", "approvers: {users: [ben]}", whileWaiting="Reject")

SCHEMA = """
    CREATE TABLE visits (id int, note text);
    CREATE TABLE beds (id int, note text);
    CREATE TABLE shown (id int, note text);
    CREATE TABLE desks (id int);
    CREATE TABLE notes (id int);
    CREATE TABLE days (id int, d date);
    CREATE TABLE kept (id int);
    CREATE VIEW few AS SELECT * FROM visits WHERE id = 1;
    CREATE VIEW few_beds AS SELECT * FROM beds WHERE id = 1;
    CREATE FUNCTION pick() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
    CREATE FUNCTION empty() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM kept; RETURN OLD; END';
"""
ROWS = """
    TRUNCATE visits, beds, shown, desks, notes, days, kept;
    INSERT INTO visits SELECT n, 'x' FROM generate_series(1, 9) n;
    INSERT INTO beds SELECT n, 'x' FROM generate_series(1, 9) n;
    INSERT INTO shown SELECT n, 'x' FROM generate_series(1, 9) n;
    INSERT INTO desks SELECT generate_series(1, 9);
    INSERT INTO notes SELECT generate_series(1, 9);
    INSERT INTO days SELECT n, '2026-01-01'::date + n FROM generate_series(1, 364) n;
    INSERT INTO kept VALUES (1);
"""


@pytest.fixture(scope="module")
def around():
    with governed(MANIFESTS, SCHEMA) as around:
        yield around


@pytest.fixture
def operator(around):
    return around[1]


@pytest.fixture
def gateway(around):
    return around[2].endpoint("job")


@pytest.fixture
def database(around):
    database = around[0].postgresql.endpoint("clinic")
    database.script(ROWS)
    return database


def refused(answer):
    """The request by which it is asked for, and the rule that asks."""
    assert error(answer) == "42501", answer
    told = fields(next(body for kind, body in answer if kind == b"E"))
    return re.search(r"(ApprovalRule/\w+).*request (\S+)", told["M"]).group(2, 1)


def shown(operator, request):
    """The text that an approver reads."""
    found = json.loads(operator.weirctl("ana", "show", request, "-o", "json").stdout)
    return found["spec"]["statement"]["redactedText"]


# What is shown

def test_constants_are_shown_as_the_server_reads_them(operator, gateway, database):
    with Wire(gateway) as session:
        text = r"DELETE FROM shown WHERE note = 'a\' OR id > 0 --'"
        session.ask(query("SET standard_conforming_strings = off"))
        session.ask(parse(text, name=b"s"), SYNC)
        session.ask(query("SET standard_conforming_strings = on"))
        session.send(bind(name=b"s"), execute(), SYNC)
        assert session.receive()[0] == b"2"
        request = notice(session)
        assert "OR id" not in shown(operator, request), "that is within the constant"
        operator.weirctl("ana", "deny", request)
        assert error(session.until(b"Z")) == "42501"


@pytest.mark.parametrize("padding", [" " * 20_000, "\n" * 20_000, "/* " + "x" * 20_000 + " */"])
def test_nothing_is_pushed_out_of_sight(operator, gateway, database, padding):
    with Wire(gateway) as session:
        session.send(query(f"DELETE FROM shown WHERE id = 1 {padding} OR true"))
        request = notice(session)
        text = shown(operator, request)
        operator.weirctl("ana", "deny", request)
        assert "true" in text and len(text) < 100, text
        assert error(session.until(b"Z")) == "42501"


def test_what_is_too_long_to_be_shown_is_said_to_be(operator, gateway, database):
    with Wire(gateway) as session:
        values = ", ".join("'x'" for _ in range(9000))
        session.send(query(f"DELETE FROM shown WHERE note IN ({values}) OR true"))
        request = notice(session)
        text = shown(operator, request)
        operator.weirctl("ana", "deny", request)
        assert re.search(r"\n\[ \d+ bytes are not shown here \]\n", text) and text.endswith("OR true")
        assert error(session.until(b"Z")) == "42501"


def test_a_prepared_statement_is_shown_with_its_text(operator, gateway, database):
    with Wire(gateway) as session:
        session.ask(parse("DELETE FROM shown WHERE id > $1 OR true", name=b"q"), SYNC)
        session.send(query("EXECUTE q('0')"))
        request = notice(session)
        text = shown(operator, request)
        operator.weirctl("ana", "deny", request)
        assert text.startswith("EXECUTE q") and "DELETE FROM shown WHERE id > $1 OR true" in text
        assert error(session.until(b"Z")) == "42501"


def test_the_code_of_a_block_is_shown(operator, gateway, database):
    with Wire(gateway) as session:
        request, _ = refused(session.ask(query("DO $$ BEGIN DELETE FROM shown WHERE note = 'Ann Lee'; END $$")))
        text = shown(operator, request)
        operator.weirctl("ana", "deny", request)
        assert "DELETE FROM shown WHERE note = $1" in text and "Ann" not in text, text


def test_nobody_is_asked_about_what_cannot_be_shown(gateway, database):
    with Wire(gateway) as session:
        answer = session.ask(query(r"DELETE FROM shown WHERE note = U&'\0061'"))
        assert error(answer) == "42501" and "could not be shown" in str(answer)


@pytest.mark.parametrize("columns", ["1 AS x", "id + 1 AS x", "", "(SELECT id FROM kept LIMIT 1) AS x"])
def test_what_is_written_through_a_view_is_asked_about(operator, gateway, database, columns):
    with Wire(gateway) as session:
        for sql in ("BEGIN", f"CREATE TEMP VIEW tv AS SELECT {columns} FROM shown"):
            assert error(session.ask(query(sql))) is None
        session.send(query("DELETE FROM tv"))
        operator.weirctl("ana", "deny", notice(session))
        assert error(session.until(b"Z")) == "42501"


# What is bound

def approve(operator, gateway, *messages, before=()):
    """Asks in a session of its own, and has it approved."""
    with Wire(gateway) as session:
        for sql in before:
            assert error(session.ask(query(sql))) is None
        operator.approve("ana", refused(session.ask(*messages))[0])


def test_the_reading_of_a_prepared_statement_is_its_own(operator, gateway, database):
    text = r"DELETE FROM visits WHERE note = 'a\' OR id > 0 --'"
    run = (bind(name=b"s"), execute(), SYNC)
    with Wire(gateway) as session:
        session.ask(parse(text, name=b"s"), SYNC)
        operator.approve("ana", refused(session.ask(*run))[0])
    with Wire(gateway) as session:
        session.ask(query("SET standard_conforming_strings = off"))
        session.ask(parse(text, name=b"s"), SYNC)
        session.ask(query("SET standard_conforming_strings = on"))
        refused(session.ask(*run))
    statement = b"DELETE FROM visits WHERE note = '\xc3\xa9'"
    prepared = message(b"P", b"t\0" + statement + b"\0\0\0")
    run = (bind(name=b"t"), execute(), SYNC)
    with Wire(gateway) as session:
        session.ask(query("SET client_encoding = 'LATIN1'"))
        session.ask(prepared, SYNC)
        session.ask(query("SET client_encoding = 'UTF8'"))
        operator.approve("ana", refused(session.ask(*run))[0])
    with Wire(gateway) as session:
        session.ask(prepared, SYNC)
        refused(session.ask(*run))


def test_what_is_prepared_is_part_of_what_execute_runs(operator, gateway, database):
    with Wire(gateway) as session:
        session.ask(parse("DELETE FROM visits WHERE id = 5", name=b"p"), SYNC)
        operator.approve("ana", refused(session.ask(query("EXECUTE p")))[0])
    with Wire(gateway) as session:
        session.ask(parse("DELETE FROM visits WHERE id > 5", name=b"p"), SYNC)
        refused(session.ask(query("EXECUTE p")))


def test_declared_types_are_part_of_what_execute_runs(operator, gateway, database):
    text = "DELETE FROM visits WHERE $1 > '10'"
    for is_first, types in ((True, [23]), (False, [25])):
        with Wire(gateway) as session:
            session.ask(parse(text, name=b"s", types=types), SYNC)
            request, _ = refused(session.ask(query("EXECUTE s('9')")))
            if is_first:
                operator.approve("ana", request)
    assert database.value("SELECT count(*) FROM visits") == "9"


DEFINITIONS = {
    "view": ("DELETE FROM few", "CREATE OR REPLACE VIEW few AS SELECT * FROM visits",
             "CREATE OR REPLACE VIEW few AS SELECT * FROM visits WHERE id = 1"),
    "function": ("DELETE FROM visits WHERE id <= pick()",
                 "CREATE OR REPLACE FUNCTION pick() RETURNS int LANGUAGE sql STABLE AS 'SELECT 9'", None),
    "rule": ("DELETE FROM visits WHERE id = 1", "CREATE RULE also AS ON DELETE TO visits DO ALSO DELETE FROM kept",
             "DROP RULE also ON visits"),
    "trigger": ("DELETE FROM visits WHERE id = 2",
                "CREATE TRIGGER also AFTER DELETE ON visits EXECUTE FUNCTION empty()", "DROP TRIGGER also ON visits"),
    "columns": ("DELETE FROM days WHERE id = 1", "ALTER TABLE days RENAME id TO number; ALTER TABLE days ADD id int",
                "ALTER TABLE days DROP id; ALTER TABLE days RENAME number TO id"),
    "child": ("DELETE FROM visits WHERE id = 3", "CREATE TABLE more () INHERITS (visits)", "DROP TABLE more"),
}


@pytest.mark.parametrize("change", DEFINITIONS)
def test_what_names_mean_is_what_they_meant_when_it_was_approved(operator, gateway, database, change):
    statement, definition, back = DEFINITIONS[change]
    approve(operator, gateway, query(statement))
    database.script(definition)
    with Wire(gateway) as session:
        refused(session.ask(query(statement)))
    assert database.value("SELECT count(*) FROM visits") == "9" and database.value("SELECT count(*) FROM kept") == "1"
    if back:
        database.script(back)


def test_what_is_held_is_what_runs(operator, gateway, database):
    with Wire(gateway) as session:
        session.send(query("DELETE FROM few_beds"))
        request = notice(session)
        database.script("CREATE OR REPLACE VIEW few_beds AS SELECT * FROM beds")
        operator.approve("ana", request)
        assert error(session.until(b"Z")) == "42501" and database.value("SELECT count(*) FROM beds") == "9"
        database.script("CREATE OR REPLACE VIEW few_beds AS SELECT * FROM beds WHERE id = 1")
        session.send(query("DELETE FROM few_beds"))
        operator.approve("ana", notice(session))
        assert error(session.until(b"Z")) is None and database.value("SELECT count(*) FROM beds") == "8"


@pytest.mark.parametrize("statement, setting", [
    ("DELETE FROM visits WHERE note = NULL", "SET transform_null_equals = on"),
    ("DELETE FROM days WHERE d < '02/01/2026'", "SET DateStyle = 'ISO, DMY'"),
    ("DELETE FROM visits WHERE id >= current_setting('app.minimum', true)::int", "SET app.minimum = '1'"),
    ("DELETE FROM visits WHERE id >= current_setting('app.minimum', true)::int",
     "SELECT set_config('app.minimum', '1', false)"),
    ("DELETE FROM visits WHERE id = 4", "SET session_replication_role = replica"),
])
def test_settings_are_what_they_were(operator, gateway, database, statement, setting):
    approve(operator, gateway, query(statement))
    with Wire(gateway) as session:
        assert error(session.ask(query(setting))) is None
        refused(session.ask(query(statement)))
    with Wire(gateway, application_name="another") as session:
        session.ask(query("SET statement_timeout = '1min'"))
        assert error(session.ask(query(statement))) is None, "these say nothing of what it does"


def test_settings_of_the_start_and_of_the_role_count(operator, gateway, database):
    statement = "DELETE FROM visits WHERE id >= current_setting('app.minimum', true)::int"
    approve(operator, gateway, query(statement))
    with Wire(gateway, options="-c app.minimum=1") as session:
        refused(session.ask(query(statement)))
    with Wire(gateway) as session:
        role = rows(session.ask(query("SELECT session_user")))[0][0].decode()
    database.script(f'ALTER ROLE "{role}" SET app.minimum = 1')
    with Wire(gateway) as session:
        refused(session.ask(query(statement)))
    database.script(f'ALTER ROLE "{role}" RESET app.minimum')
    assert database.value("SELECT count(*) FROM visits") == "9"


# More than one rule

@pytest.mark.slow
def test_a_portal_runs_what_was_approved_when_it_was_bound(operator, gateway, database):
    delete = parse("DELETE FROM shown WHERE note = current_setting('app.tenant', true)") + bind(portal=b"p")
    for tenant, passes in (("b", False), ("a", True)):
        with Wire(gateway) as session:
            for sql in ("SET app.tenant = 'a'", "BEGIN"):
                assert error(session.ask(query(sql))) is None
            session.send(delete, SYNC)
            session.receive()
            operator.approve("ana", notice(session))
            assert error(session.until(b"Z")) is None
            session.ask(query(f"SET app.tenant = '{tenant}'"))
            assert (error(session.ask(execute(portal=b"p"), SYNC)) is None) == passes


@pytest.mark.slow
def test_of_two_rules_each_has_its_own_end(operator, gateway, database):
    with Wire(gateway) as session:
        session.send(query("DELETE FROM desks"))
        operator.approve("ana", notice(session))
        second = notice(session)
        time.sleep(11)
        operator.approve("ben", second)
        assert error(session.until(b"Z")) == "42501" and database.value("SELECT count(*) FROM desks") == "9"


@pytest.mark.parametrize("way", ["simple", "extended", "transaction"])
def test_two_rules_that_refuse_need_one_approval_each(operator, gateway, database, way):
    with Wire(gateway) as session:
        def ask():
            if way == "simple":
                return session.ask(query("DELETE FROM notes"))
            if way == "extended":
                return session.ask(extended("DELETE FROM notes"))
            session.ask(query("BEGIN"))
            answer = session.ask(query("DELETE FROM notes"))
            session.ask(query("COMMIT" if error(answer) is None else "ROLLBACK"))
            return answer

        asked = []
        while error(answer := ask()) is not None:
            request, by = refused(answer)
            asked.append(by)
            assert len(asked) <= 2, asked
            operator.approve("ana" if by == "ApprovalRule/left" else "ben", request)
        assert sorted(asked) == ["ApprovalRule/left", "ApprovalRule/right"]
        assert database.value("SELECT count(*) FROM notes") == "0"
        refused(session.ask(query("DELETE FROM notes")))
