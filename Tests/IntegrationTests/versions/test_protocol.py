"""Protocol 3.0 and 3.2 between clients that speak them and servers that do, each leg on its own."""

import threading

import psycopg
import pytest
from player import wait_for_sleep
from stage.postgresql import installation
from wire import Wire, cancel, error, query, rows

V3_0, V3_2 = 0x30000, 0x30002
LIMITS = {
    "as libpq has it": {}, "3.0 at most": {"max_protocol_version": "3.0"},
    "3.2 at most": {"max_protocol_version": "3.2"}, "latest": {"max_protocol_version": "latest"},
    "3.2 at least": {"min_protocol_version": "3.2", "max_protocol_version": "latest"},
}


def connect(world, **limits):
    """A libpq of version 18."""
    endpoint = world.gateway
    return psycopg.connect(
        host=endpoint.host, port=endpoint.port, user=endpoint.user, password=endpoint.password,
        dbname=endpoint.database, autocommit=True, **limits)


@pytest.mark.parametrize("limits", LIMITS.values(), ids=LIMITS)
def test_a_statement_is_cancelled_whatever_either_leg_speaks(world, limits):
    wanted = 30002 if limits and limits.get("max_protocol_version") != "3.0" else 30000
    with connect(world, **limits) as connection:
        assert connection.pgconn.full_protocol_version == wanted
        assert connection.execute("SELECT ssn FROM patients WHERE id = 1").fetchone() == ("*******7919",)
        process = connection.info.backend_pid

        def cancel_sleeping():
            wait_for_sleep(world.direct, process, 60)
            connection.cancel_safe(timeout=60)
        cancelling = threading.Thread(target=cancel_sleeping)
        cancelling.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(90)")
        cancelling.join()  # The postmaster signals twice: the process, then its group.
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("protocol, length, negotiated", [
    (V3_0, 4, None), (0x30001, 4, None), (V3_2, 32, None), (0x30003, 32, (V3_2, [])), (0x3270f, 32, (V3_2, [])),
], ids=["3.0", "3.1", "3.2", "3.3", "3.9999"])
def test_newer_versions_are_negotiated_down(world, protocol, length, negotiated):
    with Wire(world.gateway, protocol=protocol) as session:
        assert (len(session.secret), session.negotiated) == (length, negotiated)
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]


def test_protocol_options_are_declined_by_name(world):
    options = {"_pq_.test_protocol_negotiation": "yes", "application_name": "negotiating", "_pq_.other": ""}
    with Wire(world.gateway, protocol=0x3270f, **options) as session:
        assert session.negotiated == (V3_2, [b"_pq_.test_protocol_negotiation", b"_pq_.other"])
        assert session.parameters["application_name"] == "negotiating"
    with Wire(world.gateway, **options) as session:
        assert session.negotiated[0] == V3_0


def test_a_part_of_a_long_cancel_key_cancels_nothing(world):
    with Wire(world.gateway, protocol=V3_2) as session:
        for secret in (session.secret[:4], session.secret[:31], session.secret + b"\0", b"\0" * 32):
            threading.Timer(0.1, cancel, (world.gateway, session.process, secret)).start()
        assert error(session.ask(query("SELECT pg_sleep(0.5)"))) is None


def test_psql_18_shows_the_version_it_got(world):
    shown = world.gateway.psql(
        "-c", r"\conninfo", **installation(18).environment, PGMAXPROTOCOLVERSION="latest", PGMINPROTOCOLVERSION="3.2")
    assert "| 3.2" in shown.stdout, shown.stderr
