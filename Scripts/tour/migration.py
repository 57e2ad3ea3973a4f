"""The case Weir was made for: last night's migration, run with the service account of somebody long gone."""

from stage.process import ROOT

JOB = "ci/clinic-api/nightly-migration"

MIGRATION = """\\set ON_ERROR_STOP 0
SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1;
CREATE TABLE appointment_reminders (visit_id int PRIMARY KEY REFERENCES visits, sent_at timestamptz);
\\echo debug: what do the rows look like?
SELECT * FROM patients WHERE id <= 2;
ALTER TABLE patients DROP COLUMN ssn;
DROP TABLE schema_migrations;
INSERT INTO schema_migrations (version) VALUES ('2026-11-23-reminders');
"""


def nightly_migration(world):
    """A stale credential, a run with its own identity, statements that wait for a person, and a clean job log."""
    told = world.transcript
    told.chapter("The nightly migration")
    told.say("""A contractor left in spring; the job still carries the account made for them. Its password is right for
        nothing any more: the account is not among the gateway's users.""")
    done = world.psql(world.stage.gateways[0].endpoint("svc-migrations", "spring-2026"), "-c", "SELECT 1")
    told.check("the stale credential is refused", not done.went_well and "authentication failed" in done.text)

    sidecar = world.stage.add_gateway(
        ROOT / "Manifests" / "demo", name="ci-sidecar", credential=(world.direct.user, world.direct.password),
        options=["--workload-identity", JOB, "--workload-groups", "ci"])
    told.say(f"""The job of today has a gateway of its own beside it, which was started for this run and knows it as
        "{JOB}". The job needs no password and holds none.""")
    job = sidecar.endpoint("migrations")
    log = world.psql(job, "-a", "-f", "-", stdin=MIGRATION).text
    told.check("what the migration may do is done",
               world.direct.value("SELECT to_regclass('appointment_reminders')") == "appointment_reminders"
               and world.direct.value("SELECT count(*) FROM schema_migrations") == "2")
    told.check("dropping a governed column is not carried out",
               "schema-changes" in log and world.direct.value("SELECT count(ssn) FROM patients") == "10000")
    told.check("dropping a table needs approval, and without an operator nobody can be asked",
               log.count("approval required by ApprovalRule/schema-changes") == 1)
    told.check("no patient's name, number or address stands in the job's log", not world.secrets_in(log))
    world.stage.session_of(JOB)
    sessions = world.weirctl("sessions", "list", "--limit", "3", "--sink", world.stage.sink_url)
    told.check("the audit log names the run, not \"service account\"", JOB in sessions.text)
    told.check("and the refused log-in of the stale account", "svc-migrations" in sessions.text)
