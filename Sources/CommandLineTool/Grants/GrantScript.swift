import API

/// The statements that make a role for a gateway, or make it one.
struct GrantScript {
    /// In the order they are to be run.
    let statements: [String]
    private let database: String
    private let role: String

    /// Only for `schemas`; for all where it is empty.
    /// - Throws: ``GrantFault/noSchema(_:)``.
    init(
        for role: String, on database: String, grounds: GrantGrounds, schemas: [String], isReadOnly: Bool,
        replicates: Bool
    ) throws {
        if let unknown = schemas.first(where: { name in !grounds.schemas.contains { $0.name == name } }) {
            throw GrantFault.noSchema(unknown)
        }
        self.database = database
        self.role = role
        let name = SQLText.identifier(role)
        let attributes =
            "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS \(replicates ? "REPLICATION" : "NOREPLICATION")"
        var statements = ["\(grounds.roleExists ? "ALTER" : "CREATE") ROLE \(name) \(attributes)"]
        statements += grounds.memberships.map { "REVOKE \(SQLText.identifier($0)) FROM \(name)" }
        statements.append("GRANT CONNECT ON DATABASE \(SQLText.identifier(database)) TO \(name)")
        statements.append("REVOKE CREATE ON DATABASE \(SQLText.identifier(database)) FROM \(name)")
        let tables = isReadOnly ? "SELECT" : "SELECT, INSERT, UPDATE, DELETE"
        let sequences = isReadOnly ? "SELECT" : "USAGE, SELECT"
        for schema in grounds.schemas {
            let quoted = SQLText.identifier(schema.name)
            if schema.isOpen { statements.append("REVOKE CREATE ON SCHEMA \(quoted) FROM PUBLIC") }
            if grounds.roleExists { statements.append("REVOKE CREATE ON SCHEMA \(quoted) FROM \(name)") }
            guard !schema.owners.isEmpty, schemas.isEmpty || schemas.contains(schema.name) else { continue }
            statements.append("GRANT USAGE ON SCHEMA \(quoted) TO \(name)")
            statements.append("GRANT \(tables) ON ALL TABLES IN SCHEMA \(quoted) TO \(name)")
            statements.append("GRANT \(sequences) ON ALL SEQUENCES IN SCHEMA \(quoted) TO \(name)")
            for owner in schema.owners where owner != role {
                let defaults =
                    "ALTER DEFAULT PRIVILEGES FOR ROLE \(SQLText.identifier(owner)) IN SCHEMA \(quoted) GRANT"
                statements.append("\(defaults) \(tables) ON TABLES TO \(name)")
                statements.append("\(defaults) \(sequences) ON SEQUENCES TO \(name)")
            }
        }
        self.statements = statements
    }

    /// For psql.
    func text(for connection: DatabaseConnection) -> String {
        var secret = "the connection's secret"
        if case .secret(let reference) = connection.spec.credentials {
            secret = "secret \(reference.name) (\(reference.usernameKey), \(reference.passwordKey))"
        }
        return """
            -- The database role of the gateway for DatabaseConnection \(connection.metadata.qualifiedName): what its users
            -- need, and nothing that leads around it. Run it as a superuser, in database \(SQLText.comment(database)).
            -- REVOKE ... FROM PUBLIC takes away what everybody may do, the gateway's role among them.
            BEGIN;
            \(statements.map { $0 + ";" }.joined(separator: "\n"))
            COMMIT;
            -- Then, with psql: \\password \(SQLText.comment(SQLText.identifier(role)))
            -- and put name and password into \(secret).

            """
    }
}

enum GrantFault: Error, Equatable, CustomStringConvertible {
    case noSchema(String)

    var description: String {
        switch self {
        case .noSchema(let name):
            "the database has no schema \(TerminalText.escaped(name)); leave --schema out to grant on all there are"
        }
    }
}
