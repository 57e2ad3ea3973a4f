import StatementAnalysis
import Testing

/// Where the columns of queries come from (A and B of the attack catalogue, and their neighbours).
struct QueryLineageTests {
    private static let transcripts: [(text: String, facts: String)] = [
        (
            "INSERT INTO dual SELECT length(ssn) FROM patients RETURNING x + 1",
            "insert | Insert,Select | [dual.x+patients.ssn] | of {dual! patients} | where {an expression that may fail dual.x+patients.ssn} | sets {dual.x = patients.ssn}"
        ),
        (
            "WITH u AS (UPDATE patients SET note = ssn RETURNING note) SELECT note FROM u",
            "select | Select,Update | [patients.note+patients.ssn] | of {patients!} | sets {patients.note = patients.ssn} | without where"
        ),
        (
            "SELECT name AS ref, dob AS d FROM patients",
            "select | Select | [patients.name, patients.dob] | of {patients}"
        ),
        (
            "SELECT name AS id, id AS name FROM patients",
            "select | Select | [patients.name, patients.id] | of {patients}"
        ),
        (
            "SELECT b FROM patients AS p(a,b,c)",
            "select | Select | [patients.name] | of {patients}"
        ),
        (
            "WITH q(x) AS (SELECT name FROM patients) SELECT x FROM q",
            "select | Select | [patients.name] | of {patients}"
        ),
        (
            "SELECT 'decoy' AS name, name AS x FROM patients",
            "select | Select | [, patients.name] | of {patients}"
        ),
        (
            "TABLE patients",
            "select | Select | [patients.id, patients.name, patients.ssn, patients.dob, patients.phone, patients.email, patients.note] | of {patients}"
        ),
        (
            "SELECT x FROM patients_v",
            "select | Select | [patients.name+patients_v.x] | of {patients^ patients_v}"
        ),
        (
            "SELECT u, n FROM patients_mv",
            "select | Select | [patients.name+patients_mv.u+patients_v.x, patients.name+patients_mv.n+patients_v.x] | of {patients^ patients_mv patients_v^}"
        ),
        (
            "SELECT a FROM patients_child",
            "select | Select | [patients_child.a] | of {patients_child}"
        ),
        (
            "INSERT INTO patients(id) VALUES (1) ON CONFLICT(id) DO UPDATE SET id=excluded.id RETURNING name AS x",
            "insert | Insert,Update | [patients.name] | of {patients!} | where {ON CONFLICT patients.id} | sets {patients.id = }"
        ),
        (
            "WITH u AS (UPDATE patients SET id=id RETURNING name x) SELECT x FROM u",
            "select | Select,Update | [patients.name] | of {patients!} | sets {patients.id = patients.id} | without where"
        ),
        (
            "WITH RECURSIVE r(x,i) AS (SELECT name,1 FROM patients UNION ALL SELECT x,i+1 FROM r WHERE i<2) SELECT x FROM r",
            "select | Select | [patients.name] | of {patients}"
        ),
        (
            "WITH RECURSIVE t(a,b,c) AS (SELECT name,ssn,email FROM patients UNION ALL SELECT b,c,a FROM t) SELECT a FROM t",
            "select | Select | [patients.email+patients.name+patients.ssn] | of {patients}"
        ),
        (
            "WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT name FROM patients) SELECT * FROM a",
            "select | Select | [patients.name] | of {patients}"
        ),
        (
            "WITH RECURSIVE t AS (SELECT id, name FROM patients UNION ALL SELECT * FROM t) SELECT * FROM t",
            "select | Select | [patients.id, patients.name] | of {patients}"
        ),
        (
            "WITH RECURSIVE t(id,x) AS (SELECT id, note FROM patients UNION ALL SELECT p.id, p.ssn FROM patients p JOIN t ON t.id=p.id) SEARCH DEPTH FIRST BY x SET o SELECT o FROM t",
            "select | Select | [patients.note+patients.ssn] | of {patients} | where {JOIN patients.id}"
        ),
        (
            "WITH RECURSIVE t(id,x) AS (SELECT id, note FROM patients UNION ALL SELECT p.id, p.ssn FROM patients p JOIN t ON t.id=p.id) CYCLE x SET c USING path SELECT path FROM t",
            "select | Select | [patients.note+patients.ssn] | of {patients} | where {JOIN patients.id; a comparison patients.id+patients.note+patients.ssn}"
        ),
        (
            "WITH patients AS (SELECT 1 AS ssn) SELECT ssn FROM patients",
            "select | Select | []"
        ),
        (
            "WITH patients AS (SELECT 1 AS ssn) SELECT ssn FROM public.patients",
            "select | Select | [patients.ssn] | of {patients}"
        ),
        (
            "WITH a AS (SELECT 1 AS x), b AS (WITH a AS (SELECT ssn AS x FROM patients) SELECT x FROM a) SELECT x FROM b",
            "select | Select | [patients.ssn] | of {patients}"
        ),
        (
            "SELECT name||'' AS x FROM patients",
            "select | Select | [patients.name] | of {patients}"
        ),
        (
            "SELECT left(ssn,6) AS a, right(ssn,5) AS b FROM patients",
            "select | Select | [patients.ssn, patients.ssn] | of {patients}"
        ),
        (
            "SELECT translate(ssn,'0123456789-','abcdefghijz') AS x FROM patients",
            "select | Select | [patients.ssn] | of {patients}"
        ),
        (
            "SELECT encode(convert_to(name,'UTF8'),'base64') AS x FROM patients",
            "select | Select | [patients.name] | of {patients} | where {an expression that may fail patients.name}"
        ),
        (
            "SELECT replace(ssn,'-','')::bigint*7+1 AS x FROM patients",
            "select | Select | [patients.ssn] | of {patients} | where {an expression that may fail patients.ssn}"
        ),
        (
            "SELECT array(SELECT ascii(c) FROM string_to_table(name,NULL) c) AS x FROM patients WHERE id=1",
            "select | Select | [patients.name] | of {patients} | where {WHERE patients.id; a set-returning function patients.name}"
        ),
        (
            "SELECT coalesce(nullif(name,''),'') a, greatest(name,'') b FROM patients",
            "select | Select | [patients.name, patients.name] | of {patients} | where {a comparison patients.name}"
        ),
        (
            "SELECT string_agg(name,';') AS x FROM patients",
            "select | Select | [patients.name] | of {patients} | where {an aggregate patients.name}"
        ),
        (
            "SELECT ARRAY(SELECT name FROM patients) AS x",
            "select | Select | [patients.name] | of {patients}"
        ),
        (
            "SELECT row_to_json(p) AS x FROM patients p",
            "select | Select | [patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn] | of {patients}"
        ),
        (
            "SELECT e.value AS x FROM patients p, jsonb_each_text(to_jsonb(p)) e",
            "select | Select | [patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn] | of {patients} | where {a set-returning function patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn}"
        ),
        (
            "SELECT p FROM patients p",
            "select | Select | [patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn] | of {patients}"
        ),
        (
            "SELECT patients FROM patients",
            "select | Select | [patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn] | of {patients}"
        ),
        (
            "SELECT ROW(p.*) AS x FROM patients p",
            "select | Select | [patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn] | of {patients}"
        ),
        (
            "SELECT name(p.*) AS x FROM patients p",
            "select | Select | [patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn] | of {patients}"
        ),
        (
            "SELECT ssn(p) AS x FROM patients p",
            "select | Select | [patients.ssn] | of {patients}"
        ),
        (
            "SELECT (p).ssn, (p).* FROM patients p",
            "select | Select | [patients.ssn, patients.id, patients.name, patients.ssn, patients.dob, patients.phone, patients.email, patients.note] | of {patients}"
        ),
        (
            "SELECT p.upper FROM patients p",
            "select | Select | [patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn] | of {patients}"
        ),
        (
            "SELECT (ROW(id, ssn)).f2 FROM patients",
            "select | Select | [patients.ssn] | of {patients}"
        ),
        (
            "SELECT (v.address).zip, (v).address FROM app.visits v",
            "select | Select | [visits.address, visits.address] | of {visits}"
        ),
        (
            "SELECT * FROM app.visits",
            "select | Select | [visits.id, visits.patient, visits.at, visits.tags, visits.address, visits.data] | of {visits}"
        ),
        (
            "SELECT first_value(name) OVER (ORDER BY id) AS x FROM patients",
            "select | Select | [patients.id+patients.name] | of {patients} | where {OVER patients.id; OVER patients.id+patients.name}"
        ),
        (
            "SELECT ts_headline('simple',name,to_tsquery('simple','ada')) a, to_tsvector('simple',name) b FROM patients",
            "select | Select | [patients.name, patients.name] | of {patients} | where {an expression that may fail patients.name}"
        ),
        (
            "SELECT int8range(phone,phone+1) AS x FROM patients",
            "select | Select | [patients.phone] | of {patients} | where {an expression that may fail patients.phone}"
        ),
        (
            "SELECT unnest(ARRAY[name,ssn]) AS x FROM patients",
            "select | Select | [patients.name+patients.ssn] | of {patients} | where {a set-returning function patients.name+patients.ssn}"
        ),
        (
            "SELECT phone::numeric::text AS x FROM patients",
            "select | Select | [patients.phone] | of {patients}"
        ),
        (
            #"SELECT name COLLATE "C", CAST(phone AS varchar(10)), dob + interval '1 day', substring(name FROM 1 FOR 2) FROM patients"#,
            "select | Select | [patients.name, patients.phone, patients.dob, patients.name] | of {patients} "
                + "| where {an expression that may fail patients.dob; an expression that may fail unless it is NULL patients.name}"
        ),
        (
            "SELECT xmlelement(name x, xmlattributes(name AS y), ssn) FROM patients",
            "select | Select | [patients.name+patients.ssn] | of {patients}"
        ),
        (
            "SELECT t.* FROM patients p, xmltable('/a' PASSING (p.note::xml) COLUMNS x text PATH 'b', y int PATH (p.email)) t",
            "select | Select | [patients.note, patients.email+patients.note] | of {patients} | where {an expression that may fail patients.note; a set-returning function patients.note; an expression that may fail patients.email+patients.note}"
        ),
        (
            "SELECT x.* FROM patients p, json_to_record(row_to_json(p)) AS x(name text)",
            "select | Select | [patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn] | of {patients} | where {an expression that may fail patients.dob+patients.email+patients.id+patients.name+patients.note+patients.phone+patients.ssn}"
        ),
        (
            "SELECT * FROM unnest(ARRAY[1,2], ARRAY['a','b']) AS u(a,b)",
            "select | Select | [, ]"
        ),
        (
            "SELECT * FROM ROWS FROM (generate_series(1,2), unnest(ARRAY['x'])) WITH ORDINALITY AS r(a,b,c)",
            "select | Select | [, , ]"
        ),
        (
            "SELECT t.a FROM (VALUES (1,'x'), ((SELECT length(ssn) FROM patients LIMIT 1),'y')) t(a,b)",
            "select | Select | [patients.ssn] | of {patients}"
        ),
        (
            "SELECT name FROM patients UNION ALL SELECT note FROM patients",
            "select | Select | [patients.name+patients.note] | of {patients}"
        ),
        (
            "SELECT id, (SELECT name FROM patients q WHERE q.ssn = p.ssn) FROM patients p",
            "select | Select | [patients.id, patients.name+patients.ssn] | of {patients} | where {WHERE patients.ssn}"
        ),
        (
            "SELECT p.id, l.s FROM patients p LEFT JOIN LATERAL (SELECT upper(p.ssn) AS s) l ON true",
            "select | Select | [patients.id, patients.ssn] | of {patients}"
        ),
        (
            "SELECT (SELECT y FROM (SELECT 1) a(x), (SELECT x AS y) b) FROM (SELECT ssn FROM patients) p(x)",
            "select | Select | [patients.ssn] | of {patients}"
        ),
        (
            "SELECT * FROM dual NATURAL JOIN patients_v",
            "select | Select | [dual.x+patients.name+patients_v.x] | of {dual patients^ patients_v} | where {JOIN dual.x+patients.name+patients_v.x}"
        ),
        (
            "SELECT x FROM dual FULL JOIN patients_v USING (x)",
            "select | Select | [dual.x+patients.name+patients_v.x] | of {dual patients^ patients_v} | where {JOIN dual.x+patients.name+patients_v.x}"
        ),
        (
            "SELECT j.* FROM (dual d JOIN patients p ON d.x = p.id) AS j(a,b,c)",
            "select | Select | [dual.x, patients.id, patients.name, patients.ssn, patients.dob, patients.phone, patients.email, patients.note] | of {dual patients} | where {JOIN dual.x+patients.id}"
        ),
        (
            "SELECT u.x FROM dual JOIN patients_v USING (x) AS u",
            "select | Select | [dual.x+patients.name+patients_v.x] | of {dual patients^ patients_v} | where {JOIN dual.x+patients.name+patients_v.x}"
        ),
        (
            "SELECT name AS q FROM (patients CROSS JOIN dual)",
            "select | Select | [patients.name] | of {dual patients}"
        ),
        (
            "SELECT public.patients.name, postgres.public.patients.ssn FROM patients",
            "select | Select | [patients.name, patients.ssn] | of {patients}"
        ),
        (
            "SELECT ctid, xmin, tableoid, p.ctid FROM patients p",
            "select | Select | [, , , ] | of {patients}"
        ),
        (
            "SELECT other.public.patients.ssn FROM patients",
            "select | Select | [?] | of {patients} | unknown {a column that could not be resolved}"
        ),
        (
            "SELECT ssn FROM other.public.patients",
            "select | Select | [?] | unknown {a relation of another database}"
        ),
        (
            "SELECT nosuch FROM patients",
            "select | Select | [?] | of {patients} | unknown {a column that could not be resolved}"
        ),
        (
            "SELECT * FROM nosuch",
            "select | Select | unknown | missing {nosuch} | unknown {a relation that the catalogue does not hold; the columns of a *}"
        ),
        (
            "SELECT a.x FROM nosuch a, patients p",
            "select | Select | [?] | of {patients} | missing {nosuch} | unknown {a relation that the catalogue does not hold}"
        ),
        (
            "SELECT x FROM loop_a",
            "select | Select | [loop_a.x+?] | of {loop_a} | unknown {a view that cannot be followed}"
        ),
        (
            "SELECT x FROM unreadable",
            "select | Select | [unreadable.x+?] | of {unreadable} | unknown {a view that cannot be followed}"
        ),
        (
            "SELECT x FROM calling",
            "select | Execute,Select | [calling.x+patients.name+?] | of {calling patients^} | calls {public.audit userDefined (patients.name)}"
        ),
        (
            "SELECT id FROM by_ssn",
            "select | Select | [by_ssn.id+patients.id] | of {by_ssn patients^}"
        ),
        (
            "SELECT chunk_data FROM pg_toast.pg_toast_16400",
            "select | Select | [pg_toast_16400.chunk_data] | of {pg_toast_16400}"
        ),
    ]

    @Test(arguments: transcripts)
    func `columns are followed to where they come from`(text: String, facts: String) throws {
        let told = try described(text)
        #expect(told == facts)
    }
}
