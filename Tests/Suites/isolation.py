"""PostgreSQL's isolation tests: several sessions at once that wait for, deadlock with and cancel one another."""

from .debian import client_programs, postgresql_source
from .pgregress import DATABASE_SCRIPT, PgRegress
from .suite import Suite

#: The small part.
QUICK = """\
test: read-only-anomaly
test: deadlock-simple
test: nowait
test: skip-locked
test: async-notify
test: prepared-transactions
"""


class Isolation(Suite):
    name = "isolation"
    peers = "PostgreSQL's tests of sessions against one another, `src/test/isolation`"

    def prepare(self, work):
        self.source, self.version = postgresql_source(work)
        self.programs = client_programs(self.version, work)

    def databases(self):
        return ["isolation_regression"]

    def script(self):
        return DATABASE_SCRIPT

    def run(self, endpoint, work, quick):
        regress = PgRegress(
            "isolation/pg_isolation_regress", self.source / "src" / "test" / "isolation", self.programs, self.scratch)
        schedule = regress.inputs / "isolation_schedule"
        if quick:
            schedule.write_text(QUICK)
        else:
            # Left out of the schedule because a server without prepared transactions fails them: this one has them.
            with schedule.open("a") as lines:
                lines.write("test: prepared-transactions\ntest: prepared-transactions-cic\n")
        return regress.run(endpoint, f"--schedule={schedule}")
