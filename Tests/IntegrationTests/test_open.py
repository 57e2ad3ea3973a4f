"""A connection without masks and rules: whatever the database takes passes, in every encoding and lexing, recorded."""

import json

import pytest
from servers import eventually
from stage.process import ROOT
from wire import Wire, bind, error, execute, extended, message, query, rows, SYNC

CONNECTION = (ROOT / "Tests" / "IntegrationTests" / "manifests" / "clinic.yaml").read_text().split("---")[0]

ENCODINGS = {"LATIN1": "größe", "LATIN9": "15 €", "WIN1251": "имя", "SJIS": "名前表能ソ", "BIG5": "功名", "GBK": "名臺",
             "EUC_JP": "名前", "UHC": "이름", "GB18030": "名\U00020000", "JOHAB": "이름", "SHIFT_JIS_2004": "名表",
             "UTF8": "naïve 名 \U0001f600"}


@pytest.fixture(scope="module")
def stage(stage, tmp_path_factory):
    manifests = tmp_path_factory.mktemp("open")
    (manifests / "clinic.yaml").write_text(CONNECTION)
    stage.open = stage.add_gateway(manifests, name="open", users=["tester"])
    return stage


@pytest.fixture
def pair(stage):
    def opened(**parameters):
        return Wire(stage.postgresql.endpoint("clinic"), **parameters), Wire(stage.open.endpoint(), **parameters)
    return opened


def same(pair, *parts):
    expected, got = (side.ask(*parts) for side in pair)
    assert got == expected
    return got


def raw(text, encoding):
    return message(b"Q", text.encode(encoding) + b"\0")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_by_startup_set_and_function(pair, encoding):
    text, codec = ENCODINGS[encoding], {"UHC": "cp949", "SHIFT_JIS_2004": "shift_jis_2004", "WIN1251": "cp1251",
                                        "LATIN9": "iso8859-15"}.get(encoding, encoding)
    begun = pair(client_encoding=encoding)
    assert begun[1].parameters["client_encoding"] == encoding
    got = same(begun, raw(f"SELECT '{text}' AS \"{text}\"", codec))
    # Python's JOHAB is not the server's, which finds these bytes invalid.
    assert rows(got) == [[text.encode(codec)]] or encoding == "JOHAB"
    for change in (f"SET client_encoding TO {encoding}",
                   f"SELECT set_config('client_encoding', '{encoding}', false)"):
        changed = pair()
        same(changed, query(change))
        same(changed, raw(f"SELECT '{text}', length('{text}')", codec))
        statement = message(b"P", b"\0" + f"SELECT '{text}' || $1".encode(codec) + b"\0\0\0")
        same(changed, statement, bind((text.encode(codec),)), execute(), SYNC)
        same(changed, query("RESET client_encoding"))
        same(changed, query("SELECT 'é'"))


def test_a_roles_own_encoding(stage):
    stage.postgresql.endpoint("clinic").script("ALTER ROLE postgres SET client_encoding = 'LATIN1'")
    try:
        with Wire(stage.open.endpoint()) as session:
            assert session.parameters["client_encoding"] == "LATIN1"
            assert rows(session.ask(query("SELECT chr(233)"))) == [[b"\xe9"]]
    finally:
        stage.postgresql.endpoint("clinic").script("ALTER ROLE postgres RESET client_encoding")


def test_an_invalid_byte_is_the_databases_to_refuse(pair):
    both = pair()
    assert error(same(both, message(b"Q", b"SELECT '\xff'\0"))) == "22021"
    same(both, query("SELECT 1"))


def test_backslashes_as_the_settings_have_them(pair):
    both = pair(options="-c standard_conforming_strings=off -c escape_string_warning=off")
    assert rows(same(both, query(r"SELECT 'a\'b', '\\'")))[0][0] == b"a'b"
    same(both, query(r"SET standard_conforming_strings = on; SELECT '\''; --'"))
    same(both, query(r"SELECT '\'"))
    same(both, query("SET backslash_quote = off"))
    same(both, query(r"SELECT E'\''"))


def test_long_and_unknown_texts(pair):
    both = pair()
    same(both, query("SELECT length('" + "x" * (3 << 20) + "')"))
    same(both, extended("SELECT length('" + "é" * (2 << 20) + "')"))
    assert error(same(both, query("MERGE INTO nothing LEFT BEHIND"))) == "42601"
    same(both, query("SELECT " + "(" * 4000 + "1" + ")" * 4000))


def test_the_record_tells_the_bytes(stage):
    with Wire(stage.open.endpoint(), client_encoding="SJIS") as session:
        session.ask(raw("SELECT '表' AS marked", "sjis"))
    with Wire(stage.open.endpoint()) as session:
        session.ask(message(b"Q", b"SELECT 'marked \xff'\0"))
        session.ask(query("SELECT 'marked é'"))
    found = {record["text"]: record.get("encoding") for record in records(stage.open)
             if "marked" in record.get("text", "")}
    assert found == {r"SELECT '\x95\\' AS marked": "SJIS", r"SELECT 'marked \xff'": "UTF8", "SELECT 'marked é'": None}


def records(gateway):
    for file in sorted(gateway.records.glob("events-*.jsonl")):
        for line in file.read_bytes().split(b"\0")[0].splitlines():
            yield json.loads(line)


def test_a_policy_that_arrives_finds_the_settings_as_they_are(stage):
    stage.postgresql.endpoint("clinic").script("CREATE TABLE notes (id int, text text);"
                                               " INSERT INTO notes VALUES (1, 'secret')")
    file = stage.open.manifests / "clinic.yaml"
    before = file.read_text()
    with Wire(stage.open.endpoint(), options="-c standard_conforming_strings=off",
              client_encoding="SJIS") as session:
        assert rows(session.ask(query("SELECT text FROM notes"))) == [[b"secret"]]
        file.write_text(before + """---
apiVersion: weir.dev/v1alpha1
kind: MaskingPolicy
metadata: {name: notes, namespace: default}
spec:
  targets: {connectionNames: [clinic]}
  rules:
  - {name: text, match: {tables: [notes], columns: [text]}, action: {type: Redact}}
""")
        with Wire(stage.open.endpoint()) as other:
            eventually(lambda: rows(other.ask(query("SELECT text FROM notes"))) == [[b"[redacted]"]],
                       "the policy does not arrive")
        try:
            for text in ("SELECT text FROM notes", r"SELECT '\'', text FROM notes --'"):
                got = session.ask(query(text))
                assert error(got) is not None or rows(got)[0][-1] == b"[redacted]"
                assert b"secret" not in b"".join(body for _, body in got)
        finally:
            file.write_text(before)
