import API
import StatementAnalysis

extension IdentifierKind {
    /// Whether every value of a type is this identifier, whatever its column is called; by the OIDs of `pg_type.dat`.
    func isHeld(by type: ObjectID) -> Bool {
        switch self {
        case .ipAddress: type == 869 || type == 650  // inet, cidr
        case .device: type == 829 || type == 774  // macaddr, macaddr8
        default: false
        }
    }
}

extension ObjectID {
    /// Whether values of a type may hold texts: `text` and its like, documents, arrays and records of them, and every
    /// type that users or extensions made.
    var mayHoldTexts: Bool { self >= Catalogue.firstUserObject || Self.textTypes.contains(self) }

    /// OIDs of `pg_type.dat`: name, text, json, xml and its array, json's array, unknown, the arrays of name, text,
    /// bpchar, varchar and cstring, bpchar, varchar, refcursor, record, cstring, record's array, tsvector and its
    /// array, jsonb and its array.
    private static let textTypes: Set<ObjectID> = [
        19, 25, 114, 142, 143, 199, 705, 1_003, 1_009, 1_014, 1_015, 1_263, 1_042, 1_043, 1_790, 2_249, 2_275,
        2_287, 3_614, 3_643, 3_802, 3_807,
    ]
}
