"""Masks in every format a client may ask for."""

import pytest
from wire import Wire, bind, describe, execute, extended, parse, query, rows, SYNC

NAME, NUMBER = b"Kamond Bemondson", b"937-14-7919"


@pytest.fixture
def session(gateway):
    with Wire(gateway) as opened:
        yield opened


def leaks(messages):
    return any(secret in body for _, body in messages for secret in (NAME, NUMBER))


@pytest.mark.parametrize("formats", [(), (0,), (1,), (0, 1, 0, 1)], ids=str)
def test_extended_formats(session, gateway, direct, formats):
    sql = "SELECT id, name, ssn, date_of_birth FROM patients WHERE id = 1"
    masked = session.ask(extended(sql, result_formats=formats))
    with Wire(direct) as other:
        clear = other.ask(extended(sql, result_formats=formats))
    assert leaks(clear) and not leaks(masked)
    assert [m for m in masked if m[0] != b"D"] == [m for m in clear if m[0] != b"D"]
    (got,), (original,) = rows(masked), rows(clear)
    assert got[:3] == [original[0], b"[redacted]", b"*******7919"]
    is_binary = (formats * 4)[3] if formats else 0
    # 1946-01-01 lies 19,723 days before 2000-01-01, the zero of PostgreSQL's binary dates.
    assert got[3] == ((-19723).to_bytes(4, "big", signed=True) if is_binary else b"1946-01-01")


def test_without_describe(session):
    assert not leaks(session.ask(parse("SELECT name, ssn FROM patients WHERE id < 5"), bind(), execute(), SYNC))


def test_described_once_executed_often(session):
    session.ask(parse("SELECT name FROM patients WHERE id = $1", b"s"), describe(b"S", b"s"), SYNC)
    for number in range(1, 6):
        got = session.ask(bind((str(number).encode(),), b"", b"s"), execute(), SYNC)
        assert rows(got) == [[b"[redacted]"]]


def test_portals_of_different_statements_interleaved(session):
    got = session.ask(
        parse("SELECT id FROM patients ORDER BY id", b"a"), parse("SELECT name FROM patients ORDER BY id", b"b"),
        bind((), b"p", b"a"), bind((), b"q", b"b"), *(execute(p, 1) for p in (b"p", b"q", b"q", b"p", b"q")), SYNC)
    assert rows(got) == [[b"1"], [b"[redacted]"], [b"[redacted]"], [b"2"], [b"[redacted]"]]


def test_a_statement_name_used_anew(session):
    session.ask(parse("SELECT id FROM patients WHERE id = 1", b"s"), SYNC)
    session.ask(b"C\0\0\0\x07Ss\0", SYNC)
    got = session.ask(parse("SELECT name FROM patients WHERE id = 1", b"s"), bind((), b"", b"s"), execute(), SYNC)
    assert rows(got) == [[b"[redacted]"]]


def test_null_stays_null(session, superuser):
    superuser.script("UPDATE patients SET phone = NULL WHERE id = 9999")
    assert rows(session.ask(query("SELECT phone FROM patients WHERE id = 9999")))[0][0] in (None, b"[redacted]")


def test_table_made_behind_the_gateways_back(session, superuser):
    """A relation the gateway has not seen is looked up before its rows pass."""
    superuser.script("DROP VIEW IF EXISTS fresh; CREATE VIEW fresh AS SELECT name AS x FROM patients;"
                     " GRANT SELECT ON fresh TO PUBLIC; GRANT SELECT ON patients TO PUBLIC")
    try:
        assert not leaks(session.ask(query("SELECT x FROM fresh")))
        superuser.script("CREATE OR REPLACE VIEW fresh AS SELECT ssn AS x FROM patients")
        assert not leaks(session.ask(query("SELECT x FROM fresh")))
    finally:
        superuser.script("DROP VIEW fresh")
