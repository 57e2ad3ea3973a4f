import StatementAnalysis
import Testing

/// What decides which rows come back, how often and in which order (C of the attack catalogue).
struct ConditionTests {
    private static let transcripts: [(text: String, facts: String)] = [
        (
            "SELECT name || ' <' || email || '>', lower(name), name::varchar(3) FROM patients",
            "select | Select | [patients.email+patients.name, patients.name, patients.name] | of {patients}"
        ),
        (
            "SELECT name::numeric(3, 1) FROM patients",
            "select | Select | [patients.name] | of {patients} | where {an expression that may fail patients.name}"
        ),
        (
            "SELECT XMLPARSE(CONTENT name) FROM patients",
            "select | Select | [patients.name] | of {patients} | where {an expression that may fail patients.name}"
        ),
        (
            "SELECT id FROM patients WHERE ssn='536-22-8713'",
            "select | Select | [patients.id] | of {patients} | where {WHERE patients.ssn}"
        ),
        (
            "SELECT id FROM patients WHERE dob BETWEEN '1815-12-01' AND '1815-12-31'",
            "select | Select | [patients.id] | of {patients} | where {WHERE patients.dob}"
        ),
        (
            "SELECT id FROM patients WHERE ssn IN ('a','b') OR name ~* 'x' OR email ILIKE 'x%' OR note SIMILAR TO 'x'",
            "select | Select | [patients.id] | of {patients} | where {WHERE patients.email+patients.name+patients.note+patients.ssn}"
        ),
        (
            "SELECT id FROM patients WHERE (id, ssn) > (1, 'x')",
            "select | Select | [patients.id] | of {patients} | where {WHERE patients.id+patients.ssn}"
        ),
        (
            "SELECT id FROM patients ORDER BY ssn",
            "select | Select | [patients.id] | of {patients} | where {ORDER BY patients.ssn}"
        ),
        (
            "SELECT id FROM patients ORDER BY 1, length(ssn)",
            "select | Select | [patients.id] | of {patients} | where {ORDER BY patients.id+patients.ssn}"
        ),
        (
            "SELECT id AS ssn FROM patients ORDER BY ssn",
            "select | Select | [patients.id] | of {patients} | where {ORDER BY patients.id+patients.ssn}"
        ),
        (
            "SELECT name FROM patients UNION SELECT note FROM patients ORDER BY 1",
            "select | Select | [patients.name+patients.note] | of {patients} | where {UNION patients.name+patients.note; ORDER BY patients.name+patients.note}"
        ),
        (
            "SELECT name FROM patients UNION ALL (SELECT note FROM patients ORDER BY ssn LIMIT 1)",
            "select | Select | [patients.name+patients.note] | of {patients} | where {ORDER BY patients.ssn}"
        ),
        (
            "SELECT name FROM patients EXCEPT ALL SELECT 'x'",
            "select | Select | [patients.name] | of {patients} | where {UNION patients.name}"
        ),
        (
            "SELECT count(DISTINCT ssn) FROM patients",
            "select | Select | [patients.ssn] | of {patients} | where {an aggregate patients.ssn}"
        ),
        (
            "SELECT count(*) FROM patients",
            "select | Select | [] | of {patients}"
        ),
        (
            "SELECT DISTINCT ssn FROM patients",
            "select | Select | [patients.ssn] | of {patients} | where {DISTINCT patients.ssn}"
        ),
        (
            "SELECT DISTINCT ON (ssn) id FROM patients",
            "select | Select | [patients.id] | of {patients} | where {DISTINCT patients.ssn}"
        ),
        (
            "SELECT EXISTS(SELECT 1 FROM patients WHERE substr(ssn,1,1)='5')",
            "select | Select | [patients.ssn] | of {patients} | where {an expression that may fail unless it is NULL patients.ssn; WHERE patients.ssn}"
        ),
        (
            "SELECT d.x FROM dual d WHERE EXISTS (SELECT 1 FROM patients p WHERE p.id = d.x AND p.ssn LIKE '5%')",
            "select | Select | [dual.x] | of {dual patients} | where {WHERE dual.x+patients.id+patients.ssn}"
        ),
        (
            "SELECT (id, name) IN (SELECT 1, 'x') FROM patients",
            "select | Select | [patients.id+patients.name] | of {patients} | where {a comparison patients.id+patients.name}"
        ),
        (
            "SELECT id FROM patients WHERE phone > ALL (SELECT 1) AND ssn = ANY (ARRAY['x'])",
            "select | Select | [patients.id] | of {patients} | where {WHERE patients.phone+patients.ssn}"
        ),
        (
            "SELECT id, rank() OVER (ORDER BY ssn) FROM patients",
            "select | Select | [patients.id, patients.ssn] | of {patients} | where {OVER patients.ssn}"
        ),
        (
            "SELECT rank() OVER w, ntile(4) OVER (w ORDER BY email) FROM patients WINDOW w AS (PARTITION BY ssn)",
            "select | Select | [patients.ssn, patients.email+patients.ssn] | of {patients} | where {OVER patients.ssn; OVER patients.email+patients.ssn}"
        ),
        (
            "SELECT max(dob) FILTER (WHERE ssn > 'a') FROM patients GROUP BY GROUPING SETS ((name), ()) HAVING min(email) > 'x'",
            "select | Select | [patients.dob+patients.ssn] | of {patients} | where {an aggregate patients.ssn; an aggregate patients.dob+patients.ssn; GROUP BY patients.name; an aggregate patients.email; HAVING patients.email}"
        ),
        (
            "SELECT mode() WITHIN GROUP (ORDER BY phone) FROM patients",
            "select | Select | [patients.phone] | of {patients} | where {an aggregate patients.phone}"
        ),
        (
            "SELECT GROUPING(ssn) FROM patients GROUP BY CUBE(ssn)",
            "select | Select | [patients.ssn] | of {patients} | where {GROUP BY patients.ssn}"
        ),
        (
            "SELECT id AS k FROM patients GROUP BY k, ssn",
            "select | Select | [patients.id] | of {patients} | where {GROUP BY patients.id+patients.ssn}"
        ),
        (
            "SELECT 1/(CASE WHEN substr(ssn,1,1)='5' THEN 0 ELSE 1 END) FROM patients WHERE id=1",
            "select | Select | [patients.ssn] | of {patients} | where {WHERE patients.id; an expression that may fail unless it is NULL patients.ssn; a comparison patients.ssn; an expression that may fail patients.ssn}"
        ),
        (
            "SELECT CASE ssn WHEN 'x' THEN 1 ELSE 2 END, name IS NOT NULL, (name = 'x') IS TRUE, name IS DISTINCT FROM 'x' FROM patients",
            "select | Select | [patients.ssn, patients.name, patients.name, patients.name] | of {patients} | where {a comparison patients.ssn; a comparison patients.name}"
        ),
        (
            "SELECT d.x FROM dual d JOIN patients p ON p.ssn = 'x'",
            "select | Select | [dual.x] | of {dual patients} | where {JOIN patients.ssn}"
        ),
        (
            "SELECT d.x FROM dual d, patients p WHERE p.id = d.x",
            "select | Select | [dual.x] | of {dual patients} | where {WHERE dual.x+patients.id}"
        ),
        (
            "SELECT id FROM patients LIMIT (SELECT length(ssn) FROM patients LIMIT 1)",
            "select | Select | [patients.id] | of {patients} | where {LIMIT patients.ssn}"
        ),
        (
            "SELECT * FROM generate_series(1, (SELECT length(ssn) FROM patients LIMIT 1)) g",
            "select | Select | [patients.ssn] | of {patients} | where {a set-returning function patients.ssn}"
        ),
        (
            "UPDATE patients SET id=id WHERE ssn LIKE '5%'",
            "update | Update | none | of {patients!} | where {WHERE patients.ssn} | sets {patients.id = patients.id}"
        ),
        (
            "DELETE FROM patients USING dual WHERE ssn = 'x' AND x = id RETURNING id",
            "delete | Delete | [patients.id] | of {dual patients!} | where {WHERE dual.x+patients.id+patients.ssn}"
        ),
        (
            "INSERT INTO patients (id, ssn) VALUES (1,'x') ON CONFLICT DO NOTHING",
            "insert | Insert | none | of {patients!} | where {ON CONFLICT patients.id} | sets {patients.id = ; patients.ssn = }"
        ),
        (
            "INSERT INTO patients (id) VALUES (1) ON CONFLICT (ssn) WHERE email = 'x' DO NOTHING",
            "insert | Insert | none | of {patients!} | where {ON CONFLICT patients.ssn; ON CONFLICT patients.email} | sets {patients.id = }"
        ),
        (
            "INSERT INTO patients AS t (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET note = 'x' WHERE t.email = 'x'",
            "insert | Insert,Update | none | of {patients!} | where {ON CONFLICT patients.id; ON CONFLICT patients.email} | sets {patients.id = ; patients.note = }"
        ),
        (
            "MERGE INTO patients p USING dual d ON p.id = d.x WHEN MATCHED AND p.ssn = 'x' THEN DELETE WHEN NOT MATCHED THEN DO NOTHING",
            "merge | Delete,Merge | none | of {dual patients!} | where {JOIN dual.x+patients.id; WHERE patients.ssn}"
        ),
        (
            "EXPLAIN SELECT 1 FROM patients WHERE ssn='536-22-8713'",
            "explain | Select | plan | of {patients} | where {WHERE patients.ssn}"
        ),
        (
            "SELECT stavalues1 FROM pg_statistic WHERE starelid='patients'::regclass",
            "select | Select | [pg_statistic.stavalues1] | of {pg_statistic} | where {WHERE pg_statistic.starelid}"
        ),
        (
            "CREATE UNIQUE INDEX ON patients (ssn) WHERE email IS NULL",
            #"create("INDEX") | Create | none | of {patients!} | where {a comparison patients.ssn; a comparison patients.email}"#
        ),
        (
            "CREATE INDEX ON patients (lower(ssn))",
            #"create("INDEX") | Create | none | of {patients!} | where {a comparison patients.ssn}"#
        ),
        (
            "ALTER TABLE patients ADD UNIQUE (ssn), ADD CHECK (name > 'x')",
            #"alter("TABLE") | Alter | none | of {patients!} | where {a comparison patients.ssn; a comparison patients.name}"#
        ),
        (
            "CREATE TABLE probe (s text REFERENCES patients(ssn))",
            #"create("TABLE") | Create | none | of {patients} | where {a comparison patients.ssn}"#
        ),
        (
            "CREATE TABLE probe (s int REFERENCES patients)",
            #"create("TABLE") | Create | none | of {patients} | where {a comparison patients.id}"#
        ),
        (
            "CREATE STATISTICS s ON ssn, name FROM patients",
            #"create("STATISTICS") | Create | none | of {patients!} | where {a comparison patients.ssn; a comparison patients.name}"#
        ),
        (
            "CREATE POLICY p ON patients USING (ssn = 'x')",
            #"create("POLICY") | Create,Grant | none | of {patients!} | where {WHERE patients.ssn}"#
        ),
    ]

    @Test(arguments: transcripts)
    func `what decides about rows is told`(text: String, facts: String) throws {
        let told = try described(text)
        #expect(told == facts)
    }
}
