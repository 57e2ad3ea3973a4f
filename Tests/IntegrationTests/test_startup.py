"""What a client says and is told before its first statement: as by the server itself."""

import struct

import pytest
from servers import through
from wire import PROTOCOL, Wire, fields, message, query, rows

#: No database of its own, so that the client's counts.
ANY_DATABASE = "{host: 127.0.0.1, port: 5432, tls: {mode: Disable}}"
LONG = "a_name_of_sixty_five_bytes_which_is_two_more_than_PostgreSQL_keep"


@pytest.fixture(scope="module")
def gateway(stage):
    text = ANY_DATABASE.replace("port: 5432", "port: 5432, database: clinic")
    gateway = through(stage, text, start=False, users=["tester", LONG])
    file = gateway.manifests / "clinic.yaml"
    file.write_text(file.read_text().replace(", database: clinic", ""))
    gateway.start()
    return gateway


@pytest.fixture(params=["direct", "gateway"])
def either(request, stage, gateway):
    return stage.postgresql.endpoint("clinic") if request.param == "direct" else gateway.endpoint()


def beginning(endpoint, *parameters, user=None, database=None):
    """Every message from the log-in's success (or refusal) on, up to readiness."""
    session = Wire(endpoint, log_in=False)
    body = struct.pack("!i", PROTOCOL)
    given = [("user", user or endpoint.user), *([("database", database)] if database else []), *parameters]
    for name, value in given:
        body += name.encode() + b"\0" + (value if isinstance(value, bytes) else value.encode()) + b"\0"
    session.send(struct.pack("!i", len(body) + 5) + body + b"\0")
    session.endpoint = endpoint
    heard = []
    with session:
        while True:
            try:
                kind, content = session.receive()
            except (EOFError, ConnectionError):
                return heard
            if kind == b"R":
                answer = scram(session).answer(struct.unpack("!i", content[:4])[0], content[4:])
                if answer is not None:
                    session.send(message(b"p", answer))
                continue
            heard.append((kind, fields(content) if kind in b"EN" else content))
            if kind in b"ZE":
                return heard


def scram(session):
    from wire import Scram

    if not hasattr(session, "scram"):
        session.scram = Scram(session.endpoint.password)
    return session.scram


def both(stage, gateway, *parameters, **more):
    """What the server says, and what the gateway says; keys differ, and are left out."""
    heard = [beginning(endpoint, *parameters, database=more.get("database", "clinic"))
             for endpoint in (stage.postgresql.endpoint("clinic"), gateway.endpoint())]
    return [[(kind, b"" if kind == b"K" else content) for kind, content in messages] for messages in heard]


PARAMETERS = {
    "none": [],
    "what drivers send": [("client_encoding", "UTF8"), ("DateStyle", "ISO"), ("TimeZone", "Europe/Berlin"),
                          ("extra_float_digits", "2"), ("application_name", "suite")],
    "case and quotes": [("datestyle", "SQL, DMY"), ("INTERVALSTYLE", "iso_8601"), ("search_path", '"$user", "a b"')],
    "the last of two counts": [("application_name", "one"), ("application_name", "two")],
    "options": [("options", "-c geqo=off --work_mem=64kB -cstatement_timeout=7s")],
    "options with backslashes": [("options", "-c application_name=a\\ b\\\\c -c search_path=x\\,y")],
    "options before a parameter": [("options", "-c application_name=first"), ("application_name", "second")],
    "a parameter before options": [("application_name", "second"), ("options", "-c application_name=first")],
    "an extension's parameter": [("weir_suite.thing", "1")],
    "empty values": [("application_name", ""), ("options", "")],
    "a long application_name": [("application_name", LONG + "ä" * 40)],
    "not ASCII": [("application_name", "päper ☃")],
    "log-in messages": [("options", "-c client_min_messages=debug1 -c session_preload_libraries=auto_explain")],
    "unknown": [("no_such_parameter", "1")],
    "a wrong value": [("DateStyle", "nonsense")],
    "a wrong number": [("options", "-c work_mem=lots")],
    "a wrong option": [("options", "--no-such-thing")],
    "no option": [("options", "nonsense")],
    "not to be changed now": [("port", "1")],
    "half a setting": [("options", "-c")],
}


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS)
def test_the_beginning_is_the_servers(stage, gateway, parameters):
    """Every parameter reported, in its order; every notice; every error with all its fields."""
    direct, through_gateway = both(stage, gateway, *parameters)
    assert through_gateway == direct
    assert direct[-1][0] in (b"Z", b"E")


def test_the_cases_are_what_they_say(stage):
    """Some log in, some do not, and one is greeted with a message."""
    heard = {name: beginning(stage.postgresql.endpoint("clinic"), *parameters, database="clinic")
             for name, parameters in PARAMETERS.items()}
    refused = {name for name, messages in heard.items() if messages[-1][0] == b"E"}
    assert refused == {"unknown", "a wrong value", "a wrong number", "a wrong option", "no option",
                       "not to be changed now", "half a setting"}
    assert any(kind == b"N" for kind, _ in heard["log-in messages"])


@pytest.mark.parametrize("options, name, value", [
    ("-c weir_suite.thing=a\\ b\\\\c", "weir_suite.thing", "a b\\c"),
    ('-c search_path="a\\ b",c', "search_path", '"a b",c'), ("-c work_mem=96kB", "work_mem", "96kB"),
])
def test_pgoptions_arrive(either, options, name, value):
    done = either.psql("-At", "-c", f"SHOW {name}", PGOPTIONS=options)
    assert done.stdout == value + "\n", done.stderr


def test_long_names_of_databases_are_cut_by_the_server(stage, either):
    stage.postgresql.ensure_database(LONG[:63])
    messages = beginning(either, database=LONG)
    assert messages[-1][0] == b"Z", messages
    missing = beginning(either, database="x" + LONG)
    assert missing[-1][1]["C"] == "3D000"
    assert missing[-1][1]["M"] == f'database "{("x" + LONG)[:63]}" does not exist'


def test_a_database_that_is_not_there(stage, gateway):
    direct, through_gateway = both(stage, gateway, database="nowhere")
    assert through_gateway == direct and direct[-1][1]["C"] == "3D000"


def test_long_names_of_the_gateways_own_users(gateway):
    with Wire(gateway.endpoint(LONG)) as session:
        assert rows(session.ask(query("SELECT 1"))) == [[b"1"]]
    with pytest.raises(ConnectionError):
        Wire(type(gateway.endpoint())(
            "127.0.0.1", gateway.port, LONG[:63], gateway.users[LONG], "clinic"))


def test_without_a_database_it_is_the_users_own(stage, gateway):
    stage.postgresql.ensure_database("tester")
    messages = beginning(gateway.endpoint())
    assert messages[-1][0] == b"Z"


def test_psycopg_logs_in_with_options(gateway):
    import psycopg

    endpoint = gateway.endpoint()
    with psycopg.connect(host=endpoint.host, port=endpoint.port, user=endpoint.user, password=endpoint.password,
                         dbname="clinic", options="-c statement_timeout=11s", application_name="paper") as session:
        assert session.execute("SHOW statement_timeout").fetchone() == ("11s",)
        assert session.execute("SHOW application_name").fetchone() == ("paper",)
        assert session.info.parameter_status("server_version").startswith(
            str(session.info.server_version // 10000))
