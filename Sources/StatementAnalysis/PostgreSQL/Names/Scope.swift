/// One entry of a query's name space: a table, sub-query, function or join of its `FROM` clause.
struct ScopeItem {
    /// The alias, or the table's own name.
    var name: String?
    /// Set for a table without an alias, which `schema.table` also names.
    var relation: ObjectID?
    var columns: [NamedValue]
    /// Set when there may be more columns than ``columns``: what such a column depends on.
    var others: Lineage?
    /// Whether an unqualified name or `*` finds its columns: not for the two sides of a join, which does it for them.
    var showsColumns = true
    /// Base tables have `ctid`, `xmin` and the like.
    var hasSystemColumns = false
    /// The table that an `UPDATE`, `DELETE` or `MERGE` writes.
    var isTarget = false
    /// A recursive table whose columns are not known yet.
    var isPending = false

    /// Its row as one value. A row of more columns than are known has no known fields.
    var row: Value {
        var value = Value(row: columns)
        if let others {
            value.lineage.formUnion(others)
            value.fields = nil
        }
        return value
    }
}

/// The name space of one query level; `outer` is the query around it.
final class Scope {
    let items: [ScopeItem]
    let outer: Scope?

    init(_ items: [ScopeItem], outer: Scope?) {
        self.items = items
        self.outer = outer
    }
}

/// What names mean at one place of a statement.
struct Environment {
    var scope: Scope?
    var commonTables: CommonTables?
    /// The `WINDOW` clause of the query.
    var windows: [String: Lineage] = [:]

    /// The environment of a query within this one.
    var nested: Self {
        var result = self
        result.windows = [:]
        return result
    }
}

/// The tables of one `WITH` clause, within those of the queries around it.
final class CommonTables {
    struct Table {
        var name: String
        var columns: [NamedValue]
        var others: Lineage?
        var isPending = false
    }

    private(set) var tables: [Table] = []
    let outer: CommonTables?

    init(outer: CommonTables?) { self.outer = outer }

    func set(_ table: Table) {
        if let index = tables.firstIndex(where: { $0.name == table.name }) {
            tables[index] = table
        } else {
            tables.append(table)
        }
    }

    func find(_ name: String) -> Table? {
        tables.first { $0.name == name } ?? outer?.find(name)
    }
}
