"""A throwaway PostgreSQL server."""

import dataclasses
import glob
import os
import pathlib
import re
import secrets
import shutil
import signal
import subprocess
import time

from .process import ROOT, Failure, Process, free_port, wait_until

#: The tables and rows of a clinic, as its owner makes them.
CLINIC_SQL = (ROOT / "Scripts" / "stage" / "clinic.sql").read_text()

#: Nothing here outlives the stage, so nothing is written to disk for good; and nothing happens by itself, so that who
#: looks twice sees the same sizes and statistics.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "700",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "log_min_messages": "warning",
    "autovacuum": "off",
}


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """Where a PostgreSQL client connects, and as whom."""

    host: str
    port: int
    user: str
    password: str
    database: str

    def environment(self, **more):
        """The variables libpq and asyncpg read."""
        return {
            **os.environ, "PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": self.user,
            "PGPASSWORD": self.password, "PGDATABASE": self.database, "PGCONNECT_TIMEOUT": "20",
            "PSQL_PAGER": "", "PSQLRC": "/dev/null", "PSQL_HISTORY": "/dev/null", **more,
        }

    def run(self, command, stdin=None, timeout=120, merged=False, **more):
        """Runs a client program against this endpoint; returns what `subprocess.run` does, output as text.

        With `merged`, errors stand in the output where they happened.
        """
        return subprocess.run(
            command, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE, text=True, errors="replace", timeout=timeout,
            env=self.environment(**more),
        )

    def psql(self, *arguments, **more):
        """Runs psql without anybody's start file."""
        return self.run(["psql", "-X", *arguments], **more)

    def value(self, sql):
        """The one value a statement returns, as text; raises when it fails."""
        done = self.psql("-At", "-v", "ON_ERROR_STOP=1", "-c", sql)
        if done.returncode != 0:
            raise Failure(f"{sql}\n{done.stderr}")
        return done.stdout.strip()

    def script(self, text):
        """Runs a script of statements; raises when one fails."""
        done = self.psql("-q", "-v", "ON_ERROR_STOP=1", "-f", "-", stdin=text, timeout=600)
        if done.returncode != 0:
            raise Failure(done.stderr)


@dataclasses.dataclass(frozen=True)
class Installation:
    """The programs of one major version, servers and clients."""

    programs: pathlib.Path
    #: What the programs need beside the system's libraries.
    libraries: pathlib.Path | None = None

    @property
    def environment(self):
        """The variables under which the bare names of programs mean these."""
        own = {"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {}
        return {"PATH": f"{self.programs}:{os.environ['PATH']}", **own}


def installation(version=None):
    """Debian's own when it is of that major version, or the newest when any will do; else what was fetched."""
    found = {int(re.search(r"/(\d+)/bin", path)[1]): pathlib.Path(path).parent
             for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")}
    if version is None and not found:
        raise Failure("no PostgreSQL server is installed: run `make deps`")
    if version is None or version in found:
        return Installation(found[version or max(found)])
    fetched = ROOT / ".cache" / "postgresql" / str(version)
    if not (fetched / "bin").exists():
        raise Failure(f"no PostgreSQL {version} is there: run `Scripts/postgresql-versions {version}`")
    return Installation(fetched / "bin", fetched / "lib")


class PostgreSQL:
    """A server of its own data folder under `folder`, listening on loopback alone.

    The server refuses to run as root, so root runs it as `postgres`. With `trust`, connections from loopback need
    no password: some attacks make the server connect to itself, and its own password check must not be what stops them.
    With `template`, a stopped server of the same kind, the cluster is a copy of that one's, its passwords too.
    """

    def __init__(self, folder, trust=False, settings=None, template=None, version=None):
        self.folder, self.trust, self.settings = pathlib.Path(folder), trust, {**SETTINGS, **(settings or {})}
        self.installation = template.installation if template else installation(version)
        self.port = free_port()
        self.template = template
        self.password = template.password if template else secrets.token_urlsafe(18)
        self.account = "postgres" if os.geteuid() == 0 else None
        self.process = None
        #: The installation as the account can reach it, once started.
        self.own = None

    def start(self):
        """Makes the cluster and starts the server."""
        self.folder.mkdir(parents=True)
        if self.account:
            shutil.chown(self.folder, self.account)
        self.own = self.runnable()
        if self.template:
            subprocess.run(["cp", "-a", self.template.folder / "data", self.folder / "data"], check=True)
        else:
            self.make_cluster(self.own)
        self.run()

    def runnable(self):
        """The installation where the account can reach it: a copy when the project's folder is closed to others."""
        programs = self.installation.programs
        if not self.account or all(folder.stat().st_mode & 0o001 for folder in programs.parents):
            return self.installation
        copy = self.folder / "installation"
        shutil.copytree(programs.parent, copy, symlinks=True)
        return Installation(copy / "bin", copy / "lib")

    def make_cluster(self, own):
        """initdb."""
        password_file = self.folder / "superuser"
        password_file.write_text(self.password + "\n")
        if self.account:
            shutil.chown(password_file, self.account)
        method = "trust" if self.trust else "scram-sha-256"
        done = subprocess.run(
            [own.programs / "initdb", "-D", self.folder / "data", "-U", "postgres", "-A", method, "--no-sync",
             f"--pwfile={password_file}", "-E", "UTF8", "--locale=C.UTF-8"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", env={**os.environ, **own.environment},
            **({"user": self.account, "group": self.account, "extra_groups": []} if self.account else {}),
        )
        password_file.unlink()
        if done.returncode != 0:
            raise Failure(f"initdb failed:\n{done.stdout}{done.stderr}")

    def run(self):
        """Starts the server on its cluster; again after a stop or a kill, too."""
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        self.process = Process(
            "PostgreSQL", [self.own.programs / "postgres", "-D", self.folder / "data", "-p", self.port, *options],
            self.folder.parent / "postgresql.log", port=self.port, user=self.account, environment=self.own.environment,
        )
        self.process.start(timeout=60)
        self.wait_until_ready()

    def wait_until_ready(self):
        """Returns when the server takes connections: it listens before it does."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            done = self.endpoint().psql("-At", "-c", "SELECT 1")
            if done.returncode == 0:
                return
            if not any(sign in done.stderr for sign in ("starting up", "in recovery mode", "not yet accepting")):
                raise Failure(f"PostgreSQL takes no connection: {done.stderr}")
        raise Failure("PostgreSQL keeps starting up")

    def reload(self):
        """Has the server read its files again; returns once new sessions are judged by them."""
        loaded = "SELECT pg_conf_load_time()"
        before = self.endpoint().value(loaded)
        self.endpoint().value("SELECT pg_reload_conf()")
        wait_until(lambda: self.endpoint().value(loaded) != before, "PostgreSQL does not read its files again")

    def stop(self):
        """Fast shutdown."""
        if self.process:
            self.process.stop(signal.SIGINT)

    def endpoint(self, database="postgres", user="postgres", password=None):
        """A way in around the gateway; as the superuser unless told otherwise."""
        return Endpoint("127.0.0.1", self.port, user, password or self.password, database)

    def ensure_database(self, name, owner="postgres"):
        """Creates the database where it is missing."""
        known = self.endpoint().value(f"SELECT count(*) FROM pg_database WHERE datname = '{name}'")
        if known == "0":
            self.endpoint().script(f'CREATE DATABASE "{name}" OWNER "{owner}"')

    def ensure_role(self, name, options=""):
        """Creates a role that can log in; returns its password."""
        password = secrets.token_urlsafe(18)
        self.endpoint().script(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}' {options}")
        return password

