"""What a kube-apiserver alone lacks, and a cluster with kube-controller-manager has: accounts, endpoints, garbage."""

import threading
import time


class Gaps:
    """Use as a context manager. Each namespace gets its account and authority, each service its endpoints, and what
    has lost its controller goes."""

    INTERVAL = 0.3

    def __init__(self, cluster, kubelet):
        self.cluster, self.kubelet = cluster, kubelet
        self.is_ending = False
        self.endpoints = {}
        self.thread = threading.Thread(target=self._loop, daemon=True)

    def __enter__(self):
        self._accounts()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_ending = True
        self.thread.join()

    def _loop(self):
        while not self.is_ending:
            try:
                self._accounts()
                for service in self._list("/api/v1/services"):
                    if service["spec"].get("selector"):
                        self._connect(service)
                self._collect()
            except (OSError, KeyError):
                pass  # The API server is asked again.
            time.sleep(self.INTERVAL)

    def _list(self, path):
        status, _, answer = self.cluster.get(path)
        return answer["items"] if status == 200 else []

    def _accounts(self):
        authority = self.cluster.certificate.read_text()
        for item in self._list("/api/v1/namespaces"):
            path = f"/api/v1/namespaces/{item['metadata']['name']}"
            if self.cluster.get(f"{path}/configmaps/kube-root-ca.crt")[0] == 404:
                self.cluster.request("POST", f"{path}/serviceaccounts", {"metadata": {"name": "default"}})
                self.cluster.request("POST", f"{path}/configmaps", {
                    "metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": authority}})

    def _connect(self, service):
        """As Endpoints and, for servers that ask those, as an EndpointSlice."""
        namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
        selector = service["spec"]["selector"]
        pods = [pod for pod in list(self.kubelet.pods.values()) if pod.is_ready and pod.namespace == namespace
                and selector.items() <= pod.item["metadata"].get("labels", {}).items()]
        addresses = sorted(pod.network.address for pod in pods)
        if self.endpoints.get((namespace, name)) == addresses:
            return
        ports = [{"name": it.get("name", ""), "protocol": "TCP", "port": self._port(pods, it)}
                 for it in service["spec"]["ports"]] if pods else []
        subsets = [{"addresses": [{"ip": it} for it in addresses], "ports": ports}] if addresses else []
        done = [
            self._apply(f"/api/v1/namespaces/{namespace}/endpoints/{name}", {
                "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": name}, "subsets": subsets}),
            self._apply(f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/{name}", {
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "ports": ports,
                "metadata": {"name": name, "labels": {"kubernetes.io/service-name": name}},
                "endpoints": [{"addresses": [it], "conditions": {"ready": True}} for it in addresses]})]
        if all(status in (200, 201, 404) for status in done):
            self.endpoints[namespace, name] = addresses

    @staticmethod
    def _port(pods, port):
        target = port.get("targetPort", port["port"])
        if isinstance(target, int):
            return target
        return next(it["containerPort"] for container in pods[0].item["spec"]["containers"]
                    for it in container.get("ports", []) if it.get("name") == target)

    def _apply(self, path, body):
        return self.cluster.request(
            "PATCH", f"{path}?fieldManager=endpoints&force=true", body, "application/apply-patch+yaml")[0]

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
