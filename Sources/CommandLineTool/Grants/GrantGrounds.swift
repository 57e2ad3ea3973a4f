/// What of a database a role's grants depend on.
struct GrantGrounds {
    struct Schema {
        var name: String
        /// Of its relations, each once.
        var owners: [String]
        /// Everybody may create in it.
        var isOpen: Bool
    }

    /// Those that hold users' relations, and those in which everybody may create.
    var schemas: [Schema]
    var roleExists: Bool
    /// Of a role that exists: what it is a member of.
    var memberships: [String]

    /// - Throws: ``DatabaseFault``.
    static func read(from session: UpstreamSession, role: String) async throws -> Self {
        var schemas: [Schema] = []
        for row in try await session.rows(of: schemaQuery) {
            guard row.count == 3, let name = row[0] else {
                throw DatabaseFault.notUnderstood("a schema's row")
            }
            if schemas.last?.name != name {
                schemas.append(Schema(name: name, owners: [], isOpen: row[2] == "t"))
            }
            if let owner = row[1] { schemas[schemas.count - 1].owners.append(owner) }
        }
        let name = SQLText.constant(role)
        let known = try await session.rows(
            of:
                "SELECT 1 FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) \(name)::pg_catalog.name"
        )
        let memberships = try await session.rows(
            of: """
                SELECT g.rolname FROM pg_catalog.pg_auth_members m \
                JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) m.roleid \
                JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) m.member \
                WHERE r.rolname OPERATOR(pg_catalog.=) \(name)::pg_catalog.name ORDER BY 1
                """)
        return Self(
            schemas: schemas, roleExists: !known.isEmpty,
            memberships: memberships.compactMap { $0.first ?? nil })
    }

    private static let schemaQuery = """
        SELECT n.nspname, r.rolname, EXISTS (SELECT 1 FROM pg_catalog.aclexplode(COALESCE(n.nspacl, \
        pg_catalog.acldefault('n'::pg_catalog."char", n.nspowner))) a \
        WHERE a.grantee OPERATOR(pg_catalog.=) '0'::pg_catalog.oid AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE') \
        FROM pg_catalog.pg_namespace n \
        LEFT JOIN (SELECT DISTINCT c.relnamespace, c.relowner FROM pg_catalog.pg_class c \
        WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,S}'::pg_catalog."char"[])) c \
        ON c.relnamespace OPERATOR(pg_catalog.=) n.oid \
        LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) c.relowner \
        WHERE NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_') \
        AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema' ORDER BY 1, 2
        """
}
