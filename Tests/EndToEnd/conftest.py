"""A cluster on this machine: an API server, controllers and a kubelet in miniature, a real database, real clients.

With WEIR_E2E_REAL=1 and KUBECONFIG a whole cluster instead.
"""

import os
import pathlib
import sys
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Scripts"), str(ROOT / "Tests" / "Cluster"), str(ROOT / "Tests" / "EndToEnd")]
# After these folders, which have modules of the same names.
sys.path.append(str(ROOT / "Tests" / "IntegrationTests"))

from whole import WholeCluster  # noqa: E402
from world import World  # noqa: E402


@pytest.fixture(scope="session")
def world():
    is_whole = os.environ.get("WEIR_E2E_REAL") == "1" and os.environ.get("KUBECONFIG")
    with tempfile.TemporaryDirectory(prefix="weir-e2e-", ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user.
        with (WholeCluster if is_whole else World)(folder) as world:
            yield world


@pytest.fixture(scope="session")
def eventually(world):
    """Asks again until the answer is true; tells what was there when it is not in time."""
    def ask(question, what, seconds=300, interval=0.1):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = question()
            if answer:
                return answer
            time.sleep(interval)
        pytest.fail(f"{what} within {seconds} s\n{world.report()}")
    return ask
