"""What the suites run on: a fresh PostgreSQL for every run, and the gateway of the mode before it."""

import contextlib
import pathlib
import shutil
import tempfile

from stage.postgresql import PostgreSQL
from stage.stage import Stage

HERE = pathlib.Path(__file__).resolve().parent

#: How a suite reaches the database; all but the first through the gateway, with the manifests of that name.
MODES = ("direct", "transparent", "unrelated")

#: The role of both ways in. The database's name for the session is then the user's name at the gateway as well.
USER = "postgres"

#: Beyond the stage's own: what suites ask for of the server they run against.
SETTINGS = {
    "max_connections": "200",
    "max_prepared_transactions": "20",
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "wal_level": "logical",
    "log_min_messages": "fatal",
    "shared_buffers": "128MB",
    "autovacuum": "off",
}


class Ground:
    """One cluster, made once with the unrelated table in `template1`; each run gets a copy of it.

    So every run begins with the same object identifiers, statistics and files. Use as a context manager.
    """

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-suites-"))
        self.folder.chmod(0o755)
        self.scratch = self.folder / "scratch"
        self.template = PostgreSQL(self.folder / "template")
        self.template.start()
        self.template.endpoint("template1").script((HERE / "unrelated.sql").read_text())
        self.template.stop()
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def endpoint(self, suite, mode):
        """A fresh server with the suite's databases, reached in the given mode."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()
        self.scratch.chmod(0o777)
        suite.scratch = self.scratch
        with Stage(settings={**SETTINGS, **suite.settings()}, template=self.template) as stage:
            stage.start_postgresql()
            databases = suite.databases()
            for database in databases:
                stage.postgresql.ensure_database(database)
                stage.postgresql.endpoint(database).script(suite.script())
            if mode == "direct":
                yield stage.postgresql.endpoint(databases[0])
                return
            stage.start_sink()
            gateway = stage.add_gateway(HERE / "manifests" / mode, users={USER: stage.postgresql.password})
            yield gateway.endpoint(USER, database=databases[0])
            if gateway.process.handle.poll() is not None:
                raise RuntimeError(f"the gateway ended during {suite.name}:\n{gateway.process.tail()}")
