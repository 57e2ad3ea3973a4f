"""The chapters, in the order they are told."""

import re

from . import audit, migration

LOOK = "SELECT id, name, ssn, date_of_birth, zip FROM patients ORDER BY id LIMIT 6"

#: Ways to ask for what is governed in another shape, and what the first patient's row then tells.
DISGUISES = [
    ("put together", "SELECT id, 'x' || name AS ref, upper(name) AS id2 FROM patients WHERE id < 3",
     ("xKamond Bemondson", "KAMOND")),
    ("cut in pieces", "SELECT substr(ssn, 1, 6) AS a, right(ssn, 5) AS b FROM patients WHERE id < 3",
     ("937-14", "-7919")),
    ("encoded", "SELECT encode(convert_to(email, 'UTF8'), 'base64') AS x FROM patients WHERE id < 3",
     ("a2Ftb25kLmJl",)),
    ("the whole row at once", "SELECT p AS whole FROM (SELECT id, name, ssn FROM patients WHERE id < 3) p",
     ("Kamond", "937-14")),
    ("as JSON", "SELECT to_jsonb(p) AS document FROM (SELECT name, ssn FROM patients WHERE id < 3) p",
     ("Kamond", "937-14")),
    ("under another name, through a view and a CTE",
     "WITH q(x) AS (SELECT name FROM patient_directory WHERE id < 3) SELECT x AS id FROM q", ("Kamond", "Tutan")),
    ("in an array", "SELECT array(SELECT name FROM patients WHERE id < 3) AS names", ("Kamond", "Tutan")),
    ("beside something harmless",
     "SELECT drug FROM prescriptions WHERE id = 1 UNION ALL SELECT ssn FROM patients WHERE id = 1", ("937-14-7919",)),
]

#: Questions whose answers tell what a column holds without returning it.
ORACLES = [
    "SELECT count(*) FROM patients WHERE ssn LIKE '937%'",
    "SELECT id FROM patients ORDER BY name LIMIT 3",
    "SELECT insurer, count(DISTINCT date_of_birth) FROM patients GROUP BY insurer",
]

REPORT = """SELECT c.title, count(*) AS visits, round(avg(v.cost), 2) AS mean_cost, count(p.id) AS prescriptions
FROM visits v JOIN clinicians c ON c.id = v.clinician_id LEFT JOIN prescriptions p ON p.visit_id = v.id
WHERE v.visited_at >= '2026-03-01' GROUP BY c.title ORDER BY c.title"""


def opening(world):
    """What is running, and that its configuration is sound."""
    told = world.transcript
    told.chapter("A clinic, and a gateway in front of it")
    count = world.direct.value("SELECT count(*) FROM patients")
    told.say(f"""A throwaway PostgreSQL on port {world.direct.port} holds a synthetic clinic with {count} patients.
        A gateway on port {world.analyst.port} stands in front of it, configured by Manifests/demo; its records go to
        an audit sink at {world.stage.sink_url}. The database's password is known to the gateway alone: people log in
        to the gateway as themselves.""")
    done = world.weirctl("validate", world.stage.gateways[0].manifests)
    told.check("the manifests are valid", done.went_well)
    told.check("the analyst's password does not open the database itself", world.stage.postgresql.endpoint(
        "clinic", "analyst", world.analyst.password).psql("-c", "SELECT 1").returncode != 0)


def same_query(world):
    """The masks, side by side with the originals."""
    told = world.transcript
    told.chapter("The same query, direct and through Weir")
    told.say("What the manifests govern is masked, each column in its own way; what they do not is as it was.")
    left, right = world.both(LOOK)
    told.check("directly, names and numbers are in the clear", len(world.secrets_in(left.text)) == 12)
    told.check("through Weir, none of them is", right.went_well and not world.secrets_in(right.text))
    told.check("the identifiers agree", first_column(left.text) == first_column(right.text))
    told.check("of the number its last four digits are left", "*7919" in right.text)
    told.check("of the birth date its year is left", "1946-01-01" in right.text)
    told.say("The privacy office is excepted by the policy. It sees the same rows as they are.")
    clear = world.psql(world.privacy, "-c", LOOK)
    told.check("the privacy office reads what the database holds", clear.text == left.text)


def disguises(world):
    """Expressions, views and COPY over governed columns."""
    told = world.transcript
    told.chapter("Asking for the same in disguise")
    told.say("Masks follow a value through the whole statement: names and positions in the result decide nothing.")
    for what, sql, tells in DISGUISES:
        print(f"\n  -- {what}", end="")
        left, right = world.both(sql)
        told.check("what the left side tells, the right side does not",
                   all(tell in left.text for tell in tells) and not any(tell in right.text for tell in tells))
    told.say("COPY is not a way around it either, nor is a cursor.")
    copied = world.psql(world.analyst, "-c", "COPY (SELECT id, name, ssn FROM patients WHERE id < 4) TO STDOUT")
    told.check("COPY carries no name and no number", not world.secrets_in(copied.text))
    whole = world.analyst.psql("-c", "COPY patients TO STDOUT").stdout.splitlines()
    told.check("nor does COPY of all 10,000 rows", len(whole) == 10000
               and not world.secrets & {cell for line in whole for cell in line.split("\t")})
    cursor = world.psql(
        world.analyst, "-c", "BEGIN", "-c", "DECLARE c CURSOR FOR SELECT lower(name) FROM patients WHERE id < 4",
        "-c", "FETCH ALL c", "-c", "COMMIT")
    told.check("nor does a cursor", "kamond" not in cursor.text and "(3 rows)" in cursor.text)


def oracles(world):
    """Predicates over governed columns."""
    told = world.transcript
    told.chapter("Questions that would give it away")
    told.say("""A column one may not see may not be searched, sorted or counted by either: each answer would tell
        something of it. The error names the rule and a request id, no value.""")
    for sql in ORACLES:
        done = world.psql(world.analyst, "-v", "VERBOSITY=verbose", "-c", sql)
        told.check("refused with 42501", not done.went_well and "42501" in done.text)
    done = world.analyst.psql("-At", "-c", "SELECT count(*) FROM patients WHERE insurer = 'Mutual' AND id < 5000")
    told.check("a question about other columns of the same table is answered", done.stdout.strip() == "1250")


def ordinary(world):
    """What must go on working."""
    told = world.transcript
    told.chapter("Ordinary work")
    told.say("A report over tables and columns that nothing governs passes as it is.")
    left, right = world.direct.psql("-c", REPORT), world.psql(world.analyst, "-c", REPORT)
    told.check("the answer is the database's own, byte for byte", right.went_well and left.stdout == right.text)
    written = world.psql(world.analyst, "-c", "UPDATE visits SET minutes = 25 WHERE id = 17", "-c",
                         "SELECT id, minutes, notes FROM visits WHERE id = 17")
    told.check("an ordinary update is carried out", "UPDATE 1" in written.text and re.search(
        r"17 \| +25 \|", written.text))
    told.check("and the doctor's note beside it stays masked", "Seen for" not in written.text)


def destruction(world):
    """Statements that rules refuse."""
    told = world.transcript
    told.chapter("What nobody runs")
    told.say("One psql session, four statements: a rule refuses the first three and the session goes on.")
    script = "".join(f"{statement};\n" for statement in (
        "DROP TABLE prescriptions", "TRUNCATE visits", "DELETE FROM prescriptions",
        "SELECT count(*) FROM prescriptions"))
    done = world.psql(world.analyst, "-a", "-f", "-", stdin=script)
    told.check("three refusals, each naming its rule", done.text.count("ERROR:") == 3
               and done.text.count("no-destruction") == 2 and "bounded-writes" in done.text)
    told.check("the session was usable after them", "15000" in done.text)
    told.check("the tables are as they were", world.direct.value("SELECT count(*) FROM visits") == "25000")
    hidden = world.psql(
        world.analyst, "-c", "WITH gone AS (DELETE FROM prescriptions RETURNING 1) SELECT count(*) FROM gone")
    told.check("hiding it in a SELECT does not help", "bounded-writes" in hidden.text)


def first_column(table):
    return [line.split("|")[0] for line in table.splitlines() if "|" in line]


ALL = [
    opening, same_query, disguises, oracles, ordinary, destruction,
    migration.stale_credential, migration.nightly_migration, migration.wrong_tokens, migration.attribution,
    audit.replay, audit.verification, audit.tampering,
]
