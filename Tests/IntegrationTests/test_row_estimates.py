"""Rules for statements that are expected to touch many rows: the database says how many before they are judged."""

import pytest
from approvals import CONNECTION, governed, notice, rule
from wire import SYNC, Wire, bind, error, execute, kinds, parse, query, rows, status

MANIFESTS = CONNECTION + rule("many", "{statements: [Delete, Update, Select], estimatedRowsAtLeast: 500}") + """---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: too-many, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  match: {statements: [Delete], tables: [stock], estimatedRowsAtLeast: 900}
  effect: Deny
"""

SCHEMA = """
    CREATE TABLE stock (id int PRIMARY KEY, kind int);
    INSERT INTO stock SELECT n, n % 2 FROM generate_series(1, 1000) n;
    CREATE TABLE sold (id int);
    CREATE FUNCTION peeks(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
        BEGIN RAISE NOTICE 'run while planning'; RETURN true; END $$;
    ANALYZE;
"""


@pytest.fixture(scope="module")
def around():
    with governed(MANIFESTS, SCHEMA) as around:
        yield around


@pytest.fixture
def session(around):
    with Wire(around[2].endpoint("job")) as session:
        yield session


def is_held(operator, session):
    """Denies what waits."""
    operator.weirctl("ana", "deny", notice(session))
    return error(session.until(b"Z")) == "42501"


def test_few_rows_pass_and_many_are_asked_about(around, session):
    assert error(session.ask(query("UPDATE stock SET kind = kind WHERE id = 1"))) is None
    session.send(query("UPDATE stock SET kind = kind WHERE kind = 1"))
    around[1].approve("ana", notice(session))
    assert session.until(b"Z")[0] == (b"C", b"UPDATE 500\0")
    assert len(rows(session.ask(query("SELECT FROM stock WHERE id < 9")))) == 8
    session.send(query("SELECT id FROM stock"))
    assert is_held(around[1], session)


def test_a_denial_is_for_many_too(session):
    session.ask(query("BEGIN"))
    assert error(session.ask(query("DELETE FROM stock WHERE id = 1"))) is None
    assert error(session.ask(query("DELETE FROM stock"))) == "42501"
    session.ask(query("ROLLBACK"))


def test_parameters_are_those_of_the_statement(around, session):
    update = parse("UPDATE stock SET kind = kind WHERE id < $1", b"u")
    assert error(session.ask(update, bind([b"9"], name=b"u"), execute(), SYNC)) is None
    session.send(bind([b"990"], name=b"u"), execute(), SYNC)
    session.receive()
    assert is_held(around[1], session)
    # Binary, and by a portal that has a name.
    assert error(session.ask(bind([b"\0\0\0\x09"], b"p", b"u", formats=[1]), execute(b"p"), SYNC)) is None
    session.send(bind([b"\0\0\x09\0"], b"p", b"u", formats=[1]), execute(b"p"), SYNC)
    assert is_held(around[1], session)


def test_writes_of_every_part_count(around, session):
    update = "UPDATE stock SET kind = kind RETURNING id"
    session.send(query(f"WITH d AS ({update}) INSERT INTO sold SELECT id FROM d LIMIT 1"))
    assert is_held(around[1], session)


def test_what_cannot_be_told_is_asked_about(around, session):
    # Nothing of it is run to find out, not even by the planner.
    answer = session.ask(query("UPDATE stock SET kind = kind WHERE id = 1 AND peeks(1)"))
    assert error(answer) == "42501" and kinds(answer) == "EZ"
    session.send(query("UPDATE stock SET kind = kind WHERE id = 1; UPDATE stock SET kind = kind WHERE id = 2"))
    assert is_held(around[1], session)
    session.ask(query("SET client_encoding = 'LATIN1'"))
    session.send(query("UPDATE stock SET kind = kind WHERE id = 1"))
    assert is_held(around[1], session)


def test_a_statement_that_cannot_be_planned(around, session):
    session.send(query("UPDATE stock SET kind = 1 / 0 WHERE id = 1"))
    assert is_held(around[1], session)
    session.ask(query("BEGIN"))
    answer = session.ask(query("UPDATE stock SET kind = 1 / 0 WHERE id = 1"))
    assert error(answer) == "22012" and status(answer) == "E"
    assert session.ask(query("ROLLBACK"))[0] == (b"C", b"ROLLBACK\0")


def test_the_manifests_give_no_warning(around):
    done = around[0].weirctl("validate", around[2].manifests)
    assert done.returncode == 0 and "warning" not in done.stdout + done.stderr, done.stdout + done.stderr
