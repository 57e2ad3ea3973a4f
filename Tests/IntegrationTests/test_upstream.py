"""The way to the database: TLS that is verified, and every kind of password."""

import re
import shutil
import subprocess

import pytest
from stage.process import ROOT
from stage.stage import Stage
from wire import Wire, query, rows

MANIFEST = (ROOT / "Tests" / "IntegrationTests" / "manifests" / "clinic.yaml").read_text()
METHODS = {"by_scram": "scram-sha-256", "by_md5": "md5", "by_cleartext": "password", "by_trust": "trust"}


@pytest.fixture(scope="module")
def stage():
    with Stage() as running:
        authority(running.folder, "ca")
        authority(running.folder, "stranger")
        certificate(running.folder, "ca", "server", "DNS:db.clinic.example,IP:127.0.0.1")
        if running.postgresql.account:
            shutil.chown(running.folder / "server.key", running.postgresql.account)
        running.postgresql.settings.update(
            ssl="on", ssl_cert_file=running.folder / "server.crt", ssl_key_file=running.folder / "server.key")
        running.start_postgresql()
        rules = running.postgresql.folder / "data" / "pg_hba.conf"
        for role, method in METHODS.items():
            encryption = "md5" if method == "md5" else "scram-sha-256"
            running.postgresql.endpoint().script(
                f"SET password_encryption = '{encryption}'; CREATE ROLE {role} LOGIN PASSWORD 'pa ss=w\u00f6rd,'")
        rules.write_text("".join(f"host all {role} 127.0.0.1/32 {method}\n" for role, method in METHODS.items())
                         + rules.read_text())
        running.postgresql.reload()
        running.start_sink()
        yield running


def authority(folder, name):
    """A certificate authority of its own."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt"],
        check=True, capture_output=True)


def certificate(folder, issuer, name, alternatives):
    """A key and a certificate of the authority's."""
    subprocess.run(
        ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr"],
        check=True, capture_output=True)
    (folder / f"{name}.ext").write_text(f"subjectAltName={alternatives}\n")
    subprocess.run(
        ["openssl", "x509", "-req", "-in", folder / f"{name}.csr", "-CA", folder / f"{issuer}.crt", "-CAkey",
         folder / f"{issuer}.key", "-CAcreateserial", "-days", "2", "-extfile", folder / f"{name}.ext",
         "-out", folder / f"{name}.crt"], check=True, capture_output=True)


def through(stage, name, tls, authority_name=None, credential=None):
    """A gateway whose connection has these TLS settings."""
    folder = stage.folder / f"{name}-manifests"
    folder.mkdir()
    (folder / "clinic.yaml").write_text(MANIFEST.replace("tls: {mode: Disable}", f"tls: {{{tls}}}"))
    gateway = stage.gateway(folder, name=name, users=["tester"], credential=credential)
    if authority_name:
        gateway.write_secret("authority", "ca.crt", (stage.folder / f"{authority_name}.crt").read_text())
    gateway.start()
    return gateway


def slug(request):
    """A gateway's name from a test's."""
    return re.sub(r"[^a-z]+", "-", request.node.name.lower()).strip("-")


CA = "caConfigMapRef: {name: authority, key: ca.crt}"
ACCEPTED = {
    "verified by address": (f"mode: VerifyFull, {CA}", "ca"),
    "verified by name": (f"mode: VerifyFull, serverName: db.clinic.example, {CA}", "ca"),
    "full verification is the default": (CA, "ca"),
    "authority alone": (f"mode: VerifyCA, {CA}, serverName: other.example", "ca"),
    "encryption alone": ("mode: Require", None),
}
REFUSED = {
    "another name": (f"mode: VerifyFull, serverName: other.example, {CA}", "ca"),
    "another authority": (f"mode: VerifyFull, {CA}", "stranger"),
    "another authority, names unchecked": (f"mode: VerifyCA, {CA}", "stranger"),
    "the system's authorities": ("mode: VerifyFull", None),
}


@pytest.mark.parametrize("tls, known", ACCEPTED.values(), ids=ACCEPTED)
def test_encrypted(stage, request, tls, known):
    gateway = through(stage, slug(request), tls, known)
    with Wire(gateway.endpoint()) as session:
        assert rows(session.ask(query("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))) == [
            [b"t", b"TLSv1.3"]]


@pytest.mark.parametrize("tls, known", REFUSED.values(), ids=REFUSED)
def test_not_trusted(stage, request, tls, known):
    gateway = through(stage, slug(request), tls, known)
    done = gateway.endpoint().psql("-c", "SELECT 1")
    assert done.returncode == 2 and "FATAL" in done.stderr
    assert str(stage.postgresql.port) not in done.stderr


@pytest.mark.parametrize("role", METHODS)
@pytest.mark.parametrize("tls", ["mode: Disable", "mode: Require"])
def test_every_kind_of_password(stage, role, tls):
    """A cleartext password is given to nobody but a server the connection is encrypted to."""
    name = f"{role}-{tls[6:].lower()}".replace("_", "-")
    gateway = through(stage, name, tls, credential=(role, "pa ss=w\u00f6rd,"))
    done = gateway.endpoint().psql("-At", "-c", "SELECT current_user")
    if role == "by_cleartext" and tls == "mode: Disable":
        assert done.returncode == 2 and "FATAL" in done.stderr
    else:
        assert done.stdout == f"{role}\n", done.stderr


def test_a_wrong_credential_is_not_blamed_on_the_client(stage):
    gateway = through(stage, "wrong-credential", "mode: Require", credential=("by_scram", "wrong"))
    done = gateway.endpoint().psql("-c", "SELECT 1")
    assert done.returncode == 2 and "FATAL" in done.stderr and "by_scram" not in done.stderr


def test_a_rotated_credential_is_used_at_once(stage):
    gateway = through(stage, "rotated", "mode: Require", credential=("by_scram", "pa ss=w\u00f6rd,"))
    assert gateway.endpoint().value("SELECT 1") == "1"
    stage.postgresql.endpoint().script("ALTER ROLE by_scram PASSWORD 'second'")
    gateway.write_secret("clinic-db", "password", "second")
    assert gateway.endpoint().value("SELECT 1") == "1"
    stage.postgresql.endpoint().script("ALTER ROLE by_scram PASSWORD 'pa ss=w\u00f6rd,'")


def test_a_database_that_is_away(stage):
    gateway = through(stage, "away", "mode: Require")
    file = gateway.manifests / "clinic.yaml"
    file.write_text(file.read_text().replace(f"port: {stage.postgresql.port}", "port: 9"))
    gateway.process.stop()
    gateway.start()
    done = gateway.endpoint().psql("-c", "SELECT 1")
    assert done.returncode == 2 and "unreachable" in done.stderr and "127.0.0.1:9" not in done.stderr
