"""A connection that serves several databases: what is known of one is not taken for another's."""

import pytest
from servers import through
from stage.postgresql import CLINIC_SQL
from wire import Wire, query, rows

ROUNDS = 10


@pytest.fixture(scope="module")
def stage(stage):
    for name in ("clinic", "other"):
        stage.postgresql.ensure_database(name)
    clinic, other = (stage.postgresql.endpoint(name) for name in ("clinic", "other"))
    clinic.script(CLINIC_SQL)
    clinic.script("CREATE TABLE remarks (text text); INSERT INTO remarks VALUES ('free')")
    other.script("CREATE TABLE patients (id int, name text); INSERT INTO patients VALUES (1, 'Rosalind Secret');"
                 "CREATE VIEW remarks AS SELECT name || '!' AS text FROM patients")
    return stage


@pytest.fixture(scope="module")
def gateway(stage):
    gateway = through(stage, "{host: 127.0.0.1, port: 5432, database: clinic, tls: {mode: Disable}}", start=False)
    file = gateway.manifests / "clinic.yaml"
    file.write_text(file.read_text().replace(", database: clinic", ""))
    gateway.start()
    return gateway


def test_the_same_name_means_each_databases_own_relation(gateway):
    """Free in one, a view of governed values in the other: in turn, too fast for anything to be asked anew."""
    endpoint = gateway.endpoint()
    elsewhere = type(endpoint)(endpoint.host, endpoint.port, endpoint.user, endpoint.password, "other")
    statement = query("SELECT text FROM remarks")
    for _ in range(ROUNDS):
        with Wire(endpoint) as session:
            assert rows(session.ask(statement)) == [[b"free"]]
        with Wire(elsewhere) as session:
            answer = session.ask(statement)
            assert not any(b"Secret" in body for _, body in answer)
            assert rows(answer) == [[b"[redacted]"]]
    with Wire(endpoint) as here, Wire(elsewhere) as there:
        for _ in range(ROUNDS):
            assert rows(here.ask(statement)) == [[b"free"]]
            assert rows(there.ask(statement)) == [[b"[redacted]"]]
