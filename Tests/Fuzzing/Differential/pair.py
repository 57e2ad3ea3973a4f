"""Two stages alike to the last object identifier, whose databases differ in governed values alone."""

import pathlib
import tempfile

from dealing import deal
from values import SIDES
from wire import Wire, error, fields, query, rows

from stage.postgresql import PostgreSQL
from stage.stage import Stage

HERE = pathlib.Path(__file__).resolve().parent

#: Nothing happens by itself, so that both servers hand out the same identifiers and rows in the same order.
SETTINGS = {
    "autovacuum": "off", "statement_timeout": "20s", "jit": "off", "max_connections": "40", "shared_buffers": "64MB",
    "wal_level": "minimal", "max_wal_senders": "0", "max_parallel_workers_per_gather": "0"
}

#: Equal values have equal pseudonyms on both sides, in every run.
MASK_KEY = "0123456789abcdef" * 4


class Pair:
    """Use as a context manager; each list has one entry for each side."""
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="weir-pair-")
        pathlib.Path(self.folder.name).chmod(0o755)
        self.stages, self.gateways, self.owners = [], [], []

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.close()
            raise
        return self

    def begin(self):
        mould = PostgreSQL(pathlib.Path(self.folder.name) / "mould", settings=SETTINGS)
        mould.start()
        try:
            mould.ensure_database("ward")
            mould.endpoint("ward").script((HERE / "schema.sql").read_text())
        finally:
            mould.stop()
        for _ in SIDES:
            stage = Stage(settings=SETTINGS, template=mould)
            self.stages.append(stage)
            stage.start_postgresql()
            gateway = stage.gateway(HERE / "manifests", users=["tester"])
            gateway.write_secret("mask-key", "key", MASK_KEY)
            gateway.start()
            self.gateways.append(gateway)
        self.owners = [Wire(stage.postgresql.endpoint("ward")) for stage in self.stages]

    def __exit__(self, *_):
        self.close()

    def close(self):
        for owner in self.owners:
            owner.close()
        # They would wait for a sink to take the rest of the log.
        for gateway in self.gateways:
            gateway.process.kill()
        for stage in self.stages:
            stage.close()
        self.folder.cleanup()

    def connect(self):
        """A session through each gateway."""
        return [Wire(gateway.endpoint()) for gateway in self.gateways]

    def connect_around(self):
        """A session with each database itself."""
        return [Wire(stage.postgresql.endpoint("ward")) for stage in self.stages]

    def change(self, *scripts):
        """Runs a script on each side around the gateway, the same one when there is but one."""
        scripts = scripts if len(scripts) == len(SIDES) else scripts * len(SIDES)
        for owner, script in zip(self.owners, scripts):
            owner.send(query(script))
        for owner, script in zip(self.owners, scripts):
            answer = owner.until(b"Z")
            if error(answer) is not None:
                raise RuntimeError(f"{script}: {[fields(body) for kind, body in answer if kind == b'E']}")

    def align(self):
        """Has both servers hand out the same identifiers from now on, whatever was made on one of them alone."""
        newest = [int(rows(owner.ask(query("SELECT lo_create(0)")))[0][0]) for owner in self.owners]
        for owner, number in zip(self.owners, newest):
            missing = max(newest) - number
            owner.ask(query(f"SELECT lo_unlink({number}), (SELECT count(lo_unlink(lo_create(0)))"
                            f" FROM generate_series(1, {missing}))"))

    def deal(self, random, is_ascii):
        """New rows on both sides."""
        self.change(*deal(random, is_ascii))
