"""Configuration: live on running sessions, and never worse than the last good one."""

import re
import time

import pytest
from servers import eventually
from stage.process import ROOT, Failure
from wire import Wire, error, query, rows

MANIFESTS = ROOT / "Tests" / "IntegrationTests" / "manifests"
#: Files that stay the same for so many seconds are taken.
SETTLED = 0.25
POLICY = """
---
apiVersion: weir.dev/v1alpha1
kind: MaskingPolicy
metadata: {name: wards, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  rules:
  - name: wards
    match: {schemas: [public], tables: [wards], columns: [name]}
    action: {type: Redact}
"""


@pytest.fixture
def gateway(stage):
    started = stage.add_gateway(MANIFESTS, name=f"gateway-{len(stage.gateways)}", users=["tester"])
    stage.postgresql.endpoint("clinic").script("CREATE TABLE IF NOT EXISTS wards (id int, name text);"
                                               " TRUNCATE wards; INSERT INTO wards VALUES (1, 'North')")
    yield started
    started.process.stop()


def becomes(session, expected):
    """Waits until the ward's name is answered like that."""
    eventually(lambda: rows(session.ask(query("SELECT name FROM wards"))) == [[expected]], f"never {expected}")


def test_an_edit_is_live_on_a_running_session(gateway):
    file = gateway.manifests / "clinic.yaml"
    before = file.read_text()
    with Wire(gateway.endpoint()) as session:
        assert rows(session.ask(query("SELECT name FROM wards"))) == [[b"North"]]
        file.write_text(before + POLICY)
        becomes(session, b"[redacted]")
        file.write_text(before)
        becomes(session, b"North")


def test_a_new_file_and_a_removed_one_count(gateway):
    with Wire(gateway.endpoint()) as session:
        (gateway.manifests / "wards.yaml").write_text(POLICY)
        becomes(session, b"[redacted]")
        (gateway.manifests / "wards.yaml").unlink()
        becomes(session, b"North")


@pytest.mark.parametrize("broken", [
    "spec: [", "\tkind: x\n", POLICY.replace("type: Redact", "type: Redakt"),
    POLICY.replace("targets:", "tragets:"), POLICY.replace("[clinic]", "[no-such-connection]"), "",
], ids=["not YAML", "a tab", "unknown action", "unknown field", "dangling reference", "nothing"])
def test_a_broken_edit_keeps_the_last_good_configuration(gateway, broken):
    file = gateway.manifests / "clinic.yaml"
    file.write_text(file.read_text() + POLICY)
    with Wire(gateway.endpoint()) as session:
        becomes(session, b"[redacted]")
        file.write_text(broken)
        eventually(lambda: "configuration refused" in gateway.log.read_text(), lambda: gateway.log.read_text())
        assert rows(session.ask(query("SELECT name FROM wards"))) == [[b"[redacted]"]]
        assert error(session.ask(query("DROP TABLE visits"))) == "42501"
    with Wire(gateway.endpoint()) as another:
        assert rows(another.ask(query("SELECT name FROM wards"))) == [[b"[redacted]"]]
    assert "clinic.yaml" in gateway.log.read_text() or broken == ""


FAULTY = """apiVersion: weir.dev/v1alpha1
kind: DatabaseConnection
metadata: {name: one, namespace: default}
spec:
  protocol: postgres
  upstream: {host: db, port: 99999, database: clinic, tls: {mode: Sometimes}}
  credentials: {type: SecretRef, secretRef: {name: clinic-db}}
  podSelector: {matchLabels: {app: a}}
  listen: {port: 15432}
  colour: blue
---
apiVersion: weir.dev/v1alpha1
kind: DatabaseConnection
metadata: {name: two, namespace: default}
spec:
  protocol: postgres
  upstream: {host: db, port: 5432, database: clinic}
  credentials: {type: SecretRef, secretRef: {name: clinic-db}}
  podSelector: {matchLabels: {app: b}}
  listen: {port: 15432}
---
apiVersion: weir.dev/v1alpha1
kind: MaskingPolicy
metadata: {name: p, namespace: default}
spec:
  targets: {connectionNames: [three]}
  rules:
  - name: r
    match: {columns: [name]}
    action: {type: Partial, partial: {keepLast: many}}
"""


def test_every_fault_is_reported_at_once(stage, tmp_path):
    (tmp_path / "faulty.yaml").write_text(FAULTY)
    done = stage.weirctl("validate", tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 64
    for line, field in (
        (6, "port"), (6, "mode"), (10, "colour"), (20, "port"), (26, "connectionNames"), (30, "keepLast"),
    ):
        assert re.search(rf"faulty\.yaml:{line}\b.*{field}", said), f"line {line}: {field}\n{said}"


def test_a_credential_that_is_missing_is_told_before_anybody_logs_in(stage):
    gateway = stage.gateway(MANIFESTS, name="without-credential", users=["tester"])
    secret = gateway.secrets / gateway.connections[0].secret / gateway.connections[0].password_key
    password = secret.read_text()
    secret.unlink()
    done = stage.weirctl("validate", gateway.manifests, "--secrets", gateway.secrets)
    words = f"has no readable key {secret.name}"
    assert done.returncode == 0 and f"warning: {gateway.secrets}: DatabaseConnection " in done.stdout, done.stdout
    assert words in done.stdout
    gateway.start()
    eventually(lambda: "configuration in force" in gateway.log.read_text(), "it does not start")
    warnings = [it for it in gateway.log.read_text().splitlines() if "no log-in to the database is possible yet" in it]
    assert len(warnings) == 1 and " warning " in warnings[0] and words in warnings[0], warnings
    refused = gateway.endpoint().psql("-c", "SELECT 1")
    assert refused.returncode == 2 and "the gateway has no credential for the database" in refused.stderr
    assert secret.parent.name not in refused.stderr
    secret.write_text(password)
    assert gateway.endpoint().psql("-At", "-c", "SELECT 1").stdout == "1\n"
    assert password not in gateway.log.read_text()


def test_the_gateway_does_not_start_on_faulty_manifests(stage, tmp_path):
    (tmp_path / "faulty.yaml").write_text(FAULTY.replace("port: 99999", "port: 5432"))
    with pytest.raises(Failure) as caught:
        stage.add_gateway(tmp_path, name="faulty", users=["tester"])
    assert "status 64" in str(caught.value) and "colour" in str(caught.value)


def test_sigterm_drains_and_ends(stage):
    gateway = stage.add_gateway(MANIFESTS, name="drained", users=["tester"])
    with Wire(gateway.endpoint()) as session:
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]
    assert gateway.process.stop() == 0


@pytest.mark.parametrize("kept", [0, 1200], ids=["emptied", "cut short"])
def test_a_file_that_is_being_written_takes_no_rule_away(gateway, kept):
    """Editors empty a file, then write it: valid manifests at every moment, and fewer than were meant."""
    file = gateway.manifests / "clinic.yaml"
    whole = file.read_text() + POLICY
    half = whole[:kept].rsplit("---", 1)[0]
    file.write_text(whole)
    with Wire(gateway.endpoint()) as session:
        becomes(session, b"[redacted]")
        for _ in range(8):
            begun = time.monotonic()
            file.write_text(half)
            time.sleep(0.15)
            file.write_text(whole)
            if time.monotonic() - begun > SETTLED:  # Then it may have been taken, and rightly.
                time.sleep(2)
                becomes(session, b"[redacted]")
            until = time.monotonic() + 0.6
            while time.monotonic() < until:
                assert rows(session.ask(query("SELECT name FROM wards"))) == [[b"[redacted]"]]
