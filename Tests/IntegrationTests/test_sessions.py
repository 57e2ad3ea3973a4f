"""What a session may rely on: its transaction state, its cursors, its notifications, its cancel key."""

import struct
import threading

from player import wait_for_sleep
from servers import eventually
from wire import Wire, bind, cancel, error, execute, extended, fields, kinds, message, parse, query, rows, status, SYNC


def test_transaction_status_is_the_servers(gateway):
    with Wire(gateway) as session:
        assert status(session.ask(query("BEGIN"))) == "T"
        assert status(session.ask(query("SELECT 1/0"))) == "E"
        assert error(session.ask(query("SELECT 1"))) == "25P02"
        assert status(session.ask(query("ROLLBACK"))) == "I"


def test_a_refusal_inside_a_transaction_leaves_the_true_status(gateway):
    with Wire(gateway) as session:
        assert status(session.ask(query("BEGIN"))) == "T"
        refused = session.ask(query("DROP TABLE visits"))
        assert error(refused) == "42501"
        assert status(refused) in "TE"
        # Whatever the status says is what the server does.
        after = session.ask(query("SELECT count(*) FROM departments"))
        assert (error(after) is None) == (status(refused) == "T")
        assert status(session.ask(query("ROLLBACK"))) == "I"
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]


def test_a_refusal_in_a_pipeline_skips_to_sync(gateway):
    with Wire(gateway) as session:
        got = session.ask(
            parse("SELECT 1"), bind(), execute(), parse("DROP TABLE visits"), bind(), execute(), parse("SELECT 2"),
            bind(), execute(), SYNC)
        assert error(got) == "42501"
        assert rows(got) in ([[b"1"]], [])
        assert kinds(got).count("E") == 1
        assert rows(session.ask(extended("SELECT 3"))) == [[b"3"]]


def test_a_refusal_names_the_rule_and_a_request_and_nothing_else(gateway, direct):
    with Wire(gateway) as session:
        refused = next(fields(body) for kind, body in session.ask(query("DROP TABLE visits")) if kind == b"E")
        said = " ".join(refused.values())
        assert "no-destruction" in said
        assert str(direct.port) not in said and "127.0.0.1" not in said and "DROP TABLE visits" not in said


def test_session_settings_stay(gateway):
    with Wire(gateway, application_name="suite", options="-c statement_timeout=12s") as session:
        assert session.parameters["application_name"] == "suite"
        assert rows(session.ask(query("SHOW statement_timeout"))) == [[b"12s"]]
        session.ask(query("SET search_path = pg_catalog"))
        assert error(session.ask(query("SELECT count(*) FROM departments"))) == "42P01"
        session.ask(query("RESET search_path"))
        assert rows(session.ask(query("SELECT count(*) FROM departments"))) == [[b"6"]]


def test_temporary_tables_and_advisory_locks_are_the_sessions(gateway):
    with Wire(gateway) as session, Wire(gateway) as other:
        session.ask(query("CREATE TEMP TABLE mine AS SELECT 7 AS n"))
        assert rows(session.ask(query("SELECT n FROM mine"))) == [[b"7"]]
        assert error(other.ask(query("SELECT n FROM mine"))) == "42P01"


def test_notifications_arrive(gateway):
    with Wire(gateway) as listener, Wire(gateway) as speaker:
        assert error(listener.ask(query("LISTEN ward"))) is None
        assert error(speaker.ask(query("NOTIFY ward, 'bell'"))) is None
        kind, body = listener.until(b"A")[-1]
        process, = struct.unpack("!i", body[:4])
        assert body[4:] == b"ward\0bell\0"
        assert process == speaker.process


def test_the_process_id_is_the_servers(gateway):
    with Wire(gateway) as session:
        assert rows(session.ask(query("SELECT pg_backend_pid()"))) == [[str(session.process).encode()]]


def test_cancel_stops_the_running_statement(gateway, superuser):
    with Wire(gateway) as session:
        session.send(query("SELECT pg_sleep(60)"))
        wait_for_sleep(superuser, session.process, 60)
        # Returns after both signals of the postmaster's: to the process, then to its group.
        cancel(gateway, session.process, session.secret)
        assert error(session.until(b"Z")) == "57014"
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]


def flipped(secret):
    """The same but for its last bit."""
    return secret[:-1] + bytes([secret[-1] ^ 1])


def test_cancel_with_a_wrong_secret_stops_nothing(gateway):
    with Wire(gateway) as session:
        threading.Timer(0.1, cancel, (gateway, session.process, flipped(session.secret))).start()
        assert error(session.ask(query("SELECT pg_sleep(0.5)"))) is None


def test_the_cancel_secret_is_not_the_servers(gateway, direct):
    with Wire(gateway) as session:
        threading.Timer(0.1, cancel, (direct, session.process, session.secret)).start()
        assert error(session.ask(query("SELECT pg_sleep(0.5)"))) is None


def test_a_lost_client_ends_its_database_session(gateway, superuser):
    session = Wire(gateway)
    process = session.process
    session.send(query("SELECT pg_sleep(0.2)"))
    session.close()
    count = f"SELECT count(*) FROM pg_stat_activity WHERE pid = {process}"
    eventually(lambda: superuser.value(count) == "0", "the database session outlived its client")


def test_a_terminated_database_session_says_so(gateway, superuser):
    with Wire(gateway) as session:
        superuser.value(f"SELECT pg_terminate_backend({session.process})")
        got = session.closes()
        assert [fields(body)["C"] for kind, body in got if kind == b"E"] == ["57P01"]


def test_pipelined_batches_are_answered_in_order(gateway):
    with Wire(gateway) as session:
        session.send(*(extended(f"SELECT {number}") for number in range(500)))
        for number in range(500):
            assert rows(session.until(b"Z")) == [[str(number).encode()]]


def test_function_call_is_decided(gateway, superuser):
    """The fast path: a harmless function answers, one that reads by name does not."""
    with Wire(gateway) as session:
        harmless = int(superuser.value("SELECT 'int4pl(int, int)'::regprocedure::oid"))
        answer = session.ask(function_call(harmless, b"2", b"3"))
        assert error(answer) == "42501" or (b"V", b"\0\0\0\x015") in answer
        reader = int(superuser.value("SELECT 'table_to_xml(regclass, bool, bool, text)'::regprocedure::oid"))
        answer = session.ask(function_call(reader, b"patients", b"t", b"f", b""))
        assert error(answer) == "42501"
        assert not any(b"Bemondson" in body for _, body in answer)
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]


def function_call(function, *arguments):
    """A FunctionCall with text arguments and a text result."""
    body = struct.pack("!ihhh", function, 1, 0, len(arguments))
    body += b"".join(struct.pack("!i", len(argument)) + argument for argument in arguments)
    return message(b"F", body + struct.pack("!h", 0))


def test_a_portal_bound_before_the_answers_to_an_earlier_sync_is_run_after_them(gateway):
    with Wire(gateway) as session:
        session.send(extended("SELECT pg_sleep(0.2)"),
                     parse("SELECT ssn FROM patients WHERE id = 1"), bind())
        session.until(b"Z")
        session.send(execute(), SYNC)
        answer = session.until(b"Z")
        assert error(answer) is None
        assert rows(answer) == [[b"*******7919"]]
