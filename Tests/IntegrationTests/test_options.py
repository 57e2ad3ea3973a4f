"""What the programs say of options, variables, files and places that are not as they need them."""

import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import urllib.parse

import pytest
from cluster import PROGRAM, ROOT, VERSIONS, Cluster, Tool
from servers import MANIFEST, authority, certificate
from stage.process import program
from test_audit_sink import Sink

#: Of `weirctl`, with their subcommands.
COMMANDS = [
    "validate", "explain", "role", "grants", "self-test run", "self-test verify", "detect", "sessions list",
    "sessions show", "sessions replay", "verify", "export", "login", "connect", "token", "identities list",
    "identities revoke", "identities restore", "approvals list", "approvals show", "approvals approve",
    "approvals deny"]
SESSION = {
    "gateway": "g", "state": "Ended", "subject": "ann", "groups": [], "proof": "GatewayUser", "claimedUser": "ann",
    "connection": "default/clinic", "database": "clinic", "applicationName": "", "clientAddress": "127.0.0.1:1",
    "clientTLS": "", "started": "2026-01-31T12:00:00.000000Z", "endReason": "client disconnected", "statements": 1,
    "refused": 0, "masked": 0, "rows": 1, "bytesOut": 1, "bytesIn": 1}


#: Nothing is there.
NOWHERE = "/nonexistent/file"
IDENTITIES = ["identities", "--token-file", NOWHERE]


def run(name, *arguments, **variables):
    """With no other variables than these."""
    return subprocess.run(
        [program(name), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_COLOR": "1", **variables})


def weirctl(*arguments, **variables):
    return run("weirctl", *arguments, **variables)


def secret(path, text):
    path.touch(0o600)
    path.write_text(text)
    return path


@pytest.fixture
def taken():
    """A port somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


# --- The gateway, the operator and the sink


@pytest.mark.parametrize("name, variable", [
    ("weir-gateway", "WEIR_REQUIRE_TLS"), ("weir-operator", "WEIR_LEADER_ELECTION")])
def test_a_flag_of_the_environment_is_true_or_false(name, variable):
    for text in ("1", "yes", "on", "TRUE", "False"):
        done = run(name, "run", **{variable: text})
        assert done.returncode == 64 and f"{variable}={text}: expected true or false\n" in done.stderr, done.stderr
    for text in ("true", "false", ""):
        assert variable + "=" not in run(name, "run", **{variable: text}).stderr


def test_an_operator_is_told_of_a_sink_by_its_whole_address():
    done = run("weir-operator", "run", "--sink", "sink:9440")
    assert done.returncode == 64 and "--sink sink:9440: expected http[s]://HOST[:PORT]\n" in done.stderr, done.stderr
    assert "expected http[s]" not in run("weir-operator", "run", "--sink", "https://sink:9440").stderr


@pytest.fixture
def gateway(tmp_path):
    """Runs a gateway with options that are not as the others."""
    for name in ("manifests", "secrets/people", "data"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "manifests" / "clinic.yaml").write_text(MANIFEST)
    options = {f"--{it}": tmp_path / it for it in ("manifests", "secrets", "data")}
    options |= {"--namespace": "default", "--sink": "http://127.0.0.1:9", "--users": "people"}

    def start(changed):
        return run("weir-gateway", "run", *(part for option in (options | changed).items() for part in option))
    return start


@pytest.mark.parametrize("changed, words", [
    ({"--sink": "127.0.0.1:9440"}, "--sink 127.0.0.1:9440: give http:// or https://"),
    ({"--users": "nosuch"}, "--users nosuch: "),
    ({"--connections": "clinc"}, "no DatabaseConnection clinc in namespace default; there is default/"),
    ({"--connections": "clinic,clinc"}, "no DatabaseConnection clinc in namespace default; there is default/clinic"),
    ({"--connections": ","}, "--connections: names none"),
    ({"--namespace": "other"}, "no DatabaseConnection in namespace other; there is default/"),
])
def test_a_gateway_names_the_option_that_is_wrong(gateway, changed, words):
    done = gateway(changed)
    assert done.returncode == 64 and words in done.stderr, done.stderr


def test_a_certificate_that_is_none_is_named(gateway, tmp_path):
    file = tmp_path / "tf"
    file.write_text("nothing")
    done = gateway({"--tls-certificate": file, "--tls-key": file})
    assert done.returncode == 64 and f"--tls-certificate {file}: certificate: " in done.stderr, done.stderr


def test_a_port_in_use_is_named(gateway, taken, tmp_path):
    place = f"127.0.0.1:{taken}"
    for done in (gateway({"--health-address": place}),
                 run("weir-audit-sink", "run", "--data", tmp_path / "sink", "--listen", place)):
        assert (done.returncode, done.stderr) == (1, f"Error: {place}: address already in use\n")


# --- weirctl: what it says of itself


def test_no_help_tells_a_default_twice():
    for command in COMMANDS:
        text = re.sub(r"\s+", " ", weirctl(*command.split(), "--help").stdout)
        assert "USAGE" in text and not re.search(r"\(default: [^)]*\) \(default:", text), text


@pytest.mark.parametrize("command, lines", [
    ("connect", ["  weirctl connect clinic/main --host db.example --port 15432 \\", "    --database clinic -- psql"]),
    ("grants", ["  weirctl grants --connection clinic --manifests manifests \\", "    --secrets secrets > role.sql"]),
    ("token", ["  weirctl token --connection clinic/main --pgpass \"$PGPASSFILE\" \\",
               "    --host db.example --port 15432"]),
])
def test_examples_can_be_copied(command, lines):
    assert "\n".join(lines) + "\n" in weirctl(command, "--help").stdout


@pytest.mark.parametrize("arguments, words", [
    (["sessions", "list", "--limit", "0"], "--limit 0 is not from 1 to 1000"),
    (["sessions", "list", "--limit", "1001"], "--limit 1001 is not from 1 to 1000"),
    (["sessions", "list", "--sink", "127.0.0.1:9440"], "--sink 127.0.0.1:9440: give http:// or https://"),
    (["identities", "revoke", "--subject", "a", "--reason", "b", "--token-file", "c",
      "--until", "2020-01-01T00:00:00Z"], "--until 2020-01-01T00:00:00Z is not in the future"),
    (["identities"], "say who you are: --token-file FILE (or WEIR_TOKEN_FILE)"),
    (["sessions", "list"], "say where the evidence is: --sink URL (or WEIR_SINK), or --from PATH"),
    (["sessions", "list", "--sink", "http://localhost", "--from", "/"], "--sink and --from exclude each other"),
    (["sessions", "list", "--from", NOWHERE], f"--from {NOWHERE}: no such file or folder"),
    (["sessions", "list", "--since", "yesterday", "--from", "/"], "--since yesterday is neither a day nor a time"),
    (["sessions", "list", "--sink", "https://localhost", "--ca", NOWHERE], f"{NOWHERE} cannot be read"),
    (["sessions", "list", "--sink", "https://localhost", "--token-file", NOWHERE], f"{NOWHERE} cannot be read"),
    (["sessions", "list", "--from", "/", "-o", "xml"], "The value 'xml' is invalid for '-o"),
    (["sessions", "show", "7", "--from", "/"], '"7" is no session: expected 32 hexadecimal digits'),
    (["sessions", "replay", "0" * 32, "--from", "/", "--speed", "1e-300"], "--speed 1e-300 is no number from 0.001 on"),
    (["sessions", "replay", "0" * 32, "--from", "/", "--speed", "inf"], "--speed inf is no number from 0.001 on"),
    (["export", "--session", "7", "--from", "/"], '"7" is no session: expected 32 hexadecimal digits'),
    (["detect", "--mask", "--measure", "1", "-"], "--mask and --measure exclude each other"),
    (["detect", "--measure", "0", "-"], "--measure 0 is not 1 or more"),
    (["detect", "--data-types", "shoe-size", "-"], "shoe-size is no kind of identifier"),
    (["identities", "--token-file", NOWHERE], "say where the operator is: --operator URL (or WEIR_OPERATOR)"),
    ([*IDENTITIES, "--operator", "localhost:8443"], "--operator localhost:8443: only https:// is possible"),
    ([*IDENTITIES, "--operator", "http://weir.example"], "--operator http://weir.example: only https:// is possible"),
    ([*IDENTITIES, "--operator", "https://"], "--operator https://: no host"),
    ([*IDENTITIES, "--operator", "https://localhost", "--operator-ca", NOWHERE], f"{NOWHERE} cannot be read"),
    ([*IDENTITIES, "--operator", "https://localhost"], f"{NOWHERE} cannot be read"),
    (["approvals", "--kubeconfig", NOWHERE], f"--kubeconfig {NOWHERE}: no such file"),
    (["login", "--issuer", "http://id.example"], "--issuer http://id.example: only https:// is possible"),
    (["login", "--issuer", "https://id.example", "--issuer-ca", NOWHERE], f"{NOWHERE} cannot be read"),
    (["login", "--issuer", "https://id.example", "--client-secret-file", NOWHERE], f"{NOWHERE} cannot be read"),
    (["login", "--saml", "clinic"], "The value 'clinic' is invalid for '--saml <saml>': expected NAMESPACE/NAME"),
    (["login", "--saml", "clinic/main", "--device"], "--saml goes with neither --issuer nor --device"),
    (["login", "--provider", "https://idp.example"], "--provider goes with --saml"),
    (["connect", "main"], "The value 'main' is invalid for '<connection>': expected NAMESPACE/NAME"),
    (["connect", "clinic/main", "--port", "0"], "--port 0 is not from 1 to 65535"),
    (["token", "--connection", "clinic/"], "'--connection <connection>': expected NAMESPACE/NAME"),
    (["token", "--connection", "clinic/main", "--lifetime", "3601"], "--lifetime 3601 is not from 1 to 3600"),
    (["token", "--connection", "clinic/main", "--port", "any"], "--port any is neither * nor from 1 to 65535"),
    (["role", "--connection", "main", "--manifests", NOWHERE, "--secrets", "/"], f"--manifests {NOWHERE}: no such"),
    (["role", "--connection", "main", "--manifests", "/", "--secrets", NOWHERE], f"--secrets {NOWHERE}: no such"),
    (["self-test", "verify", NOWHERE, "--key", NOWHERE], f"{NOWHERE} cannot be read"),
    (["self-test", "verify", NOWHERE, "--key", __file__], f"--key {__file__} holds no public key"),
])
def test_options_that_cannot_be_used(arguments, words):
    done = weirctl(*arguments)
    assert done.returncode == 64 and words in done.stderr, done.stderr


@pytest.fixture
def clinic(tmp_path):
    """What commands that ask a database are given, and the manifests of them."""
    for name in ("manifests", "secrets"):
        (tmp_path / name).mkdir()
    file = tmp_path / "manifests" / "clinic.yaml"
    file.write_text(MANIFEST)
    return ["--manifests", file.parent, "--secrets", tmp_path / "secrets"], file


def test_connections_that_are_not_among_the_manifests(clinic):
    options, file = clinic
    for arguments in (["role"], ["grants"], ["explain", "SELECT 1", "--as", "ann"]):
        done = weirctl(*arguments, "--connection", "clinc", *options)
        assert done.returncode == 64 and "there is default/clinic" in done.stderr, done.stderr
        # What a file or a server is at fault for is no wrong option.
        done = weirctl(*arguments, "--connection", "clinic", *options)
        assert done.returncode == 1, done.stderr
    file.write_text(MANIFEST.replace("database: clinic, ", ""))
    done = weirctl("role", "--connection", "clinic", *options)
    assert done.returncode == 64 and "name one with --database" in done.stderr, done.stderr
    file.write_text("kind: [")
    assert weirctl("role", "--connection", "clinic", *options).returncode == 1


def test_files_of_a_self_test(clinic, tmp_path):
    options, report = clinic[0], tmp_path / "report"
    asked = ["self-test", "--connection", "clinic", *options, "--user", "ann", "--admin-user", "postgres", "--gateway"]
    for arguments, words in [
            (["localhost"], "--gateway localhost: expected HOST:PORT"),
            (["localhost:1", "--password-file", NOWHERE], f"{NOWHERE} cannot be read"),
            (["localhost:1", "--admin-password-file", NOWHERE], f"{NOWHERE} cannot be read")]:
        done = weirctl(*asked, *arguments, "--report", report)
        assert done.returncode == 64 and words in done.stderr, done.stderr
    report.touch()
    done = weirctl(*asked, "localhost:1", "--report", report)
    assert done.returncode == 64 and f"--report {report}: it exists" in done.stderr, done.stderr


def test_a_checkpoint_that_is_none_says_nothing_of_the_evidence(tmp_path):
    file = tmp_path / "checkpoint"
    file.write_text("nothing\n")
    done = weirctl("verify", tmp_path, "--checkpoint", file)
    assert done.returncode == 64 and f"{file} cannot be read: not a checkpoint" in done.stderr, done.stderr
    assert "NOT INTACT" not in done.stdout


# --- weirctl: servers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nobody_listening_is_told_in_words(host):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        done = weirctl("sessions", "list", "--sink", f"http://{host}:{silent.getsockname()[1]}")
    assert done.returncode == 1 and done.stderr.endswith("cannot be reached: connection refused\n"), done.stderr


class Server(http.server.ThreadingHTTPServer):
    """Has three sessions and nobody revoked; keeps the credential of the last request."""

    def __init__(self):
        outer, self.credential = self, None

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.credential = self.headers["Authorization"]
                path, _, query = self.path.partition("?")
                limit = int(dict(urllib.parse.parse_qsl(query)).get("limit", 100))
                sessions = [SESSION | {"session": f"{it:032x}", "position": it} for it in range(3)]
                answer = {"/v1/sessions": sessions[:limit],
                          "/v1/identities": {"identities": [], "revocations": []}}[path]
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]


@pytest.fixture
def server():
    with Server() as server:
        yield server
        server.shutdown()


def test_whether_there_are_more_sessions_is_told(server):
    for limit, more in (("2", True), ("3", False), ("1000", False)):
        done = weirctl("sessions", "list", "--sink", f"http://127.0.0.1:{server.port}", "--limit", limit, "-o", "json")
        assert done.returncode == 0 and len(json.loads(done.stdout)) == min(int(limit), 3)
        words = f"there are more than {limit} sessions; use --limit or --since\n"
        assert done.stderr == (words if more else "")


def test_a_token_comes_from_an_option_or_the_environment(server, tmp_path):
    option, variable = secret(tmp_path / "option", "of-option\n"), secret(tmp_path / "variable", "of-variable\n")
    sink = ["sessions", "list", "--sink", f"http://127.0.0.1:{server.port}"]
    administrator = ["identities", "--operator", f"http://127.0.0.1:{server.port}"]
    both = {"WEIR_TOKEN": "itself", "WEIR_TOKEN_FILE": str(variable)}
    for arguments, variables, token in [
            (sink, {}, None), (sink, {"WEIR_TOKEN_FILE": str(variable)}, "of-variable"), (sink, both, "itself"),
            ([*sink, "--token-file", option], both, "of-option"),
            (administrator, {"WEIR_TOKEN_FILE": str(variable)}, "of-variable"),
            ([*administrator, "--token-file", option], both, "of-option")]:
        done = weirctl(*arguments, **variables)
        assert done.returncode == 0, done.stderr
        assert server.credential == (token and f"Bearer {token}"), (arguments, variables)


def test_a_certificate_that_is_not_trusted_tells_what_to_give(server, tmp_path):
    authority(tmp_path, "ca")
    certificate(tmp_path, "ca", "other", "DNS:other.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "other.crt", tmp_path / "other.key")
    token = secret(tmp_path / "token", "x" * 20)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve():
            while True:
                try:
                    context.wrap_socket(listener.accept()[0], server_side=True).close()
                except ssl.SSLError:
                    continue
                except OSError:
                    return
        threading.Thread(target=serve, daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        asked = ["identities", "--operator", url, "--token-file", token]
        done = weirctl(*asked)
        assert done.returncode == 1 and "of no authority that is trusted; name it with --operator-ca" in done.stderr
        done = weirctl(*asked, "--operator-ca", tmp_path / "ca.crt")
        assert done.returncode == 1 and "its certificate is for another name" in done.stderr, done.stderr
        done = weirctl("sessions", "list", "--sink", url)
        assert done.returncode == 1 and "name it with --ca" in done.stderr, done.stderr


@pytest.fixture
def closed_sink(tmp_path):
    """A sink that only a reader reads."""
    secret(tmp_path / "readers", "kim s3cret\n")
    sink = Sink(tmp_path, "--token-file", tmp_path / "readers")
    sink.process.start()
    yield sink
    sink.process.stop()


def test_an_export_that_fails_leaves_nothing(closed_sink, tmp_path):
    file, token = tmp_path / "bundle", secret(tmp_path / "token", "s3cret\n")
    for format in ("jsonl", "csv", "ocsf"):
        asked = ["export", "--sink", closed_sink.url, "--format", format]
        for done in (weirctl(*asked), weirctl(*asked, "-o", file)):
            assert (done.returncode, done.stdout) == (1, "") and "a reader's token" in done.stderr, done.stderr
        assert not file.exists()
        done = weirctl(*asked, "-o", file, WEIR_TOKEN_FILE=str(token))
        assert done.returncode == 0 and file.exists(), done.stderr
        done = weirctl(*asked, "-o", file, WEIR_TOKEN_FILE=str(token))
        assert done.returncode == 64 and f"{file} cannot be written: it exists" in done.stderr and file.exists()
        file.unlink()


# --- weirctl approvals


def test_what_asks_a_cluster_although_an_operator_is_named(tmp_path):
    variables = {"WEIR_OPERATOR": "https://localhost:8443", "KUBECONFIG": str(tmp_path / "none")}
    for options in (["-n", "clinic"], ["-A"], ["--context", "test"]):
        done = weirctl("approvals", "list", *options, **variables)
        words = f"none not found; {options[0]} asks a cluster although WEIR_OPERATOR is set\n"
        assert done.returncode == 1 and done.stderr.endswith(words), done.stderr
    done = weirctl("approvals", "list", **variables)
    assert done.returncode == 64 and "for a cluster give -n or --context" in done.stderr, done.stderr
    done = weirctl("approvals", "list", "--operator", "https://localhost:8443")
    assert done.returncode == 64 and "--token-file" in done.stderr and "for a cluster" not in done.stderr
    assert "WEIR_OPERATOR" not in weirctl("approvals", "list", KUBECONFIG=variables["KUBECONFIG"]).stderr


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    assert PROGRAM, "the API server for tests is not built"
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    Tool(cluster, VERSIONS[-1]).kubectl("apply", "--server-side", "-f", str(ROOT / "CRDs"))
    yield cluster
    cluster.stop()


def test_a_request_that_is_not_there(cluster):
    asked = ["--kubeconfig", cluster.kubeconfig, "-n", "default"]
    words = 'there is no request "5a3c-12" in namespace default; see weirctl approvals list -A --all\n'
    for verb in ("show", "approve", "deny"):
        done = weirctl("approvals", verb, "5a3c-12", *asked)
        assert done.returncode == 1 and done.stderr.endswith(words), done.stderr


def test_through_which_application_somebody_asks_is_shown(cluster):
    path = "/apis/weir.dev/v1alpha1/namespaces/default/approvalrequests"
    status, _, answer = cluster.request("POST", path, {
        "apiVersion": "weir.dev/v1alpha1", "kind": "ApprovalRequest",
        "metadata": {"name": "5a3c-13", "namespace": "default"},
        "spec": {
            "ruleRef": {"namespace": "default", "name": "destruction"}, "connectionRef": {"name": "clinic"},
            "requester": {"name": "people:ann", "proof": "Token", "through": "portal"},
            "statement": {"sha256": "0" * 64, "kind": "Delete", "redactedText": "DELETE FROM t"},
            "requiredApprovals": 1, "expiresAt": "2099-01-31T12:00:00Z"}})
    assert status == 201, answer
    asked = ["approvals", "show", "5a3c-13", "--kubeconfig", cluster.kubeconfig, "-n", "default"]
    done = weirctl(*asked)
    assert done.returncode == 0 and re.search(r"(?m)^through +portal$", done.stdout), done
    assert json.loads(weirctl(*asked, "-o", "json").stdout)["spec"]["requester"]["through"] == "portal"
