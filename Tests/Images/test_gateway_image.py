"""The gateway's image as a pod runs it: on a read-only root, with no right but a user's, over the pod's volumes."""

import os
import pathlib
import signal
import subprocess

import pytest
from servers import eventually
from sidecar import Sidecar, policy
from stage.process import Process
from stage.stage import Stage
from test_images import Image
from wire import Wire, query, rows

#: Not the image's own: the injected container says who it runs as.
USER = 15432
MOUNTS = {"/etc/weir/config": "config", "/etc/weir/secrets": "secrets", "/var/lib/weir": "data"}
RUN = """
set -e
mount --bind "$ROOT" "$ROOT"
mkdir -p "$ROOT/proc"
for it in $MOUNTS; do mkdir -p "$ROOT${it%%=*}"; mount --bind "${it#*=}" "$ROOT${it%%=*}"; done
mount -o remount,bind,ro "$ROOT"
exec /usr/bin/unshare --pid --fork --kill-child --root="$ROOT" --mount-proc --setgid=$USER --setuid=$USER \\
    /weir-gateway run
"""


@pytest.fixture(scope="module")
def stage():
    with Stage() as running:
        running.start_postgresql()
        running.start_sink()
        running.postgresql.ensure_database("clinic")
        running.postgresql.endpoint("clinic").script(
            "CREATE TABLE wards (ward text, floor text); INSERT INTO wards VALUES ('North', 'First')")
        yield running


def test_it_serves_from_a_read_only_root(stage, tmp_path):
    image = Image("weir-gateway", tmp_path)
    for parent in [tmp_path, *tmp_path.parents[:3]]:
        parent.chmod(parent.stat().st_mode | 0o111)
    volumes = {"MANIFESTS": "/etc/weir/config", "SECRETS": "/etc/weir/secrets", "DATA": "/var/lib/weir"}
    sidecar = Sidecar(stage, "image", environment=volumes)
    sidecar.snapshot(sidecar.connection(), policy("ward"))
    os.chown(sidecar.data, USER, USER)
    sidecar.process = Process(
        "weir-gateway in its image", ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", RUN], sidecar.folder / "log",
        environment=sidecar.environment | {
            "ROOT": str(image.root), "USER": str(USER),
            "MOUNTS": " ".join(f"{inside}={sidecar.folder / name}" for inside, name in MOUNTS.items())})
    sidecar.process.start()
    try:
        eventually(lambda: sidecar.get("/readyz")[0] == 200, "not ready")
        gateway = child_of(sidecar.process.pid)
        status = pathlib.Path(f"/proc/{gateway}/status").read_text()
        assert f"Uid:\t{USER}\t{USER}\t{USER}\t{USER}" in status and "CapEff:\t0000000000000000" in status
        with Wire(sidecar.endpoint()) as session:
            assert rows(session.ask(query("SELECT ward, floor FROM wards"))) == [[b"[redacted]", b"First"]]
        # The first process of a container is told to end like any other.
        os.kill(gateway, signal.SIGTERM)
        assert sidecar.process.handle.wait(60) == 0
    finally:
        if sidecar.process.handle.poll() is None:
            sidecar.process.kill()
    assert {path.name for path in sidecar.data.iterdir()} >= {"gateway.key", "masking.key", "spool"}


def child_of(process):
    return int(subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=True).stdout)
