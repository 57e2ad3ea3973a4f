"""Governed values and statements in every encoding: followed exactly, redacted or refused, never mistaken."""

import pytest
from wire import Wire, bind, error, execute, fields, message, parse, query, rows, SYNC

CONNECTION = """apiVersion: weir.dev/v1alpha1
kind: DatabaseConnection
metadata: {{name: {name}, namespace: default}}
spec:
  protocol: postgres
  upstream: {{host: 127.0.0.1, port: 5432, database: {name}, tls: {{mode: Disable}}}}
  credentials: {{type: SecretRef, secretRef: {{name: clinic-db}}}}
  podSelector: {{matchLabels: {{app: {name}}}}}
  listen: {{port: {port}}}
---
"""
POLICY = """apiVersion: weir.dev/v1alpha1
kind: MaskingPolicy
metadata: {name: people, namespace: default}
spec:
  targets: {connectionNames: [utf8, latin1, bytes, japanese]}
  rules:
  - {name: redacted, match: {tables: [people], columns: [mail]}, action: {type: Redact}}
  - {name: hashed, match: {tables: [people], columns: [name]}, action: {type: Hash}}
  - {name: token, match: {tables: [people], columns: [alias]}, action: {type: Tokenize}}
  - name: ends
    match: {tables: [people], columns: [town]}
    action: {type: Partial, partial: {keepFirst: 1, keepLast: 1, maskCharacter: "*"}}
  - name: shifted
    match: {tables: [people], columns: [born, seen]}
    action: {type: DateShift, dateShift: {maximumDays: 9}}
  - name: year
    match: {tables: [people], columns: [died, "größe"]}
    action: {type: Generalize, generalize: {to: Year}}
  - {name: bytes, match: {tables: [people], columns: [scan]}, action: {type: Hash}}
  unmatched: Allow
---
apiVersion: weir.dev/v1alpha1
kind: ApprovalRule
metadata: {name: no-destruction, namespace: default}
spec:
  targets: {connectionNames: [utf8, latin1, bytes, japanese]}
  match: {statements: [Delete]}
  effect: Deny
"""
DATABASES = {"utf8": "UTF8", "latin1": "LATIN1", "bytes": "SQL_ASCII", "japanese": "EUC_JP"}
TABLE = """CREATE TABLE people (id int PRIMARY KEY, name text, alias text, town varchar(40), mail text, born date,
    seen timestamptz, died timestamp, scan bytea, wage money, free text, spell interval, rate float8);
INSERT INTO people VALUES (1, 'Ada', 'Ada-1', 'Paris', 'ada@x', '1961-03-17', '2001-02-03 04:05:06+00',
    '1999-12-31 10:00', '\\xdeadbeef', 12.5, 'free', '1 day 02:03', 0.1)"""
NAMES = "SELECT name, alias, town FROM people WHERE id = 2"

SINGLE = {"LATIN1": "Müller", "LATIN2": "Dvořák", "LATIN5": "Yıldız", "LATIN9": "Œuvré", "WIN1250": "Čapek",
          "WIN1251": "Чехов", "WIN1252": "Škoda-Müller", "WIN1253": "Σωκράτης", "KOI8R": "Чехов",
          "ISO_8859_5": "Чехов", "ISO_8859_7": "Σωκράτης", "WIN866": "Чехов", "WIN1254": "Yıldız",
          "WIN1257": "Žemaitė", "WIN1255": "שלום", "WIN1256": "سلام", "KOI8U": "Київ", "LATIN10": "Țară"}
MANY = {"SJIS": "表能ソ", "BIG5": "功名許", "GBK": "名臺", "UHC": "이름", "GB18030": "名\U00020000", "EUC_JP": "名前",
        "EUC_KR": "이름", "EUC_CN": "名字", "SHIFT_JIS_2004": "名表"}
CODECS = {"UHC": "cp949", "LATIN5": "iso8859-9", "LATIN9": "iso8859-15", "LATIN10": "iso8859-16", "KOI8R": "koi8-r",
          "KOI8U": "koi8-u", "WIN866": "cp866", "EUC_CN": "gb2312", "ISO_8859_5": "iso8859-5",
          "ISO_8859_7": "iso8859-7", **{name: "cp" + name[3:] for name in SINGLE if name.startswith("WIN1")}}


def codec(encoding):
    return CODECS.get(encoding, encoding)


@pytest.fixture(scope="module")
def stage(stage, tmp_path_factory):
    manifests = tmp_path_factory.mktemp("encodings")
    (manifests / "all.yaml").write_text(
        "".join(CONNECTION.format(name=name, port=15432 + number) for number, name in enumerate(DATABASES)) + POLICY)
    admin = stage.postgresql.endpoint()
    for name, encoding in DATABASES.items():
        admin.script(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
        stage.postgresql.endpoint(name).script(TABLE)
    stage.encodings = stage.add_gateway(manifests, name="encodings", users=["tester"])
    return stage


@pytest.fixture
def into(stage):
    """Opens a session with one of the databases through the gateway."""
    def opened(database="utf8", **parameters):
        connection = next(c for c in stage.encodings.connections if c.database == database)
        way = stage.encodings.endpoint()
        return Wire(type(way)(way.host, connection.port, way.user, way.password, database), **parameters)
    return opened


@pytest.fixture
def direct(stage):
    def opened(database="utf8", **parameters):
        return Wire(stage.postgresql.endpoint(database), **parameters)
    return opened


def raw(text, encoding):
    return message(b"Q", text.encode(codec(encoding)) + b"\0")


def put(direct, text, database="utf8"):
    with direct(database, client_encoding="UTF8") as session:
        assert error(session.ask(query("DELETE FROM people WHERE id = 2"))) is None
        assert error(session.ask(query(
            f"INSERT INTO people (id, name, alias, town, mail, free) VALUES (2, '{text}', '{text}', '{text}',"
            f" '{text}', '{text}')"))) is None


@pytest.mark.parametrize("encoding", SINGLE)
def test_single_byte_values_are_masked_as_in_utf8(into, direct, encoding):
    put(direct, SINGLE[encoding])
    with into() as plain, into(client_encoding=encoding) as other:
        expected = rows(plain.ask(query(NAMES)))[0]
        got = rows(other.ask(query(NAMES)))[0]
        assert [cell.decode(codec(encoding)) for cell in got] == [cell.decode() for cell in expected]
        assert got[0] not in (b"[redacted]", SINGLE[encoding].encode(codec(encoding)))
        for copy in ("COPY people (name, alias, town, free) TO STDOUT",
                     "COPY people (free, town) TO STDOUT (FORMAT csv)"):
            data = [[body for kind, body in side.ask(query(copy)) if kind == b"d"] for side in (plain, other)]
            assert [b.decode(codec(encoding)) for b in data[1]] == [b.decode() for b in data[0]]
        binary = other.ask(parse(NAMES), bind(result_formats=(1,)), execute(), SYNC)
        assert rows(binary)[0] == got


@pytest.mark.parametrize("encoding", MANY)
def test_other_values_are_redacted_whole(into, direct, encoding):
    put(direct, MANY[encoding])
    with into(client_encoding=encoding) as session:
        assert rows(session.ask(query(NAMES))) == [[b"[redacted]"] * 3]
        with into() as plain:
            ascii = "SELECT name, alias, town, mail, born, seen, died, scan FROM people WHERE id = 1"
            assert rows(session.ask(query(ascii))) == rows(plain.ask(query(ascii)))
        copied = session.ask(query("COPY people (id, mail, free) TO STDOUT"))
        if encoding.startswith("EUC"):
            assert MANY[encoding].encode(codec(encoding)) in b"".join(b for kind, b in copied if kind == b"d")
            assert error(copied) is None
        else:
            assert error(copied) == "0A000"
        spoken = session.ask(query("COPY people (mail, name) TO STDOUT (ENCODING 'UTF8')"))
        assert error(spoken) is None and MANY[encoding].encode() not in b"".join(b for _, b in spoken)


@pytest.mark.parametrize("encoding", {**SINGLE, **MANY})
def test_statements_are_read_as_the_server_reads_them(into, direct, encoding):
    text = {**SINGLE, **MANY}[encoding]
    with direct() as owner:
        owner.ask(query(f'DROP TABLE IF EXISTS "{text}"; CREATE TABLE "{text}" ("{text}" text);'
                        f' INSERT INTO "{text}" VALUES (\'{text}\')'))
    try:
        with into(client_encoding=encoding) as session, direct(client_encoding=encoding) as beside:
            sql = raw(f'SELECT "{text}", \'{text}\' AS x FROM "{text}"', encoding)
            assert session.ask(sql) == beside.ask(sql)
            hidden = raw(f"SELECT mail AS \"{text}\", '{text}' FROM people WHERE id = 1", encoding)
            assert rows(session.ask(hidden))[0][0] == b"[redacted]"
            assert error(session.ask(raw(f"SELECT '{text}'; DELETE FROM people", encoding))) == "42501"
            statement = message(b"P", b"s\0" + f"SELECT mail, '{text}' FROM people WHERE id = 1".encode(codec(encoding))
                                + b"\0\0\0")
            got = session.ask(statement, bind(name=b"s"), execute(), SYNC)
            assert error(got) is None and [row[0] for row in rows(got)] == [b"[redacted]"]
    finally:
        with direct() as owner:
            owner.ask(query(f'DROP TABLE "{text}"'))


def test_the_last_byte_of_a_character_closes_nothing(into):
    """Within SJIS the second byte of a character may be a backslash; what follows is still a constant, or is not."""
    with into(client_encoding="SJIS", options="-c standard_conforming_strings=off") as session:
        assert error(session.ask(message(b"Q", b"SELECT '\x95\\', mail FROM people --'\0"))) is None
        assert error(session.ask(message(b"Q", b"SELECT '\x95\\'; DELETE FROM people; --'\0"))) == "42501"
        assert error(session.ask(message(b"Q", b"SELECT '\x95\\\\'; DELETE FROM people; --'\0"))) == "22P06"


def test_a_pipeline_that_changes_the_encoding(into, direct):
    """Its report comes with Sync; the next statement does not wait for it."""
    put(direct, "Müller")
    with into() as session, into() as plain:
        expected = rows(plain.ask(query(NAMES)))[0]
        hidden = "SELECT name, alias, town, 'é' FROM people WHERE id = 2"
        got = session.ask(parse("SET client_encoding = 'LATIN1'"), bind(), execute(),
                          message(b"P", b"\0" + hidden.encode("latin1") + b"\0\0\0"), bind(), execute(), SYNC)
        assert [cell.decode("latin1") for cell in rows(got)[0]] == [cell.decode() for cell in expected] + ["é"]
        off = session.ask(parse("SET standard_conforming_strings = off"), bind(), execute(),
                          parse(r"SELECT '\'', mail, 'x' FROM people WHERE id = 1"), bind(), execute(), SYNC)
        assert rows(off) == [[b"'", b"[redacted]", b"x"]]


def test_an_invalid_text_is_refused_as_the_server_does(into):
    with into(client_encoding="EUC_JP") as session:
        assert error(session.ask(message(b"Q", b"SELECT '\xff\xfe'\0"))) == "22021"
        assert rows(session.ask(query("SELECT mail FROM people WHERE id = 1"))) == [[b"[redacted]"]]
        session.ask(query("BEGIN"))
        assert error(session.ask(message(b"Q", b"SELECT '\xff\xfe'\0"))) == "22021"
        assert error(session.ask(query("SELECT 1"))) == "25P02"
        session.ask(query("ROLLBACK"))


def test_names_outside_ascii_are_not_mistaken(into):
    """The bytes of one name in LATIN1 are those of another in UTF-8."""
    with into(client_encoding="LATIN1") as session:
        name = "é".encode()
        got = session.ask(message(b"P", name + b"\0SELECT mail FROM people\0\0\0"), SYNC)
        assert error(got) == "0A000"
        session.ask(raw('PREPARE "é" AS SELECT 1', "LATIN1"))
        assert rows(session.ask(raw('EXECUTE "é"', "LATIN1"))) == [[b"1"]]
        assert error(session.ask(bind(name=name), execute(), SYNC)) is not None


def test_long_names_are_one_where_the_server_has_one(into):
    """The server looks at 63 bytes of a name: closing one closes the other."""
    with into() as session:
        first, second, third = (b"n" * 63 + digit for digit in (b"1", b"2", b"3"))
        session.ask(parse("SELECT free FROM people WHERE id = 1", first), SYNC)
        session.ask(message(b"C", b"S" + second + b"\0"), parse("SELECT mail FROM people WHERE id = 1", third), SYNC)
        assert rows(session.ask(bind(name=first), execute(), SYNC)) == [[b"[redacted]"]]


@pytest.mark.parametrize("settings", [
    ("standard_conforming_strings = off", r"SELECT '\'', mail, '\\' FROM people --'", [b"'", b"[redacted]", b"\\"]),
    ("standard_conforming_strings = off", r"SELECT 'a' 'b', '\'' --' ", None),
    ("backslash_quote = on", r"SELECT E'\'', mail FROM people WHERE id = 1", [b"'", b"[redacted]"]),
    ("transform_null_equals = on", "SELECT id FROM people WHERE mail = NULL", None),
    ("quote_all_identifiers = on", "SELECT mail FROM people WHERE id = 1", [b"[redacted]"]),
    ("row_security = off", "SELECT mail FROM people WHERE id = 1", [b"[redacted]"]),
], ids=str)
def test_settings_of_the_lexer_and_parser(into, settings):
    setting, sql, expected = settings
    with into() as session:
        session.ask(query(f"SET escape_string_warning = off; SET {setting}"))
        got = session.ask(query(sql))
        assert b"ada@x" not in b"".join(body for _, body in got)
        if expected:
            assert rows(got)[0] == expected


def test_a_setting_within_the_string_comes_too_late_for_the_lexer(into):
    """The server has read the whole string before it runs the first statement of it."""
    with into() as session:
        got = session.ask(query(r"SET standard_conforming_strings = off; SELECT 'a\', mail FROM people WHERE id = 1"))
        assert rows(got) == [[b"a\\", b"[redacted]"]]
        hidden = r"SET standard_conforming_strings = on; SELECT '\''; DELETE FROM people; --'"
        assert error(session.ask(query(hidden))) == "42501"
        assert error(session.ask(query(r"SELECT 'a\'"))) == "42601"


STYLES = ["DateStyle = 'German'", "DateStyle = 'SQL, DMY'", "DateStyle = 'Postgres, MDY'", "TimeZone = 'Asia/Tokyo'",
          "IntervalStyle = 'iso_8601'", "bytea_output = 'escape'", "extra_float_digits = -10", "lc_monetary = 'C'",
          "xmloption = 'document'", "array_nulls = off"]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("way", ["rows", "copy"])
def test_values_in_other_styles_show_nothing(into, direct, style, way):
    """The mask is of the value, or NULL; a pseudonym does not depend on how the value is written."""
    columns = "born, seen, died, scan"
    with into() as plain, into() as styled, direct() as beside:
        for side in (styled, beside):
            side.ask(query(f"SET {style}"))
        if way == "rows":
            sql = f"SELECT {columns} FROM people WHERE id = 1"
            expected, got, shown = (rows(side.ask(query(sql)))[0] for side in (plain, styled, beside))
        else:
            sql = f"COPY (SELECT {columns} FROM people WHERE id = 1) TO STDOUT"
            expected, got, shown = (
                next(b for kind, b in side.ask(query(sql)) if kind == b"d").rstrip(b"\n").split(b"\t")
                for side in (plain, styled, beside))
        for masked, other, original in zip(expected, got, shown):
            assert other in (masked, None, b"\\N")
            assert other != original
        assert got[3] == expected[3]


@pytest.mark.parametrize("database, encoding", [
    (database, encoding) for database in DATABASES for encoding in ("UTF8", "LATIN1", "SQL_ASCII")
    if (database, encoding) != ("japanese", "LATIN1")])
def test_databases_of_other_encodings(into, database, encoding):
    with into(database, client_encoding=encoding) as session:
        assert rows(session.ask(query("SELECT name, mail FROM people WHERE id = 1")))[0][1] == b"[redacted]"
        assert error(session.ask(query("SELECT id FROM people WHERE mail = 'x'"))) == "42501"
        assert error(session.ask(query("DELETE FROM people"))) == "42501"
        got = session.ask(query(r"SELECT E'\xe9', mail FROM people"))
        assert error(got) is not None or database == "utf8"


def test_pseudonyms_are_the_same_in_every_database(into, direct):
    seen = {}
    for database, encoding in (("utf8", "UTF8"), ("utf8", "LATIN1"), ("latin1", "UTF8"), ("latin1", "LATIN1"),
                               ("latin1", "SQL_ASCII"), ("bytes", "UTF8"), ("bytes", "LATIN1")):
        put(direct, "Müller", database)
        with into(database, client_encoding=encoding) as session:
            seen[database, encoding] = rows(session.ask(query("SELECT name, alias FROM people WHERE id = 2")))[0]
    assert len({tuple(row) for row in seen.values()}) == 1, seen
    assert b"[redacted]" not in seen["utf8", "UTF8"]


def test_names_a_database_keeps_in_its_own_encoding(into, direct):
    with direct("latin1", client_encoding="UTF8") as owner:
        owner.ask(query('CREATE SCHEMA IF NOT EXISTS "Köln"; DROP TABLE IF EXISTS "Köln".people;'
                        ' CREATE TABLE "Köln".people ("größe" text, frei text);'
                        " INSERT INTO \"Köln\".people VALUES ('1980', 'frei')"))
    sql = 'SELECT "größe" || frei, frei FROM "Köln".people'
    for encoding in ("UTF8", "LATIN1", "SQL_ASCII"):
        with into("latin1", client_encoding=encoding) as session:
            text = sql.encode("utf8" if encoding == "UTF8" else "latin1")
            assert rows(session.ask(message(b"Q", text + b"\0"))) == [[b"[redacted]", b"frei"]]
            folded = sql.replace('"größe"', "GRÖSSE").encode("utf8" if encoding == "UTF8" else "latin1")
            assert error(session.ask(message(b"Q", folded + b"\0"))) == "0A000"


def test_names_that_are_no_text_fail_closed(into, direct):
    with direct("bytes", client_encoding="SQL_ASCII") as owner:
        owner.ask(message(b"Q", b'DROP TABLE IF EXISTS odd; CREATE TABLE odd ("caf\xe9" text, plain text);'
                                b" INSERT INTO odd VALUES ('black', 'white')\0"))
        owner.ask(message(b"Q", b'DROP VIEW IF EXISTS seen; CREATE VIEW seen AS SELECT "caf\xe9" AS v FROM odd\0'))
    try:
        for encoding in ("UTF8", "SQL_ASCII", "LATIN1"):
            with into("bytes", client_encoding=encoding) as session:
                assert rows(session.ask(query("SELECT mail, free FROM people WHERE id = 1"))) == [
                    [b"[redacted]", b"free"]]
                assert rows(session.ask(query("SELECT plain FROM odd"))) == [[b"white"]]
                got = session.ask(query("SELECT upper(v) FROM seen"))
                assert error(got) is not None or b"BLACK" not in b"".join(b for _, b in got)
                got = session.ask(message(b"Q", b'SELECT "caf\xe9" FROM odd\0'))
                assert error(got) is not None, fields(got[-2][1])
    finally:
        with direct("bytes", client_encoding="SQL_ASCII") as owner:
            owner.ask(query("DROP TABLE odd CASCADE"))
