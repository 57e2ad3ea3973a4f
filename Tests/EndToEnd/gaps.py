"""What a kube-apiserver alone lacks, and kube-controller-manager does: accounts, and the removal of garbage."""

from control_loop import ControlLoop


class Gaps(ControlLoop):
    INTERVAL = 0.3

    def __enter__(self):
        self._accounts()
        return super().__enter__()

    def _pass(self):
        self._accounts()
        self._collect()

    def _accounts(self):
        authority = self.cluster.certificate.read_text()
        for item in self._list("/api/v1/namespaces"):
            path = f"/api/v1/namespaces/{item['metadata']['name']}"
            if self.cluster.get(f"{path}/configmaps/kube-root-ca.crt")[0] == 404:
                self.cluster.request("POST", f"{path}/serviceaccounts", {"metadata": {"name": "default"}})
                self.cluster.request("POST", f"{path}/configmaps", {
                    "metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": authority}})

    def _collect(self):
        """ReplicaSets and pods whose controller is gone."""
        owners = {it["metadata"]["uid"] for path in (
            "/apis/apps/v1/deployments", "/apis/apps/v1/replicasets", "/apis/apps/v1/statefulsets",
            "/apis/batch/v1/jobs") for it in self._list(path)}
        for path, plural in (("/apis/apps/v1", "replicasets"), ("/api/v1", "pods")):
            for item in self._list(f"{path}/{plural}"):
                metadata = item["metadata"]
                references = metadata.get("ownerReferences", [])
                if references and not any(it["uid"] in owners for it in references) and (
                        "deletionTimestamp" not in metadata):
                    self.cluster.request(
                        "DELETE", f"{path}/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}")
