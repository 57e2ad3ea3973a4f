"""Services in miniature: each leads to its ready pods, by what the API server calls webhooks with."""

from control_loop import ControlLoop


class Routes(ControlLoop):
    """`leading` says for each service's namespace and name which addresses it leads to."""

    def __init__(self, cluster, kubelet):
        super().__init__(cluster)
        self.kubelet = kubelet
        self.leading = {}

    def _pass(self):
        found = {(it["metadata"]["namespace"], it["metadata"]["name"]): (it, self.kubelet.serving(it))
                 for it in self._list("/api/v1/services") if it["spec"].get("selector")}
        leading = {key: [pod.network.address for pod in pods] for key, (_, pods) in found.items()}
        if leading != self.leading:
            self._lead(found, leading)

    @staticmethod
    def ports(service, pods):
        """Of the service, each with the port of the pods behind it."""
        def target(port):
            wanted = port.get("targetPort", port["port"])
            if isinstance(wanted, int):
                return wanted
            return next(it["containerPort"] for container in pods[0].item["spec"]["containers"]
                        for it in container.get("ports", []) if it.get("name") == wanted)
        return [(it, target(it)) for it in service["spec"]["ports"]] if pods else []


class ToldRoutes(Routes):
    """The API server in memory has no network of services; it is told of one pod for each, the newest."""

    def _lead(self, found, leading):
        self.cluster.control("services", {
            f"{namespace}/{name}:{port['port']}": f"https://{pods[-1].network.address}:{target}"
            for (namespace, name), (service, pods) in found.items() for port, target in self.ports(service, pods)})
        self.leading = leading


class Endpoints(Routes):
    """As Endpoints and, for servers that ask those, as EndpointSlices."""

    def _lead(self, found, leading):
        for key, (service, pods) in found.items():
            if self.leading.get(key) != leading[key] and self._write(*key, leading[key], self.ports(service, pods)):
                self.leading = {**self.leading, key: leading[key]}
        self.leading = {key: it for key, it in self.leading.items() if key in leading}

    def _write(self, namespace, name, addresses, ports):
        ports = [{"name": it.get("name", ""), "protocol": "TCP", "port": target} for it, target in ports]
        subsets = [{"addresses": [{"ip": it} for it in addresses], "ports": ports}] if addresses else []
        done = [
            self._apply(f"/api/v1/namespaces/{namespace}/endpoints/{name}", {
                "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": name}, "subsets": subsets}),
            self._apply(f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/{name}", {
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "ports": ports,
                "metadata": {"name": name, "labels": {"kubernetes.io/service-name": name}},
                "endpoints": [{"addresses": [it], "conditions": {"ready": True}} for it in addresses]})]
        return all(status in (200, 201, 404) for status in done)

    def _apply(self, path, body):
        return self.cluster.request(
            "PATCH", f"{path}?fieldManager=endpoints&force=true", body, "application/apply-patch+yaml")[0]
