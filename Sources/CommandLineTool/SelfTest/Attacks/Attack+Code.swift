extension Attack {
    /// The value by code that the statement does not show.
    static let code: [Attack] = [
        .value(.code, "a function of a user's", "SELECT whois(1)"),
        .value(
            .code, "RAISE in a DO block",
            "DO $$ BEGIN RAISE WARNING '%', (SELECT fullname FROM people WHERE id = 1); END $$"),
        .value(
            .code, "a new function",
            "CREATE FUNCTION peep(int) RETURNS text LANGUAGE sql AS 'SELECT mail FROM people WHERE id = $1'",
            "SELECT peep(1)", changes: true),
        .value(
            .code, "a temporary function that raises",
            """
            CREATE FUNCTION pg_temp.say(t text) RETURNS int LANGUAGE plpgsql AS \
            $$ BEGIN RAISE EXCEPTION USING MESSAGE = 'x', DETAIL = t; END $$
            """, "SELECT pg_temp.say(mail) FROM people"),
        .value(
            .code, "an operator of a user's",
            "CREATE FUNCTION peep(int, int) RETURNS text LANGUAGE sql AS 'SELECT mail FROM people WHERE id = $1'",
            "CREATE OPERATOR ## (LEFTARG = int, RIGHTARG = int, FUNCTION = peep)",
            "SELECT 1 OPERATOR(weir_self_test.##) 1", changes: true),
        .value(
            .code, "a rule that copies", "CREATE TABLE loot (v text)",
            "CREATE RULE k AS ON INSERT TO loot DO ALSO SELECT mail FROM weir_self_test.people",
            "INSERT INTO loot VALUES ('x')", changes: true),
        .value(
            .code, "a plan that folds it",
            "CREATE FUNCTION pg_temp.k() RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT mail FROM people WHERE id = 1'",
            "EXPLAIN (VERBOSE, COSTS off) SELECT pg_temp.k()"),
    ]

    /// The value by what a session keeps from one statement to the next.
    static let state: [Attack] = [
        .value(
            .state, "a path that comes back by ROLLBACK", decoy, "BEGIN", "SET search_path = pg_temp",
            "TABLE people", "ROLLBACK", "SELECT mail AS x FROM weir_self_test.people"),
        .value(
            .state, "a prepared statement under another search path", decoy, "SET search_path = pg_temp",
            "PREPARE s AS SELECT fullname AS x FROM people", "DROP TABLE pg_temp.people",
            "SET search_path = weir_self_test", "EXECUTE s"),
        .value(
            .state, "a path by set_config", decoy, "SET search_path = pg_temp", "TABLE people",
            "DROP TABLE pg_temp.people", "SELECT set_config('search_path', 'weir_self_test', false)",
            "SELECT lower(mail) AS x FROM people"),
        .value(
            .state, "a temporary table that is dropped", decoy, "TABLE people", "DROP TABLE pg_temp.people",
            "SELECT upper(fullname) AS x FROM people"),
        .value(
            .state, "a temporary table that is rolled back", "BEGIN", decoy, "TABLE people", "ROLLBACK",
            "SELECT upper(fullname) AS x FROM people"),
        .value(
            .state, "a temporary table that DISCARD drops", decoy, "TABLE people", "DISCARD TEMP",
            "SELECT upper(fullname) AS x FROM people"),
        .value(
            .state, "a comment that a backslash ends", "SET standard_conforming_strings = off",
            "SELECT 'a\\' /* ', mail AS b FROM people -- */ ' AS x, fullname FROM people"),
        .value(
            .state, "another encoding of the client's", "SET client_encoding = 'LATIN1'",
            "SELECT fullname AS x, mail FROM people"),
    ]

    /// A table of the governed one's name, with nothing governed in it.
    private static let decoy = "CREATE TEMP TABLE people (id int, fullname text, mail text)"
}
