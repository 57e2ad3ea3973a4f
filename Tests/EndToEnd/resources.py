"""What a platform team keeps in Git for the clinic, and the workloads that use its database."""

import base64

from plays import CLINIC

NAMESPACE = {"apiVersion": "v1", "kind": "Namespace",
             "metadata": {"name": CLINIC, "labels": {"weir.dev/inject": "enabled"}}}
#: `POST /quit`, as documented, without more than a shell.
END_GATEWAY = r"printf 'POST /quit HTTP/1.1\r\nHost: gateway\r\nContent-Length: 0\r\n\r\n' >/dev/tcp/127.0.0.1/15421"
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "clinic-api", "namespace": CLINIC}}


def secret(password):
    data = {"username": "weir", "password": password}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "clinic-db", "namespace": CLINIC},
            "data": {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}}


def connection(host, port, **spec):
    return {
        "apiVersion": "weir.dev/v1alpha1", "kind": "DatabaseConnection",
        "metadata": {"name": "clinic", "namespace": CLINIC},
        "spec": {
            "protocol": "postgres",
            "upstream": {"host": host, "port": port, "database": "clinic", "tls": {"mode": "Disable"}},
            "credentials": {"type": "SecretRef", "secretRef": {"name": "clinic-db"}},
            "podSelector": {"matchLabels": {"app": "clinic-api"}},
            "listen": {"port": 15432, "env": {"host": "PGHOST", "port": "PGPORT"}}, **spec}}


def policy(*columns, action="Redact"):
    return {
        "apiVersion": "weir.dev/v1alpha1", "kind": "MaskingPolicy", "metadata": {"name": "phi", "namespace": CLINIC},
        "spec": {"targets": {"connectionNames": ["clinic"]}, "unmatched": "Allow", "rules": [
            {"name": "identifiers", "match": {"tables": ["patients"], "columns": list(columns)},
             "action": {"type": action}}]}}


def approval_rule(*approvers, **approval):
    return {
        "apiVersion": "weir.dev/v1alpha1", "kind": "ApprovalRule",
        "metadata": {"name": "schema-changes", "namespace": CLINIC},
        "spec": {"targets": {"connectionNames": ["clinic"]}, "match": {"statements": ["Alter", "Drop"]},
                 "effect": "RequireApproval",
                 "approval": {"approvers": {"users": list(approvers)}, "requestTTL": "10m", **approval}}}


def person(name, *verbs):
    """A service account that may patch ApprovalRequests, and do that with the rule."""
    rules = [{"apiGroups": ["weir.dev"], "resources": ["approvalrequests"], "verbs": ["get", "list", "patch"]}]
    if verbs:
        rules.append({"apiGroups": ["weir.dev"], "resources": ["approvalrules"],
                      "resourceNames": ["schema-changes"], "verbs": list(verbs)})
    return _account(name, rules)


def editor(name):
    """A service account that may change policies, and remove rules."""
    return _account(name, [
        {"apiGroups": ["weir.dev"], "resources": ["maskingpolicies"], "verbs": ["get", "list", "patch"]},
        {"apiGroups": ["weir.dev"], "resources": ["approvalrules"], "verbs": ["get", "list", "delete", "watch"]}])


def _account(name, rules):
    meta = {"name": name, "namespace": CLINIC}
    group = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
        {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": meta, "rules": rules},
        {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": meta,
         "roleRef": {"apiGroup": group, "kind": "Role", "name": name},
         "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": CLINIC}]}]


def _template(image, labels, command, restart="Always", **environment):
    environment = {"PGHOST": "database.invalid", "PGPORT": "5432", "PGUSER": "anyone", "PGDATABASE": "clinic",
                   **environment}
    return {
        "metadata": {"labels": labels},
        "spec": {"serviceAccountName": labels["app"], "restartPolicy": restart, "terminationGracePeriodSeconds": 5,
                 "containers": [{
                     "name": "app", "image": image, "command": command,
                     "env": [{"name": name, **(it if isinstance(it, dict) else {"value": it})}
                             for name, it in environment.items()]}]}}


def deployment(image, name="clinic-api", tier="api", first=None):
    """`first`, a statement, is run by an init container."""
    template = _template(image, {"app": "clinic-api", "tier": tier}, ["sleep", "3600"])
    if first:
        container, = template["spec"]["containers"]
        template["spec"]["initContainers"] = [
            container | {"name": "migrate", "command": ["psql", "-X", "-At", "-c", first]}]
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": CLINIC},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"tier": tier}}, "template": template}}


def job(image, name, *statements, app="clinic-api", ends_gateway=False, **environment):
    """A gateway that is no native sidecar is ended by the job's command."""
    commands = [part for sql in statements for part in ("-c", sql)]
    query = ["psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", *commands]
    if ends_gateway:
        query = ["bash", "-c", f'"$@"; status=$?; {END_GATEWAY}; exit $status', "bash", *query]
    template = _template(image, {"app": app, "job": name}, query, "Never", **environment)
    return {
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": CLINIC},
        "spec": {"backoffLimit": 0, "template": template}}
