"""An operator without a cluster, and people who decide."""

import contextlib
import json
import os
import re
import secrets
import subprocess

from servers import eventually
from stage.process import Process, free_port, program
from stage.stage import Stage
from wire import fields

CONNECTION = """
apiVersion: weir.dev/v1alpha1
kind: DatabaseConnection
metadata: {name: clinic, namespace: default}
spec:
  protocol: postgres
  upstream: {host: 127.0.0.1, port: 5432, database: clinic, tls: {mode: Disable}}
  credentials: {type: SecretRef, secretRef: {name: clinic-db}}
  podSelector: {matchLabels: {app: clinic-api}}
  listen: {port: 15432}
"""


def rule(name, match, approval="approvers: {users: [ana]}", **spec):
    """An ApprovalRule that asks ana; what is asked of `spec` stands as it is."""
    more = "".join(f"\n  {field}: {value}" for field, value in spec.items())
    return f"""---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {{name: {name}, namespace: default}}
spec:
  targets: {{connectionNames: [clinic]}}
  match: {match}
  effect: RequireApproval
  approval: {{{approval}}}{more}
"""


@contextlib.contextmanager
def governed(manifests, schema, people=("ana", "ben"), users=("job",), settings=None, **more):
    """A stage, the operator of its approvals, and a gateway that has its configuration."""
    with Stage(settings=settings) as stage:
        stage.start_postgresql()
        stage.start_sink()
        folder = stage.folder / "manifests"
        folder.mkdir()
        (folder / "clinic.yaml").write_text(manifests)
        gateway = stage.gateway(folder, users=list(users))
        operator = LocalOperator(stage.folder, gateway.manifests, people=people, **more)
        operator.process.start()
        gateway.process.command += operator.gateway_options
        gateway.start()
        eventually(lambda: "configuration stream is open" in gateway.log.read_text(), "no stream")
        stage.postgresql.endpoint("clinic").script(schema)
        yield stage, operator, gateway
        operator.process.stop()


def notice(session):
    """The request that a held statement's client is told of."""
    kind, body = session.receive()
    assert kind == b"N", (kind, body)
    return re.fullmatch(r"This is approval request (\S+)\.", fields(body)["D"])[1]


class LocalOperator:
    """`weir-operator serve` with a folder of manifests, a gateway's token and some people."""

    def __init__(self, folder, manifests, people=("ana", "ben"), groups=()):
        self.folder, self.port = folder, free_port()
        self.data, self.tokens = folder / "operator", folder / "tokens"
        for part in ("gateways", "people"):
            (self.tokens / part).mkdir(parents=True)
        self.gateway_token = self._token("gateways/gateway")
        for person in people:
            self._token(f"people/{person}")
        self.log = folder / "operator.log"
        self.process = Process(
            "weir-operator serve",
            [program("weir-operator"), "serve", "--manifests", manifests, "--data", self.data, "--tokens", self.tokens,
             "--port", self.port, *(part for group in groups for part in ("--group", group))],
            self.log, port=self.port)

    def _token(self, name):
        file = self.tokens / name
        file.write_text(secrets.token_urlsafe(24))
        file.chmod(0o600)
        return file

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    @property
    def gateway_options(self):
        return ["--operator", self.url, "--operator-ca", self.data / "ca.crt", "--token", self.gateway_token]

    def weirctl(self, person, *arguments, token=None):
        """weirctl approvals as that person."""
        return subprocess.run(
            [program("weirctl"), "approvals", *arguments, "--operator", self.url, "--operator-ca", self.data / "ca.crt",
             "--token-file", token or self.tokens / "people" / person],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env={**os.environ, "NO_COLOR": "1"})

    def pending(self, count=1):
        """The requests that wait, once there are so many."""
        def waiting():
            done = self.weirctl("ana", "list", "-o", "json")
            assert done.returncode == 0, done.stderr
            items = json.loads(done.stdout)["items"]
            return items if len(items) >= count else None
        return eventually(waiting, "nobody asks for approval")

    def approve(self, person, request, *arguments):
        done = self.weirctl(person, "approve", request, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout
