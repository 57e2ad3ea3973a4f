/// Builds a ``Catalogue`` from the rows of the queries it asks for; it does no I/O.
///
/// Send ``queries`` in order as simple queries, give every row to ``receive(query:row:)``, then ``finish()``. The
/// queries change no setting and no data, ask nothing an unprivileged role may not, name every object by its schema,
/// and hold while the settings and the search path stay as they are from the first to the last.
package struct CatalogueReader {
    package enum Fault: Error, Equatable {
        /// A row is not of the shape its query gives.
        case malformedRow(query: Int)
    }

    /// One of the queries, by what its rows are.
    private enum Query: CaseIterable {
        case server, schemas, relations, columns, generation, inheritance, uniqueness, types, routines,
            operators, casts

        var columnCount: Int {
            switch self {
            case .server, .schemas, .inheritance, .uniqueness: 2
            case .generation: 3
            case .columns, .relations: 6
            case .casts: 7
            case .operators: 8
            case .types: 9
            case .routines: 14
            }
        }
    }

    private let base: Catalogue?
    private var builtIns = CatalogueLayer()
    private var user = CatalogueLayer()
    private var serverVersion = 0
    private var database = ""

    /// Reads everything, the server's built-ins included: once for each server.
    package init() { base = nil }

    /// Reads what users made; the built-ins are those of an earlier snapshot of the same server.
    package init(basedOn base: Catalogue) { self.base = base }

    /// The queries, each one statement.
    package var queries: [String] { Query.allCases.map { Self.text(of: $0, withBuiltIns: base == nil) } }

    /// How many columns each of ``queries`` returns.
    package static var columnCounts: [Int] { Query.allCases.map(\.columnCount) }

    /// One row: a value that is another when something in the catalogues has changed, and the isolation level.
    package static let fingerprintQuery = """
        SELECT pg_catalog.concat_ws('/', \
        (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class), \
        \(Self.digest("pg_class", "oid")), \(Self.digest("pg_namespace", "oid")), \
        \(Self.digest("pg_attribute", "attrelid")), \(Self.digest("pg_rewrite", "oid")), \
        \(Self.digest("pg_inherits", "inhrelid")), \(Self.digest("pg_proc", "oid")), \
        \(Self.digest("pg_type", "oid")), \(Self.digest("pg_operator", "oid")), \(Self.digest("pg_cast", "oid")), \
        \(Self.digest("pg_constraint", "oid")), \
        \(Self.digest("pg_index", "indexrelid"))), pg_catalog.current_setting('transaction_isolation')
        """

    /// A sum over the users' rows of a catalogue: the transaction that wrote a row changes with the row.
    private static func digest(_ table: String, _ key: String) -> String {
        """
        (SELECT pg_catalog.sum(pg_catalog.hashint8extended(xmin::pg_catalog.text::pg_catalog.int8, \
        \(key)::pg_catalog.int8)::pg_catalog.numeric) FROM pg_catalog.\(table) \
        WHERE \(key) OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid)
        """
    }

    private static func text(of query: Query, withBuiltIns: Bool) -> String {
        func scope(_ key: String) -> String {
            withBuiltIns ? "true" : "\(key) OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid"
        }
        func `extension`(_ catalogue: String, _ key: String) -> String {
            """
            (SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e \
            ON e.oid OPERATOR(pg_catalog.=) d.refobjid \
            WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.\(catalogue)'::pg_catalog.regclass \
            AND d.objid OPERATOR(pg_catalog.=) \(key) AND d.objsubid OPERATOR(pg_catalog.=) 0 \
            AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char" \
            AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass LIMIT 1)
            """
        }
        let schema = "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=)"
        switch query {
        case .server:
            return """
                SELECT pg_catalog.current_setting('server_version_num'), pg_catalog.current_database()
                """
        case .schemas: return "SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n"
        case .relations:
            return """
                SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, \
                EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r WHERE r.ev_class OPERATOR(pg_catalog.=) c.oid \
                AND r.ev_type OPERATOR(pg_catalog.<>) '1'::pg_catalog."char") \
                FROM pg_catalog.pg_class c \(schema) c.relnamespace WHERE \(scope("c.oid"))
                """
        case .columns:
            return """
                SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attisdropped, \
                a.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog."char" \
                FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) a.attrelid \
                WHERE \(scope("a.attrelid")) AND a.attnum OPERATOR(pg_catalog.>) 0 \
                AND c.relkind OPERATOR(pg_catalog.<>) 'i'::pg_catalog."char" \
                AND c.relkind OPERATOR(pg_catalog.<>) 'I'::pg_catalog."char" ORDER BY a.attrelid, a.attnum
                """
        case .generation:
            // Before PostgreSQL 15 the column itself depends on its sources, since then its expression does.
            return """
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
                WHERE a.attgenerated OPERATOR(pg_catalog.<>) ''::pg_catalog."char" \
                AND a.attrelid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid
                """
        case .inheritance:
            return """
                SELECT i.inhrelid, i.inhparent FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c \
                ON c.oid OPERATOR(pg_catalog.=) i.inhrelid WHERE c.relkind OPERATOR(pg_catalog.<>) \
                'i'::pg_catalog."char" AND c.relkind OPERATOR(pg_catalog.<>) 'I'::pg_catalog."char" \
                ORDER BY i.inhrelid, i.inhseqno
                """
        case .uniqueness:
            return """
                SELECT i.indrelid, i.indkey FROM pg_catalog.pg_index i WHERE (i.indisunique OR i.indisexclusion) \
                AND i.indrelid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid
                """
        case .types:
            return """
                SELECT t.oid, n.nspname, t.typname, t.typtype, \
                CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'd'::pg_catalog."char" THEN t.typbasetype ELSE t.typelem END, \
                t.typrelid, EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k \
                WHERE k.contypid OPERATOR(pg_catalog.=) t.oid AND k.contype OPERATOR(pg_catalog.=) 'c'::pg_catalog."char"), \
                EXISTS (SELECT 1 FROM pg_catalog.pg_type m WHERE m.oid OPERATOR(pg_catalog.=) t.typelem \
                AND m.typarray OPERATOR(pg_catalog.=) t.oid), \(`extension`("pg_type", "t.oid")) \
                FROM pg_catalog.pg_type t \(schema) t.typnamespace WHERE \(scope("t.oid"))
                """
        case .routines:
            return """
                SELECT p.oid, n.nspname, p.proname, p.prokind, p.provolatile, p.proargtypes, p.pronargdefaults, \
                p.provariadic, p.prorettype, p.proretset, p.proallargtypes, p.proargmodes, \
                CASE WHEN p.proargmodes IS NULL THEN NULL ELSE p.proargnames END, \(`extension`("pg_proc", "p.oid")) \
                FROM pg_catalog.pg_proc p \(schema) p.pronamespace WHERE \(scope("p.oid"))
                """
        case .operators:
            return """
                SELECT o.oid, n.nspname, o.oprname, o.oprleft, o.oprright, o.oprresult, o.oprcode::pg_catalog.oid, \
                \(`extension`("pg_operator", "o.oid")) \
                FROM pg_catalog.pg_operator o \(schema) o.oprnamespace WHERE \(scope("o.oid"))
                """
        case .casts:
            return """
                SELECT c.oid, c.castsource, c.casttarget, c.castfunc, c.castcontext, \
                \(`extension`("pg_cast", "c.oid")), EXISTS (SELECT 1 FROM pg_catalog.pg_depend d \
                WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_cast'::pg_catalog.regclass \
                AND d.objid OPERATOR(pg_catalog.=) c.oid \
                AND d.deptype OPERATOR(pg_catalog.=) 'i'::pg_catalog."char") FROM pg_catalog.pg_cast c WHERE \(scope("c.oid"))
                """
        }
    }

    /// Takes one row, its cells in text format, of the query at that position in ``queries``.
    package mutating func receive(query: Int, row: [[UInt8]?]) throws(Fault) {
        guard Query.allCases.indices.contains(query) else { throw .malformedRow(query: query) }
        let cells = CatalogueRow(row)
        let isWellFormed: Bool
        switch Query.allCases[query] {
        case .server: isWellFormed = server(cells)
        case .schemas: isWellFormed = schema(cells)
        case .relations: isWellFormed = relation(cells)
        case .columns: isWellFormed = column(cells)
        case .generation: isWellFormed = generation(cells)
        case .inheritance: isWellFormed = inheritance(cells)
        case .uniqueness: isWellFormed = uniqueness(cells)
        case .types: isWellFormed = type(cells)
        case .routines: isWellFormed = routine(cells)
        case .operators: isWellFormed = self.operator(cells)
        case .casts: isWellFormed = cast(cells)
        }
        guard isWellFormed else { throw .malformedRow(query: query) }
    }

    package func finish() throws(Fault) -> Catalogue {
        guard serverVersion > 0 else { throw .malformedRow(query: 0) }
        return Catalogue(
            builtIns: base?.builtIns ?? builtIns, user: user, serverVersion: serverVersion,
            database: database)
    }

    // MARK: Rows

    private mutating func server(_ row: CatalogueRow) -> Bool {
        guard let version = row.string(0).flatMap({ Int($0) }), let name = row.string(1)
        else { return false }
        serverVersion = version
        database = name
        return true
    }

    private mutating func schema(_ row: CatalogueRow) -> Bool {
        guard let name = row.string(1) else { return false }
        user.insert(schema: name)
        return true
    }

    private mutating func relation(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let schema = row.string(1), let name = row.string(2),
            let kind = row.byte(3).flatMap(Relation.Kind.init(rawValue:)), let persistence = row.byte(4),
            let hasRules = row.flag(5)
        else { return false }
        guard kind != .index, kind != .partitionedIndex else { return true }
        let relation = Relation(
            oid: oid, schema: schema, name: name, kind: kind, isTemporary: persistence == UInt8(ascii: "t"),
            hasRules: hasRules)
        if oid < Catalogue.firstUserObject { builtIns.insert(relation) } else { user.insert(relation) }
        return true
    }

    private mutating func column(_ row: CatalogueRow) -> Bool {
        guard let relation = row.oid(0), let number = row.string(1).flatMap({ Int16($0) }),
            let name = row.string(2),
            let type = row.oid(3), let isDropped = row.flag(4), let isGenerated = row.flag(5)
        else { return false }
        let column = Relation.Column(
            number: number, name: name, type: type, isDropped: isDropped, isGenerated: isGenerated)
        if relation < Catalogue.firstUserObject {
            builtIns.insert(column, of: relation)
        } else {
            user.insert(column, of: relation)
        }
        return true
    }

    private mutating func generation(_ row: CatalogueRow) -> Bool {
        guard let relation = row.oid(0), let number = row.string(1).flatMap({ Int16($0) }),
            let source = row.string(2).flatMap({ Int16($0) })
        else { return false }
        user.insert(source: source, ofColumn: number, of: relation)
        return true
    }

    private mutating func inheritance(_ row: CatalogueRow) -> Bool {
        guard let child = row.oid(0), let parent = row.oid(1) else { return false }
        user.inherit(child, from: parent)
        return true
    }

    private mutating func uniqueness(_ row: CatalogueRow) -> Bool {
        guard let relation = row.oid(0), let columns = row.string(1) else { return false }
        let numbers = columns.split(separator: " ").map { Int16($0) }
        guard !numbers.contains(nil) else { return false }
        user.insert(uniqueColumns: numbers.compactMap { $0 }, of: relation)
        return true
    }

    private mutating func type(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let schema = row.string(1), let name = row.string(2),
            let kind = row.byte(3).flatMap(DataType.Kind.init(rawValue:)), let underlying = row.oid(4),
            let relation = row.oid(5), let hasChecks = row.flag(6), let isArray = row.flag(7)
        else { return false }
        let type = DataType(
            oid: oid, schema: schema, name: name, kind: kind, underlying: underlying, relation: relation,
            hasChecks: hasChecks, isArray: isArray, extension: row.string(8))
        if oid < Catalogue.firstUserObject { builtIns.insert(type) } else { user.insert(type) }
        return true
    }

    private mutating func routine(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let schema = row.string(1), let name = row.string(2),
            let kind = row.byte(3).flatMap(Routine.Kind.init(rawValue:)),
            let volatility = row.byte(4).flatMap(Routine.Volatility.init(rawValue:)),
            let inputs = row.vector(5),
            let defaults = row.string(6).flatMap({ Int($0) }), let variadic = row.oid(7),
            let result = row.oid(8),
            let returnsSet = row.flag(9)
        else { return false }
        var outputs: [Routine.OutputColumn] = []
        if let types = row.array(10), let modes = row.array(11) {
            let names = row.array(12) ?? []
            for (index, mode) in modes.enumerated() where mode == "o" || mode == "b" || mode == "t" {
                guard index < types.count, let type = ObjectID(types[index]) else { return false }
                outputs.append(
                    Routine.OutputColumn(name: index < names.count ? names[index] : "", type: type))
            }
        }
        let routine = Routine(
            oid: oid, schema: schema, name: name, kind: kind, volatility: volatility, arguments: inputs,
            defaultCount: defaults, isVariadic: variadic != 0, result: result, returnsSet: returnsSet,
            outputs: outputs, extension: row.string(13))
        if oid < Catalogue.firstUserObject { builtIns.insert(routine) } else { user.insert(routine) }
        return true
    }

    private mutating func `operator`(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let schema = row.string(1), let name = row.string(2),
            let left = row.oid(3),
            let right = row.oid(4), let result = row.oid(5), let function = row.oid(6)
        else { return false }
        let value = Operator(
            oid: oid, schema: schema, name: name, left: left, right: right, result: result,
            function: function,
            extension: row.string(7))
        if oid < Catalogue.firstUserObject { builtIns.insert(value) } else { user.insert(value) }
        return true
    }

    private mutating func cast(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let source = row.oid(1), let target = row.oid(2),
            let function = row.oid(3),
            let context = row.byte(4), let isMadeWithType = row.flag(6)
        else { return false }
        let cast = Cast(
            oid: oid, source: source, target: target, function: function,
            isImplicit: context == UInt8(ascii: "i"),
            extension: row.string(5), isMadeWithType: isMadeWithType)
        if oid < Catalogue.firstUserObject { builtIns.insert(cast) } else { user.insert(cast) }
        return true
    }
}
