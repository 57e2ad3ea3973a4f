/// Replaces a text by the 64 hexadecimal digits of its keyed hash, cut to the column's width.
struct TextDigest: Sendable {
    private let pseudonyms: Pseudonyms
    private let width: TextWidth
    /// What stands before and after the digits: the quotes of a JSON string.
    private let before: [UInt8]
    private let after: [UInt8]
    /// Bytes of the value's binary form that are not of the document.
    private let prefix: [UInt8]

    init(_ pseudonyms: Pseudonyms, width: TextWidth) {
        self.pseudonyms = pseudonyms
        self.width = width
        before = []
        after = []
        prefix = []
    }

    /// A JSON string in place of a JSON document; `documentPrefix` begins the values and their masks.
    init(_ pseudonyms: Pseudonyms, documentPrefix: [UInt8]) {
        self.pseudonyms = pseudonyms
        width = .unlimited
        before = documentPrefix + [UInt8(ascii: "\"")]
        after = [UInt8(ascii: "\"")]
        prefix = documentPrefix
    }

    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        guard cell.count >= prefix.count else { return false }
        for index in prefix.indices where cell[index] != prefix[index] { return false }
        let code = pseudonyms.code(for: cell.extracting(prefix.count..<width.end(of: cell)))
        out += before
        let start = out.count
        out.append(hexadecimal: code.span)
        if let limit = width.limit, limit < out.count - start { out.removeSubrange((start + limit)...) }
        out += after
        out.append(spaces: width.padding(after: out.count - start))
        return true
    }
}
