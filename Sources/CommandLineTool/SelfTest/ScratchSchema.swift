/// The schema of a self-test, made in the user's database and removed again.
enum ScratchSchema {
    static let name = "weir_self_test"

    /// Whether the database has it.
    static func exists(for administrator: UpstreamSession) async throws -> Bool {
        let found = try await administrator.rows(
            of: "SELECT pg_catalog.to_regnamespace('\(name)') IS NOT NULL")
        return found.first?.first == "t"
    }

    /// Makes it, or makes it anew, with what `role` needs to play every attack that does not ask for more.
    static func make(with canary: Canary, for role: String, by administrator: UpstreamSession) async throws {
        _ = try await administrator.rows(of: script(canary, role: SQLText.identifier(role)))
    }

    static func remove(by administrator: UpstreamSession) async throws {
        _ = try await administrator.rows(
            of: "SET client_min_messages = error; DROP SCHEMA IF EXISTS \(name) CASCADE")
    }

    private static func script(_ canary: Canary, role: String) -> String {
        """
        SET client_min_messages = error;
        DROP SCHEMA IF EXISTS \(name) CASCADE;
        CREATE SCHEMA \(name);
        SET search_path = \(name);
        CREATE TABLE people (
            id int PRIMARY KEY, fullname text, taxid text, born date, mobile bigint, mail text, remark text);
        INSERT INTO people VALUES
            (1, '\(canary.fullName)', '\(canary.taxNumber)', '\(canary.born)', \(canary.mobile), '\(canary.mail)', 'r1'),
            (2, 'Anna Other', '000-00-0000', '2000-01-01', 5, 'anna@self-test.example', 'r2');
        CREATE TABLE staff_people (rank text) INHERITS (people);
        INSERT INTO staff_people VALUES (40, '\(canary.fullName)', '1', '2000-01-01', 6, 'x', 'r40', 'sister');
        CREATE TABLE cards (
            id int, taxid text, tail text GENERATED ALWAYS AS (right(taxid, 7)) STORED);
        INSERT INTO cards VALUES (1, '\(canary.taxNumber)');
        CREATE TABLE stays (person int, day date, diagnosis text) PARTITION BY RANGE (day);
        CREATE TABLE stays_2025 PARTITION OF stays FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        INSERT INTO stays VALUES (1, '2025-05-05', '\(canary.diagnosis)');
        CREATE TABLE rooms (id int PRIMARY KEY, code text);
        INSERT INTO rooms VALUES (11, 'east'), (12, 'west');
        CREATE VIEW contacts AS SELECT id, fullname AS label FROM people;
        CREATE VIEW labels AS SELECT id AS n, upper(label) AS shout FROM contacts;
        CREATE MATERIALIZED VIEW directory AS SELECT id, mail AS entry FROM people;
        CREATE FUNCTION wipe() RETURNS bigint LANGUAGE sql AS
            $$ WITH gone AS (DELETE FROM \(name).people RETURNING 1) SELECT count(*) FROM gone $$;
        CREATE FUNCTION whois(int) RETURNS text LANGUAGE sql STABLE AS
            $$ SELECT fullname FROM \(name).people WHERE id = $1 $$;
        CREATE PROCEDURE wipe_all() LANGUAGE sql AS $$ DELETE FROM \(name).people $$;
        ANALYZE people;
        GRANT USAGE, CREATE ON SCHEMA \(name) TO \(role);
        GRANT ALL ON ALL TABLES IN SCHEMA \(name) TO \(role)
        """
    }

    /// The manifests that govern it: a connection has them in force while it is tested.
    static func manifests(connection: String, namespace: String) -> String {
        """
        # Governs the scratch schema of weirctl self-test, and nothing else.
        apiVersion: weir.dev/v1alpha1
        kind: MaskingPolicy
        metadata: {name: weir-self-test, namespace: \(namespace)}
        spec:
          targets: {connectionNames: [\(connection)]}
          rules:
          - name: people
            match:
              schemas: [\(name)]
              tables: [people, cards]
              columns: [fullname, taxid, born, mobile, mail]
            action: {type: Redact}
          - name: diagnoses
            match: {schemas: [\(name)], tables: [stays], columns: [diagnosis]}
            action: {type: Redact}
          unmatched: Allow
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ApprovalRule
        metadata: {name: weir-self-test, namespace: \(namespace)}
        spec:
          targets: {connectionNames: [\(connection)]}
          match: {statements: [Delete, Drop, Truncate], tables: ["\(name).*"]}
          effect: Deny

        """
    }
}
