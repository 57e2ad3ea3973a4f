/// A table, view, sequence, index, or whatever else has a row in `pg_class`.
package struct Relation: Sendable, Hashable {
    /// `pg_class.relkind`.
    package enum Kind: UInt8, Sendable {
        case table = 0x72
        case partitionedTable = 0x70
        case view = 0x76
        case materializedView = 0x6D
        case foreignTable = 0x66
        case sequence = 0x53
        case toastTable = 0x74
        case index = 0x69
        case partitionedIndex = 0x49
        case compositeType = 0x63
    }

    package struct Column: Sendable, Hashable {
        package var number: Int16
        package var name: String
        package var type: ObjectID
        package var isDropped: Bool
        /// `GENERATED ALWAYS AS (...)`, stored or virtual.
        package var isGenerated: Bool
        /// Of a generated column: the columns of its table that it is computed from, by their numbers.
        package var sources: Set<Int16>

        package init(
            number: Int16, name: String, type: ObjectID, isDropped: Bool = false,
            isGenerated: Bool = false, sources: Set<Int16> = []
        ) {
            self.number = number
            self.name = name
            self.type = type
            self.isDropped = isDropped
            self.isGenerated = isGenerated
            self.sources = sources
        }
    }

    package var oid: ObjectID
    package var schema: String
    package var name: String
    package var kind: Kind
    package var isTemporary: Bool
    /// In the order of their numbers.
    package var columns: [Column]
    /// `pg_inherits`: what this is a child or partition of, and what is of this.
    package var parents: [ObjectID] = []
    package var children: [ObjectID] = []
    /// The columns of unique and exclusion constraints and indexes; 0 among them for an expression.
    package var uniqueColumns: Set<Int16> = []
    /// Rules other than a view's own `SELECT`: writing to it may do anything.
    package var hasRules: Bool

    package init(
        oid: ObjectID, schema: String, name: String, kind: Kind = .table, isTemporary: Bool = false,
        columns: [Column] = [], hasRules: Bool = false
    ) {
        self.oid = oid
        self.schema = schema
        self.name = name
        self.kind = kind
        self.isTemporary = isTemporary
        self.columns = columns
        self.hasRules = hasRules
    }

    /// What reading it reads is told by a query.
    package var isView: Bool { kind == .view || kind == .materializedView }

    /// Made with the server rather than by its users. TOAST tables of users' tables are not: they hold users' data.
    package var isSystem: Bool { oid < Catalogue.firstUserObject }

    package func column(named name: String) -> Column? {
        columns.first { !$0.isDropped && $0.name == name }
    }

    /// The columns there are, without the dropped ones.
    package var liveColumns: [Column] { columns.filter { !$0.isDropped } }
}
