package import API

/// Replaces the values of one result column by others that are legal for its type and format.
///
/// It fails towards less: an action that does not apply to the type, a value that does not have the
/// type's shape and a key that is missing all end in the type's neutral value, that of `Redact`.
package struct ColumnMasker: Sendable {
    private let transform: Transform
    /// What `Redact` gives; `nil` is NULL.
    private let neutral: [UInt8]?
    /// Of the texts and their masks, where it is not UTF-8 and the type has texts.
    private let encoding: TextEncoding?

    /// `type` and `typeModifier` are those of the `RowDescription` (the modifier keeps texts within a declared
    /// length); `isBinary` says that the column's format code is 1. A text outside ASCII in an `encoding` the gateway
    /// has no table for is redacted: its pseudonym would be another one than in UTF-8.
    package init(
        action: MaskingAction, type: UInt32, typeModifier: Int32 = -1, isBinary: Bool, keys: MaskingKeys,
        encoding: TextEncoding = .utf8
    ) {
        let column = ColumnType(oid: type, modifier: typeModifier)
        self.encoding = encoding.kind != .utf8 && column.isText ? encoding : nil
        var action = action
        if let encoding = self.encoding, case .partial(let first, let last, let character) = action,
            encoding.encoded(Array(String(character).utf8)) == nil
        {
            action = .partial(keepFirst: first, keepLast: last, maskCharacter: "*")
        }
        transform = Transform(action, of: column, isBinary: isBinary, keys: keys)
        neutral = action == .null ? nil : Self.neutralValue(of: column, isBinary: isBinary)
    }

    /// Replaces only the identifiers within the values; a value in which they cannot be told apart is redacted.
    ///
    /// `nil` where the type's values are no texts: they pass as they are; a computed `bytea` is redacted. The parameters are those of the other.
    package init?(
        _ search: IdentifierSearch, type: UInt32, typeModifier: Int32 = -1, isBinary: Bool, keys: MaskingKeys,
        encoding: TextEncoding = .utf8
    ) {
        let column = ColumnType(oid: type, modifier: typeModifier)
        if search.isComputed, column == .bytes {
            transform = .neutral
        } else if let masker = IdentifierMasker(
            search, type: type, typeModifier: typeModifier, isBinary: isBinary, keys: keys)
        {
            transform = .identifiers(masker)
        } else {
            return nil
        }
        self.encoding = encoding.kind != .utf8 && column.isText ? encoding : nil
        neutral = Self.neutralValue(of: column, isBinary: isBinary)
    }

    /// Appends what replaces `cell`, without a length word.
    /// - Returns: `false` for NULL, with nothing appended.
    package func mask(_ cell: Span<UInt8>, into out: inout [UInt8]) -> Bool {
        let start = out.count
        if append(maskOf: cell, to: &out) { return true }
        out.removeSubrange(start...)
        guard let neutral else { return false }
        out += neutral
        return true
    }

    private func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        guard let encoding else { return transform.append(maskOf: cell, to: &out) }
        var mask: [UInt8] = []
        guard let text = encoding.utf8(of: cell), transform.append(maskOf: text.span, to: &mask),
            let encoded = encoding.encoded(mask)
        else { return false }
        out += encoded
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
