"""Connections that name one issuer and have its keys from different places: each takes tokens by its own keys alone."""

import json

import pytest
from oidc import Signer
from servers import eventually
from stage.local_operator import LocalOperator
from stage.postgresql import Endpoint
from stage.stage import Stage
from test_grants_and_revocations import KeyServer

CONNECTION = """apiVersion: weir.dev/v1alpha1
kind: DatabaseConnection
metadata: {{name: {name}, namespace: default}}
spec:
  protocol: postgres
  upstream: {{host: 127.0.0.1, port: 5432, database: clinic, tls: {{mode: Disable}}}}
  credentials: {{type: SecretRef, secretRef: {{name: clinic-db}}}}
  podSelector: {{matchLabels: {{app: clinic-api}}}}
  listen: {{port: {port}}}
  identity: {{workload: false, issuers: {issuers}}}
"""


class Plane:
    """Of `payroll` and `toy`, each with a key server; that of `payroll` sorts before the other's, or after it."""

    def __init__(self, stage, payroll_sorts_first, toy_is_down):
        self.payroll, self.toy = Signer(), Signer()
        servers = sorted((KeyServer(self.payroll) for _ in range(2)), key=lambda it: it.url)
        payroll, toy = servers if payroll_sorts_first else reversed(servers)
        toy.keys, toy.is_down = self.toy.keys, toy_is_down
        folder = stage.folder / "shared"
        (folder / "manifests").mkdir(parents=True)
        (folder / "manifests" / "both.yaml").write_text("---\n".join(
            CONNECTION.format(name=name, port=port, issuers=json.dumps([
                {"issuer": self.payroll.issuer, "audience": "weir", "jwksURI": server.url, "subjectPrefix": "ci:"}]))
            for name, port, server in (("payroll", 15432, payroll), ("toy", 15433, toy))))
        self.gateway = stage.gateway(folder / "manifests", name="shared", users=["tester"])
        self.operator = LocalOperator(folder, self.gateway.manifests)
        self.operator.process.start()
        self.gateway.process.command += [str(part) for part in self.operator.gateway_options]
        self.gateway.start()

    def takes(self, number, signer):
        """Whether the connection of that number takes a token of the signer's."""
        port = self.gateway.connections[number].port
        done = Endpoint("127.0.0.1", port, "job", signer.token(), "clinic").psql("-At", "-c", "SELECT 1")
        return done.stdout == "1\n"


@pytest.mark.parametrize("payroll_sorts_first", [True, False])
@pytest.mark.parametrize("toy_is_down", [False, True])
def test_a_token_opens_the_connections_whose_keys_signed_it(payroll_sorts_first, toy_is_down):
    with Stage() as stage:
        stage.start_postgresql()
        stage.start_sink()
        plane = Plane(stage, payroll_sorts_first, toy_is_down)
        try:
            eventually(lambda: plane.takes(0, plane.payroll), "payroll takes no token of its own")
            eventually(lambda: toy_is_down or plane.takes(1, plane.toy), "toy takes no token of its own")
            assert not plane.takes(0, plane.toy) and not plane.takes(1, plane.payroll)
        finally:
            plane.operator.process.stop()
