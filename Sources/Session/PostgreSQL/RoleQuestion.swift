/// The question which privileges the role has that a session logs in as; it is the same for every role.
///
/// It changes nothing, asks nothing an unprivileged role may not, and names every object by its schema. `TEMPORARY` is
/// not asked for: temporary relations are followed like others.
enum RoleQuestion {
    /// Most rows about owned relations, one for each of their columns.
    static let ownedColumnLimit = 50_000

    /// What a row is about: the value of its first column. The others are a schema or role, a relation, a column.
    enum Subject: String {
        case role, attribute, membership, schema, database, owned
    }

    /// Four columns of type `text`.
    static let text = """
        WITH RECURSIVE me AS (SELECT r.* FROM pg_catalog.pg_roles r \
        WHERE r.rolname OPERATOR(pg_catalog.=) session_user), \
        member(oid) AS (SELECT m.roleid FROM pg_catalog.pg_auth_members m \
        JOIN me ON m.member OPERATOR(pg_catalog.=) me.oid \
        UNION SELECT m.roleid FROM member s \
        JOIN pg_catalog.pg_auth_members m ON m.member OPERATOR(pg_catalog.=) s.oid) \
        SELECT 'role', me.rolname::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text FROM me \
        UNION ALL SELECT 'attribute', 'SUPERUSER', NULL, NULL FROM me WHERE me.rolsuper \
        UNION ALL SELECT 'attribute', 'CREATEROLE', NULL, NULL FROM me WHERE me.rolcreaterole \
        UNION ALL SELECT 'attribute', 'CREATEDB', NULL, NULL FROM me WHERE me.rolcreatedb \
        UNION ALL SELECT 'attribute', 'REPLICATION', NULL, NULL FROM me WHERE me.rolreplication \
        UNION ALL SELECT 'attribute', 'BYPASSRLS', NULL, NULL FROM me WHERE me.rolbypassrls \
        UNION ALL SELECT 'membership', r.rolname, NULL, NULL FROM member s \
        JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.oid \
        UNION ALL SELECT 'database', pg_catalog.current_database(), NULL, NULL FROM me WHERE NOT me.rolsuper \
        AND pg_catalog.has_database_privilege(me.oid, pg_catalog.current_database()::pg_catalog.text, 'CREATE') \
        UNION ALL SELECT 'schema', n.nspname, NULL, NULL FROM pg_catalog.pg_namespace n CROSS JOIN me \
        WHERE NOT me.rolsuper AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_') \
        AND pg_catalog.has_schema_privilege(me.oid, n.oid, 'CREATE') \
        UNION ALL (SELECT 'owned', n.nspname, c.relname, a.attname FROM pg_catalog.pg_class c \
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
        JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid \
        AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped \
        WHERE c.oid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid \
        AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f}'::pg_catalog."char"[]) \
        AND c.relowner IN (SELECT me.oid FROM me UNION ALL SELECT s.oid FROM member s) \
        ORDER BY c.oid, a.attnum LIMIT \(ownedColumnLimit))
        """
}
