"""What the gateway reads of the database's catalogue while others use the database."""

import threading
import time

import pytest
from servers import eventually
from wire import Wire, error, extended, query, rows

#: Longer than the catalogue counts as current.
STALE = 1.3


@pytest.fixture
def views(superuser):
    """A view inside a view inside a view, over columns that are free."""
    superuser.script(
        "CREATE VIEW inner_view AS SELECT id, insurer AS shown FROM patients;"
        "CREATE VIEW middle_view AS SELECT * FROM inner_view; CREATE VIEW outer_view AS SELECT * FROM middle_view;"
        "GRANT SELECT ON outer_view TO PUBLIC")
    yield
    superuser.script("DROP VIEW inner_view CASCADE")
    time.sleep(STALE)  # The next test's views have the same names.


OUTER = query("SELECT shown FROM outer_view WHERE id = 1")


def test_views_within_views(gateway, views):
    with Wire(gateway) as session:
        assert rows(session.ask(OUTER)) == [[b"Mutual"]]
        session.ask(query("BEGIN"))
        assert rows(session.ask(OUTER)) == [[b"Mutual"]]


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
def test_a_session_always_within_a_transaction_sees_a_view_change(gateway, superuser, views, isolation):
    """No statement of it is ever outside of one, where the catalogue is compared as well."""
    with Wire(gateway) as session:
        begin = query(f"BEGIN ISOLATION LEVEL {isolation}")
        session.ask(begin)
        assert rows(session.ask(OUTER)) == [[b"Mutual"]]
        session.ask(query("COMMIT"))
        superuser.script("CREATE OR REPLACE VIEW inner_view AS SELECT id, name AS shown FROM patients")
        time.sleep(STALE)
        session.ask(begin)
        assert rows(session.ask(OUTER)) == [[b"[redacted]"]]
        session.ask(query("COMMIT"))


@pytest.mark.parametrize("kind", ["simple", "extended", "in a transaction", "a cursor", "a copy"])
def test_no_moment_passes_between_a_change_and_its_being_seen(gateway, superuser, views, kind):
    """A view is given another query directly in the database, again and again, and asked for at once."""
    ask = {
        "simple": lambda session: session.ask(OUTER),
        "extended": lambda session: session.ask(extended("SELECT shown FROM outer_view WHERE id = 1")),
        "in a transaction": lambda session: session.ask(OUTER),
        "a cursor": lambda session: session.ask(
            query("BEGIN; DECLARE c CURSOR FOR SELECT shown FROM outer_view WHERE id = 1; FETCH c; COMMIT")),
        "a copy": lambda session: session.ask(query("COPY (SELECT shown FROM outer_view WHERE id = 1) TO STDOUT")),
    }[kind]
    with Wire(gateway) as session:
        if kind == "in a transaction":
            session.ask(query("BEGIN"))
        for _ in range(5):
            for column, expected in ("name", b"[redacted]"), ("insurer", b"Mutual"):
                if kind == "in a transaction":  # What it has read once is locked until it ends.
                    session.ask(query("COMMIT; BEGIN"))
                superuser.script(
                    f"CREATE OR REPLACE VIEW inner_view AS SELECT id, {column}::text AS shown FROM patients")
                assert expected in b"".join(body for _, body in ask(session)), column


@pytest.mark.parametrize("ask", [
    query("SELECT shown FROM outer_view WHERE id = 1"), extended("SELECT shown FROM outer_view WHERE id = 1"),
    query("COPY (SELECT shown FROM outer_view WHERE id = 1) TO STDOUT")], ids=["simple", "extended", "a copy"])
def test_a_change_that_is_under_way_is_waited_for(gateway, superuser, views, ask):
    with Wire(superuser) as other, Wire(gateway) as session:
        session.ask(ask)
        for column, expected in ("name", b"[redacted]"), ("insurer", b"Mutual"):
            other.ask(query("BEGIN; CREATE OR REPLACE VIEW inner_view AS "
                            f"SELECT id, {column}::text AS shown FROM patients"))
            session.send(ask)
            time.sleep(0.3)
            other.ask(query("COMMIT"))
            assert expected in b"".join(body for _, body in session.until(b"Z"))


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_transaction_that_does_not_see_a_change_is_to_begin_again(gateway, superuser, views, isolation):
    """The server follows the view as it is now; the transaction sees what it was."""
    with Wire(gateway) as session:
        session.ask(query(f"BEGIN ISOLATION LEVEL {isolation}"))
        session.ask(query("SELECT 1 FROM patients WHERE id = 1"))
        superuser.script("CREATE OR REPLACE VIEW inner_view AS SELECT id, name::text AS shown FROM patients")
        assert error(session.ask(OUTER)) == "40001"
        session.ask(query("ROLLBACK"))
        session.ask(query(f"BEGIN ISOLATION LEVEL {isolation}"))
        assert rows(session.ask(OUTER)) == [[b"[redacted]"]]


def test_a_change_that_was_rolled_back_is_none(gateway, superuser, views):
    with Wire(superuser) as other:
        other.ask(query("BEGIN; ALTER TABLE patients ADD extra int; "
                        "CREATE OR REPLACE VIEW inner_view AS SELECT id, name::text AS shown FROM patients; ROLLBACK"))
    with Wire(gateway) as session:
        session.ask(query("BEGIN ISOLATION LEVEL REPEATABLE READ"))
        assert rows(session.ask(OUTER)) == [[b"Mutual"]]


def test_a_column_is_not_what_it_was_a_moment_before(gateway, superuser):
    with Wire(gateway) as session:
        free = query("SELECT lower(insurer) FROM patients WHERE id = 1")
        assert rows(session.ask(free)) == [[b"mutual"]]
        superuser.script(
            "ALTER TABLE patients RENAME insurer TO before;"
            "ALTER TABLE patients ADD insurer text GENERATED ALWAYS AS (ssn) STORED")
        try:
            assert rows(session.ask(free)) == [[b"[redacted]"]]
        finally:
            superuser.script(
                "ALTER TABLE patients DROP insurer; ALTER TABLE patients RENAME before TO insurer")


def test_a_held_cursor_outlives_its_table(gateway):
    with Wire(gateway) as session:
        session.ask(query("CREATE TEMP TABLE short_lived AS SELECT 'kept'::text AS shown"))
        session.ask(query("BEGIN; DECLARE held CURSOR WITH HOLD FOR SELECT shown FROM short_lived; COMMIT"))
        session.ask(query("DROP TABLE short_lived"))
        assert rows(session.ask(query("FETCH held"))) == [[b"kept"]]


def test_views_come_and_go_meanwhile(gateway, superuser, views):
    """Their definitions are another session's business, and reading them may fail at any moment."""
    over = threading.Event()

    def churn():
        with Wire(superuser) as other:
            while not over.is_set():
                for number in range(5):
                    other.ask(query(f"CREATE VIEW passing_{number} AS SELECT * FROM middle_view"))
                for number in range(5):
                    other.ask(query(f"DROP VIEW passing_{number}"))

    churning = threading.Thread(target=churn)
    churning.start()
    try:
        with Wire(gateway) as session:
            for number in range(60):
                session.ask(query("CREATE TEMP TABLE IF NOT EXISTS mine (n int)"))
                assert rows(session.ask(query(f"SELECT {number} FROM patients WHERE id = 1"))) == [[b"%d" % number]]
                assert rows(session.ask(OUTER)) == [[b"Mutual"]]
                passing = session.ask(query(f"SELECT * FROM passing_{number % 5} LIMIT 1"))
                assert error(passing) in (None, "42P01", "42501", "XX000"), passing
    finally:
        over.set()
        churning.join()


def test_a_lock_on_a_table_holds_up_none_that_do_not_read_it(gateway, superuser, views):
    with Wire(superuser) as holder, Wire(gateway) as session:
        holder.ask(query("BEGIN"))
        holder.ask(query("LOCK TABLE patients IN ACCESS EXCLUSIVE MODE"))
        session.ask(query("CREATE TEMP TABLE unlocked (n int)"))
        assert rows(session.ask(query("SELECT count(*) FROM unlocked"))) == [[b"0"]]
        holder.ask(query("ROLLBACK"))


def test_temporary_tables_come_and_change_and_go_as_they_do_directly(gateway, superuser):
    """Each is read, or read away, on top of what was known before; rolled back is what was before that."""
    statements = [
        "CREATE TEMP TABLE first (a int)", "INSERT INTO first VALUES (1)", "TABLE first",
        "ALTER TABLE first ADD COLUMN b text DEFAULT 'b'", "SELECT b, a FROM first",
        "BEGIN", "ALTER TABLE first RENAME TO second", "CREATE TEMP TABLE first (c int)", "SAVEPOINT s",
        "ALTER TABLE first RENAME COLUMN c TO d", "SELECT d FROM first", "ROLLBACK TO s", "SELECT c FROM first",
        "SELECT a FROM second", "ROLLBACK", "SELECT a FROM first", "SELECT a FROM second",
        "CREATE TEMP TABLE child () INHERITS (first)", "INSERT INTO child VALUES (2)",
        "SELECT a, b FROM first ORDER BY a",
        "DROP TABLE child", "SELECT a, b FROM first", "DROP TABLE first", "SELECT a FROM first",
        "CREATE TEMP TABLE first (z int)", "SELECT count(z) FROM first", "DISCARD ALL", "SELECT count(*) FROM first",
    ]

    def play(endpoint):
        with Wire(endpoint) as session:
            answers = [session.ask(query(statement)) for statement in statements]
        return [(statement, rows(answer), error(answer)) for statement, answer in zip(statements, answers)]

    assert play(gateway) == play(superuser)


def test_a_table_that_has_become_another_child_is_read_through_its_parent(gateway, superuser):
    people = query("SELECT name FROM people WHERE id = 1")
    superuser.script("CREATE TABLE people (id int, name text); CREATE TABLE others () INHERITS (people);"
                     "GRANT SELECT ON people TO PUBLIC")
    try:
        with Wire(gateway) as session:
            assert rows(session.ask(people)) == []
            superuser.script("ALTER TABLE patients INHERIT people")
            assert rows(session.ask(people)) == [[b"[redacted]"]]
    finally:
        superuser.script("ALTER TABLE patients NO INHERIT people; DROP TABLE people CASCADE")
        time.sleep(STALE)


def test_a_partition_that_is_being_detached_holds_up_no_transaction(gateway, superuser):
    parts = query("SELECT a FROM parts")
    superuser.script("CREATE TABLE parts (a int) PARTITION BY LIST (a); GRANT SELECT ON parts TO PUBLIC;"
                     "CREATE TABLE part PARTITION OF parts FOR VALUES IN (1); INSERT INTO parts VALUES (1)")
    with Wire(gateway) as session, Wire(superuser) as other:
        session.ask(query("BEGIN ISOLATION LEVEL REPEATABLE READ"))
        assert rows(session.ask(parts)) == [[b"1"]]
        other.send(query("ALTER TABLE parts DETACH PARTITION part CONCURRENTLY"))
        # Its second step waits for the transaction.
        eventually(lambda: superuser.value(
            "SELECT inhdetachpending FROM pg_inherits WHERE inhparent = 'parts'::regclass") == "t", "not begun")
        answer = session.ask(parts)
        assert rows(answer) == [[b"1"]], answer
        session.ask(query("COMMIT"))
        other.until(b"Z")
    superuser.script("DROP TABLE parts, part")
    time.sleep(STALE)
