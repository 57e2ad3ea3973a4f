"""Webhooks, called over TLS."""

import base64
import http.server
import json
import ssl
import threading

import pytest

from cluster import make_certificate

NAMESPACE_LABEL = {"weir.dev/inject": "enabled"}


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, review["request"]))
        response = {"uid": review["request"]["uid"], "allowed": True, **self.server.answer(review["request"])}
        answer = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def hook(tmp_path):
    certificate, key = make_certificate(tmp_path, "hook", "DNS:hook.weir-system.svc")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.seen = []
    server.answer = lambda request: {}
    server.bundle = base64.b64encode(certificate.read_bytes()).decode()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def configured(cluster, hook, namespace):
    """A mutating webhook for the pods and ConfigMaps of the namespace; returns a function that changes it."""
    cluster.request("PATCH", f"/api/v1/namespaces/{namespace}", {"metadata": {"labels": NAMESPACE_LABEL}},
                    "application/merge-patch+json")
    cluster.control("services", {"weir-system/hook:443": f"https://127.0.0.1:{hook.server_port}"})
    path = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"

    def configure(**changes):
        webhook = {
            "name": "inject.weir.dev", "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "failurePolicy": "Fail", "timeoutSeconds": 5, "namespaceSelector": {"matchLabels": NAMESPACE_LABEL},
            "clientConfig": {"service": {"namespace": "weir-system", "name": "hook", "path": "/inject"},
                             "caBundle": hook.bundle},
            "rules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}],
            **changes}
        cluster.request("DELETE", f"{path}/weir")
        status, _, answer = cluster.request("POST", path, {
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": "weir"}, "webhooks": [webhook]})
        assert status == 201, answer

    configure()
    yield configure
    cluster.request("DELETE", f"{path}/weir")


def create(cluster, namespace, name, query="", **data):
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
    return cluster.request("POST", f"/api/v1/namespaces/{namespace}/configmaps{query}", body)


def patch(*operations):
    return {"patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(list(operations)).encode()).decode()}


def test_a_webhook_sees_and_changes(cluster, hook, configured, namespace):
    hook.answer = lambda request: {
        **patch({"op": "add", "path": "/data/added", "value": "x"}), "warnings": ["mind the gap"]}
    status, headers, made = create(cluster, namespace, "a", given="y")
    assert (status, made["data"]) == (201, {"given": "y", "added": "x"})
    assert headers["Warning"] == '299 - "mind the gap"'
    path, request = hook.seen[0]
    assert path == "/inject?timeout=5s"
    assert (request["operation"], request["namespace"]) == ("CREATE", namespace)
    assert request["userInfo"]["username"] == "admin"
    assert request["oldObject"] is None and request["object"]["data"] == {"given": "y"}
    owners = {entry["manager"]: entry["fieldsV1"] for entry in made["metadata"]["managedFields"]}
    assert "f:added" in next(iter(owners.values()))["f:data"]


def test_a_webhook_refuses(cluster, hook, configured, namespace):
    hook.answer = lambda request: {"allowed": False, "status": {"message": "no", "code": 422, "reason": "Invalid"}}
    status, _, answer = create(cluster, namespace, "a")
    assert (status, answer["message"]) == (422, 'admission webhook "inject.weir.dev" denied the request: no')


def test_a_webhook_that_is_down(cluster, hook, configured, namespace):
    cluster.control("services", {})
    status, _, answer = create(cluster, namespace, "a")
    assert (status, answer["reason"]) == (500, "InternalError")
    configured(failurePolicy="Ignore")
    assert create(cluster, namespace, "a")[0] == 201


def test_a_webhook_with_another_authority(cluster, hook, configured, namespace, tmp_path):
    other, _ = make_certificate(tmp_path, "other", "DNS:hook.weir-system.svc")
    configured(clientConfig={"service": {"namespace": "weir-system", "name": "hook", "path": "/inject"},
                             "caBundle": base64.b64encode(other.read_bytes()).decode()})
    assert create(cluster, namespace, "a")[2]["reason"] == "InternalError"
    assert hook.seen == []


def test_what_no_rule_or_selector_names_is_not_shown(cluster, hook, configured, namespace):
    create(cluster, "default", "a-of-another-namespace")
    cluster.request("DELETE", "/api/v1/namespaces/default/configmaps/a-of-another-namespace")
    create(cluster, namespace, "a")
    cluster.request("PATCH", f"/api/v1/namespaces/{namespace}/configmaps/a", {"data": {"x": "y"}},
                    "application/merge-patch+json")
    assert [request["name"] for _, request in hook.seen] == ["a"]


def test_a_webhook_is_asked_where_its_conditions_hold(cluster, hook, configured, namespace):
    configured(matchConditions=[{"name": "ours", "expression": "request.name.startsWith('weir-')"},
                                {"name": "given", "expression": "object.data.given == 'y'"}])
    assert create(cluster, namespace, "other")[0] == 201
    assert create(cluster, namespace, "weir-a", given="y")[0] == 201
    assert create(cluster, namespace, "weir-b", given="z")[0] == 201
    assert [request["name"] for _, request in hook.seen] == ["weir-a"]
    assert create(cluster, namespace, "weir-c")[0] == 403, "a condition without a result is a refusal under Fail"


def test_a_dry_run_is_shown_and_not_kept(cluster, hook, configured, namespace):
    assert create(cluster, namespace, "a", "?dryRun=All")[0] == 201
    assert hook.seen[0][1]["dryRun"] is True
    assert cluster.get(f"/api/v1/namespaces/{namespace}/configmaps/a")[0] == 404
    configured(sideEffects="Some")
    assert create(cluster, namespace, "a", "?dryRun=All")[0] == 400


def test_a_webhook_is_told_no_name_of_many_objects_that_are_deleted_at_once(cluster, hook, configured, namespace):
    for name in ("a", "b"):
        create(cluster, namespace, name)
    configured(rules=[
        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["configmaps"]}])
    hook.seen.clear()
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    assert cluster.request("DELETE", path)[0] == 200
    assert cluster.get(path)[2]["items"] == []
    told = [(request.get("name"), request.get("object"), request["oldObject"]["metadata"]["name"])
            for _, request in hook.seen]
    assert told == [(None, None, "a"), (None, None, "b")]
