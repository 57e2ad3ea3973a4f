import API

@testable import Masking

/// Type OIDs of `pg_type.dat`.
enum OID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let float8: UInt32 = 701
    static let money: UInt32 = 790
    static let inet: UInt32 = 869
    static let textArray: UInt32 = 1_009
    static let bpchar: UInt32 = 1_042
    static let varchar: UInt32 = 1_043
    static let date: UInt32 = 1_082
    static let timestamp: UInt32 = 1_114
    static let timestamptz: UInt32 = 1_184
    static let interval: UInt32 = 1_186
    static let numeric: UInt32 = 1_700
    static let uuid: UInt32 = 2_950
    static let tsvector: UInt32 = 3_614
    static let jsonb: UInt32 = 3_802
    /// An OID as extensions and enums get them.
    static let unknownExtension: UInt32 = 16_999
}

enum Sample {
    static let secret = SecretKeyReference(name: "masking", key: "hmac")
    static let keys: MaskingKeys = makeKeys(gateway: 7, secret: 9)
    static let otherKeys: MaskingKeys = makeKeys(gateway: 8, secret: 9)

    /// Every action, with the parameters that keep most.
    static let actions: [MaskingAction] = [
        .redact, .null, .partial(keepFirst: 2, keepLast: 2, maskCharacter: "*"), .hash(key: nil),
        .tokenize(key: nil), .generalize(.year), .generalize(.zip3), .generalize(.ageBand(width: 10)),
        .dateShift(maximumDays: 30, key: nil), .denyQuery,
    ]

    private static func makeKeys(gateway: UInt8, secret byte: UInt8) -> MaskingKeys {
        do {
            return try MaskingKeys(
                gateway: [UInt8](repeating: gateway, count: 32),
                secrets: [secret: [UInt8](repeating: byte, count: 40)])
        } catch {
            preconditionFailure("sample keys are long enough")
        }
    }
}

extension ColumnMasker {
    init(_ action: MaskingAction, _ type: UInt32, modifier: Int32 = -1, isBinary: Bool = false) {
        self.init(
            action: action, type: type, typeModifier: modifier, isBinary: isBinary, keys: Sample.keys)
    }

    /// The mask of a value; `nil` for NULL.
    func mask(_ cell: [UInt8]) -> [UInt8]? {
        var out: [UInt8] = [0xaa]
        let isValue = mask(cell.span, into: &out)
        precondition(out[0] == 0xaa, "what was there stays")
        return isValue ? Array(out.dropFirst()) : nil
    }

    /// The mask of a value in text.
    func mask(_ text: String) -> String? {
        mask(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    init(bigEndian value: some FixedWidthInteger) {
        self = (0..<value.bitWidth / 8).map {
            UInt8(truncatingIfNeeded: value >> (value.bitWidth - 8 - 8 * $0))
        }
    }
}

/// Days since 2000-01-01 of an ISO date.
func dayNumber(of text: [UInt8]) -> Int64? {
    ISOTimestamp(text.span)?.date.dayNumber
}
