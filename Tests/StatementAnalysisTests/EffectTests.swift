import StatementAnalysis
import Testing

/// What statements do, wherever in them it is done (F and G of the attack catalogue).
struct EffectTests {
    private static let transcripts: [(text: String, facts: String)] = [
        (
            "DO $$ BEGIN DELETE FROM patients; END $$",
            "doBlock | Execute | none | calls {DO userDefined (?)}"
        ),
        (
            "SELECT purge()",
            "select | Execute,Select | [?] | calls {public.purge userDefined ()}"
        ),
        (
            "SELECT 1 FROM dual ORDER BY purge()",
            "select | Execute,Select | [] | of {dual} | where {ORDER BY ?} | calls {public.purge userDefined ()}"
        ),
        (
            "SELECT x FROM dual WHERE purge() > 1 GROUP BY x, purge() HAVING purge() > 0 LIMIT purge()",
            "select | Execute,Select | [dual.x] | of {dual} | where {WHERE ?; GROUP BY dual.x+?; HAVING ?; LIMIT ?} | calls {public.purge userDefined ()}"
        ),
        (
            "CALL purge_p()",
            "call | Execute | unknown | calls {purge_p userDefined ()}"
        ),
        (
            "PREPARE d AS DELETE FROM patients; EXECUTE d",
            "prepare | Delete,Session | none | of {patients!} | without where ;; execute | Session | prepared d"
        ),
        (
            "WITH d AS MATERIALIZED (DELETE FROM patients RETURNING 1) SELECT count(*) FROM d",
            "select | Delete,Select | [] | of {patients!} | without where"
        ),
        (
            "EXPLAIN DELETE FROM patients",
            "explain | Select | plan | of {patients}"
        ),
        (
            "EXPLAIN ANALYZE DELETE FROM patients",
            "explain | Delete | plan | of {patients!} | without where"
        ),
        (
            "EXPLAIN (COSTS off, ANALYZE 1) DELETE FROM patients",
            "explain | Delete | plan | of {patients!} | without where"
        ),
        (
            "EXPLAIN (ANALYZE off, ANALYZE) DELETE FROM patients",
            "explain | Delete | plan | of {patients!} | without where"
        ),
        (
            "EXPLAIN (ANALYZE false) UPDATE patients SET id = 1",
            "explain | Select | plan | of {patients}"
        ),
        (
            "EXPLAIN ANALYZE EXECUTE d",
            "explain | Session | plan | executes d"
        ),
        (
            "CREATE TABLE loot AS EXECUTE d(purge())",
            #"create("TABLE") | Create,Execute | none | calls {public.purge userDefined ()} | executes d"#
        ),
        (
            "COPY (DELETE FROM patients RETURNING 1) TO STDOUT",
            "copy | CopyOut,Delete | [] | of {patients!} | without where"
        ),
        (
            "INSERT INTO ruled VALUES (1)",
            "insert | Execute,Insert | none | of {ruled!} | sets {ruled.x = }"
        ),
        (
            "CREATE TABLE t (x text DEFAULT set_config('search_path', 'app', false))",
            #"create("TABLE") | Create,Define | none"#
        ),
        (
            "CREATE RULE rx AS ON UPDATE TO dual DO INSTEAD DELETE FROM patients",
            #"create("RULE") | Create,Define,Delete | none | of {dual! patients!} | without where"#
        ),
        (
            "CREATE INDEX ixz ON dual(purge())",
            #"create("INDEX") | Create,Execute | none | of {dual!} | where {a comparison ?} | calls {public.purge userDefined ()}"#
        ),
        (
            "CREATE TABLE t (x int DEFAULT purge())",
            #"create("TABLE") | Create,Execute | none | sets {_ = ?} | calls {public.purge userDefined ()}"#
        ),
        (
            "TRUNCATE patients, app.visits",
            "truncate | Truncate | none | of {patients! visits!}"
        ),
        (
            "TRUNCATE patients CASCADE",
            "truncate | Truncate | none | of {patients!} | unknown {the tables a CASCADE reaches}"
        ),
        (
            "LOAD 'auto_explain'",
            #"other("LOAD") | Administer | none"#
        ),
        (
            "DROP OWNED BY bob",
            #"drop("OWNED") | Drop,Grant | none | unknown {the objects a role owns}"#
        ),
        (
            "DROP TABLE patients",
            #"drop("TABLE") | Drop | none | of {patients!}"#
        ),
        (
            "DROP SCHEMA app CASCADE",
            #"drop("SCHEMA") | Drop | none | of {address! visits!} | drops others"#
        ),
        (
            "GRANT SELECT ON patients TO PUBLIC",
            "grant | Grant | none | of {patients!}"
        ),
        (
            "CREATE ROLE zrole; GRANT pg_read_all_data TO zrole",
            #"create("ROLE") | Create,Grant | none ;; grant | Grant | none"#
        ),
        (
            "ALTER ROLE CURRENT_USER SET standard_conforming_strings=off",
            #"alter("ROLE") | Administer,Alter,Grant | none"#
        ),
        (
            "ALTER SYSTEM SET x = 1",
            #"alter("SYSTEM") | Administer,Alter | none"#
        ),
        (
            "CREATE EXTENSION dblink; SELECT lower('x')",
            #"create("EXTENSION") | Administer,Create | none ;; select | Execute,Select | [?] | calls {lower userDefined ()}"#
        ),
        (
            "CREATE SERVER s FOREIGN DATA WRAPPER f",
            #"create("SERVER") | Administer,Create | none"#
        ),
        (
            "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p",
            #"create("SUBSCRIPTION") | Administer,Create | none"#
        ),
        (
            "SELECT id FROM patients FOR UPDATE",
            "select | Lock,Select | [patients.id] | of {patients} | without where"
        ),
        (
            "LOCK TABLE patients",
            "lock | Lock | none | of {patients} | without where"
        ),
        (
            "VACUUM patients",
            "vacuum | Session | none | of {patients}"
        ),
        (
            "VACUUM FULL patients",
            "vacuum | Lock,Session | none | of {patients}"
        ),
        (
            "CLUSTER patients",
            #"other("CLUSTER") | Alter,Lock | none | of {patients!}"#
        ),
        (
            "REINDEX TABLE patients",
            #"other("REINDEX") | Alter,Lock | none | of {patients!}"#
        ),
        (
            "DELETE FROM patients WHERE id=id",
            "delete | Delete | none | of {patients!} | where {WHERE patients.id} | without where"
        ),
        (
            "DELETE FROM patients WHERE id = 1 OR 1=1",
            "delete | Delete | none | of {patients!} | where {WHERE patients.id} | without where"
        ),
        (
            "DELETE FROM patients WHERE (SELECT true) AND now() IS NOT NULL",
            "delete | Delete,Select | none | of {patients!} | without where"
        ),
        (
            "DELETE FROM patients USING dual d WHERE d.x = 1",
            "delete | Delete | none | of {dual patients!} | where {WHERE dual.x} | without where"
        ),
        (
            "DELETE FROM patients USING dual d WHERE d.x = patients.id",
            "delete | Delete | none | of {dual patients!} | where {WHERE dual.x+patients.id}"
        ),
        (
            "DELETE FROM patients USING patients p WHERE p.id = 1",
            "delete | Delete | none | of {patients patients!} | where {WHERE patients.id} | without where"
        ),
        (
            "DELETE FROM patients WHERE EXISTS (SELECT 1 FROM patients p WHERE p.id = patients.id)",
            "delete | Delete,Select | none | of {patients patients!} | where {WHERE patients.id}"
        ),
        (
            "DELETE FROM calling",
            "delete | Delete,Execute | none | of {calling! patients!^ patients^} | calls {public.audit userDefined (patients.name)} | without where"
        ),
        (
            "DROP TABLE dual CASCADE",
            #"drop("TABLE") | Drop | none | of {dual!} | drops others"#
        ),
        (
            "DELETE FROM patients WHERE true AND id = 1",
            "delete | Delete | none | of {patients!} | where {WHERE patients.id}"
        ),
        (
            "DELETE FROM patients WHERE ctid = '(0,1)'",
            "delete | Delete | none | of {patients!}"
        ),
        (
            "DELETE FROM patients WHERE CURRENT OF c",
            "delete | Delete | none | of {patients!}"
        ),
        (
            "DELETE FROM patients WHERE id = $1",
            "delete | Delete | none | of {patients!} | where {WHERE patients.id}"
        ),
        (
            "DELETE FROM patients /* WHERE id=1 */",
            "delete | Delete | none | of {patients!} | without where"
        ),
        (
            "DELETE FROM patients --",
            "delete | Delete | none | of {patients!} | without where"
        ),
        (
            #"DELETE FROM U&"\0070atients""#,
            "delete | Delete | none | of {patients!} | without where"
        ),
        (
            #"SELECT U&"\0070urge"()"#,
            "select | Execute,Select | [?] | calls {public.purge userDefined ()}"
        ),
        (
            "DELETE FROM postgres.public.patients",
            "delete | Delete | none | of {patients!} | without where"
        ),
        (
            "dElEtE fRoM PATIENTS",
            "delete | Delete | none | of {patients!} | without where"
        ),
        (
            "SELECT 1; DELETE FROM patients",
            "select | Select | [] ;; delete | Delete | none | of {patients!} | without where"
        ),
        (
            "SELECT $a1$ ' $a1$; DELETE FROM patients; --'",
            "select | Select | [] ;; delete | Delete | none | of {patients!} | without where"
        ),
        (
            "((SELECT 1)) UNION (SELECT count(*) FROM (VALUES(1)) v); DELETE FROM patients",
            "select | Select | [] ;; delete | Delete | none | of {patients!} | without where"
        ),
        (
            "SELECT 5::app.positive, '5'::app.label, 'a'::app.mood, ROW('a','b')::app.address",
            "select | Execute,Select | [, , , ] | calls {app.positive userDefined ()}"
        ),
        (
            "SELECT audit(name), pg_catalog.lower(name), public.nosuch(name) FROM patients",
            "select | Execute,Select | [patients.name+?, patients.name, patients.name+?] | of {patients} | calls {public.audit userDefined (patients.name); nosuch userDefined (patients.name)}"
        ),
        (
            "SELECT current_user, current_date, now(), version(), random(), gen_random_uuid(), nextval('s')",
            "select | Select | [, , , , , , ]"
        ),
        (
            "VALUES (1, 'x'), (2, 'y')",
            "select | Select | [, ]"
        ),
        (
            "SHOW ALL",
            "show | Session | [, , ]"
        ),
        (
            "LISTEN a; NOTIFY a, 'x'; UNLISTEN *",
            "listen | Session | none ;; notify | Session | none ;; unlisten | Session | none"
        ),
        (
            "DEALLOCATE ALL; DISCARD ALL; RESET ALL; CLOSE ALL",
            "deallocate | Session | none ;; discard | Session | none ;; reset | Session | none ;; closeCursor | Session | none"
        ),
        (
            "PREPARE TRANSACTION 'x'",
            "transaction | Administer,Session | none"
        ),
        (
            "COMMENT ON COLUMN patients.ssn IS 'x'",
            "comment | Alter | none | of {patients!}"
        ),
        (
            "MERGE INTO patients p USING dual d ON p.id = d.x WHEN MATCHED THEN UPDATE SET note = 'x' WHEN NOT MATCHED THEN INSERT (id) VALUES (d.x)",
            "merge | Insert,Merge,Update | none | of {dual patients!} | where {JOIN dual.x+patients.id} | sets {patients.note = ; patients.id = dual.x}"
        ),
    ]

    @Test(arguments: transcripts)
    func `effects are told wherever they stand`(text: String, facts: String) throws {
        let told = try described(text)
        #expect(told == facts)
    }

    @Test(arguments: [
        ("DROP TABLE dual", false), ("DROP TABLE dual RESTRICT", false), ("DROP TABLE dual CASCADE", true),
        ("DROP FUNCTION audit CASCADE", true), ("ALTER TABLE dual DROP COLUMN x", false),
        ("ALTER TABLE dual DROP COLUMN x CASCADE", true),
    ])
    func `what is dropped with CASCADE takes others along`(text: String, dropsOthers: Bool) throws {
        #expect(try StatementAnalyzer.facts(text).dropsOthers == dropsOthers)
    }

    @Test func `what is written through a view of a view is the table below, whatever the columns are`()
        throws
    {
        func relation(_ oid: ObjectID, _ name: String, _ kind: Relation.Kind = .view) -> Relation {
            Relation(
                oid: oid, schema: "public", name: name, kind: kind,
                columns: [Relation.Column(number: 1, name: "x", type: 23)])
        }
        let catalogue = Catalogue(
            relations: [
                relation(20_001, "wards", .table), relation(20_002, "inner_v"), relation(20_003, "outer_v"),
            ], views: [20_002: "SELECT 1 AS x FROM wards", 20_003: "SELECT 2 AS x FROM inner_v"])
        let facts = try StatementAnalyzer.facts("DELETE FROM outer_v", catalogue)
        #expect(Set(facts.relations.filter(\.isWritten).map(\.name)) == ["outer_v", "inner_v", "wards"])
    }

    @Test(arguments: [
        ("ALTER TABLE patients_child DROP COLUMN ssn", true),
        ("ALTER TABLE patients_child ADD COLUMN x int DEFAULT 1, DROP COLUMN IF EXISTS ssn CASCADE", true),
        ("ALTER TABLE patients_child ALTER COLUMN note SET DEFAULT '', ALTER note DROP NOT NULL", true),
        ("ALTER TABLE patients DROP COLUMN name", false),
        ("ALTER TABLE ONLY patients DROP COLUMN name", false),
        ("ALTER TABLE nowhere DROP COLUMN name", false),
        ("ALTER TABLE patients_child RENAME COLUMN ssn TO x", false),
        ("ALTER TABLE patients_child DROP COLUMN note, ALTER COLUMN ssn TYPE text", false),
        ("ALTER TABLE patients_child NO INHERIT patients", false),
        ("ALTER TABLE patients_child ADD CHECK (ssn > 'x')", false),
        ("ALTER TABLE patients_child SET SCHEMA public", false),
    ])
    func `a column that is dropped or added leaves the others what they are`(text: String, keeps: Bool) throws
    {
        #expect(try StatementAnalyzer.all(text).map(\.keepsColumns) == [keeps])
    }
}
