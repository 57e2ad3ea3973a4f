"""libpq's pipeline test, a C program: every test of it, and the trace of messages of those that have one."""

import subprocess

from .debian import compile_client, postgresql_source
from .suite import Outcome, Suite

#: As in the program's own test script.
ROWS = 700

#: Seconds until a test counts as stuck.
LIMIT = 60


class LibpqPipeline(Suite):
    name = "libpq_pipeline"
    peers = "libpq's test of pipelines, `src/test/modules/libpq_pipeline`, its traces compared"

    def prepare(self, work):
        source, self.version = postgresql_source(work)
        self.folder = source / "src" / "test" / "modules" / "libpq_pipeline"
        self.program = compile_client(self.folder / "libpq_pipeline.c", self.folder / "libpq_pipeline")

    def run(self, endpoint, work, quick):
        outcomes = {}
        for test in endpoint.run([str(self.program), "tests"]).stdout.split():
            trace = self.scratch / f"{test}.trace"
            expected = self.folder / "traces" / f"{test}.trace"
            command = [self.program, "-r", ROWS, *(["-t", trace] if expected.exists() else []), test]
            try:
                done = endpoint.run(
                    [*map(str, command), f"dbname={endpoint.database}"], timeout=LIMIT, merged=True)
            except subprocess.TimeoutExpired:
                outcomes[test] = Outcome("failed", f"stuck for {LIMIT} s")
                continue
            outcomes[test] = Outcome("passed" if done.returncode == 0 else "failed", done.stdout[-2000:])
            if expected.exists():
                found = trace.read_text() if trace.exists() else ""
                same = found == expected.read_text()
                outcomes[f"{test} trace"] = Outcome("passed" if same else "failed", output=found)
        return outcomes
