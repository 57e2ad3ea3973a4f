package import API

/// Replaces the values of one result column by others that are legal for its type and format.
///
/// It fails towards less: an action that does not apply to the type, a value that does not have the
/// type's shape and a key that is missing all end in the type's neutral value, that of `Redact`.
package struct ColumnMasker: Sendable {
    private let transform: Transform
    /// What `Redact` gives; `nil` is NULL.
    private let neutral: [UInt8]?

    /// `type` and `typeModifier` are those of the `RowDescription` (the modifier keeps texts within a declared
    /// length); `isBinary` says that the column's format code is 1.
    package init(
        action: MaskingAction, type: UInt32, typeModifier: Int32 = -1, isBinary: Bool, keys: MaskingKeys
    ) {
        let column = ColumnType(oid: type, modifier: typeModifier)
        transform = Transform(action, of: column, isBinary: isBinary, keys: keys)
        neutral = action == .null ? nil : Self.neutralValue(of: column, isBinary: isBinary)
    }

    /// Appends what replaces `cell`, without a length word.
    /// - Returns: `false` for NULL, with nothing appended.
    package func mask(_ cell: Span<UInt8>, into out: inout [UInt8]) -> Bool {
        let start = out.count
        if transform.append(maskOf: cell, to: &out) { return true }
        out.removeSubrange(start...)
        guard let neutral else { return false }
        out += neutral
        return true
    }

    /// The one replacement of every value: `.some(nil)` is NULL, `nil` says that values differ.
    var constant: [UInt8]?? {
        if case .neutral = transform { .some(neutral) } else { nil }
    }

    private static func neutralValue(of column: ColumnType, isBinary: Bool) -> [UInt8]? {
        let label = "[redacted]"
        switch column {
        case .text(let width):
            let limit = width.limit ?? label.utf8.count
            var value =
                limit < label.utf8.count
                ? [UInt8](repeating: UInt8(ascii: "*"), count: limit) : Array(label.utf8)
            if case .padded(let count?) = width { value.append(spaces: count - value.count) }
            return value
        case .json: return Array("\"\(label)\"".utf8)
        case .jsonb: return (isBinary ? [jsonbVersion] : []) + Array("\"\(label)\"".utf8)
        case .integer, .moment, .bytes, .uuid, .opaque: return nil
        }
    }

    /// The first byte of a binary `jsonb`.
    static let jsonbVersion: UInt8 = 1
}
