"""The stage itself: a database, a sink and a gateway that know each other, in one folder that goes when they do."""

import json
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import time

from .manifests import stage_manifests
from .postgresql import Endpoint, PostgreSQL
from .process import Failure, Process, free_port, program

#: The secret whose keys are the gateway's own users.
USERS_SECRET = "gateway-users"


class Gateway:
    """A gateway process of a stage: its own manifests, data folder and users, so that a stage can have several."""

    def __init__(self, stage, name, manifests, users=(), options=(), credential=None):
        self.stage, self.name = stage, name
        self.folder = stage.folder / name
        self.data, self.manifests, self.secrets = (self.folder / part for part in ("data", "manifests", "secrets"))
        for folder in (self.data, self.secrets):
            folder.mkdir(parents=True)
        self.connections, keys = stage_manifests(manifests, self.manifests, "127.0.0.1", stage.postgresql.port)
        # A mapping names the passwords, too.
        self.users = dict(users) if isinstance(users, dict) else {user: secrets.token_urlsafe(18) for user in users}
        for user, password in self.users.items():
            self.write_secret(USERS_SECRET, user, password)
        username, password = credential or ("postgres", stage.postgresql.password)
        for connection in self.connections:
            if connection.database:
                stage.postgresql.ensure_database(connection.database)
            self.write_secret(connection.secret, connection.username_key, username)
            self.write_secret(connection.secret, connection.password_key, password)
        for secret, key in keys:
            self.write_secret(secret, key, secrets.token_hex(32))
        command = [
            program("weir-gateway"), "run", "--name", name, "--manifests", self.manifests, "--namespace", "default",
            "--secrets", self.secrets, "--data", self.data, "--sink", stage.sink_url,
            *(["--users", USERS_SECRET] if users else []), *options,
        ]
        self.process = Process(f"weir-gateway {name}", command, self.log, port=self.connections[0].port)

    @property
    def log(self):
        return self.stage.folder / f"{self.name}.log"

    @property
    def records(self):
        """The folder of its audit log."""
        return self.data / "spool"

    @property
    def port(self):
        """Where the first connection listens."""
        return self.connections[0].port

    def write_secret(self, secret, key, text):
        """One key of a secret, as a mounted Secret shows it: a file without a line end."""
        file = self.secrets / secret / key
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)

    def start(self):
        return self.process.start()

    def endpoint(self, user=None, password=None, database=None):
        """A way in through this gateway, as its first user unless told otherwise."""
        user = user or next(iter(self.users), "anyone")
        password = self.users.get(user, "") if password is None else password
        return Endpoint("127.0.0.1", self.port, user, password, database or self.connections[0].database)


class Stage:
    """Use as a context manager: what it starts ends with it."""

    def __init__(self, trust=False, settings=None, template=None, version=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-stage-"))
        self.folder.chmod(0o755)
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        self.scratch.chmod(0o777)
        self.postgresql = PostgreSQL(self.folder / "postgresql", trust, settings, template, version)
        self.sink_port = free_port()
        self.sink_data = self.folder / "sink"
        self.sink = None
        self.gateways = []
        self.others = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def sink_url(self):
        return f"http://127.0.0.1:{self.sink_port}"

    def start_postgresql(self):
        self.postgresql.start()

    def start_sink(self):
        """Starts the audit sink; again after a kill, too."""
        self.sink_data.mkdir(exist_ok=True)
        self.sink = Process(
            "weir-audit-sink",
            [program("weir-audit-sink"), "run", "--data", self.sink_data, "--listen", f"127.0.0.1:{self.sink_port}"],
            self.folder / "sink.log", port=self.sink_port,
        )
        self.sink.start()

    def gateway(self, manifests, name="gateway", **more):
        """A gateway with a copy of the manifests, not started yet."""
        gateway = Gateway(self, name, manifests, **more)
        self.gateways.append(gateway)
        return gateway

    def add_gateway(self, manifests, name="gateway", **more):
        """Starts a gateway with a copy of the manifests."""
        gateway = self.gateway(manifests, name, **more)
        gateway.start()
        return gateway

    def add(self, other):
        """Starts something with a `process`, which ends with the stage."""
        self.others.append(other)
        other.process.start()
        return other

    def weirctl(self, *arguments, timeout=60):
        """Runs weirctl; the sink's address is added by the caller, as not every command has one."""
        return subprocess.run(
            [program("weirctl"), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=timeout, env={**os.environ, "NO_COLOR": "1"},
        )

    def session_of(self, subject, timeout=60, claiming=None):
        """The id of the newest session that a gateway of the stage began for the subject, once the sink has its end; of
        those that claimed the user, if one is given."""
        sources = [("--from", it.data) for it in self.gateways if it.records.exists()] + [("--sink", self.sink_url)]
        deadline = time.monotonic() + timeout
        while True:
            # In this order: a gateway forgets only what the sink has.
            told = [self.weirctl("sessions", "list", "--subject", subject, "-o", "json", *it) for it in sources]
            logs = [[it for it in json.loads(done.stdout or "[]") if claiming in (None, it["claimedUser"])]
                    for done in told]
            newest = max((it for log in logs for it in log), key=lambda it: it["started"], default=None)
            ended = [it["session"] for it in logs[-1] if it["state"] == "Ended"]
            if newest and newest["session"] in ended and all(done.returncode == 0 for done in told):
                return newest["session"]
            if time.monotonic() > deadline:
                raise Failure(f"the sink has no whole session of {subject}: {told}")
            time.sleep(0.1)

    def close(self):
        """Stops everything, in the reverse order of starting, and removes the folder."""
        for gateway in reversed(self.gateways):
            gateway.process.stop()
        for other in reversed(self.others):
            other.process.stop()
        if self.sink:
            self.sink.stop()
        self.postgresql.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


__all__ = ["Failure", "Gateway", "Stage"]
