"""Messages sent before it is known that earlier ones have failed: what a name means then is decided by the server.

Each batch fails late, after everything that follows it has been sent.
"""

import pytest
from wire import SYNC, Wire, bind, describe, error, execute, message, parse, query, rows

GOVERNED, FREE = "SELECT ssn FROM patients WHERE id = 1", "SELECT insurer FROM patients WHERE id = 1"
MASKED, PLAIN = [[b"*******7919"]], [[b"Mutual"]]

FAILS_LATE = parse("SELECT 1 / (pg_sleep(0.2) IS NULL)::int") + bind() + execute()


def close(kind, name):
    return message(b"C", kind + name + b"\0")


def answers(session, *parts, count):
    """The answers to that many batches, sent in one piece."""
    session.send(*parts)
    return [session.until(b"Z") for _ in range(count)]


def test_a_failed_batch_brings_no_older_portal_back(gateway):
    with Wire(gateway) as session:
        got = answers(session, parse(FREE), bind(), execute(), SYNC, FAILS_LATE, SYNC, query("BEGIN"), parse(GOVERNED),
                      bind(), describe(), execute(), SYNC, count=4)
        assert rows(got[0]) == PLAIN and error(got[1]) == "22012"
        assert rows(got[3]) == MASKED


def test_a_failed_batch_brings_no_older_statement_back(gateway):
    with Wire(gateway) as session:
        got = answers(session, parse(FREE), SYNC, FAILS_LATE, parse(FREE), SYNC, parse(GOVERNED), SYNC, count=3)
        assert error(got[1]) == "22012"
        assert rows(session.ask(bind(), execute(), SYNC)) == MASKED


@pytest.mark.parametrize("use", [bind(name=b"s") + execute() + SYNC, query("EXECUTE s")], ids=["Bind", "EXECUTE"])
@pytest.mark.parametrize("before, after, shown", [(GOVERNED, FREE, MASKED), (FREE, GOVERNED, PLAIN)])
def test_a_statement_that_a_failed_batch_was_to_replace_is_what_it_was(gateway, use, before, after, shown):
    with Wire(gateway) as session:
        assert error(session.ask(parse(before, b"s"), SYNC)) is None
        replaced = FAILS_LATE + close(b"S", b"s") + parse(after, b"s") + SYNC
        assert rows(answers(session, replaced, use, count=2)[1]) == shown


@pytest.mark.parametrize("use", [execute(b"p") + SYNC, query("FETCH p")], ids=["Execute", "FETCH"])
@pytest.mark.parametrize("before, after, shown", [(GOVERNED, FREE, MASKED), (FREE, GOVERNED, PLAIN)])
def test_a_portal_that_a_failed_batch_was_to_replace_is_what_it_was(gateway, use, before, after, shown):
    """The savepoint keeps the portal of before alive."""
    with Wire(gateway) as session:
        for part in (query("BEGIN"), parse(before) + bind(portal=b"p") + SYNC, query("SAVEPOINT a")):
            assert error(session.ask(part)) is None
        replaced = FAILS_LATE + close(b"P", b"p") + parse(after) + bind(portal=b"p") + SYNC
        got = answers(session, replaced, query("ROLLBACK TO a"), use, count=3)
        assert [error(answer) for answer in got] == ["22012", None, None]
        assert rows(got[2]) == shown


def test_a_statement_of_a_batch_that_has_not_been_answered_is_waited_for(gateway):
    with Wire(gateway) as session:
        got = answers(session, parse(GOVERNED, b"s"), SYNC, bind(name=b"s"), execute(), SYNC, query("EXECUTE s"),
                      count=3)
        assert rows(got[1]) == MASKED and rows(got[2]) == MASKED
