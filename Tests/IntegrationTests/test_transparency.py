"""Tables without governed columns come back byte for byte as the database sent them."""

import pytest
from wire import Wire, bind, describe, error, execute, extended, message, parse, query, SYNC, FLUSH

#: Parameters the server reports that may differ between two logins of one role.
OWN = {"application_name"}

STATEMENTS = [
    "SELECT 1", "", ";", "-- nothing", "SELECT", "VALUES (1, 'a'), (2, NULL)", "SELECT NULL::int AS n, ''::text AS e",
    "SELECT * FROM departments ORDER BY id", "TABLE clinicians", "SELECT * FROM visits ORDER BY id LIMIT 50",
    "SELECT v.*, p.drug FROM visits v JOIN prescriptions p ON p.visit_id = v.id ORDER BY p.id LIMIT 20",
    "SELECT * FROM department_load ORDER BY 1, 2",
    "SELECT 1::int2, 2::int8, 1.5::float4, 2.5::float8, 12345.6789::numeric, 'NaN'::numeric, true",
    "SELECT 'x'::char(4), 'y'::varchar, 'z'::name, E'\\\\x00ff'::bytea, '{\"a\": [1, null]}'::jsonb, '[1]'::json",
    "SELECT date '2026-11-23', time '12:00',"
    " timestamptz '2026-11-23 12:00Z', interval '1 mon 2 days', 'infinity'::date",
    "SELECT ARRAY[[1, 2], [3, NULL]], ARRAY['a,b', '\"'], int4range(1, 5), '10.0.0.1/8'::inet, 'a'::\"char\"",
    "SELECT row(1, 'two', NULL),"
    " '3f2504e0-4f89-11d3-9a0c-0305e82c3301'::uuid, point(1, 2), to_tsvector('simple', 'a b')",
    "SELECT d FROM departments d ORDER BY id", "SELECT array_agg(d) FROM departments d",
    "SELECT count(*) FROM patients", "SELECT id, insurer, zip FROM patients WHERE id < 20 ORDER BY id",
    "SELECT relname FROM pg_class WHERE relname LIKE 'visit%' ORDER BY 1", "SHOW server_version",
    "SELECT repeat('long ', 100000)", "SELECT generate_series(1, 2000)",
    "EXPLAIN (COSTS off) SELECT * FROM departments", "SELECT 1 AS \"odd \"\"name\"\"\", 2 AS \"\u00fcber\"",
    "SELECT current_setting('TimeZone'), current_user, current_database()",
    "SELECT 1/0", "SELECT 'x'::int", "SELECT no_such_column FROM departments",
    "INSERT INTO departments VALUES (1, 'again')",
    "SELECT 1; SELECT 2", "SELECT 1; SELECT 1/0; SELECT 3",
    "BEGIN; INSERT INTO departments VALUES (77, 'W') RETURNING *;"
    " UPDATE departments SET name = 'V' WHERE id = 77; ROLLBACK",
    "SET LOCAL work_mem = '1MB'", "SET datestyle = 'German'; SELECT date '2026-11-23'; RESET datestyle",
    "COPY departments TO STDOUT", "COPY (SELECT 1, NULL, 'a\tb') TO STDOUT (FORMAT csv, HEADER)",
    "COPY departments TO STDOUT (FORMAT binary)", "DROP TABLE IF EXISTS never_was", "COMMIT", "ROLLBACK TO nothing",
    "DECLARE c CURSOR FOR SELECT 1",
    "BEGIN; DECLARE c CURSOR FOR TABLE departments; FETCH 2 c; MOVE 1 c; FETCH ALL c; COMMIT",
    "PREPARE s AS SELECT $1::int + 1; EXECUTE s(2); EXECUTE s(3); DEALLOCATE s",
]

#: What the gateway has to answer itself, since it cannot judge it: by the code the database would give.
FAULTY = [
    "SELEC", "SELECT 'unfinished", "SELECT * FROM nowhere", "SELECT nothing()", "SELECT * FROM departments d, d",
    "EXECUTE s", "INSERT INTO nowhere VALUES (1)", "COPY nowhere TO STDOUT",
]


@pytest.fixture
def pair(direct, gateway):
    with Wire(direct) as left, Wire(gateway) as right:
        yield left, right


def same(pair, *parts):
    """Sends the same to both and compares every message that comes back."""
    expected, got = (side.ask(*parts) for side in pair)
    assert got == expected
    return expected


def test_the_server_introduces_itself_alike(pair):
    left, right = pair
    assert {k: v for k, v in right.parameters.items() if k not in OWN} == {
        k: v for k, v in left.parameters.items() if k not in OWN}
    assert right.parameters["server_version"].startswith("15.")


@pytest.mark.parametrize("sql", STATEMENTS)
def test_simple_query(pair, sql):
    same(pair, query(sql))
    same(pair, query("ROLLBACK"))


@pytest.mark.parametrize("formats", [(), (1,)], ids=["text", "binary"])
@pytest.mark.parametrize("sql", [s for s in STATEMENTS if not s.startswith("COPY") and "; " not in s])
def test_extended_query(pair, sql, formats):
    same(pair, extended(sql, result_formats=formats))
    same(pair, query("ROLLBACK"))


@pytest.mark.parametrize("sql", FAULTY)
def test_faulty_statements_get_the_databases_code(pair, sql):
    for parts in (query(sql), extended(sql)):
        expected, got = (side.ask(parts) for side in pair)
        assert error(got) == error(expected)
        assert got[-1] == expected[-1]


def test_parameters_named_statements_and_portals(pair):
    same(pair, parse("SELECT id, name FROM departments WHERE id > $1 AND name <> $2 ORDER BY id", b"s", (23, 25)),
         describe(b"S", b"s"), SYNC)
    same(pair, query("BEGIN"))
    same(pair, bind((b"1", b"Neurology"), b"p", b"s"), describe(b"P", b"p"), execute(b"p", 2), execute(b"p", 2),
         execute(b"p"), SYNC)
    same(pair, bind((b"\0\0\0\2", None), b"q", b"s", (0, 1), (1, 0)), execute(b"q"), SYNC)
    same(pair, message(b"C", b"Pp\0"), message(b"C", b"Ss\0"), SYNC)
    for side in pair:
        assert error(side.ask(bind((b"1", b"x"), b"", b"s"), SYNC)) == "26000"
    same(pair, query("ROLLBACK"))


def test_an_error_skips_to_sync(pair):
    got = same(pair, extended("SELECT 1")[:-5], parse("SELECT 1/0"), bind(), execute(), parse("SELECT 2"), bind(),
               execute(), SYNC)
    assert [kind for kind, _ in got].count(b"E") == 1
    same(pair, query("SELECT 3"))


def test_flush_answers_before_sync(pair):
    for side in pair:
        side.send(parse("SELECT id FROM departments ORDER BY id"), bind(), execute(b"", 1), FLUSH)
    expected, got = (side.until(b"s") for side in pair)
    assert got == expected
    same(pair, execute(b"", 2), SYNC)


def test_statement_of_a_mebibyte(pair):
    same(pair, query("SELECT 1 /* " + "x" * (900 << 10) + " */"))


def test_copy_in(pair):
    same(pair, query("CREATE TEMP TABLE t (a int, b text)"))
    for side in pair:
        side.send(query("COPY t FROM STDIN"))
    expected, got = (side.until(b"G") for side in pair)
    assert got == expected
    same(pair, message(b"d", b"1\tone\n2\t"), message(b"d", b"two\n"), message(b"c"))
    for side in pair:
        side.send(query("COPY t FROM STDIN"))
        side.until(b"G")
    assert error(same(pair, message(b"d", b"3\tthree\n"), message(b"f", b"never mind\0"))) == "57014"
    same(pair, query("SELECT a + 0, b || '' FROM t ORDER BY a"))
    same(pair, query("COPY t FROM STDIN"), message(b"d", b"not a number\tx\n"), message(b"c"))


def test_copy_in_among_statements_that_change_what_later_ones_mean(pair):
    same(pair, query("CREATE TEMP TABLE u (a int)"))
    for side in pair:
        side.send(query("SET LOCAL search_path = pg_temp; COPY u FROM STDIN; COPY u FROM STDIN; SELECT a + 0 FROM u"))
        side.until(b"G")
        side.send(SYNC, message(b"d", b"1\n"), message(b"c"))
        side.until(b"G")
        # What follows the end of COPY waits until the statements before it have been answered.
        side.send(message(b"d", b"2\n"), message(b"c"), query("SELECT 'next'"))
    expected, got = (side.until(b"Z") + side.until(b"Z") for side in pair)
    assert got == expected
    for side in pair:
        side.send(query("CREATE TEMP TABLE v (a int); COPY u FROM STDIN; SELECT 1"))
        side.until(b"G")
        side.send(message(b"d", b"not a number\n"), message(b"c"), query("SELECT 2"))
    expected, got = (side.until(b"Z") + side.until(b"Z") for side in pair)
    assert got == expected
