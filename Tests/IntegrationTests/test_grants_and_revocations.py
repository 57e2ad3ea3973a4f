"""An operator, a gateway and issuers: tokens become grants, workloads are who the operator says, and what is revoked
ends everywhere."""

import base64
import http.server
import json
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from cluster import PROGRAM, ROOT, Cluster, Tool, VERSIONS
from oidc import Signer
from servers import authority, certificate, eventually
from sidecar import NAMESPACE, Sidecar, connection
from stage.files import contents
from stage.postgresql import Endpoint
from stage.process import Process, free_port, program
from stage.provider import Provider
from wire import Wire, error, message, query, startup

SYSTEM = "weir-system"
SCIM_TOKEN = "s" * 40
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"


class KeyServer:
    """Serves an issuer's keys, or nothing."""

    def __init__(self, signer):
        self.keys, self.is_down, self.count = signer.keys, False, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.count += 1
                body = outer.keys.encode()
                self.send_response(503 if outer.is_down else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/keys"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Plane:
    """The API server in memory, an operator, and a gateway as a pod's."""

    def __init__(self, stage, folder):
        self.stage, self.folder = stage, folder
        (folder / "cluster").mkdir()
        self.cluster = Cluster(folder / "cluster", bookmark_interval=1000)
        Tool(self.cluster, VERSIONS[-1]).kubectl("apply", "--server-side", "-f", str(ROOT / "CRDs"))
        for name in (SYSTEM, NAMESPACE):
            self.create("/api/v1/namespaces", "v1", "Namespace", name)
        self.create(self.secrets, "v1", "Secret", "weir-operator-grants", type="Opaque")
        self.create(
            self.secrets, "v1", "Secret", "weir-operator-scim", type="Opaque",
            data={"token": base64.b64encode(SCIM_TOKEN.encode()).decode(),
                  "subjectPrefix": base64.b64encode(b"people:").decode()})
        for namespace, name in ((NAMESPACE, "api"), (SYSTEM, "admin"), (SYSTEM, "nobody")):
            self.create(f"/api/v1/namespaces/{namespace}/serviceaccounts", "v1", "ServiceAccount", name)
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{SYSTEM}"
        self.create(
            f"{rbac}/roles", "rbac.authorization.k8s.io/v1", "Role", "identities",
            rules=[{"apiGroups": ["weir.dev"], "resources": ["identities"], "verbs": ["list", "revoke"]}])
        self.create(
            f"{rbac}/rolebindings", "rbac.authorization.k8s.io/v1", "RoleBinding", "identities",
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "identities"},
            subjects=[{"kind": "ServiceAccount", "name": "admin", "namespace": SYSTEM}])
        self.signer = Signer()
        self.key_server = KeyServer(self.signer)
        self.provider = Provider(folder).start()
        self.sidecar = Sidecar(stage, f"plane-{folder.name}", was_attested=False)
        self.people_port = free_port()
        self.pod = self.create(
            f"/api/v1/namespaces/{NAMESPACE}/pods", "v1", "Pod", "api-0", labels={"app": "clinic-api"},
            spec={"serviceAccountName": "api", "containers": [{"name": "app", "image": "a:1"}]})
        self.connections = [
            connection("clinic", stage.postgresql.port, self.sidecar.port),
            connection("people", stage.postgresql.port, self.people_port, identity=self.identity()),
        ]
        for it in self.connections:
            self.cluster.request("POST", f"/apis/weir.dev/v1alpha1/namespaces/{NAMESPACE}/databaseconnections", it)
        self.start_operator()
        self.sidecar.token.write_text(self.token("api", pod=self.pod))
        self.sidecar.environment |= {
            "WEIR_OPERATOR": self.url, "WEIR_OPERATOR_CA": str(self.sidecar.config / "operator-ca.crt"),
            "WEIR_TOKEN": str(self.sidecar.token), "WEIR_CONNECTIONS": "clinic,people"}
        self.sidecar.snapshot(
            self.connections[0], people={"apiVersion": "v1", "kind": "List", "items": [self.connections[1]]},
            authorities=self.authorities.read_text())
        self.sidecar.process.environment = self.sidecar.environment

    def identity(self):
        return {"workload": False, "issuers": [
            {"issuer": self.signer.issuer, "audience": "weir", "jwksURI": self.key_server.url, "clockSkew": "0s",
             "claims": {"repository": "clinic/migrations"}, "subjectPrefix": "ci:",
             "attributes": {"repository": "repository", "run": "run_id"}},
            {"issuer": self.provider.url, "audience": "weir", "subjectPrefix": "people:"}]}

    secrets = f"/api/v1/namespaces/{SYSTEM}/secrets"

    def create(self, path, version, kind, name, labels=None, **fields):
        status, _, answer = self.cluster.request(
            "POST", path,
            {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": labels or {}}, **fields})
        assert status == 201, answer
        return answer

    def token(self, account, namespace=NAMESPACE, audience="weir", pod=None):
        spec = {"audiences": [audience], "expirationSeconds": 3600}
        if pod:
            spec["boundObjectRef"] = {
                "apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
        status, _, answer = self.cluster.request(
            "POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec})
        assert status == 201, answer
        return answer["status"]["token"]

    def start_operator(self):
        authority(self.folder, "plane-ca")
        certificate(self.folder, "plane-ca", "plane", "IP:127.0.0.1")
        self.authorities = self.folder / "plane-ca.crt"
        self.port, self.health = free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.operator = self.new_operator("operator", self.port, self.health)
        self.operator.start()

    def new_operator(self, name, port, health):
        data = self.folder / f"{name}-data"
        data.mkdir(exist_ok=True)
        return Process(
            f"weir-{name}",
            [program("weir-operator"), "run", "--namespace", SYSTEM, "--sidecar-image", "gateway:1",
             "--sink", self.stage.sink_url, "--data", data, "--kubeconfig", self.cluster.kubeconfig,
             "--no-leader-election",
             "--listen-address", "127.0.0.1", "--port", port, "--health-port", health, "--native-sidecars", "always",
             "--tls-certificate", self.folder / "plane.crt", "--tls-key", self.folder / "plane.key",
             "--tls-authorities", self.authorities],
            self.folder / f"{name}.log", port=port)

    def ask(self, path, body=None, headers=None, method=None, port=None):
        """Status and JSON of a request to the operator; a mapping is sent as JSON, a list of pairs as a form."""
        headers = dict(headers or {})
        if isinstance(body, list):
            data = urllib.parse.urlencode(body).encode()
        else:
            data = None if body is None else json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(
            f"https://127.0.0.1:{port or self.port}{path}", data, headers, method=method or ("POST" if data else "GET"))
        trust = ssl.create_default_context(cafile=str(self.authorities))
        try:
            with urllib.request.urlopen(request, context=trust, timeout=20) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as failure:
            text = failure.read()
            return failure.code, json.loads(text) if text.startswith(b"{") else text.decode()

    def exchange(self, token, audience=f"{NAMESPACE}/people", **more):
        form = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": JWT, "audience": audience, **more}
        return self.ask("/v1/token", list(form.items()))

    def grant(self, token, **more):
        answer = None

        def given():
            nonlocal answer
            status, answer = self.exchange(token, **more)
            return status == 200
        eventually(given, lambda: answer)
        return answer["access_token"]

    def bearer(self, account="admin"):
        return {"Authorization": f"Bearer {self.token(account, SYSTEM)}"}

    def people(self, secret, sql="SELECT 1", user="job"):
        endpoint = Endpoint("127.0.0.1", self.people_port, user, secret, "clinic")
        return endpoint.psql("-At", "-c", sql)

    def log_in(self, secret):
        session = Wire(Endpoint("127.0.0.1", self.people_port, "job", "", "clinic"), log_in=False)
        session.send(startup(user="job", database="clinic"))
        session.receive()
        session.send(message(b"p", secret.encode() + b"\0"))
        got = session.until(b"Z", b"E")
        assert error(got) is None, got
        return session

    def started(self, claimed):
        for file in sorted((self.sidecar.data / "spool").glob("events-*.jsonl"), reverse=True):
            for line in reversed(file.read_bytes().splitlines()):
                if b'"sessionStarted"' in line and f'"claimedUser":"{claimed}"'.encode() in line:
                    return json.loads(line)
        raise AssertionError("no record")

    def stop(self):
        for process in (self.sidecar.process, self.operator):
            process.stop()
        self.provider.stop()
        self.key_server.server.shutdown()
        self.cluster.stop()


@pytest.fixture(scope="module")
def plane(stage, tmp_path_factory):
    assert PROGRAM, "the API server for tests is not built"
    plane = Plane(stage, tmp_path_factory.mktemp("plane"))
    plane.sidecar.process.start()
    eventually(lambda: plane.sidecar.get("/readyz")[0] == 200, lambda: plane.sidecar.log)
    yield plane
    plane.stop()


def test_the_workload_is_who_the_operator_attests(plane):
    with Wire(plane.sidecar.endpoint()) as session:
        assert error(session.ask(query("SELECT 1"))) is None
    record = plane.started("anyone")
    assert record["subject"] == f"system:serviceaccount:{NAMESPACE}:api"
    uid = plane.pod["metadata"]["uid"]
    assert record["attributes"] == [f"namespace={NAMESPACE}", "pod=api-0", "serviceAccount=api", f"uid={uid}"]


def test_a_job_exchanges_its_token_and_logs_in(plane):
    grant = plane.grant(plane.signer.token(jti="run-7"))
    assert grant.startswith("weir-grant-v1.") and len(grant) < 1500
    done = plane.people(grant, user="nightly")
    assert done.stdout == "1\n", done.stderr
    record = plane.started("nightly")
    assert (record["subject"], record["proof"]) == ("ci:repo:clinic/migrations", "Grant")
    assert record["tokens"][1] == "run-7" and record["attributes"] == ["repository=clinic/migrations", "run=4711"]


def test_a_token_itself_opens_a_session_by_keys_that_were_fetched(plane):
    eventually(lambda: plane.people(plane.signer.token()).returncode == 0, lambda: plane.sidecar.log)
    eventually(lambda: plane.people(plane.provider.token("ann")).returncode == 0, lambda: plane.sidecar.log)


@pytest.mark.parametrize("form, code, words", [
    ({"audience": f"{NAMESPACE}/clinic"}, "invalid_target", "with issuers"),
    ({"audience": "people"}, "invalid_target", "NAMESPACE/NAME"),
    ({"grant_type": "password"}, "unsupported_grant_type", "token exchange"),
    ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request", "known type"),
    ({"requested_lifetime": "-1"}, "invalid_request", "seconds"),
    ({"actor_token": "x"}, "invalid_request", "known type"),
])
def test_what_is_no_exchange(plane, form, code, words):
    status, answer = plane.exchange(plane.signer.token(), **form) if "audience" not in form else plane.exchange(
        plane.signer.token(), form["audience"])
    assert (status, answer["error"]) == (400, code) and words in answer["error_description"]


def test_tokens_that_prove_nothing_are_exchanged_for_nothing(plane):
    signer = plane.signer
    for token, words in [
            (signer.unsigned(), "algorithm"), (signer.mac(signer.keys.encode()), "algorithm"),
            (signer.token(key=Signer().key), "signature"), (signer.token(aud="other"), "somebody else"),
            (signer.token(exp=int(time.time()) - 1), "expired"), (signer.token(repository="fork"), "not the one"),
            (Signer("https://evil.example").token(), "issuer"), ("x", "malformed")]:
        status, answer = plane.exchange(token)
        assert (status, answer["error"]) == (400, "invalid_grant") and words in answer["error_description"]
    grant = plane.grant(signer.token())
    assert plane.exchange(grant)[0] == 400


def test_a_grant_opens_its_connection_only_and_only_unchanged(plane):
    grant = plane.grant(plane.signer.token())
    prefix, kid, payload, signature = grant.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    for change in ({"connection": f"{NAMESPACE}/other"}, {"sub": "people:root"}, {"exp": claims["exp"] + 60}):
        forged = base64.urlsafe_b64encode(json.dumps({**claims, **change}).encode()).rstrip(b"=").decode()
        done = plane.people(".".join([prefix, kid, forged, signature]))
        assert done.returncode == 2 and "signature is wrong" in done.stderr
    assert plane.people(grant).returncode == 0


def test_a_session_ends_with_its_grant(plane):
    def logged_in():
        try:
            return plane.log_in(plane.grant(plane.signer.token(), requested_lifetime="3"))
        except AssertionError:
            return None  # It had expired by then.
    got = eventually(logged_in, "no grant is in time").closes()
    assert error(got) == "28000" and b"expired" in got[-1][1]


def revoke(plane, **revocation):
    status, answer = plane.ask("/v1/revocations", {"reason": "test", **revocation}, plane.bearer())
    assert status == 201, answer
    return answer


def restore(plane, **target):
    assert plane.ask("/v1/restorations", target, plane.bearer())[0] == 204


@pytest.mark.parametrize("kind", ["subject", "grant", "token", "issuer", "age"])
def test_a_revocation_ends_sessions_and_refuses_new_ones(plane, kind):
    token = plane.signer.token(jti=f"revoked-{kind}")
    grant = plane.grant(token)
    identifier = json.loads(base64.urlsafe_b64decode(grant.split(".")[2] + "=="))["ids"][0]
    session, other = plane.log_in(grant), plane.log_in(plane.grant(plane.provider.token("ann")))
    target = {"subject": {"subject": "ci:repo:clinic/migrations"}, "grant": {"token": identifier},
              "token": {"token": f"revoked-{kind}"}, "issuer": {"issuer": plane.signer.issuer},
              "age": {"issuer": plane.signer.issuer, "issuedBefore": int(time.time()) + 1}}[kind]
    begun = time.monotonic()
    answer = revoke(plane, **target)
    assert answer["author"] == f"system:serviceaccount:{SYSTEM}:admin"
    got = session.closes()
    assert error(got) == "28000" and b"revoked" in got[-1][1]
    assert time.monotonic() - begun < 10
    assert "revoked" in plane.people(grant).stderr
    if kind not in ("grant", "age"):
        assert "revoked" in plane.exchange(token)[1]["error_description"]
    assert error(other.ask(query("SELECT 1"))) is None
    restore(plane, **target)
    eventually(lambda: plane.people(plane.grant(plane.signer.token())).returncode == 0, "never restored")


def test_only_administrators_revoke(plane):
    for headers, status in [({}, 401), ({"Authorization": "Bearer x"}, 401), (plane.bearer("nobody"), 403),
                            ({"Authorization": f"Bearer {plane.token('admin', SYSTEM, audience='other')}"}, 401)]:
        assert plane.ask("/v1/revocations", {"subject": "people:ann", "reason": "x"}, headers)[0] == status
        assert plane.ask("/v1/identities", headers=headers)[0] == status
    for body in ({}, {"subject": "a", "token": "b"}, {"everyone": True}, {"subject": 7}):
        assert plane.ask("/v1/revocations", {"reason": "x", **body}, plane.bearer())[0] == 400


def test_identities_are_listed(plane):
    plane.grant(plane.provider.token("bob"))
    status, answer = plane.ask("/v1/identities", headers=plane.bearer())
    found = next(it for it in answer["identities"] if it["subject"] == "people:bob")
    assert status == 200 and found["state"] == "Active" and found["connection"] == f"{NAMESPACE}/people"


def test_somebody_leaves_by_scim(plane):
    headers = {"Authorization": f"Bearer {SCIM_TOKEN}"}
    assert plane.ask("/scim/v2/Users")[0] == 401
    assert plane.ask("/scim/v2/Users", headers={"Authorization": "Bearer " + "t" * 40})[0] == 401
    status, found = plane.ask("/scim/v2/Users?filter=" + urllib.parse.quote('userName eq "eve"'), headers=headers)
    user = found["Resources"][0]
    assert status == 200 and user["active"] is True
    session = plane.log_in(plane.grant(plane.provider.token("eve")))
    begun = time.monotonic()
    operations = {"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}
    status, user = plane.ask(f"/scim/v2/Users/{user['id']}", operations, headers, method="PATCH")
    assert status == 200 and user["active"] is False
    assert error(session.closes()) == "28000" and time.monotonic() - begun < 10
    assert "revoked" in plane.exchange(plane.provider.token("eve"))[1]["error_description"]
    again = {"Operations": [{"op": "replace", "value": {"active": True}}]}
    assert plane.ask(f"/scim/v2/Users/{user['id']}", again, headers, method="PATCH")[1]["active"] is True
    plane.grant(plane.provider.token("eve"))
    assert plane.ask(f"/scim/v2/Users/{user['id']}", headers=headers, method="DELETE")[0] == 204
    assert "revoked" in plane.exchange(plane.provider.token("eve"))[1]["error_description"]


def test_revocations_and_keys_outlive_the_operator(plane):
    revoke(plane, subject="people:gone")
    grant = plane.grant(plane.signer.token())
    plane.operator.stop()
    assert plane.people(grant).returncode == 0
    plane.operator = plane.new_operator("operator-again", plane.port, plane.health)
    plane.operator.start()
    token = plane.provider.token("gone")
    eventually(lambda: "revoked" in str(plane.exchange(token)[1]), lambda: plane.exchange(token))
    assert plane.people(grant).returncode == 0


@pytest.mark.slow
def test_a_new_key_of_the_issuer_is_found_and_an_outage_is_borne(plane):
    plane.grant(plane.signer.token())
    old = plane.signer.token()
    key, kid = plane.signer.key, plane.signer.kid
    plane.signer.key, plane.signer.kid = Signer().key, "k2"
    plane.key_server.is_down = True
    assert "key is not known" in plane.exchange(plane.signer.token())[1]["error_description"]
    assert plane.exchange(old)[0] == 200
    plane.key_server.keys, plane.key_server.is_down = plane.signer.keys, False
    # An issuer is asked again after half a minute.
    eventually(lambda: plane.exchange(plane.signer.token())[0] == 200, "never found", timeout=90)
    before = plane.key_server.count
    for _ in range(20):
        plane.exchange(plane.signer.token({"kid": "made-up"}))
    assert plane.key_server.count <= before + 1
    assert "key is not known" in plane.exchange(old)[1]["error_description"]
    assert key and kid


def test_weirctl_exchanges_connects_and_revokes(plane, tmp_path):
    token, admin = tmp_path / "token", tmp_path / "admin"
    token.write_text(plane.provider.token("ann"))
    admin.write_text(plane.token("admin", SYSTEM))
    environment = {"WEIR_OPERATOR": plane.url, "WEIR_OPERATOR_CA": str(plane.authorities), "PATH": "/usr/bin:/bin",
                   "WEIR_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}

    def weirctl(*arguments):
        return subprocess.run(
            [program("weirctl"), *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=60,
            stdin=subprocess.DEVNULL)
    target = ["--connection", f"{NAMESPACE}/people", "--token-file", token]
    refused = weirctl("token", *target)
    assert refused.returncode == 1 and "chmod 600" in refused.stderr
    token.chmod(0o600)
    admin.chmod(0o600)
    done = weirctl("token", *target, "--pgpass", tmp_path / "pgpass", "-o", "json")
    assert done.returncode == 0 and json.loads(done.stdout)["subject"] == "people:ann", done.stderr
    assert "weir-grant" not in done.stdout and (tmp_path / "pgpass").stat().st_mode & 0o777 == 0o600
    done = weirctl(
        "connect", f"{NAMESPACE}/people", "--host", "127.0.0.1", "--port", plane.people_port, "--database", "clinic",
        "--token-file", token, "--", "psql", "-X", "-At", "-c", "SELECT 40 + 2")
    assert (done.returncode, done.stdout) == (0, "42\n"), done.stderr
    assert not list((tmp_path / "home").glob("pgpass*"))
    done = weirctl("connect", f"{NAMESPACE}/people", "--token-file", token, "--", "sh", "-c", "exit 7")
    assert done.returncode == 7
    done = weirctl("identities", "revoke", "--subject", "people:ann", "--reason", "left", "--token-file", admin)
    assert done.stdout == "revoked: subject people:ann\n", done.stderr
    listed = weirctl("identities", "--token-file", admin)
    assert "people:ann" in listed.stdout and "Revoked" in listed.stdout and "left" in listed.stdout
    refused = weirctl("token", *target)
    assert refused.returncode == 1 and "revoked" in refused.stderr
    assert weirctl("identities", "restore", "--subject", "people:ann", "--token-file", admin).returncode == 0
    assert weirctl("token", *target).stdout.startswith("weir-grant-v1.")


def test_no_secret_is_written_anywhere(plane):
    token = plane.signer.token(repository="fork")
    plane.exchange(token)
    plane.people(token)
    grant = plane.grant(plane.provider.token("ann"))
    plane.people(grant)
    seeds = plane.cluster.get(f"{plane.secrets}/weir-operator-grants")[2]["data"]["keys.json"]
    secrets = [token.split(".")[2], grant.split(".")[3], SCIM_TOKEN,
               *(it["seed"] for it in json.loads(base64.b64decode(seeds)))]
    files = [*plane.folder.glob("*.log"), plane.sidecar.folder / "log", plane.sidecar.data / "authority.json"]
    for file, written in [*((it, it.read_bytes()) for it in files), *contents(plane.sidecar.data / "spool")]:
        for secret in secrets:
            assert secret.encode() not in written, file


@pytest.mark.slow
def test_a_pod_that_is_gone_is_nobody(plane):
    plane.cluster.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}/pods/api-0?gracePeriodSeconds=0")

    def refused():
        done = plane.sidecar.endpoint().psql("-At", "-c", "SELECT 1")
        return "not attested" in done.stderr
    eventually(refused, lambda: plane.sidecar.log, timeout=200)
