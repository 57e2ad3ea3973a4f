/// Asks whether the database still has some relations as a ``Catalogue`` tells of them; it does no I/O.
///
/// Send ``query`` as one statement and give every row to ``receive(row:)``. What is compared are the rows of the server's
/// own catalogues: those of the relations, of whatever else has the name of one in any schema, as it may be found in its
/// place, of the children of one, and of the schemas.
package struct CatalogueConfirmation {
    /// How many columns ``query`` returns.
    package static let columnCount = 2
    /// Which transactions the asking one sees: one row, one column. Between two of the same answer nothing was committed.
    package static let snapshotQuery = "SELECT pg_catalog.pg_current_snapshot()::pg_catalog.text"

    /// Stands for all schemas among the objects told of.
    private static let schemas: ObjectID = 0

    package let relations: Set<ObjectID>
    private var stamps: [ObjectID: Int128] = [:]
    /// The answer to ``snapshotQuery`` at the moment of the query; empty while it has not come.
    package private(set) var snapshot = ""

    package init(_ relations: Set<ObjectID>) { self.relations = relations }

    package var query: String {
        let list = "'{\(relations.sorted().map(String.init).joined(separator: ","))}'::pg_catalog.oid[]"
        let sum = """
            pg_catalog.sum(pg_catalog.hashint8extended(\(CatalogueOverview.number), o::pg_catalog.int8))::pg_catalog.text
            """
        let written = CatalogueOverview.ofRelations.map { rows in
            """
            SELECT o, r.xmin AS x FROM wanted JOIN pg_catalog.\(rows.table) r \
            ON r.\(rows.object) OPERATOR(pg_catalog.=) o\(rows.condition)
            """
        }
        return """
            WITH wanted AS MATERIALIZED (SELECT c.oid AS o FROM pg_catalog.pg_class n JOIN pg_catalog.pg_class c \
            ON c.relname OPERATOR(pg_catalog.=) n.relname WHERE n.oid OPERATOR(pg_catalog.=) ANY (\(list)) \
            AND c.oid OPERATOR(pg_catalog.>=) '\(Catalogue.firstUserObject)'::pg_catalog.oid \
            UNION SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent OPERATOR(pg_catalog.=) ANY (\(list))), \
            written AS (\(written.joined(separator: " UNION ALL "))) \
            SELECT NULL::pg_catalog.text, pg_catalog.pg_current_snapshot()::pg_catalog.text \
            UNION ALL SELECT o::pg_catalog.text, \(sum) FROM written GROUP BY o \
            UNION ALL SELECT '\(Self.schemas)', \(sum) FROM (SELECT oid AS o, xmin AS x FROM pg_catalog.pg_namespace) n
            """
    }

    /// Takes one row, its cells in text format.
    package mutating func receive(row: [[UInt8]?]) throws(CatalogueReader.Fault) {
        let cells = CatalogueRow(row)
        guard let told = cells.string(1) else { throw .malformedRow(query: 0) }
        guard cells.string(0) != nil else {
            snapshot = told
            return
        }
        guard let relation = cells.oid(0), let stamp = Int128(told) else { throw .malformedRow(query: 0) }
        stamps[relation] = stamp
    }

    /// Every row has come: whether all that was asked for is there and as the catalogue has it.
    package func confirms(_ catalogue: Catalogue) -> Bool {
        !snapshot.isEmpty && stamps[Self.schemas] != nil && relations.allSatisfy { stamps[$0] != nil }
            && stamps.allSatisfy { object, stamp in
                let known =
                    object == Self.schemas
                    ? catalogue.stamps.sum(of: .schemas) : catalogue.stamps[object, in: .relations]
                return known == stamp
            }
    }
}
