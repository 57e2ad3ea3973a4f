"""Several PostgreSQL servers of one cluster, and gateways in front of them."""

import os
import re
import secrets
import shutil
import subprocess
import time

from stage.postgresql import PostgreSQL
from stage.process import ROOT

MANIFEST = (ROOT / "Tests" / "IntegrationTests" / "manifests" / "clinic.yaml").read_text()


class Standby(PostgreSQL):
    """A hot standby of a primary that runs; passwords are the primary's."""

    def __init__(self, folder, primary, settings=None):
        super().__init__(folder, settings={**primary.settings, **(settings or {})})
        self.primary, self.password, self.installation = primary, primary.password, primary.installation

    def make_cluster(self, own):
        """pg_basebackup."""
        primary = f"host=127.0.0.1 port={self.primary.port} user=postgres password={self.password}"
        subprocess.run(
            [own.programs / "pg_basebackup", "-D", self.folder / "data", "-R", "-c", "fast", "-X", "stream",
             "-d", primary], check=True, capture_output=True, cwd="/", env={**os.environ, **own.environment},
            **({"user": self.account, "group": self.account, "extra_groups": []} if self.account else {}))

    def promote(self):
        """Makes a primary of it."""
        assert self.endpoint().value("SELECT pg_promote(true, 60)") == "t"


def through(stage, upstream, name=None, options=(), users=("tester",), credential=None, listen=None, start=True):
    """A gateway whose `upstream` is this text, for superusers of the cluster unless another credential is given."""
    name = name or f"gateway-{secrets.token_hex(3)}"
    folder = stage.folder / f"{name}-manifests"
    folder.mkdir()
    text = re.sub(r"(?m)^  upstream: .*$", lambda _: f"  upstream: {upstream}", MANIFEST, count=1)
    if listen:
        text = text.replace("listen: {port: 15432}", f"listen: {listen}")
    (folder / "clinic.yaml").write_text(text)
    gateway = stage.gateway(folder, name=name, users=list(users), options=options, credential=credential)
    if start:
        gateway.start()
    return gateway


def hosts(*ports, **fields):
    """The text of an `upstream` with these ports of 127.0.0.1; further fields as they are written."""
    listed = ", ".join(f"{{host: 127.0.0.1, port: {port}}}" for port in ports)
    fields = {"tls": "{mode: Disable}", **fields}
    return f"{{hosts: [{listed}], database: clinic, " + ", ".join(f"{k}: {v}" for k, v in fields.items()) + "}"


def one_host(**fields):
    """The text of an `upstream` at the stage's own server."""
    return "{host: 127.0.0.1, port: 5432, database: clinic, " + ", ".join(f"{k}: {v}" for k, v in fields.items()) + "}"


def eventually(condition, message, timeout=60):
    """Waits until the condition holds; returns what it gave. The message may be a function that makes it."""
    deadline = time.monotonic() + timeout
    while not (found := condition()):
        assert time.monotonic() < deadline, message() if callable(message) else message
        time.sleep(0.05)
    return found


def authority(folder, name, key="ec:prime256v1"):
    """A certificate authority of its own."""
    openssl(folder, "req", "-x509", *new_key(key), "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.crt")


def certificate(folder, issuer, name, alternatives, key="ec:prime256v1", digest="-sha256", common=None, options=()):
    """A key and a certificate of the authority's; `alternatives` as in `DNS:a.example,IP:127.0.0.1`."""
    openssl(folder, "req", *new_key(key), "-nodes", "-subj", f"/CN={common or name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    (folder / f"{name}.ext").write_text(f"subjectAltName={alternatives}\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.crt", "-CAkey", f"{issuer}.key",
            "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", *([digest] if digest else []), *options,
            "-out", f"{name}.crt")


def new_key(kind):
    """What `openssl req` takes for a new key: `ec:CURVE`, `rsa:BITS` or the name of another algorithm."""
    algorithm, _, size = kind.partition(":")
    if algorithm == "ec":
        return ["-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{size}"]
    return ["-newkey", f"rsa:{size}" if algorithm == "rsa" else algorithm]


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)


def give_to_server(server, *files):
    """Files that the server reads are its own user's."""
    for file in files:
        if server.account:
            shutil.chown(file, server.account)
        file.chmod(0o600)
