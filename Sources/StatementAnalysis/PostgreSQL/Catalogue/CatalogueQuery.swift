/// One of the queries that read objects, by what its rows are.
enum CatalogueQuery: CaseIterable {
    case schemas, relations, columns, sources, types, routines, operators, casts

    /// Of which objects the rows are asked.
    enum Scope {
        /// The server's built-ins too.
        case everything
        case users
        case these(Set<ObjectID>)
    }

    /// All but ``sources``, which few objects have.
    static let ofObjects = allCases.filter { $0 != .sources }

    var part: CatalogueStamps.Part {
        switch self {
        case .schemas: .schemas
        case .relations, .columns, .sources: .relations
        case .types: .types
        case .routines: .routines
        case .operators: .operators
        case .casts: .casts
        }
    }

    var columnCount: Int {
        switch self {
        case .schemas: 2
        case .sources: 3
        case .columns: 6
        case .casts: 7
        case .relations, .operators: 8
        case .types: 9
        case .routines: 14
        }
    }

    /// Every schema whatever the scope: there are few.
    func text(of scope: Scope) -> String {
        func condition(_ key: String) -> String {
            switch scope {
            case .everything: return "true"
            case .users:
                return "\(key) OPERATOR(pg_catalog.>=) '\(Catalogue.firstUserObject)'::pg_catalog.oid"
            case .these(let objects):
                let list = objects.sorted().map(String.init).joined(separator: ",")
                return "\(key) OPERATOR(pg_catalog.=) ANY ('{\(list)}'::pg_catalog.oid[])"
            }
        }
        switch self {
        case .schemas: return "SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n"
        case .relations: return Self.relations(condition("c.oid"))
        case .columns: return Self.columns(condition("a.attrelid"))
        case .sources: return Self.sources(condition("a.attrelid"))
        case .types: return Self.types(condition("t.oid"))
        case .routines: return Self.routines(condition("p.oid"))
        case .operators: return Self.operators(condition("o.oid"))
        case .casts: return Self.casts(condition("c.oid"))
        }
    }

    private static let schema = "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=)"

    private static func `extension`(_ catalogue: String, _ key: String) -> String {
        """
        (SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e \
        ON e.oid OPERATOR(pg_catalog.=) d.refobjid \
        WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.\(catalogue)'::pg_catalog.regclass \
        AND d.objid OPERATOR(pg_catalog.=) \(key) AND d.objsubid OPERATOR(pg_catalog.=) 0 \
        AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char" \
        AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass LIMIT 1)
        """
    }

    /// Its parents in their order, and the columns of its unique and exclusion indexes, an `int2vector` each.
    private static func relations(_ condition: String) -> String {
        """
        SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, \
        EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r WHERE r.ev_class OPERATOR(pg_catalog.=) c.oid \
        AND r.ev_type OPERATOR(pg_catalog.<>) '1'::pg_catalog."char"), \
        ARRAY(SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid OPERATOR(pg_catalog.=) c.oid \
        ORDER BY i.inhseqno)::pg_catalog.text, \
        ARRAY(SELECT i.indkey::pg_catalog.text FROM pg_catalog.pg_index i \
        WHERE i.indrelid OPERATOR(pg_catalog.=) c.oid AND (i.indisunique OR i.indisexclusion) \
        AND i.indrelid OPERATOR(pg_catalog.>=) '\(Catalogue.firstUserObject)'::pg_catalog.oid)::pg_catalog.text \
        FROM pg_catalog.pg_class c \(schema) c.relnamespace WHERE \(condition) \
        AND c.relkind OPERATOR(pg_catalog.<>) 'i'::pg_catalog."char" \
        AND c.relkind OPERATOR(pg_catalog.<>) 'I'::pg_catalog."char" ORDER BY c.oid
        """
    }

    /// Of indexes too, which have no relation to be columns of.
    private static func columns(_ condition: String) -> String {
        """
        SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attisdropped, \
        a.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog."char" FROM pg_catalog.pg_attribute a \
        WHERE \(condition) AND a.attnum OPERATOR(pg_catalog.>) 0 ORDER BY a.attrelid, a.attnum
        """
    }

    /// What users' generated columns are computed from. Before PostgreSQL 15 the column itself depends on it, since then
    /// its expression does.
    private static func sources(_ condition: String) -> String {
        """
        SELECT a.attrelid, a.attnum, d.refobjsubid FROM pg_catalog.pg_attribute a \
        JOIN pg_catalog.pg_attrdef e ON e.adrelid OPERATOR(pg_catalog.=) a.attrelid \
        AND e.adnum OPERATOR(pg_catalog.=) a.attnum \
        JOIN pg_catalog.pg_depend d ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass \
        AND d.refobjid OPERATOR(pg_catalog.=) a.attrelid AND d.refobjsubid OPERATOR(pg_catalog.>) 0 \
        AND d.refobjsubid OPERATOR(pg_catalog.<>) a.attnum \
        AND ((d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_attrdef'::pg_catalog.regclass \
        AND d.objid OPERATOR(pg_catalog.=) e.oid) \
        OR (d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass \
        AND d.objid OPERATOR(pg_catalog.=) a.attrelid AND d.objsubid OPERATOR(pg_catalog.=) a.attnum)) \
        WHERE \(condition) AND a.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog."char" \
        AND a.attrelid OPERATOR(pg_catalog.>=) '\(Catalogue.firstUserObject)'::pg_catalog.oid
        """
    }

    private static func types(_ condition: String) -> String {
        """
        SELECT t.oid, n.nspname, t.typname, t.typtype, \
        CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'd'::pg_catalog."char" THEN t.typbasetype ELSE t.typelem END, \
        t.typrelid, EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k \
        WHERE k.contypid OPERATOR(pg_catalog.=) t.oid AND k.contype OPERATOR(pg_catalog.=) 'c'::pg_catalog."char"), \
        EXISTS (SELECT 1 FROM pg_catalog.pg_type m WHERE m.oid OPERATOR(pg_catalog.=) t.typelem \
        AND m.typarray OPERATOR(pg_catalog.=) t.oid), \(`extension`("pg_type", "t.oid")) \
        FROM pg_catalog.pg_type t \(schema) t.typnamespace WHERE \(condition)
        """
    }

    private static func routines(_ condition: String) -> String {
        """
        SELECT p.oid, n.nspname, p.proname, p.prokind, p.provolatile, p.proargtypes, p.pronargdefaults, \
        p.provariadic, p.prorettype, p.proretset, p.proallargtypes, p.proargmodes, \
        CASE WHEN p.proargmodes IS NULL THEN NULL ELSE p.proargnames END, \(`extension`("pg_proc", "p.oid")) \
        FROM pg_catalog.pg_proc p \(schema) p.pronamespace WHERE \(condition)
        """
    }

    private static func operators(_ condition: String) -> String {
        """
        SELECT o.oid, n.nspname, o.oprname, o.oprleft, o.oprright, o.oprresult, o.oprcode::pg_catalog.oid, \
        \(`extension`("pg_operator", "o.oid")) \
        FROM pg_catalog.pg_operator o \(schema) o.oprnamespace WHERE \(condition)
        """
    }

    private static func casts(_ condition: String) -> String {
        """
        SELECT c.oid, c.castsource, c.casttarget, c.castfunc, c.castcontext, \
        \(`extension`("pg_cast", "c.oid")), EXISTS (SELECT 1 FROM pg_catalog.pg_depend d \
        WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_cast'::pg_catalog.regclass \
        AND d.objid OPERATOR(pg_catalog.=) c.oid \
        AND d.deptype OPERATOR(pg_catalog.=) 'i'::pg_catalog."char") FROM pg_catalog.pg_cast c WHERE \(condition)
        """
    }
}
