"""Secrets planted wherever one can be shown, and everything that Weir writes or answers searched for them."""

import base64
import json
import os
import pathlib
import resource
import signal
import subprocess
import time
import urllib.request

import pytest
from cluster import Tool, VERSIONS
from servers import eventually
from stage.files import contents
from stage.process import free_port, program
from stage.stage import Stage
from test_grants_and_revocations import NAMESPACE, SYSTEM
from test_grants_and_revocations import Plane as ClusterPlane
from test_local_identities import SCIM_TOKEN, Plane
from wire import Wire, error, query


@pytest.fixture(scope="module")
def scene():
    level = os.environ.get("WEIR_LOG_LEVEL")
    os.environ["WEIR_LOG_LEVEL"] = "trace"
    try:
        with Stage(settings={"log_statement": "all"}) as stage:
            stage.start_postgresql()
            stage.start_sink()
            health = free_port()
            plane = Plane(stage, options=["--health-address", f"127.0.0.1:{health}"])
            plane.stage, plane.health = stage, health
            yield plane
            plane.operator.process.stop()
            plane.provider.stop()
    finally:
        os.environ.pop("WEIR_LOG_LEVEL")
        if level:
            os.environ["WEIR_LOG_LEVEL"] = level


def play(plane):
    """Shows every kind of secret, rightly and wrongly; returns them, and all that was answered."""
    secrets, answers = {}, []

    def shown(kind, secret):
        secrets[f"{kind} {len(secrets)}"] = secret
        return secret

    def told(done):
        answers.append(done.stdout + done.stderr)

    eventually(lambda: plane.psql(plane.signer.token()).returncode == 0, "the gateway takes no token")
    for _ in range(2):
        told(plane.psql(shown("token", plane.signer.token())))
        told(plane.psql(shown("token", plane.provider.token("ann"))))
    told(plane.psql(shown("token for another", plane.signer.token(aud="other"))))
    told(plane.psql(shown("expired token", plane.signer.token(exp=1))))
    answer = plane.granted(shown("exchanged token", plane.signer.token()))
    told(plane.psql(shown("grant", answer["access_token"])))
    told(plane.psql(shown("forged grant", answer["access_token"][:-6] + "AAAAAA")))
    answers.append(json.dumps(plane.grant(shown("refused token", plane.signer.token(aud="x")))))
    answers.append(json.dumps(plane.ask("/v1/identities", token=shown("nobody's token", "n" * 41))))
    answers.append(json.dumps(plane.ask("/scim/v2/Users", body={"userName": "eve"}, token=SCIM_TOKEN)))
    told(plane.identities("ana"))
    told(plane.identities("ben", "revoke", "--subject", "x", "--reason", "y"))
    told(plane.gateway.endpoint("tester", shown("wrong password", "w" * 23)).psql("-c", "SELECT 1"))
    session = Wire(plane.gateway.endpoint("tester"))
    for text in ("SET weir.on_behalf_of = '%s'", "SELECT set_config('weir.on_behalf_of', '%s', false)",
                 "SET weir.on_behalf_of = %s",
                 "DO $$ BEGIN PERFORM set_config('weir.on_behalf_of', '%s', true); END $$"):
        for token in (plane.provider.token("ann"), plane.signer.token(aud="other")):
            got = session.ask(query(text % shown("token acted with", token)))
            answers.append(repr(got))
    assert error(session.ask(query("SELECT 1"))) is None
    session.close()
    secrets["SCIM token"] = SCIM_TOKEN
    secrets["gateway's token"] = plane.operator.gateway_token.read_text()
    for person in ("ana", "ben"):
        secrets[f"token of {person}"] = (plane.operator.tokens / "people" / person).read_text()
    for file in plane.gateway.secrets.rglob("*"):
        if file.is_file() and file.name not in ("username",):
            secrets[str(file.relative_to(plane.gateway.secrets))] = file.read_text().strip()
    keys = json.loads((plane.operator.data / "identities" / "secrets.weir-operator-grants.json").read_text())
    secrets["keys of grants"] = keys["data"]["keys.json"]
    return {kind: secret for kind, secret in secrets.items() if len(secret) > 7}, answers


def processes(plane):
    return [it.pid for it in (plane.gateway.process, plane.operator.process, plane.stage.sink)]


def found(secrets, content):
    """The kinds of those in it, of tokens their signature as well."""
    content = content if isinstance(content, bytes) else content.encode()
    return [kind for kind, secret in secrets.items()
            if secret.encode() in content or "oken" in kind and "." in secret
            and len(part := secret.rsplit(".", 1)[1]) > 20 and part.encode() in content]


def test_no_secret_is_written_or_told(scene):
    secrets, answers = play(scene)
    assert len(secrets) > 20
    for answer in answers:
        assert not found(secrets, answer), answer

    own = [scene.gateway.secrets, scene.operator.tokens, scene.operator.data / "identities"]
    searched = []
    for file, content in contents(scene.stage.folder):
        if file.name == "provider.log" or any(part in file.parents for part in own):
            continue
        assert not found(secrets, content), file
        searched.append(file.name)
    for name in ("operator.log", "local.log", "sink.log", "evidence.sqlite"):
        assert name in searched, searched

    with urllib.request.urlopen(f"http://127.0.0.1:{scene.health}/metrics") as answer:
        assert not found(secrets, answer.read())
    for pid in processes(scene):
        for part in ("environ", "cmdline"):
            assert not found(secrets, pathlib.Path(f"/proc/{pid}/{part}").read_bytes()), (pid, part)


def test_evidence_and_what_is_exported_of_it(scene):
    secrets, _ = play(scene)
    sink = scene.stage.sink_url

    def told():
        return scene.stage.weirctl("sessions", "list", "--sink", sink, "-o", "json")
    eventually(lambda: "run=4711" in told().stdout, told)
    listed = told()
    assert listed.returncode == 0 and not found(secrets, listed.stdout)
    for session in json.loads(listed.stdout)[:20]:
        if session["session"]:
            for verb in ("show", "replay"):
                done = scene.stage.weirctl("sessions", verb, session["session"], "--sink", sink)
                assert not found(secrets, done.stdout + done.stderr), (verb, session["session"])


def test_the_signatures_searched_for_would_be_found(scene):
    token = scene.signer.token()
    assert found({"token": token}, f"x {token.rsplit('.', 1)[1]} y") == ["token"]


# In a cluster


@pytest.fixture(scope="module")
def cluster(scene, tmp_path_factory):
    plane = ClusterPlane(scene.stage, tmp_path_factory.mktemp("cluster"))
    plane.sidecar.process.start()
    eventually(lambda: plane.sidecar.get("/readyz")[0] == 200, lambda: plane.sidecar.log)
    yield plane
    plane.stop()


def play_in_cluster(plane):
    """Shows secrets to operator and gateway, rightly and wrongly, and returns them."""
    used = {"workload's token": plane.sidecar.token.read_text(), "SCIM token": SCIM_TOKEN,
            "administrator's token": plane.token("admin", SYSTEM), "API server's token": plane.cluster.token,
            "database's password": plane.stage.postgresql.password}
    used["exchanged token"] = plane.signer.token()
    used["grant"] = plane.grant(used["exchanged token"])
    for kind, token in (("token", plane.signer.token()), ("refused token", plane.signer.token(aud="x")),
                        ("expired token", plane.signer.token(exp=1)),
                        ("token of a person", plane.provider.token("ann")),
                        ("forged token", plane.signer.token()[:-8] + "AAAAAAAA"), ("grant again", used["grant"])):
        used[kind] = token
        plane.exchange(token)
        plane.people(token)
    plane.ask("/v1/identities", headers={"Authorization": "Bearer " + used["administrator's token"]})
    for kind in ("admin", "nobody"):
        used[f"token of {kind}"] = plane.token(kind, SYSTEM)
        plane.ask("/v1/revocations", {"subject": "ci:x", "reason": "y"},
                  headers={"Authorization": "Bearer " + used[f"token of {kind}"]})
    plane.ask("/scim/v2/Users", {"userName": "eve", "active": True}, headers={"Authorization": f"Bearer {SCIM_TOKEN}"})
    status, _, secret = plane.cluster.request("GET", f"{plane.secrets}/weir-operator-grants")
    assert status == 200
    used["keys of grants"] = base64.b64decode(secret["data"]["keys.json"]).decode()
    return used


def test_no_secret_is_in_an_event_or_what_kubectl_describes(cluster):
    used = play_in_cluster(cluster)
    kubectl = Tool(cluster.cluster, VERSIONS[-1]).kubectl
    kinds = "pods,serviceaccounts,configmaps,events,leases,databaseconnections,maskingpolicies,approvalrules"
    kinds += ",approvalrequests,roles,rolebindings"
    told = []
    for namespace in (SYSTEM, NAMESPACE):
        told += [kubectl("describe", f"{kinds},secrets", "-n", namespace).stdout,
                 kubectl("get", kinds, "-n", namespace, "-o", "yaml").stdout]
    assert "api-0" in told[2] and "weir-operator-grants" in told[0]
    for text in told:
        assert not found(used, text)
    with urllib.request.urlopen(f"http://127.0.0.1:{cluster.health}/metrics", timeout=60) as answer:
        metrics = answer.read()
    assert b"weir_operator_grants_refused_total" in metrics and not found(used, metrics)
    assert not found(used, cluster.sidecar.get("/metrics")[1])
    for log in (cluster.sidecar.log, cluster.operator.log.read_text()):
        assert not found(used, log)


# What a crash would leave


def test_no_program_leaves_a_core(scene, cluster):
    pids = [*processes(scene), cluster.operator.pid, cluster.sidecar.process.pid]
    for pid in pids:
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines()
        core = next(line for line in limits if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"], (pid, core)


def crashes(folder, command, is_up):
    """Starts it as nobody, as whom no core is forbidden, ends it by SIGSEGV, and returns who owns its memory, and the
    files of cores."""
    account = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    folder.chmod(0o777)
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (most, most)), **account)
    eventually(lambda: is_up(process), "it did not come up")
    owner = os.stat(f"/proc/{process.pid}/mem").st_uid
    process.send_signal(signal.SIGSEGV)
    assert process.wait(60) == -signal.SIGSEGV
    return owner, [file.name for file in folder.iterdir() if file.name.startswith("core")]


def test_a_crash_writes_no_memory_and_nobody_else_reads_it(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("who may read the memory of another's process is seen by root alone")
    port = free_port()
    sink = tmp_path / "sink"
    sink.mkdir()

    def listens(_):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/gateways", timeout=20) as answer:
            return answer.status == 200

    def is_up(process):
        try:
            return listens(process)
        except OSError:
            return False
    command = [program("weir-audit-sink"), "run", "--data", sink / "data", "--listen", f"127.0.0.1:{port}"]
    for parent in (tmp_path, *tmp_path.parents):
        parent.chmod(parent.stat().st_mode | 0o011)
    assert crashes(sink, command, is_up) == (0, [])
    # What would be seen of a program that does not forbid it.
    other = tmp_path / "other"
    other.mkdir()
    owner, cores = crashes(other, ["sleep", "60"], lambda process: time.sleep(0.3) or process.poll() is None)
    assert owner == 65534
    pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text()
    if pattern[0] not in "/|" and resource.getrlimit(resource.RLIMIT_CORE)[1] != 0:
        assert cores
