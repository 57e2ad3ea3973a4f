"""From `helm install` and `kubectl apply` to governed pods, and on through upgrades and failures.

The plays of this file follow one another: each goes on where the one before has left the cluster.
"""

import json
import secrets
import shlex
import signal
import subprocess
import threading
import time

import pytest

from resources import (ACCOUNT, NAMESPACE, approval_rule, connection, deployment, editor, job, person, policy,
                       secret)
from plays import CLINIC, SYSTEM
from release import REPLICAS, component, install, is_ready, operator, operator_serves, operators
from stage.files import contents
from stage.process import program
from webhooks import Receiver

PODS = f"/api/v1/namespaces/{CLINIC}/pods"
CONNECTION = f"/apis/weir.dev/v1alpha1/namespaces/{CLINIC}/databaseconnections/clinic"
NAME, SSN = "SELECT name FROM patients WHERE id = 1", "SELECT ssn FROM patients WHERE id = 1"
RULE = "schema-changes"


def application(world):
    return world.kubelet.pod(CLINIC, app="clinic-api", tier="api")


def applications(world):
    """All of its pods, those that are ending among them."""
    return [pod for pod in list(world.kubelet.pods.values()) if pod.namespace == CLINIC
            and pod.item["metadata"].get("labels", {}).get("tier") == "api"]


def ready_application(world, than=None):
    pod = application(world)
    return pod if pod and pod.is_ready and pod is not than else None


def has_rule(world):
    """Whether the rule binds the connection, once the application's gateway has said that it has just that; before that
    None."""
    item = world.get(CONNECTION)
    if not (is_ready(item) and item["status"]["pods"]["acked"] == 1):
        return None
    return RULE in [it["name"] for it in item["status"].get("policies", [])]


def withdraw_rule(world, eventually):
    world.tool.kubectl("delete", "approvalrule", RULE, "-n", CLINIC)
    eventually(lambda: has_rule(world) is False, "the gateway has the rule no more")


def leads(world, pod):
    return "weir_operator_leader 1\n" in (world.health(pod, "/metrics") or "")


def crash(eventually, *containers):
    """All at once, and until kubelet has noticed: what it says of them is not of before any more."""
    running = [(it, it.identity) for it in containers]
    for it in containers:
        it.kill()
    eventually(lambda: all(it.identity != identity for it, identity in running), "kubelet has noticed")


def scale_operator(world, eventually, replicas):
    """To none: until they have answered their last webhook. To some: until one answers them."""
    gone = [] if world.is_whole else operators(world)
    world.tool.kubectl("patch", "deployment", "weir-operator", "-n", SYSTEM, "--type=merge",
                       "-p", json.dumps({"spec": {"replicas": replicas}}))
    if replicas:
        eventually(lambda: operator_serves(world), "the operator is ready again")
    else:
        eventually(lambda: operator(world) is None if world.is_whole
                   else all(it.containers["weir-operator"].identity is None for it in gone),
                   "the operator is gone")


def test_the_api_server_is_a_real_one(world):
    if not world.is_real:
        pytest.skip("no kube-apiserver")
    version = world.tool.kubectl("version", "-o", "json").stdout
    assert json.loads(version)["serverVersion"]["gitVersion"].startswith(f"v1.{world.version[1]}.")


def test_the_chart_brings_up_operator_and_sink(world, eventually):
    install(world)
    eventually(lambda: operator_serves(world), "the operator is ready")
    eventually(lambda: (pod := component(world, "audit-sink")) and pod.is_ready, "the sink is ready")


def test_a_selected_pod_gets_its_gateway_and_sees_masked_values(world, eventually):
    world.apply(NAMESPACE, ACCOUNT, secret(world.password), policy("name"),
                connection(world.database_host, world.database_port, **world.rollout))
    eventually(lambda: (item := world.get(CONNECTION)) and item.get("status", {}).get("conditions"),
               "the connection has a status")
    eventually(lambda: world.would_inject(deployment(world.application_image)), "pods are to have a gateway")
    world.apply(deployment(world.application_image))
    pod = eventually(lambda: ready_application(world), "the application is ready")
    spec = pod.item["spec"]
    sidecar = (spec["initContainers"] if world.has_native_sidecars else spec["containers"])[0]
    assert sidecar["name"] == "weir-gateway"
    assert (sidecar.get("restartPolicy") == "Always") == world.has_native_sidecars
    assert pod.item["metadata"]["annotations"]["weir.dev/connections"] == "clinic"
    assert world.password not in json.dumps(pod.item)
    done = world.psql(pod, NAME)
    assert (done.stdout, done.stderr) == ("[redacted]\n", "")
    assert world.psql(pod, SSN).stdout.count("-") == 2, "what no rule names is as it is"


def test_the_status_tells_what_is_there(world, eventually):
    counts = {"matched": 1, "injected": 1, "missing": 0, "outdated": 0, "ready": 1, "acked": 1}
    eventually(lambda: (it := world.get(CONNECTION)) and is_ready(it) and it["status"].get("pods") == counts,
               "the connection is Ready, and one pod is counted as all of it")
    columns = world.tool.kubectl("get", "databaseconnections", "-n", CLINIC).stdout
    assert "clinic" in columns and "True" in columns


def test_an_edited_policy_is_in_force_within_two_seconds_and_restarts_nothing(world, eventually):
    pod = application(world)
    before = pod.containers["weir-gateway"].identity
    seconds = []
    # A machine that has more to do may take longer, and does not each time.
    while len(seconds) < 10:
        world.apply(policy("name", "ssn"))
        applied = time.monotonic()
        eventually(lambda: world.psql(pod, SSN).stdout == "[redacted]\n", "the policy is in force", interval=0)
        seconds.append(time.monotonic() - applied)
        if seconds[-1] < 2:
            break
        world.apply(policy("name"))
        eventually(lambda: world.psql(pod, SSN).stdout.count("-") == 2, "the policy before is in force")
    assert seconds[-1] < 2, seconds
    assert application(world) is pod
    assert pod.containers["weir-gateway"].identity == before


def test_the_application_has_no_way_of_its_own(world):
    """It knows where the database is and the gateway's name there, and not the credential."""
    pod = application(world)
    there = {"PGHOST": str(world.database_host), "PGPORT": str(world.database_port)}
    for user in ("weir", "postgres", "anyone"):
        done = world.psql(pod, NAME, **there, PGUSER=user, PGCONNECT_TIMEOUT="60")
        assert done.returncode != 0 and done.stdout == "", done
        assert "no password supplied" in done.stderr or "authentication" in done.stderr, done
    read = pod.execute("app", ["bash", "-c", "cat /etc/weir/secrets/*/* /var/run/secrets/weir.dev/token"])
    assert read.returncode != 0 and read.stdout == "", "the gateway's volumes are not in its neighbour"


def test_an_init_container_is_governed_too(world, eventually):
    if not world.has_native_sidecars:
        pytest.skip("without native sidecars init containers run before the gateway, and reach no database")
    world.apply(deployment(world.application_image, "migrated", tier="migrated", first=NAME))
    pod = eventually(lambda: (it := world.kubelet.pod(CLINIC, tier="migrated")) and it.is_ready and it,
                     "the application has started")
    assert pod.containers["migrate"].output == "[redacted]\n"
    world.cluster.request("DELETE", f"/apis/apps/v1/namespaces/{CLINIC}/deployments/migrated")
    eventually(lambda: world.kubelet.pod(CLINIC, tier="migrated") is None, "the pod is gone")


def test_without_its_gateway_the_application_has_no_database(world, eventually):
    """Nothing goes round it, and all is well again once it runs."""
    if world.is_whole:
        pytest.skip("kubelet has started it again before psql asks")
    pod, gateway = application(world), application(world).containers["weir-gateway"]
    restarts = gateway.restarts
    gateway.is_backed_off = True
    gateway.kill()
    done = world.psql(pod, NAME, PGCONNECT_TIMEOUT="60")
    assert done.returncode != 0 and "Connection refused" in done.stderr, done
    gateway.is_backed_off = False
    eventually(lambda: gateway.restarts > restarts and gateway.ready, "kubelet has started it again")
    assert world.psql(pod, NAME).stdout == "[redacted]\n"


def test_while_its_gateway_is_starved_the_application_waits(world, eventually):
    pod, gateway = application(world), application(world).containers["weir-gateway"]
    container = next(it for it in pod.item["spec"]["containers"] + pod.item["spec"].get("initContainers", [])
                     if it["name"] == "weir-gateway")
    limits = container["resources"]["limits"]
    assert limits["cpu"] and limits["memory"] and not pod.item["spec"].get("shareProcessNamespace")
    gateway.signal(signal.SIGSTOP)
    done = world.psql(pod, NAME, PGCONNECT_TIMEOUT="3")
    assert done.returncode != 0 and done.stdout == "" and "timeout expired" in done.stderr, done
    gateway.signal(signal.SIGCONT)
    eventually(lambda: gateway.ready and world.psql(pod, NAME).stdout == "[redacted]\n", "it goes on")


def test_an_edited_policy_says_who_has_edited_it(world, eventually):
    """Also a policy that says somebody else did."""
    path = f"/apis/weir.dev/v1alpha1/namespaces/{CLINIC}/maskingpolicies/phi"
    administrator = world.get(path)["metadata"]["annotations"]["weir.dev/changed-by"]
    world.apply(*editor("eve"))
    eve = f"system:serviceaccount:{CLINIC}:eve"

    def edit(change):
        done = world.kubectl_as(world.token(CLINIC, "eve"), "patch", "maskingpolicy", "phi", "-n", CLINIC,
                                "--type=merge", "-p", json.dumps(change))
        assert done.returncode == 0, done
        return world.get(path)["metadata"]["annotations"]["weir.dev/changed-by"]
    assert edit({"metadata": {"annotations": {"weir.dev/changed-by": eve}}}) == administrator
    forged = {"metadata": {"annotations": {"weir.dev/changed-by": administrator}}, "spec": {"priority": 501}}
    assert edit(forged) == eve
    if world.is_whole:
        return
    pod = application(world)
    record = f"MaskingPolicy {CLINIC}/phi changed by {eve}, generation {world.get(path)['metadata']['generation']}"
    spool = pod.volumes.path("weir-data")
    eventually(lambda: any(record.encode() in content for _, content in contents(spool)),
               "the gateway records it")


def test_a_statement_waits_until_somebody_approves_it(world, eventually, tmp_path):
    ana, job = (f"system:serviceaccount:{CLINIC}:{name}" for name in ("ana", "clinic-api"))
    world.clinic.script("ALTER TABLE patients OWNER TO weir")
    world.apply(policy("name", "ssn", "zip"), approval_rule(ana, job), *person("ana", "approve"), *person("ben"),
                *person("clinic-api", "approve"))
    eventually(lambda: has_rule(world), "the gateway has the rule")

    def token(name):
        _, _, answer = world.cluster.request(
            "POST", f"/api/v1/namespaces/{CLINIC}/serviceaccounts/{name}/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}})
        return answer["status"]["token"]

    def decide(name, request, verdict, **also):
        value = {"id": name, "verdict": verdict, "reason": "looked at it", **also}
        return world.kubectl_as(
            token(name), "patch", "approvalrequest", request, "-n", CLINIC, "--type=json",
            "-p", json.dumps([{"op": "add", "path": "/spec/decisions/-", "value": value}]))

    def weirctl(name, *arguments):
        file = tmp_path / f"{name}.kubeconfig"
        config = json.loads(world.tool.kubectl("config", "view", "--raw", "--flatten", "-o", "json").stdout)
        config["users"] = [{"name": it["name"], "user": {"token": token(name)}} for it in config["users"]]
        file.write_text(json.dumps(config))
        return subprocess.run([program("weirctl"), "approvals", *arguments, "--kubeconfig", file, "-n", CLINIC],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)

    done = []
    pod = application(world)
    client = threading.Thread(daemon=True, target=lambda: done.append(
        world.psql(pod, "ALTER TABLE patients DROP COLUMN zip", timeout=600)))
    client.start()
    requests = f"/apis/weir.dev/v1alpha1/namespaces/{CLINIC}/approvalrequests"
    request = eventually(lambda: (found := world.items(requests)) and found[0]["metadata"]["name"],
                         "the gateway asks")
    eventually(lambda: "Pending" in world.tool.kubectl("get", "approvalrequests", "-n", CLINIC).stdout,
               "the request is Pending")
    refused = decide("ben", request, "Approve")
    assert refused.returncode != 0 and "is not among the rule's approvers" in refused.stderr, refused
    own = decide("clinic-api", request, "Approve")
    assert own.returncode != 0 and "nobody approves what they ask for themselves" in own.stderr, own
    forged = decide("ben", request, "Approve", approver={"username": ana}, time="2026-01-01T00:00:00Z")
    assert forged.returncode != 0, forged
    assert not done
    shown = weirctl("ana", "show", request)
    assert "ALTER TABLE patients DROP COLUMN zip" in shown.stdout and "Pending" in shown.stdout, shown
    refused = weirctl("ben", "approve", request)
    assert refused.returncode == 1 and "is not among the rule's approvers" in refused.stderr, refused
    begun = time.monotonic()
    approved = weirctl("ana", "approve", request, "--reason", "looked at it")
    # It waits five seconds for what the operator makes of it.
    assert approved.stdout == f"{request}: Approved, 1/1 approvals\n" or (
        approved.returncode == 0 and time.monotonic() - begun > 5), approved
    client.join(600)
    assert [it.stdout for it in done] == ["ALTER TABLE\n"], (done, world.report())
    assert f"An approver runs: weirctl approvals approve {request} -n {CLINIC}\n" in done[0].stderr, done
    item = eventually(lambda: (it := world.get(f"{requests}/{request}"))
                      and it.get("status", {}).get("phase") == "Approved" and it, "the request is Approved")
    decision, = item["spec"]["decisions"]
    assert decision["approver"]["username"] == ana
    assert item["spec"]["requester"]["name"] == job
    assert f"pod={pod.name}" in item["spec"]["requester"]["attributes"]
    withdraw_rule(world, eventually)


def test_what_runs_by_a_broken_glass_is_reviewed(world, eventually):
    ana, job = (f"system:serviceaccount:{CLINIC}:{name}" for name in ("ana", "clinic-api"))
    glass = {"subjects": {"groups": [f"system:serviceaccounts:{CLINIC}"]}, "reviewWithin": "1h"}
    world.apply(approval_rule(ana, job, breakGlass=glass), *person("ana", "approve"), *person("clinic-api", "approve"))
    eventually(lambda: has_rule(world), "the gateway has the rule")
    done = application(world).execute("app", ["psql", "-X", "-At", "-c", "SET weir.break_glass = 'ward 3 is down'",
                                              "-c", "ALTER TABLE patients ADD COLUMN ward text"])
    assert done.stdout == "SET\nALTER TABLE\n", done
    requests = f"/apis/weir.dev/v1alpha1/namespaces/{CLINIC}/approvalrequests"
    request = eventually(lambda: next((it["metadata"]["name"] for it in world.items(requests)
                                       if it.get("status", {}).get("phase") == "AwaitingReview"), None),
                         "a request awaits its review")
    assert world.get(f"{requests}/{request}")["spec"]["breakGlass"] == {"reason": "ward 3 is down"}

    def decide(name):
        value = {"id": name, "verdict": "Approve", "reason": "seen"}
        return world.kubectl_as(
            world.token(CLINIC, name), "patch", "approvalrequest", request, "-n", CLINIC, "--type=json",
            "-p", json.dumps([{"op": "add", "path": "/spec/decisions/-", "value": value}]))
    own = decide("clinic-api")
    assert own.returncode != 0 and "nobody approves what they ask for themselves" in own.stderr, own
    assert decide("ana").returncode == 0
    eventually(lambda: world.get(f"{requests}/{request}")["status"]["phase"] == "Reviewed", "it is reviewed")

    def events():
        return {it["reason"]: it["type"] for it in world.items(f"/api/v1/namespaces/{CLINIC}/events")
                if it["involvedObject"]["name"] == request}
    eventually(lambda: events().keys() >= {"BrokeGlass", "Reviewed"}, "Events tell of both")
    assert events()["BrokeGlass"] == "Warning"
    withdraw_rule(world, eventually)


def test_a_webhook_is_told_once_the_owner_of_the_namespace_allows_it(world, eventually, tmp_path):
    if world.is_whole:
        pytest.skip("its pods do not reach this machine")
    receiver = Receiver(tmp_path / "secrets", host=world.network.address)
    ana = f"system:serviceaccount:{CLINIC}:ana"
    world.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "chat", "namespace": CLINIC},
                 "stringData": receiver.contents},
                approval_rule(ana, notify=[{"webhookSecretRef": {"name": "chat"}}]), *person("ana", "approve"))
    eventually(lambda: has_rule(world), "the gateway has the rule")
    done = []
    pod = application(world)
    client = threading.Thread(daemon=True, target=lambda: done.append(
        world.psql(pod, "ALTER TABLE patients ADD COLUMN note text", timeout=600)))
    client.start()

    def events():
        return {(it["involvedObject"]["kind"], it["reason"]): it["message"]
                for it in world.items(f"/api/v1/namespaces/{CLINIC}/events")}
    advice = eventually(lambda: events().get(("ApprovalRule", "WebhookUnusable")), "the rule says what is missing")
    assert advice.startswith("the operator may not read Secret chat; allow it: kubectl create role"), advice
    assert not receiver.received
    for command in advice.partition("allow it: ")[2].split(" && "):
        world.tool.kubectl(*shlex.split(command)[1:])
    told = eventually(lambda: receiver.told(event="requested"), "the webhook is told")
    assert told[0]["weir"]["requester"] == f"system:serviceaccount:{CLINIC}:clinic-api"
    request = told[0]["weir"]["request"]
    path = f"/apis/weir.dev/v1alpha1/namespaces/{CLINIC}/approvalrequests/{request}"
    eventually(lambda: "notifications" in world.get(path)["status"], "that is recorded")
    # Another leads, and goes on where the one before was.
    leader = eventually(lambda: next((it for it in operators(world) if leads(world, it)), None), "a replica leads")
    crash(eventually, leader.containers["weir-operator"])
    eventually(lambda: operator_serves(world), "a replica serves")
    denied = eventually(lambda: (it := world.kubectl_as(
        world.token(CLINIC, "ana"), "patch", "approvalrequest", request, "-n", CLINIC, "--type=json", "-p",
        json.dumps([{"op": "add", "path": "/spec/decisions/-", "value": {"id": "ana", "verdict": "Deny"}}])))
        .returncode == 0 and it, "ana decides")
    client.join(600)
    assert [it.returncode for it in done] == [1], (denied, done)
    eventually(lambda: receiver.told(request, "denied"), "the webhook is told of the decision")
    assert [it["weir"]["event"] for it in receiver.told(request)] == ["requested", "denied"]
    eventually(lambda: [(it["phase"], it["outcome"]) for it in world.get(path)["status"]["notifications"]]
               == [("Pending", "Delivered"), ("Denied", "Delivered")], "both are recorded")
    assert world.get(path)["status"]["phase"] == "Denied"

    def everything():
        return "\n".join([
            *events().values(), *(it.containers["weir-operator"].output for it in operators(world)),
            json.dumps(world.get(path)), *(world.health(it, "/metrics") or "" for it in operators(world))])
    written = eventually(
        lambda: (it := everything()) and "notification delivered" in it
        and 'weir_operator_notifications_total{result="delivered"}' in it and it, "log and metrics tell of it")
    assert receiver.path not in written and receiver.key.decode() not in written and str(receiver.port) not in written
    receiver.stop()
    withdraw_rule(world, eventually)


def test_the_leader_may_die(world, eventually):
    """The status goes on to tell what is there, also of gateways whose replica does not lead."""
    eventually(lambda: [pod.is_ready for pod in operators(world)] == REPLICAS * [True], "every replica is ready")
    before = world.get(CONNECTION)["status"]["configRevision"]
    leader = eventually(lambda: next((it for it in operators(world) if leads(world, it)), None), "a replica leads")
    crash(eventually, leader.containers["weir-operator"])
    eventually(lambda: operator_serves(world), "a replica serves")
    world.apply(policy("name"))
    eventually(lambda: (it := world.get(CONNECTION)) and is_ready(it) and it["status"]["pods"]["acked"] == 1
               and it["status"]["configRevision"] != before, "the status is right again")


def test_a_job_ends_although_its_gateway_would_go_on(world, eventually):
    world.apply(job(world.application_image, "report", NAME, ends_gateway=not world.has_native_sidecars))
    eventually(lambda: (world.get(f"/apis/batch/v1/namespaces/{CLINIC}/jobs/report") or {})
               .get("status", {}).get("succeeded"), "the job has succeeded")
    pod = world.kubelet.pod(CLINIC, job="report")
    assert pod.containers["app"].output == "[redacted]\n"
    world.cluster.request("DELETE", f"/apis/batch/v1/namespaces/{CLINIC}/jobs/report")


def test_a_new_image_reaches_running_pods(world, eventually):
    if not world.next_tag:
        pytest.skip("no node has the images under another tag")
    pod = application(world)
    restarts = pod.containers["weir-gateway"].restarts
    install(world, f"image.tag={world.next_tag}")
    eventually(lambda: operator_serves(world), "the new operator is ready")

    def images():
        return [it["image"] for pod in world.items(PODS)
                for it in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
                if pod["metadata"]["labels"].get("tier") == "api" and it["name"] == "weir-gateway"]
    eventually(lambda: images() and all(it.endswith(f":{world.next_tag}") for it in images()), "the gateways are new")
    if world.has_native_sidecars:
        gateway = pod.containers["weir-gateway"]
        eventually(lambda: gateway.restarts == restarts + 1 and gateway.ready, "the gateway was started anew")
        assert application(world) is pod, "the image alone was changed, in place"
    else:
        pod = eventually(lambda: ready_application(world, than=pod), "another pod took its place")
    assert world.psql(pod, NAME).stdout == "[redacted]\n"


def test_a_workload_that_is_scaled_has_a_gateway_in_each_pod(world, eventually):
    world.tool.kubectl("scale", "deployment", "clinic-api", "-n", CLINIC, "--replicas=2")

    def counts():
        return world.get(CONNECTION)["status"]["pods"]
    eventually(lambda: counts()["matched"] == counts()["ready"] == counts()["acked"] == 2, "both pods are governed")
    world.tool.kubectl("scale", "deployment", "clinic-api", "-n", CLINIC, "--replicas=1")
    eventually(lambda: counts()["matched"] == 1 and len(applications(world)) == 1, "one pod is left")
    eventually(lambda: ready_application(world), "the application is ready")


def test_a_password_that_is_changed_as_text_reaches_running_gateways(world, eventually):
    password = secrets.token_urlsafe(18)
    world.tool.kubectl("apply", "-f", "-", stdin=json.dumps({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "clinic-db", "namespace": CLINIC},
        "stringData": {"username": "weir", "password": password}}))
    assert "stringData" not in world.get(f"/api/v1/namespaces/{CLINIC}/secrets/clinic-db")
    world.database.script(f"ALTER ROLE weir PASSWORD '{password}'")
    pod = application(world)
    # A real kubelet looks at its volumes once a minute, more or less.
    eventually(lambda: world.psql(pod, NAME).stdout == "[redacted]\n", "the gateway has the new password")


def test_the_operator_may_read_no_secret_but_its_own(world):
    token = world.token(SYSTEM, "weir-operator")
    assert world.may_get(token, f"/api/v1/namespaces/{SYSTEM}/secrets/weir-operator-ca")
    for path in (f"namespaces/{SYSTEM}/secrets", f"namespaces/{CLINIC}/secrets/clinic-db", "secrets"):
        assert not world.may_get(token, f"/api/v1/{path}")


def test_an_operator_without_its_rights_says_so_and_is_not_ready(world, eventually):
    world.tool.kubectl("delete", "clusterrolebinding", "weir-operator")
    operator(world).containers["weir-operator"].kill()
    eventually(lambda: "databaseconnections" in (world.health(operator(world), "/readyz") or ""),
               "readiness names the right")
    install(world, *([f"image.tag={world.next_tag}"] if world.next_tag else []))
    eventually(lambda: operator_serves(world), "the operator is ready again")


def test_admission_policies_hold_whatever_the_webhook_says(world):
    if not world.has_policies:
        pytest.skip(f"kube-apiserver {world.version} has no ValidatingAdmissionPolicy")
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "weir-config-other", "namespace": CLINIC}}
    done = world.tool.kubectl("create", "-f", "-", stdin=json.dumps(config), check=False)
    assert done.returncode != 0 and "written by the operator only" in done.stderr
    pod = application(world)
    done = world.tool.kubectl("annotate", "pod", pod.name, "-n", CLINIC, "weir.dev/injection-hash-", check=False)
    assert done.returncode != 0 and "are the operator's" in done.stderr


def test_helm_test_finds_operator_and_sink(world):
    world.tool.helm("test", "weir", "--namespace", SYSTEM, "--timeout", "300s", timeout=330)


def test_an_operator_that_crashes_takes_up_its_work(world, eventually):
    for columns in (["name"], ["ssn"], ["name", "ssn"]):
        world.apply(policy(*columns))
        crashed = [(it, it.restarts) for it in (replica.containers["weir-operator"] for replica in operators(world))]
        crash(eventually, *(it for it, _ in crashed))
        # Kubelet takes longer each time.
        eventually(lambda: all(it.restarts > restarts and it.ready for it, restarts in crashed), "all run again")
        eventually(lambda: operator_serves(world), "the operator is ready again")
        wanted = ["[redacted]\n" if "name" in columns else None, "[redacted]\n" if "ssn" in columns else None]
        eventually(lambda: all(
            (world.psql(application(world), sql).stdout == "[redacted]\n") == (want is not None)
            for sql, want in zip((NAME, SSN), wanted)), f"the policy over {columns} is in force")


def test_nobody_sends_records_to_the_sink_but_gateways(world, eventually):
    """From a pod of the cluster, without a certificate of ours, and with the token of a pod that is no such gateway."""
    pod = application(world)
    request = (f"POST /v1/gateways/{CLINIC}.{pod.name}.0123abcd/events HTTP/1.1\\r\\nHost: sink\\r\\n"
               "Connection: close\\r\\nContent-Length: 1\\r\\n{token}\\r\\nx")
    token = world.token(CLINIC, "clinic-api")
    for header in ("", f"Authorization: Bearer {token}\\r\\n"):
        text = request.replace("{token}", header)
        command = ["bash", "-c", f"printf '{text}' | timeout 60 openssl s_client -quiet -connect "
                                 f"weir-audit-sink.{SYSTEM}.svc:9440 2>/dev/null"]

        def is_refused():
            answer = pod.execute("app", command).stdout
            # The operator may just have begun anew, and the sink be not ready for a moment.
            assert not answer or answer.startswith(("HTTP/1.1 403 ", "HTTP/1.1 503 ")), answer
            return "NotAttested" in answer
        eventually(is_refused, "the sink refuses the log")
    plain = pod.execute("app", ["bash", "-c", f"exec 3<>/dev/tcp/weir-audit-sink.{SYSTEM}.svc/9440; "
                                "printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3; timeout 5 cat <&3"])
    assert "HTTP/1.1" not in plain.stdout, "nothing is answered in clear"


def test_the_sink_has_whom_the_operator_refuses(world, eventually):
    """In logs of the replicas' own, for which the operator vouches as it does for gateways'."""
    pod = application(world)
    urn = "urn:ietf:params:oauth"
    form = (f"grant_type={urn}:grant-type:token-exchange&subject_token_type={urn}:token-type:jwt"
            f"&subject_token=x.y.z&audience={CLINIC}/clinic")

    def ask(service, port, *request):
        text = "\\r\\n".join(request)
        return pod.execute("app", ["bash", "-c", f"printf '{text}' | timeout 60 openssl s_client -quiet -connect "
                                   f"{service}.{SYSTEM}.svc:{port} 2>/dev/null"]).stdout

    def acknowledged():
        """Records of all replicas together; 0 while the sink does not answer."""
        answer = ask("weir-audit-sink", 9440, "GET /v1/gateways HTTP/1.1", "Host: sink", "Connection: close", "", "")
        found = json.loads(answer[answer.find("["):answer.rfind("]") + 1] or "[]")
        return sum(it["acknowledged"] for it in found if it["name"].startswith(f"{SYSTEM}.weir-operator-"))
    before = eventually(acknowledged, "the sink has the operator's log")
    refused = eventually(lambda: (it := ask(
        "weir-operator", 8443, "POST /v1/token HTTP/1.1", "Host: operator", "Connection: close",
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}", "", form))
        and not it.startswith("HTTP/1.1 503 ") and it, "the operator answers")
    assert refused.startswith("HTTP/1.1 400 ") and "invalid_target" in refused, refused
    # The refusal, and the head that signs it.
    eventually(lambda: acknowledged() >= before + 2, "the sink has the refusal")


def shipping(world, pod):
    """Of the pod's gateway: whether the sink takes its log, and how many records it has not confirmed."""
    lines = dict(line.split(" ") for line in (world.health(pod, "/metrics", 15420) or "").splitlines()
                 if line.startswith("weir_gateway_audit_"))
    return (lines.get("weir_gateway_audit_sink_available"),
            int(lines.get("weir_gateway_audit_unacknowledged_records", -1)))


def test_records_outlast_the_sink_that_is_away(world, eventually):
    """Statements go on, as `auditUnavailable: Buffer` says, and the sink has every record once it is back."""
    pod = application(world)
    eventually(lambda: shipping(world, pod) == ("1", 0), "the sink has everything")

    def scale(replicas):
        world.tool.kubectl("scale", "statefulset", "weir-audit-sink", "-n", SYSTEM, f"--replicas={replicas}")
    scale(0)
    eventually(lambda: component(world, "audit-sink") is None, "the sink is gone")
    for _ in range(5):
        assert world.psql(pod, NAME).stdout.count("\n") == 1
    eventually(lambda: (found := shipping(world, pod)) and found[0] == "0" and found[1] >= 10,
               "the gateway says that nobody takes its log")
    world.apply(policy("name", "ssn"))
    eventually(lambda: world.psql(pod, SSN).stdout == "[redacted]\n", "a policy is still put in force")
    eventually(lambda: is_ready(world.get(CONNECTION)), "the connection is ready")
    scale(1)
    eventually(lambda: shipping(world, pod) == ("1", 0), "the sink has everything again")


def test_without_the_operator_no_ungoverned_pod_starts_and_running_ones_go_on(world, eventually):
    pod = application(world)
    scale_operator(world, eventually, 0)
    world.apply(deployment(world.application_image, "late", tier="late"))
    eventually(lambda: any("webhook" in text for text in world.refusals()), "the pod was refused")
    assert not [it for it in world.items(PODS) if it["metadata"]["name"].startswith("late")]
    assert world.psql(pod, NAME).stdout == "[redacted]\n"
    scale_operator(world, eventually, REPLICAS)
    eventually(lambda: [it for it in world.items(PODS) if it["metadata"]["name"].startswith("late")],
               "the pod that was refused starts")
    world.cluster.request("DELETE", f"/apis/apps/v1/namespaces/{CLINIC}/deployments/late")


def test_a_gateway_that_begins_anew_without_the_operator_masks_what_it_masked(world, eventually):
    """Whatever snapshot its kubelet has brought: the one in miniature has none of the policy in force last; what a real
    one has by then is not looked at."""
    pod, gateway = application(world), application(world).containers["weir-gateway"]
    snapshot = None if world.is_whole else pod.volumes.path("weir-config")
    name = world.clinic.value(NAME)
    world.apply(policy("ssn"))
    eventually(lambda: world.psql(pod, NAME).stdout == f"{name}\n", "a looser policy is in force")
    if snapshot:
        eventually(lambda: any(b'"columns":["ssn"]' in content for _, content in contents(snapshot)),
                   "kubelet has brought it, too")
        pod.keeps_volumes = True
    world.apply(policy("name", "ssn"))
    eventually(lambda: world.psql(pod, NAME).stdout == "[redacted]\n", "the name is masked again")
    scale_operator(world, eventually, 0)
    restarts = gateway.restarts
    gateway.kill()
    eventually(lambda: gateway.restarts > restarts and gateway.ready, "the gateway is ready again")
    assert world.psql(pod, NAME).stdout == "[redacted]\n"
    pod.keeps_volumes = False
    scale_operator(world, eventually, REPLICAS)


def test_uninstalling_leaves_running_pods_their_gateways(world, eventually):
    pod = application(world)
    world.tool.helm("uninstall", "weir", "--namespace", SYSTEM, timeout=330)
    assert world.get("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/weir-injector") is None
    eventually(lambda: operator(world) is None, "the operator is gone")
    assert world.psql(pod, NAME).stdout == "[redacted]\n"
