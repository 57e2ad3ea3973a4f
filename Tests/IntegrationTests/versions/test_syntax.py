"""Statements of a newer grammar than the gateway's own (PostgreSQL 15's): refused where they may touch what is
governed, passed elsewhere when the connection says so."""

import pytest
from test_versions import answer, shown_secrets
from wire import Wire, error, extended, query, rows

#: What nobody governs, by the version that brought the syntax.
FREE = [
    (16, "SELECT JSON_ARRAY(1, 2), JSON_OBJECT('a': 1), '{}' IS JSON"),
    (16, "SELECT count(*) FROM (SELECT 1 FROM departments)"),
    (16, "SELECT id FROM departments WHERE id < 1_000 AND id < 0xFF AND id > 0b0 ORDER BY id LIMIT 1"),
    (17, "SELECT d.id, j.n FROM departments d, JSON_TABLE('[1,2]', '$[*]' COLUMNS (n int PATH '$')) j WHERE d.id < 3"),
    (17, "SELECT JSON_VALUE('{\"a\": 5}', '$.a' RETURNING int), JSON_SERIALIZE('1' RETURNING text) FROM departments"),
    (17, "MERGE INTO numbered n USING (VALUES (1)) v(a) ON n.id = v.a WHEN NOT MATCHED BY SOURCE THEN DELETE"),
    (17, "SELECT now() AT LOCAL IS NOT NULL"),
    (18, "UPDATE departments SET name = name WHERE id = 1 RETURNING WITH (OLD AS o, NEW AS n) o.name, n.name"),
]

#: What reaches a governed value, in syntax of that version.
GOVERNED = [
    (16, "SELECT JSON_ARRAY(ssn RETURNING text) FROM patients WHERE id = 1"),
    (16, "SELECT * FROM (SELECT ssn FROM patients WHERE id = 1)"),
    (16, "SELECT ssn FROM \"patients\" WHERE id = 0x1"),
    (16, "SELECT ssn FROM U&\"p\\0061tients\" WHERE id = 0x1"),
    (16, "SELECT ssn FROM U&\"p!0061tients\" UESCAPE '!' WHERE id = 0x1"),
    (16, "SELECT ssn FROM public./* */PATIENTS WHERE id = 0x1"),
    (16, "SELECT number FROM directory WHERE id = 0x1"),
    (16, "SELECT ssn FROM snapshot WHERE id = 0x1"),
    (16, "SELECT tail FROM stored WHERE id = 0x1"),
    (16, "SELECT doc FROM constructed WHERE id = 0x1"),
    (16, "SELECT query_to_xml('SELECT ssn FROM patients', true, false, ''), 0x1"),
    (16, "SELECT query_to_xml('SELECT s' || 'sn FROM pati' || 'ents', true, false, ''), 0x1"),
    (16, "SELECT hidden(0x1)"),
    (16, "SELECT d.hidden FROM departments d WHERE id = 0x1"),
    (16, "SELECT 0x1 %%> 1"),
    (16, "SELECT most_common_vals FROM pg_stats WHERE tablename = 'patients' AND 0x1 = 1"),
    (16, "SELECT set_config('search_path', 'other', false), 0x1"),
    (16, "SELECT 0x1; SELECT ssn FROM patients"),
    (17, "SELECT j.s FROM patients p, JSON_TABLE(to_jsonb(p), '$' COLUMNS (s text PATH '$.ssn')) j WHERE p.id = 1"),
    (17, "SELECT part FROM tabulated WHERE JSON_EXISTS('1', '$' ERROR ON ERROR)"),
    (17, "MERGE INTO patients p USING (VALUES (1)) v(a) ON p.id = v.a WHEN MATCHED THEN DO NOTHING RETURNING p.ssn"),
    (18, "UPDATE patients SET zip = zip WHERE id = 1 RETURNING WITH (OLD AS o) o.ssn"),
    (18, "UPDATE patients SET zip = zip WHERE id = 1 RETURNING old.ssn, new.name"),
    (18, "UPDATE patients SET zip = zip WHERE id = 1 RETURNING old, new.*"),
    (18, "DELETE FROM former_patients WHERE false RETURNING WITH (OLD AS o) o"),
    (18, "CREATE TABLE copied AS SELECT JSON_ARRAY(ssn RETURNING text) FROM patients"),
]

#: Code whose effects no statement shows.
HIDDEN = """
    CREATE FUNCTION hidden(int) RETURNS text LANGUAGE sql STABLE AS 'SELECT max(ssn) FROM patients';
    CREATE FUNCTION hidden(departments) RETURNS text LANGUAGE sql STABLE AS 'SELECT max(ssn) FROM patients';
    CREATE FUNCTION behind_operator(int, int) RETURNS text LANGUAGE sql STABLE AS 'SELECT max(ssn) FROM patients';
    CREATE OPERATOR %%> (leftarg = int, rightarg = int, function = behind_operator);
"""


@pytest.fixture(scope="session")
def passing(world, tmp_path_factory):
    """A session through a gateway that passes what it cannot parse, beside objects that hide what they read."""
    world.direct.script(HIDDEN)
    folder = tmp_path_factory.mktemp("passing")
    manifest = (world.gateway_process.manifests / "clinic.yaml").read_text()
    (folder / "clinic.yaml").write_text(
        manifest.replace("  listen: {", "  session: {unparsedStatements: Pass}\n  listen: {"))
    gateway = world.stage.add_gateway(folder, name="passing", users=["analyst"])
    with Wire(gateway.endpoint()) as session:
        yield session
    gateway.process.stop()


@pytest.mark.parametrize("since, sql", FREE, ids=[sql for _, sql in FREE])
def test_beside_the_governed_it_passes_when_the_connection_says_so(world, passing, since, sql):
    assert error(world.gateway_session.ask(query(sql))) in ("42601", "42501")
    expected = answer(world.direct_session, f"BEGIN; {sql}; ROLLBACK")
    assert (expected[1] is None) == (world.version >= since)
    for ask in (query(sql), extended(sql)):
        passing.ask(query("BEGIN"))
        got = passing.ask(ask)
        passing.ask(query("ROLLBACK"))
        assert (error(got) is None) == (world.version >= since)
        if world.version >= since:
            assert "\n".join("|".join((cell or b"").decode() for cell in cells) for cells in rows(got)) == expected[0]


@pytest.mark.parametrize("since, sql", GOVERNED, ids=[sql for _, sql in GOVERNED])
def test_what_may_reach_the_governed_is_refused(world, passing, since, sql):
    if world.version >= since:
        assert answer(world.direct_session, f"BEGIN; {sql}; ROLLBACK")[1] is None
    for session in (world.gateway_session, passing):
        for ask in (query(sql), extended(sql)):
            got = session.ask(ask)
            assert error(got) and not rows(got) and not shown_secrets(world, str(got))


def test_a_rule_matches_what_the_words_may_do(world, passing):
    for table, refusal in [("visits", "42501"), ("departments", None if world.version >= 18 else "42601")]:
        sql = f"ALTER TABLE {table} DROP COLUMN IF EXISTS never, ADD CONSTRAINT positive CHECK (id > 0) NOT ENFORCED"
        assert error(passing.ask(query(sql))) == refusal


def test_a_cursor_over_the_governed_gives_nothing_away(world, passing):
    passing.ask(query("BEGIN"))
    passing.ask(query("DECLARE c CURSOR FOR SELECT upper(name) FROM patients ORDER BY id"))
    got = passing.ask(query("UPDATE departments SET id = id WHERE id = 0x1; FETCH 5 FROM c"))
    assert not rows(got) or not shown_secrets(world, str(got).title())
    passing.ask(query("ROLLBACK"))


def test_newer_definitions_of_tables_pass(world, passing):
    sql = "CREATE TABLE shipped (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL)"
    assert error(world.gateway_session.ask(query(sql))) == "42601"
    got = passing.ask(query(sql))
    assert (error(got) is None) == (world.version >= 18)
    if world.version >= 18:
        passing.ask(query("INSERT INTO shipped (a) VALUES (4)"))
        assert rows(passing.ask(query("SELECT b FROM shipped"))) == [[b"8"]]
        assert error(passing.ask(query("DROP TABLE shipped"))) is None


def test_what_is_made_while_a_session_lasts_is_seen(world, passing):
    """The catalogue is read afresh for what cannot be parsed: a view made by another session has its name found."""
    if world.version < 16:
        return
    world.direct.script("CREATE VIEW quite_new AS SELECT ssn AS harmless FROM patients")
    got = passing.ask(query("SELECT harmless FROM quite_new LIMIT 0x2"))
    assert error(got) and not rows(got)
    world.direct.script("DROP VIEW quite_new")
