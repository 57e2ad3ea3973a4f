"""Logging in by a token of an OpenID provider in place of a password: who gets in, as whom, for how long."""

import json
import subprocess
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from oidc import Signer, encoded
from servers import MANIFEST, eventually
from stage.files import contents
from stage.postgresql import Endpoint
from stage.provider import Provider
from wire import Wire, error, message, query, startup


@pytest.fixture(scope="module")
def signer():
    return Signer()


@pytest.fixture(scope="module")
def provider(stage):
    provider = Provider(stage.folder).start()
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def certificate(stage):
    key, leaf = stage.folder / "tls.key", stage.folder / "tls.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", key, "-out", leaf], check=True, capture_output=True)
    return leaf, key


def manifest(port, issuers, name="clinic", workload="false"):
    """The clinic, for clients with tokens."""
    identity = f"  identity: {{workload: {workload}, issuers: {json.dumps(issuers)}}}\n"
    return MANIFEST.replace("  listen: {port: 15432}\n", f"  listen: {{port: {port}}}\n" + identity, 1)


def issuer_of(signer, **more):
    return {"issuer": signer.issuer, "audience": "weir", "jwks": signer.keys, "clockSkew": "0s",
            "claims": {"repository": "clinic/migrations"}, "subjectPrefix": "ci:",
            "attributes": {"repository": "repository", "ref": "ref", "run": "run_id"}, **more}


@pytest.fixture(scope="module")
def gateway(stage, signer, provider, certificate):
    folder = stage.folder / "token-manifests"
    folder.mkdir()
    issuers = [issuer_of(signer), {
        "issuer": provider.url, "audience": "weir", "jwks": provider.keys, "subjectPrefix": "people:",
        "groupsClaim": "groups"}]
    (folder / "clinic.yaml").write_text(manifest(15432, issuers))
    leaf, key = certificate
    gateway = stage.add_gateway(
        folder, name="tokens", users=["tester"], options=["--tls-certificate", leaf, "--tls-key", key])
    gateway.issuers = issuers
    return gateway


def psql(gateway, token, sql="SELECT 1", user="migrator"):
    return gateway.endpoint(user, token).psql("-At", "-c", sql)


def started(gateway, claimed):
    """The record of the newest session that claimed this user."""
    def records():
        for file in sorted(gateway.records.glob("events-*.jsonl")):
            for line in file.read_bytes().splitlines():
                if b'"sessionStarted"' in line and f'"claimedUser":"{claimed}"'.encode() in line:
                    yield json.loads(line)
    return list(records())[-1]


def test_a_job_logs_in_by_its_token(gateway, signer):
    done = psql(gateway, signer.token(jti="run-1"), user="nightly")
    assert done.stdout == "1\n", done.stderr
    record = started(gateway, "nightly")
    assert record["subject"] == "ci:repo:clinic/migrations" and record["proof"] == "Token"
    assert record["attributes"] == ["ref=refs/heads/main", "repository=clinic/migrations", "run=4711"]
    assert (record["issuer"], record["tokens"]) == (signer.issuer, ["run-1"])


def test_a_person_logs_in_by_the_token_of_a_real_provider(gateway, provider):
    provider.user("ann", groups=["dba", "staff"])
    done = psql(gateway, provider.token("ann"), user="ann")
    assert done.stdout == "1\n", done.stderr
    record = started(gateway, "ann")
    assert (record["subject"], record["groups"]) == ("people:ann", ["dba", "staff"])


def test_a_token_for_another_audience(gateway, provider):
    done = psql(gateway, provider.token("ann", client="payroll"))
    assert done.returncode == 2 and "meant for somebody else" in done.stderr


def test_users_of_the_gateway_keep_their_passwords(gateway):
    assert gateway.endpoint("tester").value("SELECT 1") == "1"
    assert gateway.endpoint("tester", "wrong").psql("-c", "SELECT 1").returncode == 2


OTHER = rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("attack, reason", [
    (lambda s: s.unsigned(), "algorithm is not allowed"),
    (lambda s: s.mac(s.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)), "algorithm"),
    (lambda s: s.mac(s.keys.encode()), "algorithm is not allowed"),
    (lambda s: s.token({"alg": "none"}), "algorithm is not allowed"),
    (lambda s: s.token({"alg": "ES256"}), "key is not known"),
    (lambda s: s.token({"alg": "PS256"}), "key is not known"),
    (lambda s: s.token(key=OTHER), "signature is wrong"),
    (lambda s: s.token({"kid": "../../etc/passwd"}), "key is not known"),
    (lambda s: s.token({"kid": "x' UNION SELECT 1 --"}), "key is not known"),
    (lambda s: s.token({"jwk": Signer().public, "kid": "k9"}, key=OTHER), "key is not known"),
    (lambda s: s.token({"jku": "https://evil.example/keys"}, key=OTHER), "signature is wrong"),
    (lambda s: s.token({"crit": ["exp"]}), "malformed"),
    (lambda s: s.token({"typ": "logout+jwt"}), "malformed"),
    (lambda s: s.token(aud="other"), "meant for somebody else"),
    (lambda s: s.token(iss="http://localhost:1"), "issuer is not accepted"),
    (lambda s: s.token(exp=int(time.time()) - 1), "has expired"),
    (lambda s: s.token(exp=None), "lacks the claim exp"),
    (lambda s: s.token(nbf=int(time.time()) + 60), "not valid yet"),
    (lambda s: s.token(iat=int(time.time()) + 60), "not valid yet"),
    (lambda s: s.token(iat=int(time.time()) - 2 * 86400, exp=int(time.time()) + 60), "issued too long ago"),
    (lambda s: s.token(repository="clinic/migrations-fork"), "not the one required"),
    (lambda s: s.token(repository=None), "lacks the claim repository"),
    (lambda s: s.token(sub=""), "lacks the claim sub"),
    (lambda s: s.token(padding="A" * 40_000), "authentication failed"),
    (lambda s: "weir-grant-v1.x." + encoded({"sub": "eve"}) + "." + encoded(b"\0" * 64), "key is not known"),
    (lambda s: "", "no password supplied"),
    (lambda s: "hunter2", 'password authentication failed for user "migrator"'),
    (lambda s: ".".join(["A" * 10] * 3), "malformed"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_attacks(gateway, signer, attack, reason):
    done = psql(gateway, attack(signer))
    assert done.returncode == 2 and reason in done.stderr, done.stderr
    assert psql(gateway, signer.token()).stdout == "1\n"


def test_a_guess_does_not_tell_whether_there_is_the_user(gateway):
    known, unknown = (psql(gateway, "guess", user=user) for user in ("tester", "nobody"))
    assert known.returncode == unknown.returncode == 2
    assert known.stderr.replace("tester", "nobody") == unknown.stderr
    assert "the token is malformed: not three parts" in "".join(
        line for file in gateway.records.glob("events-*.jsonl") for line in file.read_bytes().decode().splitlines()
        if '"claimedUser":"nobody"' in line)


def test_one_issuers_key_signs_nothing_for_another(gateway, signer, provider):
    done = psql(gateway, signer.token(iss=provider.url))
    assert done.returncode == 2 and "key is not known" in done.stderr


def test_a_token_is_not_asked_for_without_tls_from_elsewhere(gateway, stage, signer):
    address = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    if not address:
        pytest.skip("no address but the loopback's")
    folder = stage.folder / "far-manifests"
    folder.mkdir()
    (folder / "clinic.yaml").write_text(manifest(15432, gateway.issuers))
    far = stage.add_gateway(
        folder, name="far", users=["tester"], options=["--listen-address", f"127.0.0.1,{address[0]}"])
    # One address after the other is listened on.
    eventually(lambda: "configuration in force" in far.log.read_text(), "it does not listen")
    with Wire(Endpoint(address[0], far.port, "ann", "", "clinic"), log_in=False) as session:
        session.send(startup(user="ann", database="clinic"))
        (kind, body), = session.closes()
    assert kind == b"E" and b"with TLS only" in body


def log_in(gateway, token):
    """A session that stays."""
    session = Wire(Endpoint("127.0.0.1", gateway.port, "job", "", "clinic"), log_in=False)
    session.send(startup(user="job", database="clinic"))
    assert session.receive() == (b"R", b"\0\0\0\3")
    session.send(message(b"p", token.encode() + b"\0"))
    assert session.receive() == (b"R", b"\0\0\0\0")
    session.until(b"Z")
    return session


def test_a_session_ends_with_its_token_whatever_it_does(gateway, signer):
    expiry = int(time.time()) + 5
    idle, busy = (log_in(gateway, signer.token(exp=expiry)) for _ in range(2))
    busy.send(query("SELECT pg_sleep(600)"))
    assert error(idle.ask(query("SELECT 1"))) is None
    for session in (idle, busy):
        got = session.closes()
        assert error(got) == "28000" and b"identity expired" in got[-1][1]
        assert time.time() > expiry - 0.5


def test_sessions_end_when_their_issuer_is_no_longer_accepted(gateway, signer, provider):
    file = gateway.manifests / "clinic.yaml"
    text = file.read_text()
    session = log_in(gateway, signer.token())
    other = log_in(gateway, provider.token("ann"))
    try:
        file.write_text(text.replace(signer.issuer, "https://another.example"))
        got = session.closes()
        assert error(got) == "28000" and b"no longer accepted" in got[-1][1]
        assert error(other.ask(query("SELECT 1"))) is None
        assert "issuer is not accepted" in psql(gateway, signer.token()).stderr
    finally:
        file.write_text(text)
    eventually(lambda: psql(gateway, signer.token()).returncode == 0, "never accepted again")


def test_keys_that_are_none_are_refused_and_told(gateway, signer):
    file = gateway.manifests / "clinic.yaml"
    text = file.read_text()
    try:
        file.write_text(text.replace('\\"RSA\\"', '\\"RSB\\"'))
        eventually(lambda: "without a public key" in gateway.log.read_text(), "not told")
        assert psql(gateway, signer.token()).returncode == 0
    finally:
        file.write_text(text)


def test_no_token_is_written_anywhere(gateway, signer, provider, stage):
    tokens = [signer.token(), provider.token("ann"), signer.token(aud="other")]
    for token in tokens:
        psql(gateway, token)
    for file, content in [(gateway.log, gateway.log.read_bytes()), *contents(gateway.records)]:
        for token in tokens:
            assert token.split(".")[2].encode() not in content, file
