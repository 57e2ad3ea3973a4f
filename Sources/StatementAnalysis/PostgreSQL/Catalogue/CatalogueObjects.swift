/// An operator: a row of `pg_operator`.
package struct Operator: Sendable, Hashable {
    package var oid: ObjectID
    package var schema: String
    package var name: String
    /// 0 for a prefix operator.
    package var left: ObjectID
    package var right: ObjectID
    package var result: ObjectID
    /// The function that computes it.
    package var function: ObjectID
    package var `extension`: String?

    package init(
        oid: ObjectID, schema: String = "pg_catalog", name: String, left: ObjectID, right: ObjectID,
        result: ObjectID, function: ObjectID, extension: String? = nil
    ) {
        self.oid = oid
        self.schema = schema
        self.name = name
        self.left = left
        self.right = right
        self.result = result
        self.function = function
        self.extension = `extension`
    }
}

/// A data type: a row of `pg_type`.
package struct DataType: Sendable, Hashable {
    /// `pg_type.typtype`.
    package enum Kind: UInt8, Sendable {
        case base = 0x62
        case composite = 0x63
        case domain = 0x64
        case enumeration = 0x65
        case pseudo = 0x70
        case range = 0x72
        case multirange = 0x6D
    }

    package var oid: ObjectID
    package var schema: String
    package var name: String
    package var kind: Kind
    /// The type under a domain, the element of an array, or 0.
    package var underlying: ObjectID
    /// The relation whose row this is, or 0.
    package var relation: ObjectID
    /// A domain with `CHECK` constraints: converting to it runs their expressions.
    package var hasChecks: Bool
    package var isArray: Bool
    package var `extension`: String?

    package init(
        oid: ObjectID, schema: String = "pg_catalog", name: String, kind: Kind = .base,
        underlying: ObjectID = 0,
        relation: ObjectID = 0, hasChecks: Bool = false, isArray: Bool = false, extension: String? = nil
    ) {
        self.oid = oid
        self.schema = schema
        self.name = name
        self.kind = kind
        self.underlying = underlying
        self.relation = relation
        self.hasChecks = hasChecks
        self.isArray = isArray
        self.extension = `extension`
    }
}

/// A conversion: a row of `pg_cast`.
package struct Cast: Sendable, Hashable {
    package var oid: ObjectID
    package var source: ObjectID
    package var target: ObjectID
    /// 0 when no function runs.
    package var function: ObjectID
    /// Applied without being asked for, also where a function or operator is chosen.
    package var isImplicit: Bool
    package var `extension`: String?
    /// Between a range type and its multirange type, and cannot be made otherwise.
    package var isMadeWithType: Bool

    package init(
        oid: ObjectID, source: ObjectID, target: ObjectID, function: ObjectID, isImplicit: Bool,
        extension: String? = nil, isMadeWithType: Bool = false
    ) {
        self.oid = oid
        self.source = source
        self.target = target
        self.function = function
        self.isImplicit = isImplicit
        self.extension = `extension`
        self.isMadeWithType = isMadeWithType
    }
}
