"""Volumes of a pod as folders, as a kubelet makes them."""

import base64
import os
import shutil
import time


class Volumes:
    """What a pod mounts. Content that comes from the API server is put in place whole, by changing one link."""

    #: Seconds a token lasts unless its volume says otherwise.
    TOKEN_SECONDS = 3600

    def __init__(self, cluster, pod, folder, claims):
        """`claims`: where what outlives pods is."""
        self.cluster, self.pod, self.folder, self.claims = cluster, pod, folder, claims
        self.namespace = pod["metadata"]["namespace"]
        self.versions = {}
        self.tokens = {}

    def path(self, name):
        volume = next((it for it in self.pod["spec"].get("volumes", []) if it["name"] == name), {})
        claim = volume.get("persistentVolumeClaim")
        return self.claims / f"{self.namespace}.{claim['claimName']}" if claim else self.folder / name

    def refresh(self):
        """Makes what is missing, and takes up what has changed; False while something is not there yet."""
        return all([self._refresh(volume) for volume in self.pod["spec"].get("volumes", [])])

    def _refresh(self, volume):
        path = self.path(volume["name"])
        path.mkdir(parents=True, exist_ok=True)
        if "emptyDir" in volume or "persistentVolumeClaim" in volume:
            path.chmod(0o777)
            return True
        files = self._files(volume)
        if files is None:
            return False
        if self.versions.get(volume["name"]) != files:
            self._put(path, files)
            self.versions[volume["name"]] = files
        return True

    def _put(self, path, files):
        """As `AtomicWriter`: a folder with a name of the time, `..data` that leads to it, and links through that."""
        real = path / f"..{time.time_ns()}"
        for name, content in files.items():
            file = real / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            file.chmod(0o644)
        real.mkdir(exist_ok=True)
        old = os.readlink(path / "..data") if (path / "..data").is_symlink() else None
        (path / "..data_tmp").symlink_to(real.name)
        (path / "..data_tmp").rename(path / "..data")
        for first in {name.split("/")[0] for name in files}:
            if not (path / first).is_symlink():
                (path / first).symlink_to(f"..data/{first}")
        if old:
            shutil.rmtree(path / old, ignore_errors=True)

    def _files(self, volume):
        """Contents by path; None while a source is missing that is not optional."""
        if "projected" in volume:
            files = {}
            for source in volume["projected"]["sources"]:
                part = self._source(source)
                if part is None:
                    return None
                files.update(part)
            return files
        if "secret" in volume:
            return self._source({"secret": {**volume["secret"], "name": volume["secret"]["secretName"]}})
        return self._source(volume)

    def _source(self, source):
        (kind, spec), = ((key, source[key]) for key in source if key != "name")
        if kind == "serviceAccountToken":
            return {spec["path"]: self._token(spec)}
        if kind == "downwardAPI":
            return {item["path"]: str(self.field(item["fieldRef"]["fieldPath"])).encode() for item in spec["items"]}
        plural = {"configMap": "configmaps", "secret": "secrets"}[kind]
        status, _, found = self.cluster.get(f"/api/v1/namespaces/{self.namespace}/{plural}/{spec['name']}")
        if status != 200:
            return {} if spec.get("optional") else None
        data = {key: text.encode() for key, text in found.get("data", {}).items()}
        if kind == "secret":
            data = {key: base64.b64decode(text) for key, text in found.get("data", {}).items()}
        if "items" not in spec:
            return data
        if any(item["key"] not in data for item in spec["items"]):
            return {} if spec.get("optional") else None
        return {item["path"]: data[item["key"]] for item in spec["items"]}

    def _token(self, spec):
        """Renewed after four fifths of its time."""
        seconds = spec.get("expirationSeconds", self.TOKEN_SECONDS)
        key = spec["path"], spec.get("audience")
        token, since = self.tokens.get(key, (None, 0))
        if token is None or time.monotonic() - since > seconds * 0.8:
            token, since = self.request_token(spec.get("audience"), seconds), time.monotonic()
            self.tokens[key] = token, since
        return token

    def request_token(self, audience=None, seconds=TOKEN_SECONDS):
        metadata = self.pod["metadata"]
        bound = {"kind": "Pod", "apiVersion": "v1", "name": metadata["name"], "uid": metadata["uid"]}
        account = self.pod["spec"].get("serviceAccountName", "default")
        status, _, answer = self.cluster.request(
            "POST", f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{account}/token",
            {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {
                **({"audiences": [audience]} if audience else {}), "expirationSeconds": seconds,
                "boundObjectRef": bound}})
        assert status == 201, answer
        return answer["status"]["token"].encode()

    def field(self, path):
        """`metadata.name`, `status.podIP`, `metadata.labels['app']`."""
        if path.endswith("']"):
            path, _, key = path[:-2].partition("['")
            return self.field(path).get(key, "")
        value = self.pod
        for part in path.split("."):
            value = value.get(part, "")
        return value
