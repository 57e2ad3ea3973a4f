"""An operator without a cluster, and people who decide."""

import json
import os
import secrets
import subprocess

from servers import eventually
from stage.process import Process, free_port, program


class LocalOperator:
    """`weir-operator serve` with a folder of manifests, a gateway's token and some people."""

    def __init__(self, folder, manifests, people=("ana", "ben"), groups=(), options=()):
        self.folder, self.port = folder, free_port()
        self.data, self.tokens = folder / "operator", folder / "tokens"
        for part in ("gateways", "people"):
            (self.tokens / part).mkdir(parents=True)
        self.gateway_token = self._token("gateways/gateway")
        for person in people:
            self._token(f"people/{person}")
        self.log = folder / "operator.log"
        self.process = Process(
            "weir-operator serve",
            [program("weir-operator"), "serve", "--manifests", manifests, "--data", self.data, "--tokens", self.tokens,
             "--port", self.port, *(part for group in groups for part in ("--group", group)), *options],
            self.log, port=self.port)

    def _token(self, name):
        file = self.tokens / name
        file.write_text(secrets.token_urlsafe(24))
        file.chmod(0o600)
        return file

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    @property
    def gateway_options(self):
        return ["--operator", self.url, "--operator-ca", self.data / "ca.crt", "--token", self.gateway_token]

    def weirctl(self, person, *arguments, token=None):
        """weirctl approvals as that person."""
        return self.run("approvals", *arguments, token=token or self.tokens / "people" / person)

    def run(self, *arguments, token):
        return subprocess.run(
            [program("weirctl"), *arguments, "--operator", self.url, "--operator-ca", self.data / "ca.crt",
             "--token-file", token],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, env={**os.environ, "NO_COLOR": "1"})

    def pending(self, count=1):
        """The requests that wait, once there are so many."""
        def waiting():
            done = self.weirctl("ana", "list", "-o", "json")
            assert done.returncode == 0, done.stderr
            items = json.loads(done.stdout)["items"]
            return items if len(items) >= count else None
        return eventually(waiting, "nobody asks for approval")

    def approve(self, person, request, *arguments):
        done = self.weirctl(person, "approve", request, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout
