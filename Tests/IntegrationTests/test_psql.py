"""psql through the gateway shows what psql shows directly."""

import pytest
from servers import eventually

COMMANDS = [
    r"\d", r"\d+", r"\d visits", r"\d+ visits", r"\d patients", r"\d+ patients", r"\d+ patient_directory",
    r"\d visits_pkey", r"\dt", r"\dt *.*", r"\di+", r"\dv", r"\dm", r"\ds", r"\df pg_catalog.array*", r"\da",
    r"\dn+", r"\du", r"\l", r"\dp", r"\dT", r"\dD", r"\dx", r"\dC", r"\do pg_catalog.||", r"\dd", r"\db",
    r"\dc", r"\dO", r"\dL", r"\dF", r"\des", r"\dew", r"\det", r"\dRp", r"\dconfig work_mem", r"\sv department_load",
    r"\drds", r"\ddp", r"\dX", r"\dy", r"\encoding", r"\z visits",
]


@pytest.fixture(scope="module", autouse=True)
def settled(superuser):
    """The temporary tables of sessions that have ended are listed until their server processes are gone."""
    temporary = "SELECT count(*) FROM pg_class WHERE relpersistence = 't'"
    eventually(lambda: superuser.value(temporary) == "0", "temporary tables are left")


@pytest.mark.parametrize("command", COMMANDS)
def test_backslash_command_shows_the_same(direct, gateway, command):
    expected, got = direct.psql("-c", command), gateway.psql("-c", command)
    assert (got.stdout, got.stderr, got.returncode) == (expected.stdout, expected.stderr, expected.returncode)
    assert expected.returncode == 0


SCRIPT = r"""
\set VERBOSITY verbose
SET TimeZone = 'Asia/Tokyo';
SELECT id, visited_at, cost FROM visits WHERE id <= 3 ORDER BY id;
SELECT 1/0;
SELECT * FROM nowhere;
BEGIN;
INSERT INTO departments VALUES (99, 'Ward');
SAVEPOINT a;
INSERT INTO departments VALUES (99, 'Again');
ROLLBACK TO a;
SELECT count(*) FROM departments;
ROLLBACK;
SELECT count(*) FROM departments \gx
SELECT drug, count(*) FROM prescriptions GROUP BY drug ORDER BY drug \crosstabview drug drug count
SELECT id, name FROM departments ORDER BY id \gdesc
DROP TABLE IF EXISTS never_was;
SHOW TimeZone;
"""


def test_script_with_errors_and_transactions_prints_the_same(direct, gateway):
    expected, got = (side.psql("-a", "-f", "-", stdin=SCRIPT) for side in (direct, gateway))
    assert got.stdout == expected.stdout
    assert got.stderr == expected.stderr
    assert "division by zero" in expected.stderr


@pytest.mark.parametrize("sql", ["SELEC 1", "SELECT 'unfinished", "SELECT 1 FROM", "SELECT \u00fc, 1 +* 2"])
def test_a_syntax_error_is_shown_with_its_place(direct, gateway, sql):
    expected, got = direct.psql("-c", sql), gateway.psql("-c", sql)
    assert (got.stderr, got.returncode) == (expected.stderr, expected.returncode)


def test_copy_to_and_from_a_file(gateway, direct, tmp_path):
    file = tmp_path / "rows.csv"
    out = gateway.psql("-c", rf"\copy (SELECT id, name FROM departments ORDER BY id) TO {file} CSV HEADER")
    assert out.stdout == "COPY 6\n"
    back = gateway.psql(
        "-At", "-c", "CREATE TEMP TABLE back (id int, name text)", "-c", rf"\copy back FROM {file} CSV HEADER",
        "-c", "SELECT * FROM back EXCEPT SELECT * FROM departments", "-c", "SELECT count(*) FROM back")
    assert back.stdout.splitlines() == ["CREATE TABLE", "COPY 6", "6"]
    assert direct.value("SELECT count(*) FROM departments") == "6"


def test_governed_columns_are_masked_in_psql(gateway, direct):
    sql = "SELECT id, name, ssn, date_of_birth, insurer FROM patients ORDER BY id LIMIT 1"
    assert direct.psql("-At", "-c", sql).stdout == "1|Kamond Bemondson|937-14-7919|1946-12-15|Mutual\n"
    assert gateway.psql("-At", "-c", sql).stdout == "1|[redacted]|*******7919|1946-01-01|Mutual\n"
