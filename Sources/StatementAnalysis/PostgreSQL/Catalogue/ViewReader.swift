/// Reads the definitions of views from the rows of the query it asks for; it does no I/O.
///
/// `pg_get_viewdef` locks what a view reads, so it is called only for views that a statement is about to read.
package struct ViewReader {
    /// How many columns ``query`` returns.
    package static let columnCount = 6

    private let asked: Set<ObjectID>
    private var definitions: [ObjectID: ViewDefinition] = [:]
    /// The isolation level it was read in; empty while no row has come.
    package private(set) var isolation = ""

    package init(_ views: Set<ObjectID>) { asked = views }

    /// The views and those inside them, with the schemas that are searched while it runs.
    package var query: String {
        let list = asked.sorted().map(String.init).joined(separator: ",")
        return """
            WITH RECURSIVE v(oid) AS ( \
            SELECT c.oid FROM pg_catalog.pg_class c WHERE \
            c.oid OPERATOR(pg_catalog.=) ANY ('{\(list)}'::pg_catalog.oid[]) \
            UNION SELECT c.oid FROM v JOIN pg_catalog.pg_rewrite r ON r.ev_class OPERATOR(pg_catalog.=) v.oid \
            JOIN pg_catalog.pg_depend d ON d.objid OPERATOR(pg_catalog.=) r.oid \
            AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass \
            AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass \
            JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) d.refobjid \
            WHERE c.oid OPERATOR(pg_catalog.>=) '16384'::pg_catalog.oid \
            AND (c.relkind OPERATOR(pg_catalog.=) 'v'::pg_catalog."char" \
            OR c.relkind OPERATOR(pg_catalog.=) 'm'::pg_catalog."char")) \
            SELECT v.oid, pg_catalog.pg_get_viewdef(v.oid), pg_catalog.current_schemas(true)::pg_catalog.text, \
            pg_catalog.current_setting('transaction_isolation'), (\
            SELECT pg_catalog.array_agg(d.refobjid) FROM pg_catalog.pg_rewrite r \
            JOIN pg_catalog.pg_depend d ON d.objid OPERATOR(pg_catalog.=) r.oid \
            AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass \
            AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass \
            WHERE r.ev_class OPERATOR(pg_catalog.=) v.oid AND d.refobjid OPERATOR(pg_catalog.<>) v.oid \
            )::pg_catalog.text, pg_catalog.current_setting('standard_conforming_strings') FROM v
            """
    }

    /// Takes one row, its cells in text format.
    package mutating func receive(row: [[UInt8]?]) throws(CatalogueReader.Fault) {
        let cells = CatalogueRow(row)
        guard let oid = cells.oid(0), let path = cells.array(2), let isolation = cells.string(3) else {
            throw .malformedRow(query: 0)
        }
        self.isolation = isolation
        // A view dropped since its row was read has no definition.
        guard var text = cells.validString(1) else { return }
        // Definitions are written as the session's settings have constants.
        if cells.string(5) != "on" {
            text = String(decoding: StatementReading.withEscapes(Array(text.utf8)), as: UTF8.self)
        }
        let relations = Set((cells.array(4) ?? []).compactMap { ObjectID($0) })
        definitions[oid] = ViewDefinition(text: text, searchPath: path, relations: relations)
    }

    /// The catalogue knows the views from here on.
    package func finish(into catalogue: Catalogue) {
        catalogue.define(definitions, asked: asked)
    }
}
