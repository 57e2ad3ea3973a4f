import time

import pytest

from cluster import PROGRAM, ROOT, VERSIONS, Cluster, Tool
from real_cluster import RealCluster, assets


class Reference(RealCluster):
    """What the server for tests is compared with."""

    #: Tests look at the ConfigMaps that they make.
    CONTROLLERS = f"{RealCluster.CONTROLLERS},-root-ca-cert-publisher"

    def control(self, name, body=None):
        pytest.skip(f"a real API server cannot be told `{name}`")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """With REAL=1 or KUBEBUILDER_ASSETS a kube-apiserver in place of the server for tests."""
    if folder := assets():
        reference = Reference(tmp_path_factory.mktemp("cluster"), folder)
        yield reference
        reference.stop()
        return
    if PROGRAM is None:
        pytest.fail("the API server for tests is not built: swift build --product test-api-server")
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), bookmark_interval=1000)
    yield cluster
    cluster.stop()


@pytest.fixture
def since(cluster):
    """Ends the play where a real server is older than that: the one for tests does what the newest does."""
    def check(*version):
        if isinstance(cluster, Reference) and cluster.version < version:
            pytest.skip(f"kube-apiserver {cluster.version} is older than {version}")
    return check


@pytest.fixture(scope="module", params=VERSIONS)
def tool(request, cluster):
    return Tool(cluster, request.param)


@pytest.fixture(scope="module")
def definitions(cluster):
    """The custom resources of the project."""
    # Servers before 1.25 do not know the rules: they drop them from what is created and refuse them in what is applied.
    verb = ["create", "--validate=false"] if isinstance(cluster, Reference) else [
        "apply", "--server-side", "--force-conflicts"]
    tool = Tool(cluster, VERSIONS[-1])
    tool.kubectl(*verb, "-f", str(ROOT / "CRDs"))
    tool.kubectl("wait", "--for=condition=Established", "-f", str(ROOT / "CRDs"), "--timeout=120s")


@pytest.fixture
def namespace(request, cluster):
    """A namespace of the test's own."""
    name = "t-" + "".join(c if c.isalnum() else "-" for c in request.node.name.lower()).strip("-")[:50].strip("-")
    status, _, answer = cluster.request(
        "POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    assert status == 201, answer
    # Who makes it elsewhere takes a moment.
    account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
    while isinstance(cluster, Reference) and cluster.has_controllers and cluster.get(account)[0] != 200:
        time.sleep(0.1)
    yield name
    cluster.request("DELETE", f"/api/v1/namespaces/{name}")
