"""What the gateway tells of its own database role."""

import json

import pytest
from servers import eventually, one_host, through
from stage.postgresql import CLINIC_SQL
from wire import Wire, error, query

WARNING = "the database role has privileges it does not need"
TLS = "{mode: Disable}"


@pytest.fixture(scope="module")
def stage(stage):
    stage.postgresql.ensure_database("clinic")
    admin = stage.postgresql.endpoint("clinic")
    admin.script(CLINIC_SQL + """;
        CREATE ROLE readers; GRANT SELECT ON ALL TABLES IN SCHEMA public TO readers""")
    return stage


def role(stage, name, options="", sql=""):
    password = stage.postgresql.ensure_role(name, options)
    stage.postgresql.endpoint("clinic").script(f"GRANT SELECT ON departments TO {name};" + sql)
    return name, password


def gateway(stage, credential, **fields):
    return through(stage, one_host(tls=TLS, **fields), credential=credential)


def log_in(gateway):
    with Wire(gateway.endpoint("tester")) as session:
        assert error(session.ask(query("SELECT count(*) FROM departments"))) is None


def told(stage, gateway):
    """The excess privileges of each record, oldest first, as the gateway's own log has them."""
    lines = stage.weirctl("export", "--from", gateway.data, "--format", "jsonl").stdout.splitlines()
    return [r.get("excessPrivileges", []) for r in map(json.loads, lines) if r.get("type") == "databaseRole"]


def test_a_role_with_nothing_beyond_is_not_warned_of(stage):
    clean = gateway(stage, role(stage, "clean"), role="{excessPrivileges: Refuse}")
    log_in(clean)
    log_in(clean)
    eventually(lambda: told(stage, clean) == [[]], lambda: told(stage, clean))
    assert WARNING not in clean.log.read_text()


def test_every_privilege_beyond_is_told_once(stage):
    credential = role(
        stage, "mighty", "CREATEDB CREATEROLE BYPASSRLS REPLICATION",
        "GRANT pg_execute_server_program TO readers; GRANT readers TO mighty; GRANT CREATE ON SCHEMA public TO mighty;"
        "GRANT CREATE ON DATABASE clinic TO mighty; ALTER TABLE patients OWNER TO mighty")
    try:
        mighty = gateway(stage, credential)
        log_in(mighty)
        log_in(mighty)
        expected = [
            "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS", "member of pg_execute_server_program",
            "member of readers", "CREATE in database clinic", "CREATE in schema public", "owner of public.patients"]
        eventually(lambda: told(stage, mighty) == [expected], lambda: told(stage, mighty))
        # It is told after it is recorded.
        eventually(lambda: WARNING in mighty.log.read_text(), lambda: mighty.log.read_text())
        assert mighty.log.read_text().count(WARNING) == 1
    finally:
        stage.postgresql.endpoint("clinic").script("ALTER TABLE patients OWNER TO postgres; REVOKE ALL ON SCHEMA"
                                                   " public FROM mighty")


def test_a_superuser_is_told_as_one(stage):
    superuser = gateway(stage, None)
    log_in(superuser)
    eventually(lambda: told(stage, superuser) and told(stage, superuser)[0][0] == "SUPERUSER",
               lambda: told(stage, superuser))


def test_a_connection_may_refuse_it(stage):
    refusing = gateway(stage, role(stage, "maker", "CREATEDB"), role="{excessPrivileges: Refuse}")
    with pytest.raises(Exception) as refused:
        Wire(refusing.endpoint("tester")).close()
    assert "08004" in str(refused.value) or "privileges" in str(refused.value)
    stage.postgresql.endpoint("clinic").script("ALTER ROLE maker NOCREATEDB")
    (refusing.manifests / "clinic.yaml").write_text(
        (refusing.manifests / "clinic.yaml").read_text().replace("no-destruction", "no-ruin"))
    def begins():
        try:
            log_in(refusing)
            return True
        except Exception:
            return False
    eventually(begins, "the role is still refused once a new configuration has it read again")
    eventually(lambda: told(stage, refusing) == [["CREATEDB"], []], lambda: told(stage, refusing))
