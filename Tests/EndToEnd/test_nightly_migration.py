"""The case Weir was made for, in a cluster: the nightly migration that ran as somebody long gone.

The plays follow one another.
"""

import json
import os
import re
import secrets
import subprocess

import pytest

from nightly import ACCOUNT, DBA, JOB, PEOPLE, REPOSITORY, IdentityProvider, administrators, issuer, migrations, rules
from plays import CLINIC, SYSTEM
from release import component, install, is_ready, operator_serves, operators
from resources import NAMESPACE, editor, job, secret
from stage.process import program

CONNECTION = f"/apis/weir.dev/v1alpha1/namespaces/{CLINIC}/databaseconnections/migrations"
REQUESTS = f"/apis/weir.dev/v1alpha1/namespaces/{CLINIC}/approvalrequests"
#: Who started the run, and who has left.
ANA, CARL = "ana", "carl"
SUBJECT = f"ci:{JOB}"
ROW = "SELECT name, ssn, mrn, email FROM patients WHERE id = 1"
CHANGE = "ALTER TABLE patients DROP COLUMN email"


def opaque(name, namespace, **data):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace},
            "stringData": data}


class Night:
    """The world with the provider, an auditor and an identity provider of the clinic's."""

    def __init__(self, world, eventually, provider):
        self.world, self.eventually, self.provider = world, eventually, provider
        self.scim_token, self.reader_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)

    @property
    def authority(self):
        """By which operator and sink are known to whoever comes from outside, as the documentation has it."""
        return self.eventually(lambda: self.world.tool.kubectl(
            "get", "configmap", "weir-config-migrations", "-n", CLINIC,
            "-o", r"jsonpath={.data.operator-ca\.crt}", check=False).stdout, "the operator has given its authority")

    def token(self, run, actor=ANA, repository=REPOSITORY):
        """As the CI system gives it to a run."""
        self.provider.user(JOB, repository=repository, ref="refs/heads/main", run_id=run, actor=actor)
        return self.provider.token(JOB)

    def run(self, name, password, *statements, user="migrations"):
        """A Job in the cluster, with the run's token as its runner hands it over."""
        shown = {"secretKeyRef": {"name": name, "key": "token"}}
        made = job(self.world.application_image, name, *statements, app="migrations",
                   ends_gateway=not self.world.has_native_sidecars, PGUSER=user, PGPASSWORD={"valueFrom": shown})
        self.world.apply(opaque(name, CLINIC, token=password), made)
        return name

    def log(self, name):
        pod = self.world.kubelet.pod(CLINIC, job=name)
        return pod.containers["app"].output if pod and "app" in pod.containers else ""

    def log_with(self, name, text):
        return self.eventually(lambda: text in (found := self.log(name)) and found, f"{name} says {text}")

    def person(self, name, *arguments):
        """kubectl of somebody of the group that may decide."""
        return self.world.tool.kubectl("--as", name, "--as-group", DBA, *arguments, check=False)

    def decide(self, name, request, verdict, reason):
        value = {"id": name, "verdict": verdict, "reason": reason}
        return self.person(name, "patch", "approvalrequest", request, "-n", CLINIC, "--type=json",
                           "-p", json.dumps([{"op": "add", "path": "/spec/decisions/-", "value": value}]))

    def weirctl(self, *arguments, **environment):
        return subprocess.run([program("weirctl"), *(str(it) for it in arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300, env={**os.environ, **environment})

    def exchange(self, run):
        """A token of the run for a grant, at the operator."""
        token, authority = self.folder / "token", self.folder / "ca.crt"
        token.touch(0o600)
        token.write_text(self.token(run))
        authority.write_text(self.authority)
        with self.world.forward("weir-operator", 8443) as port:
            return self.weirctl("token", "--connection", f"{CLINIC}/migrations", "--token-file", token,
                                "--operator", f"https://localhost:{port}", "--operator-ca", authority)


@pytest.fixture(scope="module")
def night(world, eventually, tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    with issuer(folder, "127.0.0.1" if world.is_whole else world.network.address) as provider:
        night = Night(world, eventually, provider)
        night.folder = folder
        yield night


def test_the_clinic_describes_its_runs(night, eventually):
    world, provider = night.world, night.provider
    world.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYSTEM}}, NAMESPACE,
                opaque("auditors", SYSTEM, readers=f"auditor {night.reader_token}\n"),
                opaque("weir-operator-scim", SYSTEM, token=night.scim_token, subjectPrefix=PEOPLE))
    install(world, "sink.readersSecret=auditors")
    eventually(lambda: operator_serves(world), "the operator is ready")
    eventually(lambda: (pod := component(world, "audit-sink")) and pod.is_ready, "the sink is ready")
    world.clinic.script("ALTER TABLE patients OWNER TO weir")
    password = secrets.token_urlsafe(18)
    world.database.script(f"ALTER ROLE weir PASSWORD '{password}'")
    # A pod of a whole cluster does not reach the provider, which is on this machine.
    keys = {"jwks": provider.keys} if world.is_whole else {"certificateAuthority": provider.authority}
    world.apply(ACCOUNT, secret(password), *rules(), *administrators(),
                migrations(world.database_host, world.database_port, provider, **keys))
    eventually(lambda: (it := world.get(CONNECTION)) and is_ready(it), "the connection is Ready")
    eventually(lambda: world.would_inject(job(world.application_image, "any", "SELECT 1", app="migrations")),
               "pods are to have a gateway")
    eventually(lambda: night.exchange("4709").returncode == 0, "the operator has the provider's keys")


def test_the_old_password_opens_nothing(night):
    night.run("last-night", "spring-2026", "SELECT 1", user="svc-migrations")
    night.log_with("last-night", "authentication failed")


def test_a_run_of_somebody_who_has_left_is_refused(night):
    """Although its token is genuine: the identity provider has said that its owner is gone."""
    with night.world.forward("weir-operator", 8443) as port:
        IdentityProvider(port, night.scim_token, night.authority).leaves(CARL)
    night.eventually(lambda: CARL in json.dumps(night.world.get(
        f"/api/v1/namespaces/{SYSTEM}/configmaps/weir-revocations")), "the revocation is kept")
    night.eventually(lambda: all(
        re.search(r"(?m)^weir_operator_revocations [1-9]", night.world.health(it, "/metrics") or "")
        for it in operators(night.world)), "every replica knows of it")
    night.run("run-4710", night.token("4710", actor=CARL), "SELECT 1")
    night.log_with("run-4710", "revoked")


def test_another_repositorys_run_is_refused(night):
    night.run("run-of-payroll", night.token("1", repository="clinic/payroll"), "SELECT 1")
    night.log_with("run-of-payroll", "repository")


def test_a_change_of_the_schema_waits_for_a_second_person_and_the_log_is_clean(night):
    world = night.world
    row = world.clinic.value(ROW).split("|")
    token = night.token("4711")
    night.run("run-4711", token, ROW, CHANGE, "SELECT 'done'")
    request = night.eventually(lambda: next((
        it["metadata"]["name"] for it in world.items(REQUESTS)
        if it["spec"]["requester"]["name"] == SUBJECT and it.get("status", {}).get("phase") == "Pending"), None),
        "the run asks")
    asked = world.get(f"{REQUESTS}/{request}")["spec"]
    assert asked["statement"]["redactedText"] == CHANGE
    assert {f"repository={REPOSITORY}", "run=4711", f"actor={ANA}", f"owner={PEOPLE}{ANA}"} <= set(
        asked["requester"]["attributes"])
    listed = night.person("ben", "get", "approvalrequests", "-n", CLINIC).stdout
    assert request in listed and SUBJECT in listed and "Pending" in listed
    own = night.decide(ANA, request, "Approve", "I know what I am doing")
    assert own.returncode != 0 and "nobody approves what they ask for themselves" in own.stderr, own
    mute = night.decide("ben", request, "Approve", "")
    assert mute.returncode != 0 and "reason" in mute.stderr, mute
    assert "ALTER TABLE" not in night.log("run-4711")
    approved = night.decide("ben", request, "Approve", "CHG-2041, backup taken")
    assert approved.returncode == 0, approved
    log = night.log_with("run-4711", "done")
    told = [line for line in log.splitlines() if not line.startswith(("NOTICE: ", "DETAIL: ", "HINT: "))]
    assert told == ["[redacted]|[redacted]|[redacted]|[redacted]", "ALTER TABLE", "done"], log
    assert not [value for value in (*row, token) if value in log]
    assert world.clinic.value("SELECT count(*) FROM information_schema.columns WHERE table_name = 'patients' "
                              "AND column_name = 'email'") == "0"


def test_a_run_from_elsewhere_exchanges_its_token_for_a_grant(night):
    done = night.exchange("4712")
    assert done.returncode == 0 and done.stdout.startswith("weir-grant-v1."), done
    night.run("run-4712", done.stdout.strip(), "SELECT 'granted'")
    night.log_with("run-4712", "granted")


def test_a_rule_that_is_removed_says_who_has_removed_it(night):
    world = night.world
    obsolete, *_ = [it for it in rules() if it["kind"] == "ApprovalRule"]
    world.apply({**obsolete, "metadata": {"name": "obsolete", "namespace": CLINIC}}, *editor("eve"))
    removed = world.kubectl_as(world.token(CLINIC, "eve"), "delete", "approvalrule", "obsolete", "-n", CLINIC)
    assert removed.returncode == 0, removed


def test_the_auditor_replays_the_night_and_verifies_that_nothing_was_removed(night):
    world, bundle = night.world, night.folder / "bundle.jsonl"
    with world.forward("weir-audit-sink", 9440) as port:
        def ask(*arguments):
            return night.weirctl(*arguments, "--sink", f"https://localhost:{port}", "--ca", night.folder / "ca.crt",
                                 WEIR_TOKEN=night.reader_token)

        def sessions():
            listed = json.loads(ask("sessions", "list", "--subject", SUBJECT, "-o", "json").stdout or "[]")
            return {run: it for it in listed for run in ("4710", "4711", "4712") if f"run={run}" in it["attributes"]}
        found = night.eventually(lambda: (it := sessions()).keys() >= {"4711", "4712"} and it, "the sessions are there")
        assert {f"repository={REPOSITORY}", f"actor={ANA}"} <= set(found["4711"]["attributes"])
        night.eventually(lambda: "svc-migrations" in ask("sessions", "list").stdout, "the old account is there")
        replay = night.eventually(lambda: "done" in (it := ask("sessions", "replay", found["4711"]["session"])).stdout
                                  and it.stdout, "the replay is whole")
        assert CHANGE in replay and "ben" in replay and "CHG-2041, backup taken" in replay
        removal = f"ApprovalRule {CLINIC}/obsolete removed by system:serviceaccount:{CLINIC}:eve, generation 1"

        def exported():
            bundle.unlink(missing_ok=True)
            assert ask("export", "-o", bundle).returncode == 0
            return removal in bundle.read_text()
        night.eventually(exported, "the operator's log is among what is to be verified")
    verified = night.weirctl("verify", bundle)
    assert verified.returncode == 0, verified
    lines = bundle.read_text().splitlines(keepends=True)
    at = next(index for index, line in enumerate(lines) if CHANGE in line)
    bundle.write_text("".join(lines[:at] + lines[at + 1:]))
    assert night.weirctl("verify", bundle).returncode == 1
