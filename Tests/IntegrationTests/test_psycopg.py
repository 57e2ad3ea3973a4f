"""psycopg: prepared statements, binary results, pipelines, server-side cursors, COPY, notifications."""

import datetime
import decimal

import psycopg
import pytest


@pytest.fixture
def connection(gateway):
    with psycopg.connect(
        host=gateway.host, port=gateway.port, user=gateway.user, password=gateway.password, dbname=gateway.database,
        autocommit=True,
    ) as opened:
        yield opened


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize("prepare", [False, True], ids=["unprepared", "prepared"])
def test_governed_and_free_columns(connection, binary, prepare):
    with connection.cursor(binary=binary) as cursor:
        for _ in range(3):
            cursor.execute(
                "SELECT id, name, ssn, date_of_birth, phone, insurer FROM patients WHERE id = %s", (1,),
                prepare=prepare)
            assert cursor.fetchall() == [
                (1, "[redacted]", "*******7919", datetime.date(1946, 1, 1), "[redacted]", "Mutual")]


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
def test_types_come_back_as_they_are(connection, binary):
    row = connection.execute(
        "SELECT 1::int2, 2::int8, 1.50::numeric, 'x'::text, date '2026-11-23', true, NULL::int, ARRAY[1, NULL, 3],"
        " '{\"a\": 1}'::jsonb, '\\x00ff'::bytea, interval '1 day', cost FROM visits WHERE id = 1",
        binary=binary).fetchone()
    assert row == (1, 2, decimal.Decimal("1.50"), "x", datetime.date(2026, 11, 23), True, None, [1, None, 3], {"a": 1},
                   b"\x00\xff", datetime.timedelta(days=1), decimal.Decimal("49.77"))


def test_prepared_after_the_threshold(connection):
    connection.prepare_threshold = 2
    for number in range(10):
        assert connection.execute("SELECT name FROM departments WHERE id = %s", (1 + number % 6,)).fetchone()
        masked = connection.execute("SELECT name FROM patients WHERE id = %s", (1 + number,))
        assert masked.fetchone() == ("[redacted]",)
    assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()[0] >= 2


def test_server_side_cursor(connection):
    with connection.transaction(), connection.cursor("ward") as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT id, name FROM patients")
        seen = list(cursor)
    assert len(seen) == 10000 and {name for _, name in seen} == {"[redacted]"}


def test_pipeline(connection):
    with connection.pipeline() as pipeline:
        sql = "SELECT %s::int, name FROM patients WHERE id = %s"
        cursors = [connection.execute(sql, (n, n)) for n in range(1, 200)]
        pipeline.sync()
        assert [c.fetchone() for c in cursors] == [(n, "[redacted]") for n in range(1, 200)]


def test_pipeline_with_a_refused_statement(connection):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        with connection.pipeline():
            connection.execute("SELECT 1")
            connection.execute("DROP TABLE visits")
            connection.execute("SELECT 2")
    assert connection.execute("SELECT 3").fetchone() == (3,)


def test_transactions_and_savepoints(connection):
    with pytest.raises(ZeroDivisionError):
        with connection.transaction():
            connection.execute("INSERT INTO departments VALUES (50, 'Lost')")
            raise ZeroDivisionError
    with connection.transaction():
        with pytest.raises(psycopg.errors.UniqueViolation):
            with connection.transaction():
                connection.execute("INSERT INTO departments VALUES (1, 'Twice')")
        assert connection.execute("SELECT count(*) FROM departments").fetchone() == (6,)


@pytest.mark.parametrize("options", ["", "(FORMAT csv)", "(FORMAT binary)"])
def test_copy_out_is_masked(connection, options):
    with connection.cursor().copy(f"COPY (SELECT id, name, ssn FROM patients) TO STDOUT {options}") as copy:
        data = b"".join(bytes(part) for part in copy)
    assert b"Bemondson" not in data and b"937-14" not in data
    assert data.count(b"[redacted]") == 10000 and b"*******7919" in data


def test_copy_in_binary(connection):
    connection.execute("CREATE TEMP TABLE t (a int, b text)")
    with connection.cursor().copy("COPY t FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["int4", "text"])
        for number in range(1000):
            copy.write_row((number, f"row {number}"))
    assert connection.execute("SELECT count(*), max(b) FROM t").fetchone() == (1000, "row 999")


def test_executemany(connection):
    connection.execute("CREATE TEMP TABLE many (a int)")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO many VALUES (%s)", [(n,) for n in range(500)])
    assert connection.execute("SELECT sum(a) FROM many").fetchone() == (124750,)


def test_notifications(connection):
    connection.execute("LISTEN bell")
    connection.execute("NOTIFY bell, 'rings'")
    note = next(connection.notifies(timeout=30, stop_after=1))
    assert (note.channel, note.payload, note.pid) == ("bell", "rings", connection.info.backend_pid)


def test_refusal_is_an_ordinary_error(connection):
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        connection.execute("SELECT id FROM patients WHERE ssn = '937-14-7919'")
    assert "937" not in str(caught.value)
    assert connection.execute("SELECT id FROM patients WHERE id = 1").fetchone() == (1,)
