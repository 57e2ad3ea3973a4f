"""The case Weir was made for: last night's migration, run with the service account of somebody long gone."""

import concurrent.futures
import json

from .transcript import psql_line

#: Who the run is, by the prefix that Manifests/demo gives the provider's tokens.
REPOSITORY, RUN, STARTED_BY = "clinic/migrations", "4711", "ana"
JOB = "ci:clinic-migrations"

MIGRATION = """\\set ON_ERROR_STOP 0
SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1;
CREATE TABLE appointment_reminders (visit_id int PRIMARY KEY REFERENCES visits, sent_at timestamptz);
\\echo debug: what do the rows look like?
SELECT * FROM patients WHERE id <= 2;
ALTER TABLE patients DROP COLUMN ssn;
DROP TABLE schema_migrations;
INSERT INTO schema_migrations (version) VALUES ('2026-11-23-reminders');
"""

#: Seconds until the job must be done.
PATIENCE = 600


def stale_credential(world):
    """What the job has been run with until now."""
    told = world.transcript
    told.chapter("The nightly migration: the old credential")
    told.say("""A contractor left in spring; the job still carries the account made for them. Its password is right for
        nothing any more: the account is not among the gateway's users.""")
    done = world.psql(world.stage.gateways[0].endpoint("svc-migrations", "spring-2026"), "-c", "SELECT 1")
    told.check("the stale credential is refused", not done.went_well and "authentication failed" in done.text)


def nightly_migration(world):
    """A run with its own identity, statements that wait for a person, and a clean job log."""
    told = world.transcript
    told.chapter("The nightly migration: an identity for each run")
    world.provider.user(JOB.removeprefix("ci:"), repository=REPOSITORY, ref="refs/heads/main", run_id=RUN,
                        actor=STARTED_BY)
    token = world.provider.token(JOB.removeprefix("ci:"))
    told.say(f"""The job's CI gives each run a token that says which repository, branch and run it is, signed by an
        OpenID provider: here oidc-provider-mock at {world.provider.url}. The job shows it in place of a password,
        and holds nothing else.""")
    endpoint = world.stage.gateways[0].endpoint("migrations", token)
    with concurrent.futures.ThreadPoolExecutor() as alongside:
        job = alongside.submit(endpoint.psql, "-a", "-f", "-", stdin=MIGRATION, merged=True, timeout=PATIENCE)
        dropped = world.operator.pending()[0]["metadata"]["name"]
        told.say(f"""It runs until it would change the schema. That statement is held: the job's connection waits, its
            transaction untouched, for somebody who may decide. {STARTED_BY} started the run.""")
        shown = world.approvals("ben", "list")
        told.check("the request names who asks", JOB in shown.text and dropped in shown.text)
        shown = world.approvals("ben", "show", dropped)
        told.check("and the statement, and the run", "ALTER TABLE patients DROP COLUMN ssn" in shown.text
                   and f"run={RUN}" in shown.text)
        refused = world.approvals(STARTED_BY, "approve", dropped, "--reason", "I know what I am doing")
        told.check("who started the run cannot approve it", not refused.went_well and "themselves" in refused.text)
        told.check("and the column is still there",
                   world.direct.value("SELECT count(ssn) FROM patients") == "10000")
        approved = world.approvals("ben", "approve", dropped, "--reason", "CHG-2041, backup taken")
        told.check("a second person approves", approved.went_well)
        told.say("The job goes on, and comes to a statement that has no business in it.")
        denied = world.operator.pending(besides=[dropped])[0]["metadata"]["name"]
        world.approvals("ben", "deny", denied, "--reason", "not part of the change")
        log = job.result().stdout
    told.say("This is what the job has printed:")
    told.show(psql_line(endpoint, "-a", "-f", "migration.sql"), log)
    told.check("what was approved is done",
               world.direct.value("SELECT count(*) FROM information_schema.columns WHERE table_name = 'patients'"
                                  " AND column_name = 'ssn'") == "0")
    told.check("what was denied is not, and says why", "not part of the change" in log
               and world.direct.value("SELECT count(*) FROM schema_migrations") == "2")
    told.check("what nobody has to be asked about is done as well",
               world.direct.value("SELECT to_regclass('appointment_reminders')") == "appointment_reminders")
    told.check("no patient's name, number or address stands in the job's log", not world.secrets_in(log))
    told.check("nor does its token", token not in log)


def wrong_tokens(world):
    """Tokens of the same provider, for something else."""
    told = world.transcript
    told.chapter("What does not open the door")
    forged = world.provider.token(JOB.removeprefix("ci:"), client="payroll")
    done = world.psql(world.stage.gateways[0].endpoint("migrations", forged), "-c", "SELECT 1")
    told.check("a token meant for another service is refused", not done.went_well and "somebody else" in done.text)
    world.provider.user("clinic-payroll", repository="clinic/payroll", ref="refs/heads/main", run_id="1")
    other = world.provider.token("clinic-payroll")
    done = world.psql(world.stage.gateways[0].endpoint("migrations", other), "-c", "SELECT 1")
    told.check("and so is another repository's", not done.went_well and "repository" in done.text)


def attribution(world):
    """Who it was, in the records."""
    told = world.transcript
    told.chapter("Who it was")
    session = world.stage.session_of(JOB)
    sessions = world.weirctl("sessions", "list", "--limit", "5", "--sink", world.stage.sink_url)
    told.check("the audit log names the run, not \"service account\"", JOB in sessions.text)
    told.check("and the refused log-in of the stale account", "svc-migrations" in sessions.text)
    listed = world.stage.weirctl("sessions", "list", "--subject", JOB, "--sink", world.stage.sink_url, "-o", "json")
    attributes = next(it for it in json.loads(listed.stdout) if it["session"] == session)["attributes"]
    told.check("with repository and run", {f"repository={REPOSITORY}", f"run={RUN}"} <= set(attributes))
