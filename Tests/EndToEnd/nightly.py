"""The nightly migration of the clinic: its runs and who issues their tokens, the rules over it, and the people."""

import contextlib
import json
import ssl
import threading
import urllib.request

import oidc_provider_mock
from werkzeug.serving import make_server

from cluster import make_certificate
from plays import CLINIC
from resources import connection
from stage.provider import Issuer

ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "migrations", "namespace": CLINIC}}
REPOSITORY, JOB = "clinic/migrations", "clinic-migrations"
#: Before the names of people, wherever one answers for a run or has left.
PEOPLE = "people:"
DBA = "dba"


@contextlib.contextmanager
def issuer(folder, address):
    """An OpenID provider over HTTPS at the address, with an authority that no system trusts: `authority`, as PEM."""
    certificate, key = make_certificate(folder, "issuer", f"IP:{address}")
    server = make_server(address, 0, oidc_provider_mock.app(), threaded=True, ssl_context=(certificate, key))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    provider = Issuer(f"https://{address}:{server.port}", trust=ssl.create_default_context(cafile=certificate))
    provider.authority = certificate.read_text()
    yield provider
    server.shutdown()


def migrations(host, port, provider, **keys):
    """The database for runs, each of which proves itself; `keys` say how the provider's are come by."""
    identity = {"workload": False, "issuers": [{
        "issuer": provider.url, "audience": "weir", "claims": {"repository": REPOSITORY, "ref": "refs/heads/main"},
        "subjectPrefix": "ci:", "attributes": {"repository": "repository", "run": "run_id", "actor": "actor"},
        "owner": {"claim": "actor", "prefix": PEOPLE}, **keys}]}
    made = connection(host, port, identity=identity, podSelector={"matchLabels": {"app": "migrations"}})
    return {**made, "metadata": {**made["metadata"], "name": "migrations"}}


def rules():
    """No patient's data for runs, and changes of the schema only with a database administrator's consent."""
    targets = {"connectionNames": ["migrations"]}
    return [
        {"apiVersion": "weir.dev/v1alpha1", "kind": "MaskingPolicy", "metadata": {"name": "runs", "namespace": CLINIC},
         "spec": {"targets": targets, "unmatched": "Allow", "rules": [
             {"name": "identifiers", "match": {"tables": ["patients"], "columns": ["name", "ssn", "mrn", "email"]},
              "action": {"type": "Redact"}}]}},
        {"apiVersion": "weir.dev/v1alpha1", "kind": "ApprovalRule",
         "metadata": {"name": "nightly-changes", "namespace": CLINIC},
         "spec": {"targets": targets, "match": {"statements": ["Alter", "Drop"]}, "effect": "RequireApproval",
                  "approval": {"approvers": {"groups": [DBA]}, "requestTTL": "10m", "requireReason": True}}}]


def administrators():
    """What the cluster's RBAC says of the group."""
    meta, group = {"name": DBA, "namespace": CLINIC}, "rbac.authorization.k8s.io"
    return [
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": meta, "rules": [
            {"apiGroups": ["weir.dev"], "resources": ["approvalrequests"], "verbs": ["get", "list", "patch"]},
            {"apiGroups": ["weir.dev"], "resources": ["approvalrules"], "resourceNames": ["nightly-changes"],
             "verbs": ["approve"]}]},
        {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": meta,
         "roleRef": {"apiGroup": group, "kind": "Role", "name": DBA},
         "subjects": [{"apiGroup": group, "kind": "Group", "name": DBA}]}]


class IdentityProvider:
    """Says by SCIM who has left, at the operator on a port of this machine."""

    def __init__(self, port, token, authority):
        self.url, self.token = f"https://localhost:{port}/scim/v2/Users", token
        self.trust = ssl.create_default_context(cadata=authority)

    def _ask(self, path="", body=None, method=None):
        request = urllib.request.Request(
            self.url + path, body and json.dumps(body).encode(), method=method,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"})
        with urllib.request.urlopen(request, context=self.trust) as answer:
            return json.load(answer)

    def leaves(self, name):
        user, = self._ask(f"?filter=userName%20eq%20%22{name}%22")["Resources"]
        change = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                  "Operations": [{"op": "replace", "path": "active", "value": False}]}
        assert self._ask(f"/{user['id']}", change, "PATCH")["active"] is False
