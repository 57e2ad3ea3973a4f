/// An object identifier of PostgreSQL's catalogues.
package typealias ObjectID = UInt32

/// A column of a table, by `pg_attribute`'s key.
package struct ColumnID: Sendable, Hashable, Comparable {
    package var relation: ObjectID
    /// `attnum`: 1 and up for columns, below 0 for system columns.
    package var attribute: Int16

    package init(relation: ObjectID, attribute: Int16) {
        self.relation = relation
        self.attribute = attribute
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.relation, left.attribute) < (right.relation, right.attribute)
    }
}

/// The base columns a value depends on.
package struct Lineage: Sendable, Hashable {
    package var columns: Set<ColumnID>
    /// `false` when the value may also depend on columns that could not be told.
    package var isComplete: Bool

    package init(_ columns: Set<ColumnID> = [], isComplete: Bool = true) {
        self.columns = columns
        self.isComplete = isComplete
    }

    /// No provenance is known.
    package static let unknown = Self(isComplete: false)

    package mutating func formUnion(_ other: Self) {
        columns.formUnion(other.columns)
        isComplete = isComplete && other.isComplete
    }

    package func union(_ other: Self) -> Self {
        var result = self
        result.formUnion(other)
        return result
    }
}
