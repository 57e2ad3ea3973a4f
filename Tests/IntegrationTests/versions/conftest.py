"""Servers of every major version, each with the same world in it, and a gateway before each."""

import pathlib

import pytest
from stage.postgresql import CLINIC_SQL
from stage.stage import Stage
from wire import Wire

HERE = pathlib.Path(__file__).resolve().parent

#: Every version the gateway is for; `Scripts/postgresql-versions` fetches those that Debian does not have.
VERSIONS = [13, 14, 15, 16, 17, 18]

#: Those between the oldest, the newest and Debian's: with `make slow`.
BETWEEN = {14, 16, 17}

#: What later versions can hold beside `world.sql`, by the version that brought it.
SINCE = {
    14: """
        CREATE TABLE bookings (id int PRIMARY KEY, during datemultirange);
        INSERT INTO bookings VALUES (1, '{[2026-01-01,2026-01-03), [2026-02-01,2026-02-02)}');
        CREATE FUNCTION plain_sum(a int, b int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a + b; END;
        CREATE VIEW extracted AS SELECT id, extract(year FROM date_of_birth) AS year FROM patients;
    """,
    15: """
        CREATE VIEW as_invoker WITH (security_invoker = true) AS SELECT id, ssn AS number FROM patients;
        CREATE TABLE loose (a int UNIQUE NULLS NOT DISTINCT);
    """,
    16: """
        CREATE VIEW constructed AS SELECT id, JSON_ARRAY(ssn, name) AS doc FROM patients;
    """,
    17: """
        CREATE VIEW tabulated AS SELECT p.id, j.part
            FROM patients p, JSON_TABLE(to_jsonb(p), '$' COLUMNS (part text PATH '$.ssn')) j;
    """,
    18: """
        CREATE TABLE computed (id int PRIMARY KEY, ssn text, tail text GENERATED ALWAYS AS (right(ssn, 4)) VIRTUAL);
        INSERT INTO computed VALUES (1, '900-12-3456');
        CREATE EXTENSION btree_gist;
        CREATE TABLE stays (room int, during daterange, PRIMARY KEY (room, during WITHOUT OVERLAPS));
    """,
}


class World:
    """One version's server and gateway."""

    def __init__(self, stage, version):
        self.stage, self.version = stage, version
        self.gateway_process = stage.add_gateway(HERE / "manifests", users=["analyst", "recorder"])
        #: Around the gateway, as the very role it uses.
        self.direct = stage.postgresql.endpoint("clinic")
        self.direct.script(CLINIC_SQL)
        self.direct.script((HERE / "world.sql").read_text())
        for since, script in SINCE.items():
            if version >= since:
                self.direct.script(script)
        self.gateway = self.gateway_process.endpoint()
        #: Governed values that tests may come across.
        self.secrets = self.direct.value("SELECT string_agg(ssn || ' / ' || name, ' / ') FROM patients WHERE id <= 10")
        self.secrets = self.secrets.split(" / ")
        #: For statements that need no connection of their own.
        self.direct_session, self.gateway_session = Wire(self.direct), Wire(self.gateway)
        #: The variables under which `psql` and `pg_dump` are this version's.
        self.clients = stage.postgresql.installation.environment


@pytest.fixture(scope="session", params=[
    pytest.param(version, id=f"postgresql-{version}", marks=[pytest.mark.slow] * (version in BETWEEN))
    for version in VERSIONS])
def world(request):
    with Stage(version=request.param) as stage:
        stage.start_postgresql()
        stage.start_sink()
        running = World(stage, request.param)
        with running.direct_session, running.gateway_session:
            yield running
