"""A release of the chart from install to uninstall, and what the operator owns in it."""

import json
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from stage.process import free_port

from cluster import ROOT, VERSIONS, Tool, make_certificate
from test_chart import CHART, NAMESPACE, render


def test_a_release_from_install_to_uninstall(tool, cluster, tmp_path):
    get = lambda *it: json.loads(tool.kubectl("get", *it, "-o", "json").stdout)  # noqa: E731
    # The server runs no Jobs: the hook is played in a test of its own.
    options = ["-n", NAMESPACE, "--set", "removalHook.enabled=false"]
    installed = tool.helm("install", "weir", str(CHART), "--create-namespace", *options)
    assert "kubectl label namespace NAMESPACE weir.dev/inject=enabled" in installed.stdout
    # What the operator writes.
    authority = '{"data":{"tls.crt":"YQ=="}}'
    token = operator_token(cluster)
    tool.kubectl("patch", "secret", "weir-operator-ca", "-n", NAMESPACE, "--type=merge", "-p", authority,
                 f"--token={token}")
    bundle = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
              "metadata": {"name": "weir-injector"},
              "webhooks": [{"name": f"{name}.weir.dev", "clientConfig": {"caBundle": "YQ=="}}
                           for name in ("namespaces.injector", "pods.injector", "editors.resources",
                                        "decisions.approvals")]}
    tool.kubectl("apply", "--server-side", "--field-manager=weir-operator-ca", "-f", "-", stdin=json.dumps(bundle))

    tool.helm("upgrade", "weir", str(CHART), *options, "--set", "operator.replicas=3")
    assert get("deployment", "-n", NAMESPACE, "weir-operator")["spec"]["replicas"] == 3
    tool.helm("rollback", "weir", "1", "-n", NAMESPACE)
    assert get("deployment", "-n", NAMESPACE, "weir-operator")["spec"]["replicas"] == 2
    assert get("secret", "-n", NAMESPACE, "weir-operator-ca")["data"] == {"tls.crt": "YQ=="}
    webhooks = get("mutatingwebhookconfiguration", "weir-injector")["webhooks"]
    assert [it["clientConfig"]["caBundle"] for it in webhooks] == ["YQ=="] * 4

    tool.helm("uninstall", "weir", "-n", NAMESPACE)
    for kind, name in (("deployment", "weir-operator"), ("mutatingwebhookconfiguration", "weir-injector")):
        assert "not found" in tool.kubectl("get", "-n", NAMESPACE, kind, name, check=False).stderr
    # What outlives a release, and is taken up again by the next.
    assert get("secret", "-n", NAMESPACE, "weir-operator-ca")["data"] == {"tls.crt": "YQ=="}
    assert get("crd", "databaseconnections.weir.dev")
    tool.helm("install", "weir", str(CHART), *options)
    tool.helm("uninstall", "weir", "-n", NAMESPACE)
    tool.kubectl("delete", "namespace", NAMESPACE, "--timeout=120s")


def operator_program():
    """Of the builds there are, the newest."""
    built = [ROOT / f".build/{kind}/weir-operator" for kind in ("release", "debug")]
    return max((path for path in built if path.exists()), key=lambda path: path.stat().st_mtime)


def test_removal_deletes_the_webhook_configurations_and_nothing_else(cluster):
    tool = Tool(cluster, VERSIONS[-1])
    kinds = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
    configurations = [it for it in render() if it["kind"] in kinds]
    other = json.loads(json.dumps(configurations[0]))
    other["metadata"]["name"] = "of-somebody-else"
    for it in [*configurations, other]:
        tool.kubectl("create", "-f", "-", stdin=json.dumps(it))
    command = [operator_program(), "uninstall", "--kubeconfig", cluster.kubeconfig]
    for told in ("removed", "gone already"):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(told) == 2
    left = tool.kubectl("get", "mutatingwebhookconfigurations,validatingwebhookconfigurations", "-o", "name").stdout
    assert left.split() == ["mutatingwebhookconfiguration.admissionregistration.k8s.io/of-somebody-else"]
    tool.kubectl("delete", "mutatingwebhookconfiguration", "of-somebody-else")


def test_uninstall_waits_for_the_removal_before_anything_goes(tool, cluster):
    tool.helm("install", "weir", str(CHART), "--create-namespace", "-n", NAMESPACE)
    uninstalling = tool.start("helm", "uninstall", "weir", "-n", NAMESPACE, "--timeout", "300s")
    tool.kubectl("wait", "--for=create", "job/weir-removal", "-n", NAMESPACE, "--timeout=120s")
    argument = "jsonpath={.spec.template.spec.containers[0].args[0]}"
    command = tool.kubectl("get", "job", "weir-removal", "-n", NAMESPACE, "-o", argument).stdout
    assert command == "uninstall"
    assert tool.kubectl("get", "deployment", "weir-operator", "-n", NAMESPACE).returncode == 0
    subprocess.run([operator_program(), command, "--kubeconfig", cluster.kubeconfig], check=True, capture_output=True)
    finished = {"status": {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}}
    tool.kubectl("patch", "job", "weir-removal", "-n", NAMESPACE, "--subresource=status", "--type=merge",
                 "-p", json.dumps(finished))
    _, told = uninstalling.communicate(timeout=330)
    assert uninstalling.returncode == 0, told
    for kind in ("deployment/weir-operator", "job/weir-removal", "clusterrole/weir-removal"):
        assert "not found" in tool.kubectl("get", "-n", NAMESPACE, kind, check=False).stderr
    tool.kubectl("delete", "namespace", NAMESPACE, "--timeout=120s")


def obstacles(port):
    """What an operator says is in its way; `None` while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return None


def operator_token(cluster):
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/weir-operator/token"
    status, _, answer = cluster.request("POST", path, request)
    assert status == 201, answer
    return answer["status"]["token"]


def what_is_forbidden(cluster, folder, *options):
    """Runs the operator as its service account until it has looked at its rights."""
    config = json.loads(cluster.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": operator_token(cluster)}
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(json.dumps(config))
    health = free_port()
    certificate, key = make_certificate(folder, "operator", "DNS:localhost")
    log = folder / "operator.log"
    operator = subprocess.Popen(
        [operator_program(), "run", "--kubeconfig", kubeconfig, "--namespace", NAMESPACE,
         "--sidecar-image", "gateway:1", "--sink", "http://sink",
         "--port", str(free_port()), "--health-port", str(health),
         "--tls-certificate", certificate, "--tls-key", key, "--tls-authorities", certificate, *options],
        stdout=subprocess.DEVNULL, stderr=log.open("w"))
    try:
        deadline = time.monotonic() + 120
        while (told := obstacles(health)) is None or ("not been read" in told and "not allowed" not in told):
            if time.monotonic() > deadline or operator.poll() is not None:
                break
            time.sleep(0.2)
        # Rights are looked at beside the first reading.
        time.sleep(1)
        told = obstacles(health)
    finally:
        operator.terminate()
        operator.wait(120)
    assert told is not None, log.read_text()
    return [line for line in told.splitlines() if line.startswith("not allowed") or "not been read" in line]


@pytest.mark.parametrize("watched", [
    pytest.param([], id="everywhere"), pytest.param(["clinic", "lab"], id="watched", marks=pytest.mark.slow)])
def test_the_operator_has_the_rights_it_needs(cluster, tmp_path, watched):
    tool = Tool(cluster, VERSIONS[-1])
    for name in watched:
        tool.kubectl("create", "namespace", name)
    values = ["--set", f"watchNamespaces={{{','.join(watched)}}}"] if watched else []
    tool.helm("install", "weir", str(CHART), "--create-namespace", "-n", NAMESPACE,
              "--set", "removalHook.enabled=false", *values)
    options = ["--watch-namespaces", ",".join(watched)] if watched else []
    assert what_is_forbidden(cluster, tmp_path, *options) == []
    kind, place = ("role", ["-n", "clinic"]) if watched else ("clusterrole", [])
    name = "weir-operator-watched" if watched else "weir-operator"
    tool.kubectl("patch", kind, name, *place, "--type=json", "-p", '[{"op":"replace","path":"/rules","value":[]}]')
    assert what_is_forbidden(cluster, tmp_path, *options)
    tool.helm("uninstall", "weir", "-n", NAMESPACE)
    for name in [NAMESPACE, *watched]:
        tool.kubectl("delete", "namespace", name, "--timeout=120s")
