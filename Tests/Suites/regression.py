"""PostgreSQL's regression suite, its parallel schedule, from the source package of the installed server."""

from .debian import client_programs, compile_module, postgresql_source
from .pgregress import DATABASE_SCRIPT, PgRegress
from .suite import Suite

#: The small part: what tests need comes before them.
QUICK = """\
test: test_setup
test: boolean strings numeric date
test: copy copyselect insert
test: create_misc create_table create_function_c create_aggregate
test: create_index
test: create_am triggers select constraints errors
test: select_into join aggregates transactions portals arrays namespace prepared_xacts
test: async psql guc portals_p2 advisory_lock
test: copy2 temp prepare plpgsql plancache largeobject returning with
"""


class Regression(Suite):
    name = "regression"
    peers = "PostgreSQL's own SQL tests, `src/test/regress`"

    def prepare(self, work):
        self.source, self.version = postgresql_source(work)
        self.programs = client_programs(self.version, work)
        self.modules = [
            compile_module(self.source / file, self.source / file.replace(".c", ".so"))
            for file in ("src/test/regress/regress.c", "contrib/spi/refint.c", "contrib/spi/autoinc.c")
        ]

    def databases(self):
        return ["regression"]

    def script(self):
        return DATABASE_SCRIPT

    def run(self, endpoint, work, quick):
        regress = PgRegress(
            "regress/pg_regress", self.source / "src" / "test" / "regress", self.programs, self.scratch, self.modules)
        schedule = regress.inputs / "parallel_schedule"
        if quick:
            schedule.write_text(QUICK)
        return regress.run(endpoint, f"--schedule={schedule}")
