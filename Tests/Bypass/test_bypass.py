"""Our own attacks, by the simple, extended and binary path. Each is shown to work on the database itself first."""

import pathlib
import re

import attacks_on_rules
import attacks_on_state
import attacks_on_values
import pytest
from attack import PATHS, play, succeeds
from stage.playground import Playground
from wire import Wire, error, extended, fields, query, rows

HERE = pathlib.Path(__file__).resolve().parent
FIXTURE = (HERE / "fixture.sql").read_text()

ATTACKS = [
    (kind, it)
    for kind, group in (
        ("names", attacks_on_values.NAMES), ("shapes", attacks_on_values.SHAPES),
        ("channels", attacks_on_values.CHANNELS), ("neighbours", attacks_on_values.NEIGHBOURS),
        ("state", attacks_on_state.STATE), ("oracles", attacks_on_rules.ORACLES),
        ("destruction", attacks_on_rules.DESTRUCTION), ("exhaustion", attacks_on_rules.EXHAUSTION),
    ) for it in group
]


@pytest.fixture(scope="module")
def ward():
    with Playground("--manifests", HERE / "manifests", "--trust") as playground:
        yield playground


@pytest.fixture(scope="module")
def database(ward):
    """One connection around the gateway that lays the fixture and looks at effects."""
    with Wire(ward.endpoint("DIRECT")) as connection:
        yield connection


def lay(database):
    answer = database.ask(query(FIXTURE))
    assert error(answer) is None, answer
    database.ask(query("DISCARD TEMP"))


def value_of(database):
    def ask(sql):
        found = rows(database.ask(query(sql)))
        return found[0][0].decode() if found else None
    return ask


def fits(it, path):
    """Several statements in one string go by the simple path alone."""
    several = re.compile("^;|; (EXECUTE|SELECT|COPY|DELETE FROM people; --)")
    return path == "simple" or not any(several.search(statement) for statement in it.statements)


PLAYS = [(it, path, f"{kind}: {it}, {path}") for kind, it in ATTACKS for path in PATHS if fits(it, path)]


@pytest.mark.parametrize("it, path", [play[:2] for play in PLAYS], ids=[play[2] for play in PLAYS])
def test_attack(ward, database, it, path):
    lay(database)
    assert succeeds(it, *play(it, ward, "DIRECT", path), value_of(database)), (
        "the attack does not work on the database itself, so holding it would prove nothing")
    lay(database)
    said, answer = play(it, ward, "GATEWAY", path)
    assert not succeeds(it, said, answer, value_of(database)), [m for m in said if m[0] in b"DdEN"][:6]


USEFUL = [
    "SELECT id, remark FROM people ORDER BY id", "SELECT count(*) FROM people",
    "SELECT r.code, count(*) FROM stays s JOIN rooms r ON r.id = s.room GROUP BY r.code ORDER BY r.code",
    "UPDATE people SET remark = 'called' WHERE id = 1", "INSERT INTO rooms VALUES (20, 'new') RETURNING *",
    "INSERT INTO people (id, fullname, taxid) VALUES (90, 'New Person', '999-01-0001')",
    "UPDATE people SET mail = 'new@example.com' WHERE id = 90", "SELECT upper(code) || '!' FROM rooms ORDER BY id",
    "WITH recent AS (SELECT person, max(day) AS day FROM stays GROUP BY person) SELECT * FROM recent ORDER BY person",
    "SELECT p.id, s.day FROM people p LEFT JOIN stays s ON s.person = p.id ORDER BY p.id, s.day",
    "EXPLAIN SELECT * FROM rooms WHERE id = 11", "COPY rooms TO STDOUT", "SELECT nextval('tickets')",
    "SELECT n FROM generate_series(1, 3) n", "SELECT id FROM people WHERE id = 1 FOR SHARE",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT max(i) FROM n",
    "SELECT p.id, n FROM people p CROSS JOIN generate_series(1, 2) n ORDER BY 1, 2",
    "SELECT p.id, t.n FROM people p CROSS JOIN (SELECT count(*) AS n FROM rooms) t ORDER BY 1",
    "SELECT id FROM people WHERE id IN (1, 2) AND remark LIKE 'r%' ORDER BY remark",
    "SELECT now() > '2020-01-01', version() LIKE 'PostgreSQL%'",
]


@pytest.mark.parametrize("sql", USEFUL)
@pytest.mark.parametrize("path", ["simple", "extended"])
def test_ordinary_statements_pass(ward, database, sql, path):
    """A gateway that refuses everything would hold every attack."""
    lay(database)
    with Wire(ward.endpoint("DIRECT")) as connection:
        connection.ask(query("BEGIN"))
        expected = rows(connection.ask(*PATHS[path](sql)))
        connection.ask(query("ROLLBACK"))
    lay(database)
    with Wire(ward.endpoint("GATEWAY")) as connection:
        answer = connection.ask(*PATHS[path](sql))
    assert error(answer) is None, answer
    assert rows(answer) == expected


def test_masked_rows_keep_their_number_and_their_free_columns(ward, database):
    lay(database)
    with Wire(ward.endpoint("GATEWAY")) as connection:
        got = rows(connection.ask(extended("SELECT id, fullname, remark FROM people ORDER BY id")))
    assert [(r[0], r[2]) for r in got] == [(b"1", b"r1"), (b"2", b"r2"), (b"40", b"r40")]
    assert {r[1] for r in got} == {b"[redacted]"}


def test_an_error_does_not_tell_where_in_the_server_it_came_from(ward, database):
    """It comes from another line for infinite dates."""
    lay(database)
    with Wire(ward.endpoint("GATEWAY")) as connection:
        answer = connection.ask(query("SELECT extract(hour FROM born) FROM people"))
    told, = [fields(body) for kind, body in answer if kind == b"E"]
    assert told["C"] == "0A000"
    assert not {"F", "L", "R"} & set(told)
