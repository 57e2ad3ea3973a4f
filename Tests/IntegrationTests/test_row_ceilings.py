"""Approved statements that may touch so many rows and no more: what exceeds it is rolled back, and said so."""

import re

import pytest
from approvals import CONNECTION, governed, notice, rule
from servers import eventually
from wire import SYNC, Wire, bind, cancel, describe, error, execute, fields, message, parse, query, rows, status

MANIFESTS = CONNECTION + rule(
    "changes", "{statements: [Update, Delete, Insert, Merge, Truncate], tables: [visits, wards]}",
    grant="{type: Session, duration: 1h, maximumRows: 3}") + rule(
    "reading", "{statements: [Select], tables: [desks]}", grant="{type: Session, duration: 1h, maximumRows: 3}") + rule(
    "again", "{statements: [Delete], tables: [notes]}", whileWaiting="Reject", grant="{maximumRows: 3}")

SCHEMA = """
    CREATE TABLE visits (id int PRIMARY KEY, note text, gone int);
    CREATE TABLE beds (visit int REFERENCES visits ON DELETE CASCADE);
    CREATE TABLE wards (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE desks (id int);
    CREATE TABLE notes (id int);
    CREATE TABLE log (id int);
    CREATE FUNCTION logged() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO log SELECT generate_series(1, 9); RETURN NEW; END $$;
    CREATE TRIGGER logged AFTER INSERT ON notes FOR EACH STATEMENT EXECUTE FUNCTION logged();
"""


@pytest.fixture(scope="module")
def around():
    with governed(MANIFESTS + rule("notes", "{statements: [Insert], tables: [notes]}",
                                   grant="{type: Session, duration: 1h, maximumRows: 3}"), SCHEMA) as around:
        yield around


@pytest.fixture
def operator(around):
    return around[1]


@pytest.fixture
def database(around):
    database = around[0].postgresql.endpoint("clinic")
    database.script("""
        TRUNCATE visits, beds, wards, desks, notes, log;
        INSERT INTO visits SELECT n, 'v' FROM generate_series(1, 20) n;
        INSERT INTO beds SELECT 20 FROM generate_series(1, 9) n;
        INSERT INTO wards VALUES (1), (2), (3);
        INSERT INTO desks SELECT generate_series(1, 9);
        INSERT INTO notes SELECT generate_series(1, 9);
        TRUNCATE log;
    """)
    return database


@pytest.fixture
def session(around, operator, database):
    """A session whose writes to visits and wards have been approved, three rows at a time."""
    with Wire(around[2].endpoint("job")) as session:
        session.send(query("DELETE FROM visits WHERE id = 1"))
        operator.approve("ana", notice(session))
        assert error(session.until(b"Z")) is None
        yield session


def exceeds(answer, count, transaction):
    """The client is told that much, that nothing is done, and how its transaction stands."""
    assert error(answer) == "42501", answer
    told = fields(next(body for kind, body in answer if kind == b"E"))
    assert re.search(rf"touches {count} rows, and ApprovalRule/\w+ allows at most 3", told["M"]), told
    assert b"C" not in [kind for kind, _ in answer] and status(answer) == transaction
    return True


def refused(answer):
    assert error(answer) == "42501", answer
    told = fields(next(body for kind, body in answer if kind == b"E"))
    assert "cannot be counted" in told["M"], told
    return True


def test_what_the_approver_sees_names_the_ceiling(operator, around, database):
    with Wire(around[2].endpoint("job")) as session:
        session.send(query("DELETE FROM visits WHERE id = 1"))
        shown = operator.weirctl("ana", "show", notice(session)).stdout
        assert re.search(r"^rows +at most 3$", shown, re.M)


def test_a_statement_by_itself(session, database):
    answer = session.ask(query("UPDATE visits SET note = 'w' WHERE id <= 4"))
    assert error(answer) is None and answer[0] == (b"C", b"UPDATE 3\0") and answer[-1] == (b"Z", b"I")
    assert exceeds(session.ask(query("UPDATE visits SET note = 'x' WHERE id <= 5")), 4, "I")
    assert database.value("SELECT string_agg(DISTINCT note, ',') FROM visits") == "v,w"
    assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]


def test_in_a_transaction_that_can_only_be_rolled_back(session, database):
    session.ask(query("BEGIN"))
    assert error(session.ask(query("UPDATE visits SET note = 'w' WHERE id = 2"))) is None
    session.ask(query("SAVEPOINT s"))
    assert exceeds(session.ask(query("DELETE FROM visits WHERE id <= 9")), 8, "E")
    assert error(session.ask(query("SELECT 1"))) == "25P02"
    assert session.ask(query("ROLLBACK TO s"))[-1] == (b"Z", b"T")
    assert session.ask(query("DELETE FROM visits WHERE id <= 4"))[0] == (b"C", b"DELETE 3\0")
    assert exceeds(session.ask(query("DELETE FROM visits")), 25, "E")
    assert session.ask(query("COMMIT"))[0] == (b"C", b"ROLLBACK\0")
    assert database.value("SELECT count(*) FROM visits WHERE note = 'v'") == "19"


@pytest.mark.parametrize("sync", ["with", "after"])
def test_the_extended_protocol(session, database, sync):
    delete = parse("DELETE FROM visits WHERE id <= $1 RETURNING id") + bind([b"9"]) + describe() + execute()
    session.send(delete + (SYNC if sync == "with" else b""))
    if sync == "after":
        assert error(session.until(b"E")) == "42501"
        session.send(SYNC)
        assert session.until(b"Z")[-1] == (b"Z", b"I")
    else:
        answer = session.until(b"Z")
        assert exceeds(answer, 8, "I")
        # As many rows as are allowed may be seen, and no more.
        assert rows(answer) == [[b"2"], [b"3"], [b"4"]]
    assert database.value("SELECT count(*) FROM visits") == "19"
    few = session.ask(
        parse("DELETE FROM visits WHERE id <= $1 RETURNING id"), bind([b"4"]), describe(), execute(), SYNC)
    assert rows(few) == [[b"2"], [b"3"], [b"4"]] and few[-2] == (b"C", b"DELETE 3\0")
    assert database.value("SELECT count(*) FROM visits") == "16"


def test_a_pipeline_goes_on_after_what_is_allowed_and_no_further_than_what_is_not(session, database):
    def delete(most):
        return parse("DELETE FROM visits WHERE id <= $1") + bind([most]) + execute()
    answer = session.ask(delete(b"2"), delete(b"4"), delete(b"20"), delete(b"21"), SYNC)
    assert [body for kind, body in answer if kind == b"C"] == [b"DELETE 1\0", b"DELETE 2\0"]
    assert error(answer) == "42501" and answer[-1] == (b"Z", b"I")
    assert database.value("SELECT count(*) FROM visits") == "19"


def test_a_portal_run_in_pieces(session, database):
    session.send(parse("DELETE FROM visits RETURNING id"), bind(), execute(rows=1), execute(rows=1), SYNC)
    answer = session.until(b"Z")
    assert error(answer) == "42501" and len(rows(answer)) == 1
    assert database.value("SELECT count(*) FROM visits") == "19"


def test_rows_written_out_of_sight_of_the_tag(session, operator, around, database):
    # A WITH clause, and a foreign key that cascades.
    assert exceeds(session.ask(query("WITH d AS (DELETE FROM visits WHERE id <= 5 RETURNING id) SELECT 1")), 4, "I")
    assert exceeds(session.ask(query("DELETE FROM visits WHERE id = 20")), 10, "I")
    with Wire(around[2].endpoint("job")) as other:
        other.send(query("INSERT INTO notes VALUES (0)"))
        operator.approve("ana", notice(other))
        assert exceeds(other.until(b"Z"), 10, "I")  # A trigger's.
    assert database.value("SELECT count(*) FROM visits, beds, log") == "0"
    assert database.value("SELECT count(*) FROM visits") == "19"


def test_what_is_copied_in(session, database):
    def copy(count):
        session.send(query("COPY visits (id) FROM STDIN"))
        assert session.until(b"G", b"E")[-1][0] == b"G"
        lines = b"".join(b"%d\n" % (100 + n) for n in range(count))
        session.send(message(b"d", lines), message(b"c"))
        return session.until(b"Z")
    assert exceeds(copy(4), 4, "I")
    assert database.value("SELECT count(*) FROM visits") == "19"
    assert copy(3)[0] == (b"C", b"COPY 3\0")
    session.send(parse("COPY visits (id) FROM STDIN"), bind(), execute(), SYNC)
    session.until(b"G")
    session.send(message(b"d", b"201\n202\n203\n204\n"), message(b"c"), SYNC)
    assert exceeds(session.until(b"Z"), 4, "I")
    assert database.value("SELECT count(*) FROM visits") == "22"


def test_rows_that_are_read(operator, around, database):
    with Wire(around[2].endpoint("job")) as session:
        session.send(query("SELECT id FROM desks WHERE id <= 3"))
        operator.approve("ana", notice(session))
        assert len(rows(session.until(b"Z"))) == 3
        answer = session.ask(query("SELECT id FROM desks"))
        assert exceeds(answer, 9, "I") and len(rows(answer)) == 3
        pieces = session.ask(parse("SELECT id FROM desks"), bind(), execute(rows=2), execute(rows=2), SYNC)
        assert error(pieces) == "42501" and len(rows(pieces)) == 3


@pytest.mark.parametrize("statement", [
    "TRUNCATE visits", "DELETE FROM visits WHERE id = 2; DELETE FROM visits WHERE id = 3",
    "DELETE FROM visits WHERE id = 2; COMMIT", "EXPLAIN ANALYZE DELETE FROM visits",
    "CREATE TABLE more AS WITH d AS (DELETE FROM visits RETURNING id) SELECT * FROM d", "DO 'BEGIN END'",
])
def test_what_cannot_be_counted_is_not_asked_about(session, database, statement):
    assert refused(session.ask(query(statement)))
    assert database.value("SELECT count(*) FROM visits") == "19"


def test_a_portal_that_a_cursor_could_run(session):
    session.ask(query("BEGIN"))
    assert refused(session.ask(parse("DELETE FROM visits"), bind(portal=b"p"), SYNC))


def test_what_fails_when_it_is_committed_has_not_been_told_as_done(session, database):
    answer = session.ask(query("INSERT INTO wards VALUES (3)"))
    assert error(answer) == "23505" and b"C" not in [kind for kind, _ in answer] and answer[-1] == (b"Z", b"I")
    assert session.ask(query("INSERT INTO wards VALUES (4)"))[0] == (b"C", b"INSERT 0 1\0")


def test_a_cancel_leaves_nothing(session, around, database):
    session.send(query("UPDATE visits SET note = 'w' WHERE id = 2 AND pg_sleep(30) IS NOT NULL"))
    eventually(lambda: database.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1",
               "the statement does not run")
    cancel(around[2].endpoint("job"), session.process, session.secret)
    answer = session.until(b"Z")
    assert error(answer) in ("57014", "42501") and answer[-1] == (b"Z", b"I")
    assert database.value("SELECT count(*) FROM visits WHERE note = 'w'") == "0"


def test_a_statement_sent_again(operator, around, database):
    many, few = query("DELETE FROM notes WHERE id <= 4"), query("DELETE FROM notes WHERE id <= 3")
    with Wire(around[2].endpoint("job")) as session:
        for change in (many, few):
            answer = session.ask(change)
            operator.approve("ana", re.search(r"request (\S+)", fields(answer[0][1])["M"])[1])
        assert exceeds(session.ask(many), 4, "I")
        assert session.ask(few)[0] == (b"C", b"DELETE 3\0")
    assert database.value("SELECT count(*) FROM notes") == "6"


def test_a_server_that_does_not_count(session, around, database):
    database.script("ALTER DATABASE clinic SET track_counts = off")
    try:
        with Wire(around[2].endpoint("job")) as other:
            other.send(query("DELETE FROM visits WHERE id = 2"))
            around[1].approve("ana", notice(other))
            assert refused(other.until(b"Z"))
    finally:
        database.script("ALTER DATABASE clinic RESET track_counts")


def test_the_log_has_it_as_refused(around, operator, database):
    stage = around[0]
    with Wire(around[2].endpoint("job")) as session:
        session.send(query("DELETE FROM visits WHERE id < 20"))
        request = notice(session)
        operator.approve("ana", request)
        exceeds(session.until(b"Z"), 19, "I")
    name = request.rsplit("-", 1)[0]
    eventually(lambda: re.search(
        r"DELETE FROM visits WHERE id < 20\n(.*\n)*.*#1 -> error 42501",
        stage.weirctl("sessions", "replay", name, "--sink", stage.sink_url).stdout), "it is not in the log")
