/// What the server says of its catalogues as a whole: the answer to one query, and so of one moment.
struct CatalogueOverview {
    private(set) var serverVersion = 0
    private(set) var database = ""
    private(set) var isolation = ""
    private(set) var horizon: UInt32 = 0
    /// By slot; a slot without rows is not there.
    private var sums: [CatalogueStamps.Slot: Int128] = [:]
    /// The objects listed, with their stamps.
    private(set) var objects: [CatalogueStamps.Part: [ObjectID: Int128]] = [:]

    static let columnCount = 4

    func sum(of slot: CatalogueStamps.Slot) -> Int128 { sums[slot] ?? 0 }

    /// Lists the objects that may be others since `base`, those in the slots of `listing`, or all without `base`.
    static func query(since base: CatalogueStamps?, listing slots: Set<CatalogueStamps.Slot>) -> String {
        var listed = ["false"]
        if let base {
            listed = ["pg_catalog.bool_or(\(isNew(since: base.horizon)))"]
            if !slots.isEmpty {
                let list = slots.sorted().map(String.init).joined(separator: ",")
                listed.append("s OPERATOR(pg_catalog.=) ANY ('{\(list)}'::pg_catalog.int8[])")
            }
        } else {
            listed = ["true"]
        }
        return """
            WITH written (part, o, x) AS (\(rows.joined(separator: " UNION ALL "))), \
            slots AS (SELECT part OPERATOR(pg_catalog.*) '\(CatalogueStamps.slotsPerPart)'::pg_catalog.int8 \
            OPERATOR(pg_catalog.+) ((o::pg_catalog.int8 OPERATOR(pg_catalog.>>) 6) \
            OPERATOR(pg_catalog.%) '\(CatalogueStamps.slotsPerPart)'::pg_catalog.int8) AS s, o, x FROM written), \
            objects AS (SELECT s, o, pg_catalog.sum(pg_catalog.hashint8extended(\
            \(number), o::pg_catalog.int8)) AS stamp, \
            \(listed.joined(separator: " OR ")) AS is_listed FROM slots GROUP BY s, o) \
            SELECT pg_catalog.current_setting('server_version_num'), pg_catalog.current_database()::pg_catalog.text, \
            pg_catalog.current_setting('transaction_isolation'), \
            pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::pg_catalog.text \
            UNION ALL SELECT s::pg_catalog.text, NULL, pg_catalog.sum(stamp)::pg_catalog.text, NULL \
            FROM objects GROUP BY s \
            UNION ALL SELECT s::pg_catalog.text, o::pg_catalog.text, stamp::pg_catalog.text, NULL \
            FROM objects WHERE is_listed
            """
    }

    /// The transaction's number, less 3, out of two ages: to read the number itself costs a conversion from text. Frozen
    /// transactions have none.
    static let number = """
        CASE WHEN pg_catalog.age(x) OPERATOR(pg_catalog.<) '\(Int32.max)'::pg_catalog.int4 THEN \
        pg_catalog.age('3'::pg_catalog.xid)::pg_catalog.int8 OPERATOR(pg_catalog.-) pg_catalog.age(x) ELSE 0 END
        """

    /// Of what a transaction later than the horizon wrote, as transactions count round (`xid`, documentation 25.1.5).
    private static func isNew(since horizon: UInt32) -> String {
        """
        pg_catalog.age(x) OPERATOR(pg_catalog.<=) pg_catalog.age('\(horizon)'::pg_catalog.xid)
        """
    }

    /// The rows that tell of one relation, by the column that names it.
    static let ofRelations: [(table: String, object: String, condition: String)] = [
        ("pg_class", "oid", ""),
        ("pg_attribute", "attrelid", " AND attnum OPERATOR(pg_catalog.>) '0'::pg_catalog.int2"),
        ("pg_rewrite", "ev_class", ""),
        ("pg_inherits", "inhrelid", ""),
        ("pg_index", "indrelid", ""),
    ]

    /// The rows that tell of users' objects: of which part, of which object, written by which transaction.
    private static let rows: [String] = {
        func rows(_ part: CatalogueStamps.Part, _ table: String, _ object: String, _ condition: String = "")
            -> String
        {
            """
            SELECT '\(part.rawValue)'::pg_catalog.int8, \(object), xmin FROM pg_catalog.\(table) \
            WHERE \(object) OPERATOR(pg_catalog.>=) '\(Catalogue.firstUserObject)'::pg_catalog.oid\(condition)
            """
        }
        let relations = ofRelations.map { rows(.relations, $0.table, $0.object, $0.condition) }
        return relations + [
            "SELECT '\(CatalogueStamps.Part.schemas.rawValue)'::pg_catalog.int8, oid, xmin FROM pg_catalog.pg_namespace",
            rows(.types, "pg_type", "oid"),
            rows(.types, "pg_constraint", "contypid"),
            rows(.routines, "pg_proc", "oid"),
            rows(.operators, "pg_operator", "oid"),
            rows(.casts, "pg_cast", "oid"),
            members,
        ]
    }()

    /// What belongs to an extension, which the object's own row does not tell.
    private static let members: String = {
        let tables: [(CatalogueStamps.Part, String)] = [
            (.types, "pg_type"), (.routines, "pg_proc"), (.operators, "pg_operator"), (.casts, "pg_cast"),
        ]
        let parts = tables.map { part, table in
            """
            WHEN classid OPERATOR(pg_catalog.=) 'pg_catalog.\(table)'::pg_catalog.regclass \
            THEN '\(part.rawValue)'::pg_catalog.int8
            """
        }
        let classes = tables.map { "'pg_catalog.\($0.1)'::pg_catalog.regclass" }
        return """
            SELECT CASE \(parts.joined(separator: " ")) END, objid, xmin FROM pg_catalog.pg_depend \
            WHERE refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass \
            AND refobjid OPERATOR(pg_catalog.>) '0'::pg_catalog.oid \
            AND deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char" \
            AND objid OPERATOR(pg_catalog.>=) '\(Catalogue.firstUserObject)'::pg_catalog.oid \
            AND classid OPERATOR(pg_catalog.=) ANY (ARRAY[\(classes.joined(separator: ", "))]::pg_catalog.oid[])
            """
    }()

    /// Takes one row, its cells in text format.
    /// - Returns: `false` when it is not of the shape the query gives.
    mutating func receive(_ row: CatalogueRow) -> Bool {
        if let horizon = row.string(3) {
            guard let version = row.string(0).flatMap({ Int($0) }), let database = row.string(1),
                let isolation = row.string(2), let horizon = UInt64(horizon)
            else { return false }
            serverVersion = version
            self.database = database
            self.isolation = isolation
            self.horizon = UInt32(truncatingIfNeeded: horizon)
            return true
        }
        guard let slot = row.string(0).flatMap({ Int($0) }), let part = CatalogueStamps.part(of: slot),
            let stamp = row.string(2).flatMap({ Int128($0) })
        else { return false }
        if let object = row.string(1) {
            guard let object = ObjectID(object) else { return false }
            objects[part, default: [:]][object] = stamp
        } else {
            sums[slot] = stamp
        }
        return true
    }
}
