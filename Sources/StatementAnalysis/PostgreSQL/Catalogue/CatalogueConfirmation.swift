/// Asks whether the database still has some relations as a ``Catalogue`` tells of them; it does no I/O.
///
/// Send ``query`` as one statement and give every row to ``receive(row:)``. What is compared are the rows of the server's
/// own catalogues: those of the relations, of whatever else has the name of one in any schema, as it may be found in its
/// place, of the children of one, and of the schemas.
package struct CatalogueConfirmation {
    /// What a session sees: between two of the same answer of a READ COMMITTED transaction, nothing was committed.
    package struct View: Equatable {
        package var snapshot: String
        /// `transaction_isolation`
        package var isolation: String

        /// Whether each statement sees what was committed before it.
        package var isCurrent: Bool { isolation == "read committed" || isolation == "read uncommitted" }

        package init?(row: [[UInt8]?]) {
            let cells = CatalogueRow(row)
            guard let snapshot = cells.string(0), let isolation = cells.string(1) else { return nil }
            self.snapshot = snapshot
            self.isolation = isolation
        }
    }

    /// How many columns ``query`` returns.
    package static let columnCount = 3
    /// Its one row makes a ``View``.
    package static let viewQuery = """
        SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text, pg_catalog.current_setting('transaction_isolation')
        """
    package static let viewColumnCount = 2

    /// Stands for all schemas among the objects told of.
    private static let schemas: ObjectID = 0

    package let relations: Set<ObjectID>
    private var stamps: [ObjectID: Int128] = [:]
    /// What the asking session saw; `nil` while no answer has come.
    package private(set) var view: View?
    /// A row was changed by a transaction that the asking one, whose snapshot is kept, does not see.
    package private(set) var isSuperseded = false

    package init(_ relations: Set<ObjectID>) { self.relations = relations }

    private var list: String { Self.list(of: relations) }

    static func list(of relations: Set<ObjectID>) -> String {
        "'{\(relations.sorted().map(String.init).joined(separator: ","))}'::pg_catalog.oid[]"
    }

    /// Waits for the end of whatever is changing one of the relations; its one row says nothing.
    package var waitingQuery: String {
        "SELECT pg_catalog.count(pg_catalog.pg_relation_size(o))::pg_catalog.text FROM pg_catalog.unnest(\(list)) o"
    }

    /// Whether the row's deleter `d` has not been rolled back. Its number is made whole beside the snapshot's, which is
    /// less than 2^31 away.
    static let isSuperseded: String = {
        let next =
            "pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::pg_catalog.text::pg_catalog.int8"
        let round = "'4294967296'::pg_catalog.int8"
        let half = "'2147483648'::pg_catalog.int8"
        let distance = """
            (((d::pg_catalog.text::pg_catalog.int8 OPERATOR(pg_catalog.-) \(next)) OPERATOR(pg_catalog.%) \(round) \
            OPERATOR(pg_catalog.+) \(round) OPERATOR(pg_catalog.+) \(half)) OPERATOR(pg_catalog.%) \(round) \
            OPERATOR(pg_catalog.-) \(half))
            """
        return """
            CASE WHEN d OPERATOR(pg_catalog.=) '0'::pg_catalog.xid \
            OR pg_catalog.current_setting('transaction_isolation') OPERATOR(pg_catalog.~~) 'read %' THEN false \
            ELSE COALESCE(pg_catalog.pg_xact_status((\(next) OPERATOR(pg_catalog.+) \(distance))::pg_catalog.text\
            ::pg_catalog.xid8) OPERATOR(pg_catalog.<>) 'aborted', false) END
            """
    }()

    /// Of a row, what makes it superseded. That a child is another's no longer, or has another name, shows nothing to who
    /// reads its parent; `DETACH PARTITION CONCURRENTLY` does both before it waits for those who read.
    private static func deleter(in table: String) -> String {
        let none = "'0'::pg_catalog.xid"
        return switch table {
        case "pg_inherits": none
        case "pg_class": "CASE WHEN is_named THEN r.xmax ELSE \(none) END"
        default: "r.xmax"
        }
    }

    package var query: String {
        let sum = """
            pg_catalog.sum(pg_catalog.hashint8extended(\(CatalogueOverview.number), o::pg_catalog.int8))::pg_catalog.text, \
            pg_catalog.bool_or(\(Self.isSuperseded))::pg_catalog.text
            """
        let written = CatalogueOverview.ofRelations.map { rows in
            """
            SELECT o, r.xmin AS x, \(Self.deleter(in: rows.table)) AS d FROM wanted JOIN pg_catalog.\(rows.table) r \
            ON r.\(rows.object) OPERATOR(pg_catalog.=) o\(rows.condition)
            """
        }
        return """
            WITH wanted AS MATERIALIZED (SELECT o, pg_catalog.bool_or(is_named) AS is_named FROM (\
            SELECT c.oid AS o, true AS is_named FROM pg_catalog.pg_class n JOIN pg_catalog.pg_class c \
            ON c.relname OPERATOR(pg_catalog.=) n.relname WHERE n.oid OPERATOR(pg_catalog.=) ANY (\(list)) \
            AND c.oid OPERATOR(pg_catalog.>=) '\(Catalogue.firstUserObject)'::pg_catalog.oid \
            UNION ALL SELECT inhrelid, false FROM pg_catalog.pg_inherits \
            WHERE inhparent OPERATOR(pg_catalog.=) ANY (\(list))) w GROUP BY o), \
            written AS (\(written.joined(separator: " UNION ALL "))) \
            SELECT NULL::pg_catalog.text, v.* FROM (\(Self.viewQuery)) v \
            UNION ALL SELECT o::pg_catalog.text, \(sum) FROM written GROUP BY o \
            UNION ALL SELECT '\(Self.schemas)', \(sum) FROM (SELECT oid AS o, xmin AS x, xmax AS d \
            FROM pg_catalog.pg_namespace) n
            """
    }

    /// Takes one row, its cells in text format.
    package mutating func receive(row: [[UInt8]?]) throws(CatalogueReader.Fault) {
        let cells = CatalogueRow(row)
        if cells.string(0) == nil, let view = View(row: Array(row.dropFirst())) {
            self.view = view
            return
        }
        guard let relation = cells.oid(0), let stamp = cells.string(1).flatMap({ Int128($0) }),
            let isSuperseded = cells.flag(2)
        else { throw .malformedRow(query: 0) }
        stamps[relation] = stamp
        self.isSuperseded = self.isSuperseded || isSuperseded
    }

    /// Every row has come: whether all that was asked for is there and as the catalogue has it.
    package func confirms(_ catalogue: Catalogue) -> Bool {
        view != nil && stamps[Self.schemas] != nil && relations.allSatisfy { stamps[$0] != nil }
            && stamps.allSatisfy { object, stamp in
                let known =
                    object == Self.schemas
                    ? catalogue.stamps.sum(of: .schemas) : catalogue.stamps[object, in: .relations]
                return known == stamp
            }
    }
}
