"""`session.freeTables: Confirm`: a table with nothing governed is compared with the catalogue each time it is read."""

import time

import pytest
from stage.postgresql import CLINIC_SQL
from stage.process import ROOT
from wire import Wire, extended, query, rows

MANIFESTS = ROOT / "Tests" / "IntegrationTests" / "manifests"
#: Longer than the catalogue counts as current.
STALE = 1.3

FREE = {
    "simple": query("SELECT name FROM free_table"), "extended": extended("SELECT name FROM free_table"),
    "an expression": query("SELECT upper(name) FROM free_table"),
    "within another": query("SELECT (SELECT max(name) FROM free_table) FROM rooms"),
    "a copy": query("COPY free_table TO STDOUT"), "TABLE": query("BEGIN; TABLE free_table; COMMIT"),
}

BECOMES = {
    "a view": ("ALTER TABLE free_table RENAME TO put_away; CREATE VIEW free_table AS SELECT name FROM patients;"
               "GRANT SELECT ON free_table TO PUBLIC",
               "DROP VIEW free_table; ALTER TABLE put_away RENAME TO free_table"),
    "a parent": ("ALTER TABLE patients INHERIT free_table", "ALTER TABLE patients NO INHERIT free_table"),
}


@pytest.fixture(scope="module")
def stage(stage):
    gateway = stage.gateway(MANIFESTS, users=["tester"])
    for file in gateway.manifests.iterdir():
        file.write_text(file.read_text().replace("spec:\n", "spec:\n  session: {freeTables: Confirm}\n", 1))
    gateway.start()
    stage.postgresql.endpoint("clinic").script(CLINIC_SQL)
    return stage


@pytest.fixture
def superuser(stage):
    """Around the gateway."""
    return stage.postgresql.endpoint("clinic")


@pytest.fixture
def free_table(superuser):
    """A table with nothing governed, that a governed one could be a child of."""
    superuser.script(
        "CREATE TABLE free_table (name text); INSERT INTO free_table VALUES ('Open');"
        "CREATE TABLE rooms (id int); INSERT INTO rooms VALUES (1);"
        "GRANT SELECT ON free_table, rooms TO PUBLIC")
    yield
    superuser.script("DROP TABLE free_table, rooms")
    time.sleep(STALE)  # What the gateway knows of them would have the next test's refused.


@pytest.mark.parametrize("becomes", BECOMES)
@pytest.mark.parametrize("ask", FREE)
def test_a_free_table_is_confirmed_when_it_is_read(stage, superuser, free_table, ask, becomes):
    """Its name is given to what shows a governed column, directly in the database, and asked for at once."""
    turn, back = BECOMES[becomes]
    hidden = rows(Wire(superuser).ask(query("SELECT lower(name) FROM patients WHERE id = 1")))[0][0]
    with Wire(stage.gateways[0].endpoint()) as session, Wire(superuser) as other:
        assert b"open" in b"".join(body for _, body in session.ask(FREE[ask])).lower()
        other.ask(query(turn))
        shown = b"".join(body for _, body in session.ask(FREE[ask]))
        other.ask(query(back))
        assert hidden not in shown.lower(), shown
