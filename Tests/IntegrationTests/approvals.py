"""A clinic where people are asked, by an operator without a cluster."""

import contextlib
import re

from servers import eventually
from stage.local_operator import LocalOperator
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
def governed(manifests, schema, people=("ana", "ben"), users=("job",), settings=None, options=(), **more):
    """A stage, the operator of its approvals, and a gateway that has its configuration."""
    with Stage(settings=settings) as stage:
        stage.start_postgresql()
        stage.start_sink()
        folder = stage.folder / "manifests"
        folder.mkdir()
        (folder / "clinic.yaml").write_text(manifests)
        gateway = stage.gateway(folder, users=list(users))
        operator = LocalOperator(stage.folder, gateway.manifests, people=people,
                                 options=["--sink", stage.sink_url, *options], **more)
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
