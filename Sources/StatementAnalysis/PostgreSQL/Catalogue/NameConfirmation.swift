/// Asks whether the names of some plain tables mean those tables alone, as a ``Catalogue`` tells; it does no I/O.
///
/// Of a table that holds nothing governed its columns may change as they like. Something else that has come to its name,
/// a first child or a rule could show what is governed, and all of that is told by a few rows found by name: a fraction of
/// what a ``CatalogueConfirmation`` asks for. Send ``query`` as one statement and give every row to ``receive(row:)``.
package struct NameConfirmation {
    /// How many columns ``query`` returns.
    package static let columnCount = 7

    /// What a relation is to whoever writes its name.
    private struct Meaning: Hashable {
        var oid: ObjectID
        var kind: UInt8
        var schema: String
        var name: String
        var hasRules: Bool
        var hasChildren: Bool
    }

    package let relations: Set<ObjectID>
    private var found: Set<Meaning> = []
    /// A row was changed by a transaction that the asking one, whose snapshot is kept, does not see.
    package private(set) var isSuperseded = false

    package init(_ relations: Set<ObjectID>) { self.relations = relations }

    package var query: String {
        """
        SELECT o::pg_catalog.text, k::pg_catalog.text, s::pg_catalog.text, n::pg_catalog.text, \
        EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r WHERE r.ev_class OPERATOR(pg_catalog.=) o \
        AND r.ev_type OPERATOR(pg_catalog.<>) '1'::pg_catalog."char")::pg_catalog.text, \
        EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhparent OPERATOR(pg_catalog.=) o)::pg_catalog.text, \
        (\(CatalogueConfirmation.isSuperseded))::pg_catalog.text FROM (\
        SELECT c.oid AS o, c.relkind AS k, h.nspname AS s, c.relname AS n, c.xmax AS d FROM pg_catalog.pg_class w \
        JOIN pg_catalog.pg_class c ON c.relname OPERATOR(pg_catalog.=) w.relname \
        JOIN pg_catalog.pg_namespace h ON h.oid OPERATOR(pg_catalog.=) c.relnamespace \
        WHERE w.oid OPERATOR(pg_catalog.=) ANY (\(CatalogueConfirmation.list(of: relations))) \
        AND c.oid OPERATOR(pg_catalog.>=) '\(Catalogue.firstUserObject)'::pg_catalog.oid \
        AND c.relkind OPERATOR(pg_catalog.<>) 'i'::pg_catalog."char" \
        AND c.relkind OPERATOR(pg_catalog.<>) 'I'::pg_catalog."char") q
        """
    }

    /// Takes one row, its cells in text format.
    package mutating func receive(row: [[UInt8]?]) throws(CatalogueReader.Fault) {
        let cells = CatalogueRow(row)
        guard let oid = cells.oid(0), let kind = cells.byte(1), let schema = cells.string(2),
            let name = cells.string(3), let hasRules = cells.flag(4), let hasChildren = cells.flag(5),
            let isSuperseded = cells.flag(6)
        else { throw .malformedRow(query: 0) }
        found.insert(
            Meaning(
                oid: oid, kind: kind, schema: schema, name: name, hasRules: hasRules, hasChildren: hasChildren
            ))
        self.isSuperseded = self.isSuperseded || isSuperseded
    }

    /// Every row has come: whether all that was asked for is there, and whatever has a name of one is as the catalogue
    /// has it.
    package func confirms(_ catalogue: Catalogue) -> Bool {
        relations.isSubset(of: found.map(\.oid))
            && found.allSatisfy { meaning in
                guard let known = catalogue.relation(meaning.oid) else { return false }
                return meaning
                    == Meaning(
                        oid: known.oid, kind: known.kind.rawValue, schema: known.schema, name: known.name,
                        hasRules: known.hasRules, hasChildren: !known.children.isEmpty)
            }
    }
}
