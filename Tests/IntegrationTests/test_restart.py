"""The end of a database session by the server's doing: a client through the gateway is told what one without is."""

import os
import signal
import subprocess

import pytest
from servers import eventually, one_host, through
from stage.postgresql import CLINIC_SQL
from wire import SYNC, Wire, bind, execute, fields, parse, query

#: What a session is doing when its server goes.
STATES = {
    "idle": [],
    "in a transaction": [query("BEGIN")],
    "in a failed transaction": [query("BEGIN"), query("SELECT 1/0")],
    "busy": [query("SELECT pg_sleep(60)")],
    "busy over governed columns": [query("SELECT name, pg_sleep(60) FROM patients")],
    "in a pipeline": [
        parse("SELECT pg_sleep(60)") + bind() + execute() + parse("SELECT 2") + bind() + execute() + SYNC],
    "copying in": [query("CREATE TEMP TABLE t (a int)"), query("COPY t FROM STDIN")],
    "listening": [query("LISTEN ward")],
}


@pytest.fixture(scope="module")
def stage(stage):
    stage.postgresql.ensure_database("clinic")
    stage.postgresql.endpoint("clinic").script(CLINIC_SQL)
    return stage


@pytest.fixture(scope="module")
def gateway(stage):
    return through(stage, one_host(tls="{mode: Disable}"))


@pytest.fixture
def server(stage):
    """Up before and after."""
    yield stage.postgresql
    if stage.postgresql.process.handle.poll() is not None:
        stage.postgresql.run()


def in_state(endpoint, server, messages):
    """A session that has sent these; its process is running the last one."""
    session = Wire(endpoint)
    for message in messages:
        if b"pg_sleep" in message:
            session.send(message)
            running = f"SELECT count(*) FROM pg_stat_activity WHERE pid = {session.process} AND wait_event = 'PgSleep'"
            eventually(lambda: server.endpoint().value(running) == "1", "the statement does not run")
        else:
            session.send(message)
            session.until(b"Z", b"G")
            if b"FROM STDIN" in message:
                # Its reports count the line it waits for, once it waits.
                waiting = (f"SELECT count(*) FROM pg_stat_activity WHERE pid = {session.process}"
                           " AND state = 'active' AND wait_event = 'ClientRead'")
                eventually(lambda: server.endpoint().value(waiting) == "1", "the COPY does not wait for data")
    return session


def last_words(session):
    """The reports that arrive before the end, without what tells processes apart."""
    return [(kind, fields(body)) for kind, body in session.closes() if kind in b"EN"]


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def is_dead(pid):
    """Whether nothing of the process is left but its number."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def terminate(server, session):
    server.endpoint().value(f"SELECT pg_terminate_backend({session.process})")


def crash(server, session):
    """Another session's process dies: the postmaster ends all and recovers."""
    with Wire(server.endpoint()) as victim:
        os.kill(victim.process, signal.SIGKILL)


def vanish(server, session):
    """Everything of the server is gone at once."""
    # Stopped first: what it would have reaped meanwhile keeps its number.
    os.kill(server.process.pid, signal.SIGSTOP)
    pids = children(server.process.pid)
    for pid in [*pids, server.process.pid]:
        os.kill(pid, signal.SIGKILL)
    server.process.handle.wait()
    # The next server does not start over memory that is in use.
    eventually(lambda: all(map(is_dead, pids)), "what was killed does not end")


def fast(server, session):
    server.process.stop(signal.SIGINT)


def immediate(server, session):
    server.process.stop(signal.SIGQUIT)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("end", [terminate, fast, immediate, crash, vanish], ids=lambda end: end.__name__)
def test_the_last_words_are_the_servers(gateway, server, end, state):
    heard = []
    for endpoint in (server.endpoint("clinic"), gateway.endpoint()):
        with in_state(endpoint, server, STATES[state]) as session:
            end(server, session)
            heard.append(last_words(session))
        if end is crash:
            server.wait_until_ready()
        elif server.process.handle.poll() is not None:
            server.run()
    if end is immediate:
        # A server that dies at once does not always get its warning out.
        heard = [words for words in heard if words] or [[], []]
        assert heard[0] == heard[-1]
    else:
        assert heard[1] == heard[0]
        assert bool(heard[0]) == (end is not vanish)


@pytest.mark.parametrize("end", [terminate, vanish], ids=lambda end: end.__name__)
def test_psql_says_the_same(gateway, server, end):
    said = []
    for endpoint in (server.endpoint("clinic"), gateway.endpoint()):
        client = subprocess.Popen(
            ["psql", "-X", "-c", "SELECT pg_sleep(60)"], env=endpoint.environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        running = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        process = eventually(lambda: server.endpoint().value(running), "the statement does not run")
        end(server, type("Session", (), {"process": process}))
        said.append((client.communicate(timeout=60)[1], client.returncode))
        if server.process.handle.poll() is not None:
            server.run()
    assert said[1] == said[0] and said[0][1] != 0
    assert ("administrator command" if end is terminate else "server closed the connection unexpectedly") in said[0][0]


def test_new_sessions_are_told_that_the_server_shuts_down(gateway, server):
    with Wire(server.endpoint("clinic")):
        server.process.handle.send_signal(signal.SIGTERM)
        eventually(lambda: "shutting down" in server.endpoint().psql("-c", "").stderr, "it does not shut down")
        said = [endpoint.psql("-c", "SELECT 1").stderr.split("FATAL:")[1]
                for endpoint in (server.endpoint("clinic"), gateway.endpoint())]
        assert said[1] == said[0] == "  the database system is shutting down\n"
    server.process.handle.wait(60)


def test_no_file_is_left_open(gateway, server):
    """Neither by sessions whose server went nor by those that found none."""
    gateway.endpoint().value("SELECT 1")
    def count():
        return len(os.listdir(f"/proc/{gateway.process.pid}/fd"))

    before = count()
    for end in (terminate, immediate, vanish):
        sessions = [in_state(gateway.endpoint(), server, messages) for messages in STATES.values()]
        end(server, sessions[0])
        for session in sessions:
            if end is not terminate:
                session.closes()
        for _ in range(5):
            gateway.endpoint().psql("-c", "SELECT 1")
        for session in sessions:
            session.close()
        if server.process.handle.poll() is not None:
            server.run()
    # The connection to the sink comes and goes.
    eventually(lambda: count() <= before + 1, f"{before} open files have become {count()}", timeout=30)
    assert gateway.endpoint().value("SELECT 1") == "1"
