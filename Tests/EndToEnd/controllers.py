"""The controllers that make pods of Deployments, StatefulSets and Jobs, in miniature: one pass after another."""

import secrets
import time

from control_loop import ControlLoop

OWNED = "/apis/{group}/v1/namespaces/{namespace}/{plural}"


class Controllers(ControlLoop):
    """Deployments are rolled with one pod more than wanted and none less."""

    INTERVAL = 0.15

    def __init__(self, cluster):
        super().__init__(cluster)
        self.refusals = []

    def _pass(self):
        for deployment in self._list("/apis/apps/v1/deployments"):
            self._deployment(deployment)
        for stateful_set in self._list("/apis/apps/v1/statefulsets"):
            self._stateful_set(stateful_set)
        for job in self._list("/apis/batch/v1/jobs"):
            self._job(job)

    def _owned(self, path, owner):
        return [it for it in self._list(path)
                if any(ref["uid"] == owner["metadata"]["uid"] for ref in it["metadata"].get("ownerReferences", []))]

    # Deployments, by way of a ReplicaSet for each template

    def _deployment(self, deployment):
        namespace = deployment["metadata"]["namespace"]
        path = OWNED.format(group="apps", namespace=namespace, plural="replicasets")
        sets = self._owned(path, deployment)
        template = deployment["spec"]["template"]
        current = next((it for it in sets if self._template(it) == template), None)
        if current is None:
            suffix = secrets.token_hex(4)
            labelled = {**template, "metadata": {**template.get("metadata", {}), "labels": {
                **template["metadata"].get("labels", {}), "pod-template-hash": suffix}}}
            self._create(path, "apps/v1", "ReplicaSet", f"{deployment['metadata']['name']}-{suffix}", deployment, {
                "replicas": deployment["spec"].get("replicas", 1), "selector": deployment["spec"]["selector"],
                "template": labelled})
            return
        wanted = deployment["spec"].get("replicas", 1)
        ready = self._replicas(current, wanted)
        old = [it for it in sets if it is not current]
        if ready >= wanted:
            for it in old:
                self._replicas(it, 0)
                self.cluster.request("DELETE", f"{path}/{it['metadata']['name']}")
        self._status("deployments", deployment, wanted, ready)

    @staticmethod
    def _template(replica_set):
        """As the Deployment wrote it."""
        template = replica_set["spec"]["template"]
        labels = {key: value for key, value in template["metadata"]["labels"].items() if key != "pod-template-hash"}
        return {**template, "metadata": {**template["metadata"], "labels": labels}}

    def _replicas(self, replica_set, wanted):
        """Makes or removes pods; how many are ready."""
        namespace = replica_set["metadata"]["namespace"]
        path = f"/api/v1/namespaces/{namespace}/pods"
        pods = [it for it in self._owned(path, replica_set) if "deletionTimestamp" not in it["metadata"]]
        for _ in range(wanted - len(pods)):
            name = f"{replica_set['metadata']['name']}-{secrets.token_hex(3)[:5]}"
            self._pod(path, name, replica_set, "ReplicaSet", replica_set["spec"]["template"])
        for pod in pods[wanted:]:
            self.cluster.request("DELETE", f"{path}/{pod['metadata']['name']}")
        return sum(_is_ready(pod) for pod in pods[:wanted])

    # StatefulSets and Jobs

    def _stateful_set(self, stateful_set):
        namespace, name = stateful_set["metadata"]["namespace"], stateful_set["metadata"]["name"]
        path = f"/api/v1/namespaces/{namespace}/pods"
        template = stateful_set["spec"]["template"]
        claims = [{"name": it["metadata"]["name"], "persistentVolumeClaim": {"claimName": it["metadata"]["name"]}}
                  for it in stateful_set["spec"].get("volumeClaimTemplates", [])]
        template = {**template, "spec": {**template["spec"], "volumes": template["spec"].get("volumes", []) + claims}}
        pods = {it["metadata"]["name"]: it for it in self._owned(path, stateful_set)}
        wanted = stateful_set["spec"].get("replicas", 1)
        for number in range(wanted):
            if f"{name}-{number}" not in pods:
                self._pod(path, f"{name}-{number}", stateful_set, "StatefulSet", template)
                break
        for pod_name in sorted(pods)[wanted:]:
            self.cluster.request("DELETE", f"{path}/{pod_name}")
        self._status("statefulsets", stateful_set, wanted, sum(_is_ready(pod) for pod in pods.values()))

    def _job(self, job):
        namespace, name = job["metadata"]["namespace"], job["metadata"]["name"]
        path = f"/api/v1/namespaces/{namespace}/pods"
        pods = self._owned(path, job)
        if not pods:
            self._pod(path, f"{name}-{secrets.token_hex(3)[:5]}", job, "Job", job["spec"]["template"], group="batch")
        elif pods[0].get("status", {}).get("phase") == "Succeeded" and not job.get("status", {}).get("succeeded"):
            self.cluster.request(
                "PATCH", f"/apis/batch/v1/namespaces/{namespace}/jobs/{name}/status",
                {"status": {
                    "succeeded": 1, "startTime": _now(), "completionTime": _now(), "conditions": [
                        {"type": kind, "status": "True"} for kind in ("SuccessCriteriaMet", "Complete")]}},
                "application/merge-patch+json")

    # What they share

    def _create(self, path, version, kind, name, owner, spec):
        self.cluster.request("POST", path, {
            "apiVersion": version, "kind": kind, "spec": spec, "metadata": {
                "name": name, "labels": spec["template"]["metadata"].get("labels", {}),
                "ownerReferences": [_reference(owner, "apps/v1", "Deployment")]}})

    def _pod(self, path, name, owner, kind, template, group="apps"):
        metadata = template.get("metadata", {})
        status, _, answer = self.cluster.request("POST", path, {
            "apiVersion": "v1", "kind": "Pod", "spec": template["spec"], "metadata": {
                "name": name, "labels": metadata.get("labels", {}), "annotations": metadata.get("annotations", {}),
                "ownerReferences": [_reference(owner, f"{group}/v1", kind)]}})
        if status != 201:
            message = answer.get("message", answer) if isinstance(answer, dict) else answer
            if not self.refusals or self.refusals[-1] != message:
                self.refusals.append(message)

    def _status(self, plural, item, wanted, ready):
        generation = item["metadata"].get("generation", 1)
        status = {"observedGeneration": generation, "replicas": wanted, "updatedReplicas": wanted,
                  "readyReplicas": ready, "availableReplicas": ready}
        if plural == "deployments":
            status["conditions"] = [{"type": "Available", "status": "True" if ready >= wanted else "False"}]
        known = item.get("status", {})
        if {key: known.get(key) for key in status} != status:
            metadata = item["metadata"]
            self.cluster.request(
                "PATCH", f"/apis/apps/v1/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}/status",
                {"status": status}, "application/merge-patch+json")


def _now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _reference(owner, version, kind):
    metadata = owner["metadata"]
    return {"apiVersion": version, "kind": kind, "name": metadata["name"], "uid": metadata["uid"], "controller": True}


def _is_ready(pod):
    return any(it["type"] == "Ready" and it["status"] == "True"
               for it in pod.get("status", {}).get("conditions", []))
