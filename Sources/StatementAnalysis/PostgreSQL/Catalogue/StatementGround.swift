/// Asks what a statement stands on at this moment besides its own text, as one digest; it does no I/O.
///
/// It is another whenever somebody has replaced a view, a function, a rule, a trigger, a policy, a constraint, a default or
/// a child of what the statement names, or the session has other settings. What functions call, nobody sees. Send ``query``
/// as one statement and give its row to ``receive(row:)``.
package struct StatementGround: Equatable {
    /// How many columns ``query`` returns.
    package static let columnCount = 1

    package let relations: [ObjectID]
    package let functions: [ObjectID]
    /// Settings that `pg_settings` does not list, as nobody has defined them: lower case, letters, digits, `_`, `$` and `.`.
    package let settings: [String]
    /// SHA-256, hexadecimal; `nil` while no answer has come.
    package private(set) var digest: String?

    package init(relations: [ObjectID], functions: [ObjectID], settings: [String]) {
        self.relations = relations
        self.functions = functions
        self.settings = settings.filter(Self.isPlain)
    }

    /// Whether a setting of that name can be asked for.
    package static func isPlain(_ name: String) -> Bool {
        name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }

    /// Settings that change when and whether a statement ends, how it is logged or named, but not what it does; the search
    /// path, which stands for the names it leads to; and what belongs to one transaction.
    private static let indifferent = [
        "application_name", "client_min_messages", "idle_in_transaction_session_timeout",
        "idle_session_timeout", "lock_timeout", "search_path", "statement_timeout", "transaction_deferrable",
        "transaction_isolation", "transaction_read_only", "transaction_timeout",
    ]

    /// The rows that tell of one relation, by the column that names it.
    private static let ofRelations = [
        ("pg_attribute", "attrelid"), ("pg_attrdef", "adrelid"), ("pg_rewrite", "ev_class"),
        ("pg_trigger", "tgrelid"), ("pg_policy", "polrelid"), ("pg_constraint", "conrelid"),
        ("pg_constraint", "confrelid"), ("pg_inherits", "inhrelid"),
    ]

    package var query: String {
        let join = " OPERATOR(pg_catalog.||) "
        let written = Self.ofRelations.map { table, object in
            """
            SELECT \(["'\(table) '", "r.\(object)::pg_catalog.text", "' '", "r.xmin::pg_catalog.text"]
                .joined(separator: join)) FROM wanted JOIN pg_catalog.\(table) r \
            ON r.\(object) OPERATOR(pg_catalog.=) o
            """
        }
        let routine = ["'pg_proc '", "f.oid::pg_catalog.text", "' '", "f.xmin::pg_catalog.text"].joined(
            separator: join)
        let relation = [
            "'pg_class '", "c.oid::pg_catalog.text", "c.relkind::pg_catalog.text",
            "c.relowner::pg_catalog.text", "c.relrowsecurity::pg_catalog.text",
            "c.relforcerowsecurity::pg_catalog.text",
        ].joined(separator: join)
        let facts =
            written + [
                "SELECT \(relation) FROM wanted JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) o",
                """
                SELECT \(routine) FROM wanted JOIN pg_catalog.pg_trigger t ON t.tgrelid OPERATOR(pg_catalog.=) o \
                JOIN pg_catalog.pg_proc f ON f.oid OPERATOR(pg_catalog.=) t.tgfoid
                """,
                """
                SELECT \(routine) FROM pg_catalog.pg_proc f \
                WHERE f.oid OPERATOR(pg_catalog.=) ANY (\(CatalogueConfirmation.list(of: Set(functions))))
                """,
            ] + settingsOfSession
        return """
            SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.string_agg(\
            k, '\n' ORDER BY k COLLATE pg_catalog."C"), pg_catalog.getdatabaseencoding())), 'hex') FROM (\
            WITH RECURSIVE wanted (o) AS (\
            SELECT pg_catalog.unnest(\(CatalogueConfirmation.list(of: Set(relations)))) \
            UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i \
            JOIN wanted w ON i.inhparent OPERATOR(pg_catalog.=) w.o) \
            \(facts.joined(separator: " UNION ALL "))) q (k)
            """
    }

    /// As they are, and as the role gets them in the database.
    private var settingsOfSession: [String] {
        func list(_ names: [String]) -> String {
            "ARRAY[\(names.map { "'\($0)'" }.joined(separator: ","))]::pg_catalog.text[]"
        }
        let join = " OPERATOR(pg_catalog.||) "
        func assignment(_ name: String, _ value: String) -> String {
            ["'setting '", "\(name)::pg_catalog.text", "'='", value].joined(separator: join)
        }
        let current = "pg_catalog.current_setting(n, true)"
        return [
            """
            SELECT \(assignment("s.name", "s.setting")) FROM pg_catalog.pg_settings s \
            WHERE s.context OPERATOR(pg_catalog.=) ANY (\(list(["backend", "superuser-backend", "user", "superuser"]))) \
            AND s.name OPERATOR(pg_catalog.<>) ALL (\(list(Self.indifferent)))
            """,
            """
            SELECT \(assignment("n", current)) FROM pg_catalog.unnest(\(list(settings))) n \
            WHERE \(current) OPERATOR(pg_catalog.<>) ''
            """,
            """
            SELECT 'role '\(join)d.setconfig::pg_catalog.text FROM pg_catalog.pg_db_role_setting d \
            WHERE d.setdatabase OPERATOR(pg_catalog.=) ANY (ARRAY['0'::pg_catalog.oid, (SELECT b.oid \
            FROM pg_catalog.pg_database b WHERE b.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())]) \
            AND d.setrole OPERATOR(pg_catalog.=) ANY (ARRAY['0'::pg_catalog.oid, (SELECT a.oid \
            FROM pg_catalog.pg_roles a WHERE a.rolname OPERATOR(pg_catalog.=) session_user)])
            """,
        ]
    }

    /// Takes its row, the cell in text format.
    package mutating func receive(row: [[UInt8]?]) throws(CatalogueReader.Fault) {
        guard let digest = CatalogueRow(row).string(0) else { throw .malformedRow(query: 0) }
        self.digest = digest
    }

    /// Whether it has been answered for the same.
    package func isKnown(of other: Self) -> Bool {
        digest != nil && relations == other.relations && functions == other.functions
            && settings == other.settings
    }
}
