"""Several servers: which one a session gets, what happens when it goes, and what is said when none will do."""

import signal
import socket
import subprocess
import threading

import pytest
from relay import Relay
from servers import Standby, eventually, hosts, through
from stage.process import free_port
from stage.stage import Stage
from wire import Wire, error, query, rows


@pytest.fixture(scope="module")
def stage():
    with Stage(settings={"wal_level": "replica"}) as running:
        running.start_postgresql()
        running.postgresql.ensure_database("clinic")
        running.start_sink()
        yield running


@pytest.fixture(scope="module")
def primary(stage):
    return stage.postgresql


@pytest.fixture(scope="module")
def standby(stage, primary):
    server = Standby(stage.folder / "standby", primary)
    server.start()
    yield server
    server.stop()


def port_served(gateway, **options):
    return int(gateway.endpoint().psql("-At", "-c", "SELECT inet_server_port()", **options).stdout or 0)


@pytest.mark.parametrize("attributes, wanted", [
    ("Any", "first"), ("ReadWrite", "primary"), ("Primary", "primary"), ("ReadOnly", "standby"),
    ("Standby", "standby"), ("PreferStandby", "standby"),
])
@pytest.mark.parametrize("first", ["primary", "standby"])
def test_the_server_wanted_is_found_wherever_it_stands(stage, primary, standby, attributes, wanted, first):
    ports = {"primary": primary.port, "standby": standby.port, "first": locals()[first].port}
    order = sorted([primary.port, standby.port], key=lambda port: port != ports["first"])
    gateway = through(stage, hosts(*order, targetSessionAttributes=attributes))
    assert port_served(gateway) == ports[wanted]


def test_any_server_will_do_where_there_is_no_standby(stage, primary):
    gateway = through(stage, hosts(free_port(), primary.port, targetSessionAttributes="PreferStandby"))
    assert port_served(gateway) == primary.port


@pytest.mark.parametrize("attributes, port, said", [
    ("ReadWrite", "standby", "no database server accepts read-write sessions"),
    ("Primary", "standby", "no database server is a primary"),
    ("ReadOnly", "primary", "no database server has read-only sessions"),
    ("Standby", "primary", "no database server is a standby"),
])
def test_when_none_will_do_the_log_names_each_and_the_client_learns_none(
        stage, primary, standby, attributes, port, said):
    closed, port = free_port(), locals()[port].port
    gateway = through(stage, hosts(closed, port, targetSessionAttributes=attributes))
    done = gateway.endpoint().psql("-c", "SELECT 1")
    assert done.returncode == 2 and f"FATAL:  {said}" in done.stderr
    assert str(port) not in done.stderr and str(closed) not in done.stderr
    passed_over = [line for line in gateway.log.read_text().splitlines() if "passed over" in line]
    assert len(passed_over) == 2
    assert str(closed) in passed_over[0] and str(port) in passed_over[1]


def test_what_the_client_itself_makes_read_only_is_not_read_write(stage, primary):
    """As with libpq, which asks the session and not the server."""
    gateway = through(stage, hosts(primary.port, targetSessionAttributes="ReadWrite"))
    done = gateway.endpoint().psql("-c", "SELECT 1", PGOPTIONS="-c default_transaction_read_only=on")
    assert done.returncode == 2 and "read-write" in done.stderr
    libpq = primary.endpoint("clinic").psql(
        "-c", "SELECT 1", PGOPTIONS="-c default_transaction_read_only=on", PGTARGETSESSIONATTRS="read-write")
    assert libpq.returncode == 2 and "session is read-only" in libpq.stderr


def test_a_server_that_does_not_answer_is_passed_over_in_time(stage, primary):
    """It takes the connection and says nothing, as one that hangs does."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        gateway = through(stage, hosts(port, primary.port, connectTimeout="300ms"))
        # The other one may be as slow on a busy machine.
        eventually(lambda: port_served(gateway) == primary.port, lambda: gateway.log.read_text())
        assert "timed out" in gateway.log.read_text() or "in time" in gateway.log.read_text()


@pytest.mark.parametrize("noise", [b"", b"E", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 64])
def test_what_is_no_server_is_passed_over(stage, primary, noise):
    def serve(listener):
        connection, _ = listener.accept()
        with connection:
            connection.sendall(noise)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=[listener], daemon=True).start()
        gateway = through(stage, hosts(listener.getsockname()[1], primary.port, connectTimeout="20s"))
        assert port_served(gateway) == primary.port


def test_a_name_with_two_addresses_is_tried_at_both(stage, primary):
    """The gateway sees a hosts file of its own, in which the name leads to two addresses; the second one serves."""
    names = stage.folder / "hosts"
    names.write_text("127.0.0.1 db.weir.test\n127.0.0.9 db.weir.test\n")
    with Relay(primary.port, address="127.0.0.9") as relay:
        gateway = through(stage, hosts(relay.port).replace("host: 127.0.0.1", "host: db.weir.test"), start=False)
        gateway.process.command[:0] = [
            "unshare", "--map-root-user", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"',
            str(names)]
        gateway.start()
        assert port_served(gateway) == primary.port
        assert "address=127.0.0.1" in gateway.log.read_text()
        names.write_text("127.0.0.1 localhost\n")
        done = gateway.endpoint().psql("-c", "SELECT 1")
    assert done.returncode == 2 and "unreachable" in done.stderr and "db.weir.test" not in done.stderr
    assert "has no address" in gateway.log.read_text()


def test_load_is_spread_where_it_is_asked_for(stage, primary, standby):
    spread = through(stage, hosts(primary.port, standby.port, loadBalanceHosts="Random"))
    assert {port_served(spread) for _ in range(24)} == {primary.port, standby.port}
    steady = through(stage, hosts(primary.port, standby.port))
    assert {port_served(steady) for _ in range(6)} == {primary.port}


def test_cancel_reaches_the_sessions_own_server(stage, primary, standby):
    gateway = through(stage, hosts(primary.port, standby.port, targetSessionAttributes="Standby"))
    command = ["psql", "-X", "-c", "SELECT pg_sleep(30)"]
    session = subprocess.Popen(
        command, env=gateway.endpoint().environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)' AND state = 'active'"
    eventually(lambda: standby.endpoint("clinic").value(sleeping) == "1", "the statement does not run")
    session.send_signal(signal.SIGINT)
    assert "canceling statement due to user request" in session.communicate(timeout=60)[1]


def test_a_server_that_is_not_up_is_quoted(stage, primary):
    """A standby that takes no queries refuses as servers do that start up: 57P03."""
    cold = Standby(stage.folder / "cold", primary, settings={"hot_standby": "off"})
    cold.wait_until_ready = lambda: eventually(
        lambda: "not accepting" in cold.endpoint().psql("-c", "").stderr, "it starts up for ever")
    cold.start()
    try:
        gateway = through(stage, hosts(cold.port))
        said = [where.psql("-c", "SELECT 1").stderr.split("FATAL:")[1]
                for where in (gateway.endpoint(), cold.endpoint("clinic"))]
        assert said[0] == said[1] and "not accepting connections" in said[0] and "Hot standby" in said[0]
        several = through(stage, hosts(cold.port, primary.port))
        assert port_served(several) == primary.port
    finally:
        cold.stop()


def test_a_log_in_that_is_refused_is_not_tried_elsewhere(stage, primary, standby):
    """As with libpq: the first server's word counts."""
    gateway = through(stage, hosts(primary.port, standby.port), credential=("postgres", "wrong"))
    done = gateway.endpoint().psql("-c", "SELECT 1")
    assert done.returncode == 2 and "refused the gateway's own log-in" in done.stderr
    assert gateway.log.read_text().count("passed over") == 1


def test_after_a_failover_sessions_go_to_the_new_primary(stage):
    old = Stage(settings={"wal_level": "replica"})
    try:
        old.start_postgresql()
        old.postgresql.ensure_database("clinic")
        new = Standby(old.folder / "standby", old.postgresql)
        new.start()
        old.start_sink()
        gateway = through(old, hosts(old.postgresql.port, new.port, targetSessionAttributes="ReadWrite"))
        with Wire(gateway.endpoint()) as session:
            assert rows(session.ask(query("SELECT inet_server_port()"))) == [[str(old.postgresql.port).encode()]]
            old.postgresql.process.stop(signal.SIGQUIT)
            ended = session.closes()
            assert error(ended) in ("57P01", None)
        done = gateway.endpoint().psql("-c", "SELECT 1")
        assert done.returncode == 2 and "read-write" in done.stderr
        new.promote()
        assert port_served(gateway) == new.port
        assert gateway.endpoint().psql("-c", "CREATE TABLE written (a int)").stdout == "CREATE TABLE\n"
        new.stop()
    finally:
        old.close()


def test_servers_that_do_not_tell_are_asked():
    """PostgreSQL 13 reports neither what it is nor what its sessions may do."""
    with Stage(settings={"wal_level": "replica"}, version=13) as older:
        older.start_postgresql()
        older.postgresql.ensure_database("clinic")
        standby = Standby(older.folder / "standby", older.postgresql)
        standby.start()
        older.start_sink()
        served = {"primary": older.postgresql.port, "standby": standby.port}
        try:
            for attributes, wanted in [("ReadWrite", "primary"), ("Primary", "primary"), ("ReadOnly", "standby"),
                                       ("Standby", "standby"), ("PreferStandby", "standby")]:
                others_first = sorted(served.values(), key=lambda port: port == served[wanted])
                gateway = through(older, hosts(*others_first, targetSessionAttributes=attributes))
                with Wire(gateway.endpoint()) as session:
                    assert "in_hot_standby" not in session.parameters
                    assert rows(session.ask(query("SELECT inet_server_port()"))) == [[str(served[wanted]).encode()]]
        finally:
            standby.stop()
