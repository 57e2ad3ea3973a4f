import StatementAnalysis
import Testing

/// Ways around a result set, and what is stored for later (D and E of the attack catalogue).
struct ChannelTests {
    private static let transcripts: [(text: String, facts: String)] = [
        (
            "COPY patients TO STDOUT",
            "copy | CopyOut,Select | [patients.id, patients.name, patients.ssn, patients.dob, patients.phone, patients.email, patients.note] | of {patients}"
        ),
        (
            "COPY patients(name) TO STDOUT (FORMAT binary)",
            "copy | CopyOut,Select | [patients.name] | of {patients}"
        ),
        (
            "COPY (SELECT ssn FROM patients) TO STDOUT CSV HEADER",
            "copy | CopyOut,Select | [patients.ssn] | of {patients}"
        ),
        (
            "COPY patients TO '/x.txt'",
            "copy | Administer,CopyOut,Select | none | of {patients} | sets {_ = patients.id; _ = patients.name; _ = patients.ssn; _ = patients.dob; _ = patients.phone; _ = patients.email; _ = patients.note}"
        ),
        (
            "COPY patients TO PROGRAM 'x'",
            "copy | Administer,CopyOut,Select | none | of {patients} | sets {_ = patients.id; _ = patients.name; _ = patients.ssn; _ = patients.dob; _ = patients.phone; _ = patients.email; _ = patients.note}"
        ),
        (
            "COPY patients (id, name) FROM STDIN WITH (FORMAT csv, DELIMITER ';')",
            "copy | CopyIn,Insert | none | of {patients!} | sets {patients.id = ; patients.name = }"
        ),
        (
            "COPY patients FROM PROGRAM 'echo'",
            "copy | Administer,CopyIn,Insert | none | of {patients!} | sets {patients.id = ; patients.name = ; patients.ssn = ; patients.dob = ; patients.phone = ; patients.email = ; patients.note = }"
        ),
        (
            "BEGIN; DECLARE c CURSOR FOR SELECT name x FROM patients; FETCH ALL c; COMMIT",
            "transaction | Session | none ;; declareCursor | Select,Session | none | of {patients} ;; fetch | Session | cursor c ;; transaction | Session | none"
        ),
        (
            "MOVE c; CLOSE c",
            #"other("MOVE") | Session | cursor c ;; closeCursor | Session | none"#
        ),
        (
            "SELECT name::int FROM patients",
            "select | Select | [patients.name] | of {patients} | where {an expression that may fail patients.name}"
        ),
        (
            "SELECT pg_notify('ch',name) FROM patients",
            "select | Select | [patients.name] | of {patients} | calls {pg_catalog.pg_notify storesArguments (patients.name)}"
        ),
        (
            "SELECT pg_notify('ch','hello')",
            "select | Select | []"
        ),
        (
            "SELECT set_config('a.b',(SELECT name FROM patients WHERE id=1),false) IS NULL AS k; SHOW a.b",
            "select | Select | [patients.id+patients.name] | of {patients} | where {WHERE patients.id; a comparison patients.id+patients.name} | calls {pg_catalog.set_config storesArguments (patients.id+patients.name)} ;; show | Session | []"
        ),
        (
            "SELECT pg_advisory_lock(replace(ssn,'-','')::bigint) FROM patients WHERE id=1",
            "select | Select | [patients.ssn] | of {patients} | where {WHERE patients.id; an expression that may fail patients.ssn} | calls {pg_catalog.pg_advisory_lock storesArguments (patients.ssn)}"
        ),
        (
            "SELECT lo_from_bytea(424242,name::bytea)=0 AS k FROM patients WHERE id=1",
            "select | Select | [patients.name] | of {patients} | where {WHERE patients.id; an expression that may fail patients.name; a comparison patients.name} | calls {pg_catalog.lo_from_bytea storesArguments (patients.name)}"
        ),
        (
            "SELECT convert_from(lo_get(424242),'UTF8') AS z",
            "select | Select | [?] | where {an expression that may fail ?} | calls {pg_catalog.lo_get readsByName ()}"
        ),
        (
            "SELECT query AS q FROM pg_stat_activity",
            "select | Select | [pg_stat_activity.query] | of {pg_stat_activity}"
        ),
        (
            "CREATE FUNCTION pg_temp.k() RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT 1'; EXPLAIN VERBOSE SELECT pg_temp.k() AS z",
            #"create("FUNCTION") | Create,Define | none ;; explain | Execute,Select | plan | calls {k userDefined ()}"#
        ),
        (
            "SELECT data FROM pg_logical_slot_get_changes('s',NULL,NULL)",
            "select | Select | [?] | calls {pg_catalog.pg_logical_slot_get_changes readsByName ()}"
        ),
        (
            "SELECT table_to_xml('patients',true,false,'') AS x",
            "select | Select | [?] | calls {pg_catalog.table_to_xml readsByName ()}"
        ),
        (
            "SELECT query_to_xml('SELECT ssn FROM patients',true,false,'') AS x",
            "select | Select | [?] | calls {pg_catalog.query_to_xml readsByName ()}"
        ),
        (
            "SELECT * FROM ts_stat('SELECT 1')",
            "select | Select | [?, ?, ?] | calls {pg_catalog.ts_stat readsByName ()}"
        ),
        (
            "SELECT pg_read_file('x'), pg_terminate_backend(1), pg_reload_conf()",
            "select | Select | [?, ?, ?] | calls {pg_catalog.pg_read_file readsByName (); pg_catalog.pg_terminate_backend administers (); pg_catalog.pg_reload_conf administers ()}"
        ),
        (
            "SELECT crypt(ssn, 'k'), dblink_exec('x', ssn) FROM patients",
            "select | Select | [patients.ssn, patients.ssn+?] | of {patients} | where {an expression that may fail patients.ssn} | calls {public.dblink_exec readsByName (patients.ssn)}"
        ),
        (
            "CREATE TEMP TABLE t1 AS SELECT name AS a FROM patients; SELECT a FROM t1",
            #"create("TABLE") | Create,Select | none | of {patients} | sets {_ = patients.name} ;; select | Select | [?] | unknown {a table made earlier in the same text}"#
        ),
        (
            "CREATE TEMP TABLE t3(a text); INSERT INTO t3 SELECT name FROM patients; SELECT a FROM t3",
            #"create("TABLE") | Create | none ;; insert | Insert,Select | none | of {patients} | sets {_ = patients.name} ;; select | Select | [?] | unknown {a table made earlier in the same text}"#
        ),
        (
            "SELECT ssn INTO zz FROM patients",
            "select | Create,Select | none | of {patients} | sets {_ = patients.ssn}"
        ),
        (
            "UPDATE patients SET note=name; SELECT note FROM patients",
            "update | Update | none | of {patients!} | sets {patients.note = patients.name} | without where ;; select | Select | [patients.note] | of {patients}"
        ),
        (
            "UPDATE patients p SET (name, note) = (SELECT ssn, email FROM patients q WHERE q.id = p.id), dob = DEFAULT",
            "update | Select,Update | none | of {patients patients!} | where {WHERE patients.id} | sets {patients.name = patients.email+patients.id+patients.ssn; patients.note = patients.email+patients.id+patients.ssn; patients.dob = } | without where"
        ),
        (
            "UPDATE patients SET (name, note) = (email, ssn) WHERE id = 1",
            "update | Update | none | of {patients!} | where {WHERE patients.id} | sets {patients.name = patients.email; patients.note = patients.ssn}"
        ),
        (
            "UPDATE patients_v SET x = 'y' WHERE x = 'z'",
            "update | Update | none | of {patients!^ patients^ patients_v!} | where {WHERE patients.name+patients_v.x} | sets {patients.name = }"
        ),
        (
            "INSERT INTO app.visits (patient, tags[1]) SELECT id, name FROM patients RETURNING tags",
            "insert | Insert,Select | [patients.name+visits.tags] | of {patients visits!} | sets {visits.patient = patients.id; visits.tags = patients.name}"
        ),
        (
            "ALTER TABLE patients RENAME TO pz; SELECT name AS q FROM pz",
            #"alter("TABLE") | Alter | none | of {patients!} ;; select | Select | [?] | unknown {a relation that changes earlier in the same text}"#
        ),
        (
            "ALTER TABLE dual RENAME TO d2; ALTER TABLE patients RENAME TO dual; SELECT x FROM dual",
            #"alter("TABLE") | Alter | none | of {dual!} ;; alter("TABLE") | Alter | none | of {patients!} ;; select | Select | [?] | unknown {a relation that changes earlier in the same text}"#
        ),
        (
            "ALTER TABLE patients ALTER COLUMN note TYPE text USING name",
            #"alter("TABLE") | Alter | none | of {patients!} | sets {patients.note = patients.name}"#
        ),
        (
            "ALTER TABLE patients ADD COLUMN c text GENERATED ALWAYS AS (upper(ssn)) STORED",
            #"alter("TABLE") | Alter | none | of {patients!} | sets {_ = patients.ssn}"#
        ),
        (
            "CREATE TEMP VIEW vz AS SELECT upper(name) u FROM patients; SELECT u FROM vz",
            #"create("VIEW") | Create,Select | none | of {patients} | sets {_ = patients.name} ;; select | Select | [?] | unknown {a relation that changes earlier in the same text}"#
        ),
        (
            "CREATE OR REPLACE VIEW patients_v AS SELECT ssn AS x FROM patients; SELECT u FROM patients_mv",
            #"create("VIEW") | Create,Select | none | of {patients patients_v!} | sets {_ = patients.ssn} ;; select | Select | [patients.name+patients_mv.u+patients_v.x] | of {patients^ patients_mv patients_v^} | unknown {a view that may change earlier in the same text}"#
        ),
        (
            "CREATE MATERIALIZED VIEW m AS SELECT upper(ssn) FROM patients",
            #"create("MATERIALIZED VIEW") | Create,Select | none | of {patients} | sets {_ = patients.ssn}"#
        ),
        (
            "CREATE RULE rr AS ON UPDATE TO patients DO ALSO INSERT INTO dual VALUES (length(old.name)); UPDATE patients SET id=id",
            #"create("RULE") | Create,Define,Insert | none | of {dual! patients!} | sets {dual.x = patients.name} ;; update | Update | none | of {patients!} | sets {patients.id = patients.id} | without where | unknown {the catalogue changes earlier in the same text}"#
        ),
        (
            "CREATE TRIGGER t BEFORE UPDATE ON patients FOR EACH ROW WHEN (old.ssn = 'x') EXECUTE FUNCTION f()",
            #"create("TRIGGER") | Create,Define | none | of {patients!} | where {WHERE patients.ssn}"#
        ),
        (
            "CREATE OR REPLACE FUNCTION evil.lower(int) RETURNS text LANGUAGE sql AS 'x'; SELECT lower('A')",
            #"create("FUNCTION") | Create,Define | none ;; select | Execute,Select | [?] | calls {lower userDefined ()}"#
        ),
        (
            "SET search_path=evil,pg_catalog; SELECT lower(1) AS z",
            "set | Session | none ;; select | Execute,Select | [?] | calls {evil.lower userDefined ()}"
        ),
        (
            "SET search_path=evil; SELECT lower('A'), lower(1)",
            "set | Session | none ;; select | Execute,Select | [?, ?] | calls {evil.lower userDefined ()}"
        ),
        (
            "SET ROLE bob; SELECT name AS x FROM patients",
            "set | Session | none ;; select | Select | [patients.name] | of {patients} | unknown {the catalogue changes earlier in the same text}"
        ),
        (
            "SET LOCAL search_path = evil; COMMIT; SELECT x FROM dual",
            "set | Session | none ;; transaction | Session | none ;; select | Select | [?] | missing {dual} | unknown {the catalogue changes earlier in the same text; a relation that the catalogue does not hold}"
        ),
        (
            "DO 'x'; SELECT x FROM dual",
            "doBlock | Execute | none | calls {DO userDefined (?)} ;; select | Select | [dual.x] | of {dual} | unknown {the catalogue changes earlier in the same text}"
        ),
        (
            "SELECT set_config('search_path', lower('app'), false); SELECT x FROM dual",
            "select | Select | [] ;; select | Select | [dual.x] | of {dual} | unknown {the catalogue changes earlier in the same text}"
        ),
        (
            "SELECT set_config($1, 'app', false); SELECT x FROM dual",
            "select | Select | [] ;; select | Select | [dual.x] | of {dual} | unknown {the catalogue changes earlier in the same text}"
        ),
        (
            "SELECT set_config('search_path', 'app', false) WHERE false; SELECT x FROM dual",
            "select | Select | [] ;; select | Select | [?] | missing {dual} | unknown {the catalogue changes earlier in the same text; a relation that the catalogue does not hold}"
        ),
        (
            "EXPLAIN ANALYZE SELECT set_config('search_path', lower('app'), false); SELECT x FROM dual",
            "explain | Select | plan ;; select | Select | [dual.x] | of {dual} | unknown {the catalogue changes earlier in the same text}"
        ),
        (
            "SELECT set_config('app.tenant', $1, false); SELECT x FROM dual",
            "select | Select | [] ;; select | Select | [dual.x] | of {dual}"
        ),
        (
            "DISCARD TEMP; SELECT x FROM dual",
            "discard | Session | none ;; select | Select | [dual.x] | of {dual} | unknown {the catalogue changes earlier in the same text}"
        ),
        (
            "REVOKE USAGE ON SCHEMA app FROM PUBLIC; SELECT x FROM dual",
            "revoke | Grant | none | of {address! visits!} ;; select | Select | [dual.x] | of {dual} | unknown {the catalogue changes earlier in the same text}"
        ),
        (
            #"SELECT set_config('search_path', 'evil, "B c"', false); SELECT x FROM dual"#,
            "select | Select | [] ;; select | Select | [?] | missing {dual} | unknown {a relation that the catalogue does not hold}"
        ),
    ]

    @Test(arguments: transcripts)
    func `values are followed out of the result`(text: String, facts: String) throws {
        let told = try described(text)
        #expect(told == facts)
    }
}
