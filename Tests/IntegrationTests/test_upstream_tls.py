"""TLS to the database: every kind of certificate, both ways to begin, certificates of the gateway's own, renewal."""

import signal
import subprocess

import pytest
from relay import Relay, direct_tls
from servers import authority, certificate, eventually, give_to_server, one_host, through
from stage.stage import Stage
from wire import Wire, query, rows

#: Server certificates: the key, the digest it is signed with, further options of `openssl x509`, the authority, and
#: whether `tls-server-end-point` is defined for it (RFC 5929, section 4.1).
KINDS = {
    "ec-sha256": ("ec:prime256v1", "-sha256", [], "ca", True),
    "ec-sha384": ("ec:secp384r1", "-sha384", [], "ca", True),
    "ec-sha512": ("ec:prime256v1", "-sha512", [], "ca", True),
    "rsa-sha256": ("rsa:2048", "-sha256", [], "rsa-ca", True),
    "rsa-sha1": ("rsa:2048", "-sha1", [], "rsa-ca", True),
    "rsa-pss-sha256": ("rsa:2048", "-sha256", ["-sigopt", "rsa_padding_mode:pss"], "rsa-ca", True),
    "rsa-pss-sha384": ("rsa:2048", "-sha384", ["-sigopt", "rsa_padding_mode:pss"], "rsa-ca", True),
    "ed25519": ("ed25519", None, [], "ed25519-ca", False),
}


@pytest.fixture(scope="module")
def stage():
    with Stage() as running:
        folder, server = running.folder, running.postgresql
        authority(folder, "ca")
        authority(folder, "rsa-ca", "rsa:2048")
        authority(folder, "ed25519-ca", "ed25519")
        for kind, (key, digest, options, issuer, _) in KINDS.items():
            certificate(folder, issuer, kind, "DNS:localhost,IP:127.0.0.1", key, digest, options=options)
            give_to_server(server, folder / f"{kind}.key", folder / f"{kind}.crt")
        certificate(folder, "ca", "person", "DNS:person", common="by_certificate")
        certificate(folder, "ca", "another", "DNS:another", common="another")
        give_to_server(server, folder / "ca.crt")
        (folder / "ca.crt").chmod(0o644)
        server.settings.update(ssl="on", ssl_cert_file=folder / "ec-sha256.crt", ssl_key_file=folder / "ec-sha256.key",
                               ssl_ca_file=folder / "ca.crt")
        running.start_postgresql()
        server.endpoint().script(
            "CREATE ROLE by_certificate LOGIN; CREATE ROLE with_both LOGIN PASSWORD 'sesame'; CREATE DATABASE clinic")
        rules = server.folder / "data" / "pg_hba.conf"
        rules.write_text(
            "hostssl all by_certificate 127.0.0.1/32 cert\n"
            "hostssl all with_both 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n"
            "hostssl all all 127.0.0.1/32 scram-sha-256\n"
            "hostnossl clinic all 127.0.0.1/32 reject\n" + rules.read_text())
        server.reload()
        running.start_sink()
        yield running


@pytest.fixture(autouse=True)
def unbound(monkeypatch):
    """libpq cannot log in to a server whose certificate has no binding unless it is told not to bind."""
    monkeypatch.setenv("PGCHANNELBINDING", "disable")


@pytest.fixture
def permissive(stage, monkeypatch):
    """OpenSSL takes signatures with SHA-1, which it does not by default."""
    settings = stage.folder / "openssl.cnf"
    settings.write_text("openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\nsystem_default = default\n"
                        "[default]\nCipherString = DEFAULT@SECLEVEL=0\n")
    monkeypatch.setenv("OPENSSL_CONF", str(settings))


@pytest.fixture
def serving(stage):
    """Has the server show another certificate, or speak another version, until the test is over."""
    server = stage.postgresql

    def change(**settings):
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        (server.folder / "data" / "postgresql.auto.conf").write_text(lines)
        server.process.stop(signal.SIGINT)
        kept = dict(server.settings)
        server.settings.update(settings)
        server.run()
        server.settings.clear()
        server.settings.update(kept)

    yield change
    server.process.stop(signal.SIGINT)
    (server.folder / "data" / "postgresql.auto.conf").write_text("")
    server.run()


CA = "caConfigMapRef: {name: authority}"
CERTIFICATE = "clientCertificateSecretRef: {name: identity}"


def gateway_with(stage, tls, authority_name="ca", identity=None, **more):
    gateway = through(stage, one_host(tls=f"{{{tls}}}"), start=False, **more)
    if authority_name:
        gateway.write_secret("authority", "ca.crt", (stage.folder / f"{authority_name}.crt").read_text())
    if identity:
        show(stage, gateway, identity)
    gateway.start()
    return gateway


def show(stage, gateway, identity):
    """Puts a certificate and its key into the gateway's secret."""
    gateway.write_secret("identity", "tls.crt", (stage.folder / f"{identity}.crt").read_text())
    gateway.write_secret("identity", "tls.key", (stage.folder / f"{identity}.key").read_text())


def fails(gateway):
    done = gateway.endpoint().psql("-c", "SELECT 1")
    assert done.returncode == 2, done.stdout
    return done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_channel_binding_with_every_kind_of_certificate(permissive, stage, serving, kind):
    """The server computes the binding for itself, so a digest of the wrong hash would not let us in."""
    serving(ssl_cert_file=stage.folder / f"{kind}.crt", ssl_key_file=stage.folder / f"{kind}.key")
    issuer, is_bound = KINDS[kind][3:]
    required = gateway_with(stage, f"{CA}, channelBinding: Require", issuer)
    if is_bound:
        assert required.endpoint().value("SELECT 1") == "1", required.log.read_text()
    else:
        assert "weaker authentication method" in fails(required)
    for choice in ("Prefer", "Disable"):
        gateway = gateway_with(stage, f"{CA}, channelBinding: {choice}", issuer)
        assert gateway.endpoint().value("SELECT 1") == "1"


def test_channel_binding_is_required_of_every_method(stage):
    """As with libpq: a certificate or md5 is no binding, however good it may be."""
    gateway = gateway_with(stage, f"{CA}, {CERTIFICATE}, channelBinding: Require", identity="person",
                           credential=("by_certificate", "unused"))
    assert "weaker authentication method" in fails(gateway)


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_both_versions(stage, serving, version):
    serving(ssl_min_protocol_version=version, ssl_max_protocol_version=version)
    gateway = gateway_with(stage, f"{CA}, channelBinding: Require")
    with Wire(gateway.endpoint()) as session:
        assert rows(session.ask(query("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))) == [
            [version.encode()]]


# The gateway's own certificate

def test_a_certificate_is_proof_enough(stage):
    gateway = gateway_with(stage, f"{CA}, {CERTIFICATE}", identity="person", credential=("by_certificate", "unused"))
    assert gateway.endpoint().value("SELECT current_user") == "by_certificate"
    (gateway.secrets / "clinic-db" / "password").unlink()
    assert gateway.endpoint().value("SELECT current_user") == "by_certificate"


def test_another_persons_certificate_is_not(stage):
    gateway = gateway_with(stage, f"{CA}, {CERTIFICATE}", identity="another", credential=("by_certificate", "unused"))
    assert "refused the gateway's own log-in" in fails(gateway)


def test_a_password_may_be_asked_for_besides(stage):
    assert gateway_with(stage, f"{CA}, {CERTIFICATE}", identity="another", credential=("with_both", "sesame")
                        ).endpoint().value("SELECT current_user") == "with_both"
    without = gateway_with(stage, CA, credential=("with_both", "sesame"))
    assert "sesame" not in fails(without)


def test_a_renewed_certificate_is_used_at_once(stage):
    gateway = gateway_with(stage, f"{CA}, {CERTIFICATE}", identity="another", credential=("by_certificate", "unused"))
    fails(gateway)
    show(stage, gateway, "person")
    assert gateway.endpoint().value("SELECT current_user") == "by_certificate"
    gateway.write_secret("identity", "tls.key", (stage.folder / "another.key").read_text())
    assert "certificate" in fails(gateway)
    show(stage, gateway, "person")
    gateway.write_secret("authority", "ca.crt", (stage.folder / "rsa-ca.crt").read_text())
    assert "not acceptable" in fails(gateway)


# Direct TLS: a stand-in shows what no server of PostgreSQL does

@pytest.fixture(scope="module")
def plain(stage):
    """A port of the server's at which it is spoken to without TLS."""
    rules = stage.postgresql.folder / "data" / "pg_hba.conf"
    rules.write_text(rules.read_text().replace(" reject", " scram-sha-256"))
    stage.postgresql.reload()
    yield stage.postgresql.port
    rules.write_text(rules.read_text().replace("hostnossl clinic all 127.0.0.1/32 scram-sha-256",
                                               "hostnossl clinic all 127.0.0.1/32 reject"))
    stage.postgresql.reload()


def direct(stage, port, tls):
    gateway = through(stage, f"{{hosts: [{{host: 127.0.0.1, port: {port}}}], database: clinic, tls: {{{tls}}}}}",
                      start=False)
    gateway.write_secret("authority", "ca.crt", (stage.folder / "ca.crt").read_text())
    gateway.start()
    return gateway


@pytest.mark.parametrize("chosen, is_accepted", [(["postgresql"], True), ([], False), (["h2"], False)])
def test_direct_tls_asks_for_postgresql(stage, plain, chosen, is_accepted):
    context = direct_tls(stage.folder / "ec-sha256.crt", stage.folder / "ec-sha256.key", chosen)
    with Relay(plain, context=context) as relay:
        gateway = direct(stage, relay.port, f"{CA}, negotiation: Direct")
        if is_accepted:
            assert gateway.endpoint().value("SELECT 1") == "1"
            assert set(relay.seen) == {"postgresql"}
        else:
            assert "database" in fails(gateway)


def test_direct_tls_is_verified_too(stage, plain):
    context = direct_tls(stage.folder / "rsa-sha256.crt", stage.folder / "rsa-sha256.key")
    with Relay(plain, context=context) as relay:
        assert "not acceptable" in fails(direct(stage, relay.port, f"{CA}, negotiation: Direct"))


def test_a_server_too_old_for_direct_tls(stage):
    gateway = direct(stage, stage.postgresql.port, f"{CA}, negotiation: Direct, channelBinding: Disable")
    fails(gateway)


@pytest.mark.parametrize("version", [17, 18])
def test_direct_tls_to_servers_that_take_it(stage, version):
    with Stage(version=version) as newer:
        for end in ("crt", "key"):
            (newer.folder / f"server.{end}").write_text((stage.folder / f"ec-sha256.{end}").read_text())
            give_to_server(newer.postgresql, newer.folder / f"server.{end}")
        newer.postgresql.settings.update(
            ssl="on", ssl_cert_file=newer.folder / "server.crt", ssl_key_file=newer.folder / "server.key")
        newer.start_postgresql()
        newer.start_sink()
        gateway = through(newer, one_host(tls=f"{{{CA}, negotiation: Direct, channelBinding: Require}}"), start=False)
        gateway.write_secret("authority", "ca.crt", (stage.folder / "ca.crt").read_text())
        gateway.start()
        assert gateway.endpoint().value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "t"
        cancelled(newer, gateway)


# Cancel requests

def test_cancel_is_encrypted_as_the_session_is(stage, plain):
    """The stand-in takes nothing but TLS; the statement ends all the same."""
    context = direct_tls(stage.folder / "ec-sha256.crt", stage.folder / "ec-sha256.key")
    with Relay(plain, context=context) as relay:
        gateway = direct(stage, relay.port, f"{CA}, negotiation: Direct")
        cancelled(stage, gateway)
        assert relay.seen == ["postgresql", "postgresql"]


def test_cancel_at_a_server_that_takes_tls_alone(stage):
    """Between them something counts the connections that do not ask for TLS."""
    asked = []

    class Watching(Relay):
        def _pass(self, source, target):
            if target.getpeername()[1] == self.target:
                data = source.recv(8)
                asked.append(data)
                target.sendall(data)
            Relay._pass(source, target)

    with Watching(stage.postgresql.port) as relay:
        gateway = direct(stage, relay.port, CA)
        cancelled(stage, gateway)
    assert asked == [b"\0\0\0\x08\x04\xd2\x16\x2f"] * 2


def cancelled(stage, gateway):
    """psql's interrupt ends its statement."""
    session = subprocess.Popen(
        ["psql", "-X", "-c", "SELECT pg_sleep(30)"], env=gateway.endpoint().environment(), stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True)
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    eventually(lambda: stage.postgresql.endpoint().value(sleeping) == "1", "the statement does not run")
    session.send_signal(signal.SIGINT)
    assert "canceling statement due to user request" in session.communicate(timeout=60)[1]
    assert "not delivered" not in gateway.log.read_text()


# What clients see

@pytest.fixture
def client_side(stage):
    """A gateway with a certificate of its own, and where its files are."""
    folder = stage.folder / "client-side"
    folder.mkdir(exist_ok=True)

    def use(kind):
        for end in ("crt", "key"):
            # As a mounted Secret is replaced: the file is another one.
            draft = folder / f"draft.{end}"
            draft.write_text((stage.folder / f"{kind}.{end}").read_text())
            draft.rename(folder / f"tls.{end}")

    use("ec-sha256")
    gateway = through(stage, one_host(tls="{mode: Require}"),
                      options=["--tls-certificate", folder / "tls.crt", "--tls-key", folder / "tls.key"])
    return gateway, use


def fingerprint(text):
    return "".join(line for line in text.splitlines() if not line.startswith("-")).strip()


def shown_to_clients(gateway):
    """The certificate a client sees."""
    done = subprocess.run(
        ["openssl", "s_client", "-starttls", "postgres", "-connect", f"127.0.0.1:{gateway.port}"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    body = done.stdout.split("-----BEGIN CERTIFICATE-----")[1].split("-----END CERTIFICATE-----")[0]
    return fingerprint(body)


@pytest.mark.parametrize("kind", KINDS)
def test_clients_may_require_channel_binding(permissive, stage, client_side, kind):
    gateway, use = client_side
    use(kind)
    bound = gateway.endpoint().psql("-At", "-c", "SELECT 1", PGSSLMODE="require", PGCHANNELBINDING="require")
    if KINDS[kind][4]:
        assert bound.stdout == "1\n", bound.stderr
    else:
        assert bound.returncode == 2 and "channel binding" in bound.stderr
    for choice in ("prefer", "disable"):
        done = gateway.endpoint().psql("-At", "-c", "SELECT 1", PGSSLMODE="require", PGCHANNELBINDING=choice)
        assert done.stdout == "1\n", done.stderr


def test_a_renewed_certificate_is_shown_to_the_next_client(stage, client_side):
    gateway, use = client_side
    with Wire(gateway.endpoint()) as running:
        for kind in ("ec-sha256", "rsa-sha256", "ec-sha384"):
            use(kind)
            own = fingerprint((stage.folder / f"{kind}.crt").read_text())
            assert shown_to_clients(gateway) == own
        (stage.folder / "client-side" / "tls.key").write_text("no key")
        assert shown_to_clients(gateway) == own
        assert gateway.log.read_text().count("not usable") == 1
        (stage.folder / "client-side" / "tls.crt").unlink()
        assert gateway.endpoint().psql("-At", "-c", "SELECT 1", PGSSLMODE="require").stdout == "1\n"
        assert rows(running.ask(query("SELECT 1"))) == [[b"1"]]


def test_clients_may_begin_with_tls(client_side):
    """psycopg brings a libpq that can."""
    import psycopg

    if psycopg.pq.version() < 170000:
        pytest.fail("psycopg's libpq is older than 17")
    endpoint = client_side[0].endpoint()
    with psycopg.connect(
            host="127.0.0.1", port=endpoint.port, user=endpoint.user, password=endpoint.password,
            dbname=endpoint.database, sslmode="require", sslnegotiation="direct", channel_binding="require") as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
        assert session.pgconn.used_password


def test_every_tool_of_openssl_sees_a_sound_handshake(stage, client_side):
    """TLS 1.2 and 1.3, by name."""
    gateway, _ = client_side
    for version in ("-tls1_2", "-tls1_3"):
        done = subprocess.run(
            ["openssl", "s_client", "-starttls", "postgres", version, "-connect", f"127.0.0.1:{gateway.port}",
             "-CAfile", stage.folder / "ca.crt", "-verify_return_error"], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=20)
        assert "Verify return code: 0 (ok)" in done.stdout, done.stderr
