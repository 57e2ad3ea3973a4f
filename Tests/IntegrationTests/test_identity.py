"""Who gets in: by password, by the workload's identity, over TLS."""

import socket
import ssl
import subprocess
import threading

import psycopg
import pytest
from servers import eventually
from stage.process import ROOT
from wire import refused_exchange, salt, startup

HERE = ROOT / "Tests" / "IntegrationTests"


@pytest.fixture(scope="module")
def certificate(stage):
    """A key and a certificate for localhost, signed by itself."""
    key, leaf = stage.folder / "tls.key", stage.folder / "tls.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", key, "-out", leaf],
        check=True, capture_output=True)
    return leaf, key


@pytest.fixture(scope="module")
def secured(stage, certificate):
    """A gateway with users that speaks TLS to its clients."""
    leaf, key = certificate
    return stage.add_gateway(
        HERE / "manifests", name="secured", users=["tester", "other"],
        options=["--tls-certificate", leaf, "--tls-key", key])


@pytest.fixture(scope="module")
def sidecar(stage):
    """A gateway that knows its clients by the workload it stands beside."""
    return stage.add_gateway(
        HERE / "manifests", name="sidecar",
        options=["--workload-identity", "apps/clinic-api", "--workload-groups", "apps"])


def test_the_right_password_opens(secured):
    assert secured.endpoint("tester").value("SELECT 1") == "1"
    assert secured.endpoint("other").value("SELECT 1") == "1"


@pytest.mark.parametrize("user, password", [
    ("tester", "wrong"), ("tester", ""), ("nobody", "wrong"), ("postgres", None), ("", "x"),
], ids=["wrong", "empty", "unknown user", "the database's own", "no user"])
def test_a_wrong_password_is_refused(secured, stage, user, password):
    password = stage.postgresql.password if password is None else password
    done = secured.endpoint(user, password).psql("-c", "SELECT 1")
    assert done.returncode == 2
    assert "authentication failed" in done.stderr or "no password supplied" in done.stderr or user == ""
    assert str(stage.postgresql.port) not in done.stderr


def test_unknown_users_and_wrong_passwords_look_alike(secured):
    wrong, unknown = (secured.endpoint(u, "x").psql("-c", "SELECT 1").stderr for u in ("tester", "nobody"))
    assert wrong.replace("tester", "?") == unknown.replace("nobody", "?")


def test_they_look_alike_message_by_message(secured):
    endpoint = secured.endpoint("tester")
    assert refused_exchange(endpoint, "tester") == refused_exchange(endpoint, "nobody")


def test_salts_stay_as_they_are_also_when_the_gateway_begins_anew(stage):
    gateway = stage.add_gateway(HERE / "manifests", name="salted", users=["tester"])
    endpoint, names = gateway.endpoint("tester"), ("tester", "nobody", "somebody")
    told = [salt(endpoint, name) for name in names]
    assert len(set(told)) == 3 and told == [salt(endpoint, name) for name in names]
    gateway.process.stop()
    gateway.start()
    assert told == [salt(endpoint, name) for name in names]
    gateway.process.stop()


def test_another_database_than_the_connections_is_refused(secured):
    endpoint = secured.endpoint("tester")
    done = endpoint.psql("-d", "template1", "-c", "SELECT 1")
    assert done.returncode == 2 and "FATAL" in done.stderr


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_tls(secured, certificate, mode):
    shown = secured.endpoint("tester").psql(
        "-At", "-c", r"\conninfo", PGSSLMODE=mode, PGSSLROOTCERT=str(certificate[0]), PGHOST="localhost")
    assert "SSL connection (protocol: TLSv1.3" in shown.stdout, shown.stderr


def direct_tls(secured, certificate, **more):
    """A libpq that begins with TLS, as 17 and later can."""
    endpoint = secured.endpoint("tester")
    return psycopg.connect(
        host="localhost", port=endpoint.port, user=endpoint.user, password=endpoint.password,
        dbname=endpoint.database, sslmode="verify-full", sslrootcert=certificate[0], sslnegotiation="direct", **more)


def test_direct_tls(secured, certificate):
    with direct_tls(secured, certificate, channel_binding="require") as connection:
        assert connection.execute("SELECT 42").fetchone() == (42,)
        assert connection.pgconn.ssl_in_use


def test_a_statement_is_cancelled_over_direct_tls(secured, certificate, stage):
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with direct_tls(secured, certificate, max_protocol_version="latest") as connection:
        def cancel():
            eventually(lambda: stage.postgresql.endpoint("clinic").value(asleep) == "1", "the statement does not run")
            connection.cancel_safe()
        threading.Thread(target=cancel).start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(120)")


@pytest.mark.parametrize(
    "offered, agrees", [(["postgresql"], True), (["h2", "postgresql"], True), ([], False)], ids=str)
def test_direct_tls_needs_the_application_protocol(secured, certificate, offered, agrees):
    with bare_tls(secured, certificate, offered) as session:
        try:
            session.sendall(startup(user="tester", database="clinic"))
            got = session.recv(1)
        except ConnectionError:  # The gateway may have closed before it read this.
            got = b""
        assert got == (b"R" if agrees else b"")


def test_direct_tls_for_another_application_protocol_alone_is_refused(secured, certificate):
    with pytest.raises(ssl.SSLError):
        bare_tls(secured, certificate, ["h2", "http/1.1"])


def test_direct_tls_where_there_is_none_ends(sidecar, certificate):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        bare_tls(sidecar, certificate, ["postgresql"])


def bare_tls(gateway, certificate, application_protocols):
    """A connection that begins with a TLS handshake."""
    context = ssl.create_default_context(cafile=certificate[0])
    if application_protocols:
        context.set_alpn_protocols(application_protocols)
    return context.wrap_socket(
        socket.create_connection(("127.0.0.1", gateway.port), timeout=30), server_hostname="localhost")


def test_tls_1_2_and_not_older(secured):
    endpoint = secured.endpoint("tester")
    shown = endpoint.psql("-c", r"\conninfo", PGSSLMODE="require", PGSSLMAXPROTOCOLVERSION="TLSv1.2")
    assert "protocol: TLSv1.2" in shown.stdout
    old = endpoint.psql("-c", "SELECT 1", PGSSLMODE="require", PGSSLMINPROTOCOLVERSION="TLSv1",
                        PGSSLMAXPROTOCOLVERSION="TLSv1.1")
    assert old.returncode == 2


def test_a_large_result_over_tls(secured):
    out = secured.endpoint("tester").psql(
        "-At", "-c", "SELECT md5(n::text) FROM generate_series(1, 100000) n", PGSSLMODE="require").stdout
    assert len(out) == 33 * 100000 and out.startswith("c4ca4238a0b923820dcc509a6f75849b\n")


def test_channel_binding(secured):
    done = secured.endpoint("tester").psql("-At", "-c", "SELECT 1", PGSSLMODE="require", PGCHANNELBINDING="require")
    assert done.stdout == "1\n", done.stderr


def test_without_tls_a_demand_for_it_is_declined(sidecar):
    done = sidecar.endpoint().psql("-c", "SELECT 1", PGSSLMODE="require")
    assert done.returncode == 2 and "server does not support SSL" in done.stderr


def test_the_workload_needs_no_password(sidecar):
    assert sidecar.endpoint("whoever", "").value("SELECT 1") == "1"


def test_the_sessions_subject_is_the_proven_one(stage, sidecar):
    sidecar.endpoint("the-boss", "").value("SELECT 4711")
    session = stage.session_of("apps/clinic-api", claiming="the-boss")
    shown = stage.weirctl("sessions", "show", session, "--sink", stage.sink_url).stdout
    assert "apps/clinic-api in apps (Workload)" in shown and "the-boss" in shown


def test_the_credential_is_nowhere_to_be_seen(stage, secured, sidecar):
    """Not in the environment, not on the command line, not in the log."""
    for gateway in (secured, sidecar):
        for place in ("environ", "cmdline"):
            with open(f"/proc/{gateway.process.pid}/{place}", "rb") as file:
                assert stage.postgresql.password.encode() not in file.read()
        assert stage.postgresql.password not in gateway.log.read_text()
