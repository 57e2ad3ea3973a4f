extension ApprovalRule {
    /// A statement must meet everything that is given.
    package struct Match: Sendable, Equatable {
        /// Any of these effects, anywhere in the statement; empty: all.
        package var statements: [StatementKind]
        /// Patterns of tables, `schema.table` or `table`, with `*` for any characters; empty: all, and none.
        package var tables: [String]
        /// Patterns of column names; empty: all, and none.
        package var columns: [String]
        /// Only an `UPDATE`, `DELETE` or `MERGE` without a `WHERE` clause.
        package var withoutWhere: Bool
        /// Only a statement the database expects to touch at least that many rows.
        package var estimatedRowsAtLeast: Int?
        /// Only outside of these hours.
        package var outsideWindow: TimeWindow?

        package init(reading fields: inout MappingReader) {
            statements = fields.choices("statements")
            tables = fields.strings("tables")
            columns = fields.strings("columns")
            withoutWhere = fields.boolean("withoutWhere", default: false)
            estimatedRowsAtLeast = fields.optionalInteger("estimatedRowsAtLeast", in: 0...(1 << 50))
            outsideWindow = fields.optionalObject("outside", Self.window) ?? nil
            if statements.isEmpty, tables.isEmpty, columns.isEmpty, !withoutWhere,
                estimatedRowsAtLeast == nil, !fields.has("outside")
            {
                fields.fault("names nothing to match; write tables: [\"*\"] to match every table")
            }
        }

        private static func window(_ fields: inout MappingReader) -> TimeWindow? {
            try? TimeWindow(fields.string("window", .timeWindow))
        }
    }

    /// An effect of a statement, by the names that the analysis of statements gives them.
    package enum StatementKind: String, Sendable, CaseIterable {
        case select = "Select"
        case insert = "Insert"
        case update = "Update"
        case delete = "Delete"
        case merge = "Merge"
        case truncate = "Truncate"
        case create = "Create"
        case alter = "Alter"
        case drop = "Drop"
        case grant = "Grant"
        case copyIn = "CopyIn"
        case copyOut = "CopyOut"
        case execute = "Execute"
        case define = "Define"
        case administer = "Administer"
        case lock = "Lock"
        case session = "Session"
    }
}
