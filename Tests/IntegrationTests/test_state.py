"""Session state that changes what a statement means is followed, in whatever order messages come."""

import pytest
from wire import Wire, bind, describe, error, execute, message, parse, query, rows, FLUSH, SYNC

MASKED = [[b"[redacted]"]]
NAMES = "SELECT name FROM patients WHERE id = 1"
#: The server does not tell of which column it is.
COMPUTED = "SELECT upper(name) FROM patients WHERE id = 1"


@pytest.fixture(scope="module", autouse=True)
def decoy(superuser):
    """A schema with a table of the governed one's name and columns, and nothing governed in it."""
    superuser.script("CREATE SCHEMA decoy; CREATE TABLE decoy.patients AS"
                     " SELECT id, name FROM public.patients WHERE false;"
                     " INSERT INTO decoy.patients VALUES (1, 'nobody');"
                     " GRANT ALL ON SCHEMA decoy TO PUBLIC; GRANT ALL ON ALL TABLES IN SCHEMA decoy TO PUBLIC")
    yield
    superuser.script("DROP SCHEMA decoy CASCADE")


@pytest.fixture
def session(gateway):
    with Wire(gateway) as opened:
        opened.ask(query("SET search_path = decoy"))
        yield opened


def test_a_named_statement_is_judged_under_the_path_of_each_use(session):
    assert error(session.ask(parse(NAMES, b"s"), describe(b"S", b"s"), SYNC)) is None
    assert rows(session.ask(bind(name=b"s"), execute(), SYNC)) == [[b"nobody"]]
    session.ask(query("SET search_path = public"))
    for parts in ([], [describe()]):
        assert rows(session.ask(bind(name=b"s"), *parts, execute(), SYNC)) == MASKED
    session.ask(query("SET search_path = decoy"))
    assert rows(session.ask(bind(name=b"s"), execute(), SYNC)) == [[b"nobody"]]


def test_an_unnamed_statement_parsed_before_the_path_changes(session):
    session.ask(parse("SET search_path = public", b"p"), parse(NAMES), describe(b"S"), SYNC)
    assert rows(session.ask(bind(portal=b"q", name=b"p"), execute(b"q"), bind(), execute(), SYNC)) == MASKED


def test_a_portal_keeps_the_path_it_was_bound_under(session):
    session.ask(query("BEGIN"))
    session.ask(query("SET LOCAL search_path = public"))
    session.ask(parse(NAMES), bind(portal=b"p"), SYNC)
    session.ask(query("SET LOCAL search_path = decoy"))
    assert rows(session.ask(execute(b"p"), SYNC)) == MASKED
    session.ask(parse(NAMES), bind(portal=b"r"), SYNC)
    session.ask(query("SET LOCAL search_path = public"))
    assert rows(session.ask(query("FETCH ALL r"))) == [[b"nobody"]]


def test_a_portal_of_copy_names_what_it_does_when_it_runs(session):
    session.ask(query("BEGIN"))
    session.ask(parse("COPY patients (name) TO STDOUT"), bind(portal=b"p"), SYNC)
    session.ask(query("SET LOCAL search_path = public"))
    answer = session.ask(execute(b"p"), SYNC)
    assert error(answer) == "0A000" and not [body for kind, body in answer if kind == b"d"]


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK", "END", "ABORT"])
def test_a_pipeline_over_the_end_of_a_transaction(gateway, end):
    """The path goes back with the transaction, and the next statement is already sent."""
    with Wire(gateway) as session:
        session.send(query("BEGIN"), query("SET LOCAL search_path = decoy"), query(NAMES), query(end), query(NAMES))
        answers = [rows(session.until(b"Z")) for _ in range(5)]
        assert answers[2] == [[b"nobody"]] and answers[4] == MASKED
        begin = [part for sql in ("BEGIN", "SET LOCAL search_path = decoy", NAMES, end, NAMES)
                 for part in (parse(sql), bind(), execute())]
        assert rows(session.ask(*begin, SYNC)) == [[b"nobody"], *MASKED]


def test_sync_ends_a_transaction_that_nobody_began(gateway):
    local = "SELECT set_config('search_path', 'decoy', true)"
    with Wire(gateway) as session:
        session.send(*(part for sql in (local, NAMES) for part in (parse(sql), bind(), execute())), SYNC,
                     parse(NAMES), bind(), execute(), SYNC)
        assert rows(session.until(b"Z")) == [[b"decoy"], [b"nobody"]]
        assert rows(session.until(b"Z")) == MASKED


def test_sync_within_copy_in_holds_nothing_up(gateway):
    with Wire(gateway) as session:
        session.ask(query("BEGIN"))
        session.ask(query("CREATE TEMP TABLE t (a int)"))
        session.send(parse("COPY t FROM STDIN"), bind(), execute(), SYNC, message(b"d", b"1\n"), message(b"c"), SYNC)
        assert error(session.until(b"Z")) is None
        assert rows(session.ask(query("SELECT a FROM t"))) == [[b"1"]]


def test_a_statement_described_before_the_catalogue_changes(gateway):
    """The description a client asked for is of another table than the rows that come."""
    with Wire(gateway) as session:
        session.ask(query("CREATE TEMP TABLE patients (id int, name text)"))
        session.ask(query("INSERT INTO patients VALUES (1, 'nobody')"))
        session.ask(parse(NAMES, b"s"), describe(b"S", b"s"), SYNC)
        assert rows(session.ask(bind(name=b"s"), execute(), SYNC)) == [[b"nobody"]]
        session.ask(query("DISCARD TEMP"))
        assert rows(session.ask(bind(name=b"s"), execute(), SYNC)) == MASKED


@pytest.mark.parametrize("discard", ["DISCARD TEMP", "DISCARD ALL", "ROLLBACK TO s", "DISCARD PLANS",
                                     "DISCARD SEQUENCES"])
def test_what_discard_brings_back(gateway, discard):
    with Wire(gateway) as session:
        if discard.startswith("ROLLBACK"):
            session.ask(query("BEGIN"))
            session.ask(query("SAVEPOINT s"))
        session.ask(query("CREATE TEMP TABLE patients AS SELECT 1 AS id, 'nobody' AS name"))
        session.send(query(NAMES), query(discard), query(NAMES))
        assert rows(session.until(b"Z")) == [[b"nobody"]]
        assert error(session.until(b"Z")) is None
        kept = discard in ("DISCARD PLANS", "DISCARD SEQUENCES")
        assert rows(session.until(b"Z")) == ([[b"nobody"]] if kept else MASKED)


def test_deallocate_and_close_forget(gateway):
    with Wire(gateway) as session:
        session.ask(query("PREPARE a AS SELECT 1"))
        session.ask(parse("SELECT 2", b"b"), SYNC)
        session.ask(query("BEGIN"))
        session.ask(query("DECLARE c CURSOR FOR SELECT 3"))
        assert rows(session.ask(query("EXECUTE a"))) == [[b"1"]]
        session.ask(query("CLOSE ALL"))
        assert error(session.ask(query("FETCH c"))) == "34000"
        session.ask(query("ROLLBACK"))
        session.ask(query("DEALLOCATE ALL"))
        assert error(session.ask(query("EXECUTE a"))) == "26000"
        assert error(session.ask(bind(name=b"b"), execute(), SYNC)) == "26000"


def test_another_session_changes_the_catalogue(gateway, superuser):
    """What one session has the gateway know, every other one is judged by."""
    with Wire(gateway) as one, Wire(gateway) as other:
        one.ask(query("CREATE TABLE decoy.shown AS SELECT 'nobody'::text AS name"))
        one.ask(parse("SELECT name FROM decoy.shown", b"s"), describe(b"S", b"s"), SYNC)
        assert rows(one.ask(bind(name=b"s"), execute(), SYNC)) == [[b"nobody"]]
        superuser.script("DROP TABLE decoy.shown; CREATE VIEW decoy.shown AS SELECT name FROM public.patients"
                         " WHERE id = 1; GRANT SELECT ON decoy.shown TO PUBLIC")
        other.ask(query("CREATE TABLE decoy.more ()"))
        assert rows(one.ask(bind(name=b"s"), execute(), SYNC)) == MASKED
        assert rows(one.ask(query("SELECT upper(name) FROM decoy.shown"))) == MASKED


def test_flush_does_not_wait_for_the_end(session):
    session.send(parse("SELECT set_config('search_path', 'public', true)"), bind(), execute(), parse(NAMES), bind(),
                 execute(), FLUSH)
    session.until(b"D")
    assert rows(session.until(b"C", b"D")) == []
    assert rows(session.until(b"D")) == MASKED
    session.ask(SYNC)
    assert rows(session.ask(query(NAMES))) == [[b"nobody"]]


@pytest.mark.parametrize("depth", [1, 2, 3, 9])
def test_a_path_that_is_set_by_a_statement_that_others_run(session, depth):
    session.ask(parse("SET search_path = public", b"s0"), SYNC)
    for number in range(depth):
        session.ask(parse(f"EXECUTE s{number}", b"s%d" % (number + 1)), SYNC)
    name = b"s%d" % depth
    pipelined = session.ask(bind(name=name), execute(), parse(COMPUTED), bind(), execute(), SYNC)
    assert rows(pipelined) in (MASKED, [])
    session.ask(query("SET search_path = decoy"))
    assert rows(session.ask(query(f"EXECUTE {name.decode()}; {COMPUTED}"))) in (MASKED, [])


def test_a_path_that_is_set_by_the_rows_of_a_portal_that_has_more(session):
    session.ask(query("BEGIN"))
    session.ask(parse("SELECT set_config('search_path', 'public', false) FROM generate_series(1, 2)"),
                bind(portal=b"p"), execute(b"p", 1), SYNC)
    assert rows(session.ask(query(COMPUTED))) == MASKED


@pytest.mark.parametrize("run", ["FETCH p", "MOVE p"])
def test_a_path_that_is_set_when_a_portal_is_fetched(session, run):
    session.ask(query("BEGIN"))
    session.ask(parse("SELECT set_config('search_path', 'public', false)"), bind(portal=b"p"), SYNC)
    session.ask(query(run))
    assert rows(session.ask(query(COMPUTED))) == MASKED
