"""`weirctl grants` and `weirctl role`: a role that may do no more than a gateway needs, and the proof of it."""

import json

import pytest
from servers import one_host, through
from stage.postgresql import CLINIC_SQL
from wire import Wire, error, query, rows

ROLE = "gate \"keeper'\\"
TLS = "{mode: Disable}"


@pytest.fixture(scope="module")
def stage(stage):
    stage.postgresql.ensure_database("clinic")
    admin = stage.postgresql.endpoint("clinic")
    admin.script(CLINIC_SQL + """;
        CREATE SCHEMA "odd ""name"; CREATE TABLE "odd ""name".t AS SELECT 1 AS n;
        CREATE SCHEMA open; GRANT CREATE ON SCHEMA open TO PUBLIC""")
    return stage


def options(gateway):
    return "--connection", "clinic", "--manifests", gateway.manifests, "--secrets", gateway.secrets


def run_as_superuser(stage, script):
    done = stage.postgresql.endpoint("clinic").psql("-v", "ON_ERROR_STOP=1", "-f", "-", stdin=script)
    assert done.returncode == 0, done.stderr


def test_the_role_serves_and_has_nothing_beyond(stage):
    mighty = through(stage, one_host(tls=TLS))
    told = stage.weirctl("role", *options(mighty), "-o", "json")
    assert told.returncode == 1 and json.loads(told.stdout)["excessPrivileges"][0] == "SUPERUSER"

    script = stage.weirctl("grants", *options(mighty), "--role", ROLE)
    assert script.returncode == 0, script.stderr
    run_as_superuser(stage, script.stdout)
    quoted = '"' + ROLE.replace('"', '""') + '"'
    stage.postgresql.endpoint("clinic").script(f"ALTER ROLE {quoted} PASSWORD 'a long one'")

    least = through(stage, one_host(tls=TLS, role="{excessPrivileges: Refuse}"), credential=(ROLE, "a long one"))
    told = stage.weirctl("role", *options(least))
    assert told.returncode == 0, told.stdout + told.stderr
    with Wire(least.endpoint("tester")) as session:
        assert rows(session.ask(query("SELECT name FROM patients WHERE id = 1"))) == [[b"[redacted]"]]
        assert error(session.ask(query("UPDATE departments SET name = name"))) is None
        assert rows(session.ask(query('SELECT n FROM "odd ""name".t'))) == [[b"1"]]
        assert error(session.ask(query("CREATE TABLE loot (n int)"))) == "42501"
        stage.postgresql.endpoint("clinic").script("CREATE TABLE later AS SELECT 7 AS n")
        assert rows(session.ask(query("SELECT n FROM later"))) == [[b"7"]]

    # What a role has gathered since is taken away again.
    stage.postgresql.endpoint("clinic").script(
        f"ALTER ROLE {quoted} CREATEDB; GRANT pg_monitor TO {quoted}; GRANT CREATE ON SCHEMA open TO {quoted}")
    assert stage.weirctl("role", *options(mighty)).returncode == 1
    again = stage.weirctl("grants", *options(mighty), "--role", ROLE)
    run_as_superuser(stage, again.stdout)
    told = stage.weirctl("role", *options(least))
    assert told.returncode == 0, told.stdout + told.stderr


def test_reading_alone_in_one_schema(stage):
    gateway = stage.gateways[0]
    told = stage.weirctl(
        "grants", *options(gateway), "--role", "reader", "--read-only", "--schema", "public", "-o", "json")
    statements = json.loads(told.stdout)["statements"]
    assert 'GRANT SELECT ON ALL TABLES IN SCHEMA "public" TO "reader"' in statements
    assert not any("INSERT" in s or "odd" in s and s.startswith("GRANT") for s in statements)
    missing = stage.weirctl("grants", *options(gateway), "--schema", "nowhere")
    assert missing.returncode == 1 and "nowhere" in missing.stderr
