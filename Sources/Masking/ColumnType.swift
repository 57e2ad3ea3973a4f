/// What masks need to know of a PostgreSQL type; OIDs are those of `pg_type.dat`, which never change.
///
/// A domain arrives as its base type: that is what a `RowDescription` carries.
enum ColumnType: Equatable {
    case text(TextWidth)
    case integer(IntegerWidth)
    case moment(Moment)
    case bytes
    case uuid
    case json
    case jsonb
    /// Everything else: numbers with fractions, booleans, networks, arrays, enums, unknown extensions.
    case opaque

    /// Its values are in the client's encoding, in binary too.
    var isText: Bool {
        switch self {
        case .text, .json, .jsonb: true
        case .integer, .moment, .bytes, .uuid, .opaque: false
        }
    }

    /// `modifier` is `atttypmod`, -1 for none.
    init(oid: UInt32, modifier: Int32) {
        // The declared number of characters, after the four bytes of a varlena header.
        let declared = modifier > 4 ? Int(modifier) - 4 : nil
        switch oid {
        case 25, 705, 2_275: self = .text(.unlimited)  // text, unknown, cstring
        case 1_043: self = .text(declared.map { .characters($0) } ?? .unlimited)  // varchar
        case 1_042: self = .text(.padded(declared))  // bpchar
        case 19: self = .text(.name)
        case 21: self = .integer(IntegerWidth(byteCount: 2, isSigned: true))  // int2
        case 23: self = .integer(IntegerWidth(byteCount: 4, isSigned: true))  // int4
        case 20: self = .integer(IntegerWidth(byteCount: 8, isSigned: true))  // int8
        case 26: self = .integer(IntegerWidth(byteCount: 4, isSigned: false))  // oid
        case 1_082: self = .moment(.date)
        case 1_114: self = .moment(.timestamp)
        case 1_184: self = .moment(.timestampWithTimeZone)
        case 17: self = .bytes  // bytea
        case 2_950: self = .uuid
        case 114: self = .json
        case 3_802: self = .jsonb
        default: self = .opaque
        }
    }
}

/// How long a text may be, and whether spaces at its end belong to it.
enum TextWidth: Equatable {
    case unlimited
    /// `varchar(n)`.
    case characters(Int)
    /// `char(n)`: spaces at its end are padding; `nil` when n is not known.
    case padded(Int?)
    /// `name`: 63 bytes.
    case name

    /// Most ASCII characters that fit; `nil` for no limit.
    var limit: Int? {
        switch self {
        case .unlimited: nil
        case .characters(let count): count
        case .padded(let count): count
        case .name: 63
        }
    }

    var isPadded: Bool { if case .padded = self { true } else { false } }
}

struct IntegerWidth: Equatable {
    /// 2, 4 or 8.
    var byteCount: Int
    var isSigned: Bool

    /// The largest value.
    var maximum: UInt64 { UInt64.max >> UInt64(64 - 8 * byteCount + (isSigned ? 1 : 0)) }
}

/// A type that counts from 2000-01-01.
enum Moment: Equatable {
    /// Days, in four bytes.
    case date
    /// Microseconds, in eight bytes.
    case timestamp
    /// Microseconds of UTC, in eight bytes.
    case timestampWithTimeZone
}
