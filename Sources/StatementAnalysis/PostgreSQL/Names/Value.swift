/// What is known of an expression's value.
struct Value: Sendable {
    var lineage = Lineage()
    /// Set when the value is one base column's, unchanged.
    var origin: ColumnID?
    /// `pg_type.oid`; `nil` when it is not known, ``TypeID/unknown`` for an untyped literal.
    var type: ObjectID?
    /// The fields of a row, where they are known.
    var fields: [NamedValue]?
    /// Known to be neither a row nor an array of rows.
    var isScalar = false
    /// `NULL` only where a column it is computed from is, or where that does not depend on columns: its being `NULL`
    /// tells nothing of their values.
    var keepsNull = false
    /// The outcome of an operator that may be a comparison.
    var mayBeComparison = false
    /// The name a function's only `OUT` parameter gives its value in `FROM`.
    var outputName: String?

    init(
        _ lineage: Lineage = Lineage(), origin: ColumnID? = nil, type: ObjectID? = nil,
        fields: [NamedValue]? = nil
    ) {
        self.lineage = lineage
        self.origin = origin
        self.type = type
        self.fields = fields
    }

    static let unknown = Self(.unknown)

    /// A row of these values.
    init(row fields: [NamedValue]) {
        self.init(Lineage(unionOf: fields.map(\.value)), type: TypeID.record, fields: fields)
        keepsNull = true
    }

    /// The value together with something that could not be told.
    var withUnknown: Self {
        var result = self
        result.lineage.isComplete = false
        for index in result.fields?.indices ?? 0..<0 {
            result.fields?[index].value.lineage.isComplete = false
        }
        return result
    }

    /// The same value as computed with others: no longer one column's.
    func combined(with lineage: Lineage) -> Self {
        Self(self.lineage.union(lineage), type: type)
    }

    func keepingNull(_ keepsNull: Bool) -> Self {
        var result = self
        result.keepsNull = keepsNull
        return result
    }
}

struct NamedValue: Sendable {
    var name: String
    var value: Value
}

extension Sequence<Value> {
    /// Whether a value that is `NULL` only where one of these is would tell nothing by it.
    var keepNull: Bool { allSatisfy { $0.keepsNull || !$0.lineage.isRelevant } }
}

extension Lineage {
    init(unionOf values: some Sequence<Value>) {
        self.init()
        for value in values { formUnion(value.lineage) }
    }

    /// Whether anything can be told or is hidden: `false` for constants.
    var isRelevant: Bool { !columns.isEmpty || !isComplete }
}

/// Built-in types the analysis names (`pg_type.dat`).
enum TypeID {
    static let boolean: ObjectID = 16
    static let integer: ObjectID = 23
    static let text: ObjectID = 25
    static let unknown: ObjectID = 705
    static let numeric: ObjectID = 1700
    static let json: ObjectID = 114
    static let jsonb: ObjectID = 3802
    static let record: ObjectID = 2249
    static let any: ObjectID = 2276
    static let anyArray: ObjectID = 2277
    static let anyElement: ObjectID = 2283
    static let anyNonArray: ObjectID = 2776
    static let anyEnum: ObjectID = 3500
    static let anyCompatible: ObjectID = 5077
    static let anyCompatibleArray: ObjectID = 5078
    static let anyCompatibleNonArray: ObjectID = 5079

    static let elements: Set<ObjectID> = [
        anyElement, anyNonArray, anyEnum, anyCompatible, anyCompatibleNonArray,
    ]
    static let arrays: Set<ObjectID> = [anyArray, anyCompatibleArray]
    /// Parameters that take any type, or any of a class of types.
    static let polymorphic: Set<ObjectID> = [
        any, anyArray, anyElement, anyNonArray, anyEnum, anyCompatible, anyCompatibleArray,
        anyCompatibleNonArray,
        3831, 4537, 5080, 4538, record, 2287,
    ]
}
