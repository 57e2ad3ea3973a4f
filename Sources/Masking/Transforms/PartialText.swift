/// Keeps characters at the ends of a text and replaces the others one by one.
///
/// A character is a Unicode scalar: none is split, and a combining mark counts as one of its own.
/// At most half of the characters are kept: a text that is shorter than twice the kept ones is replaced
/// as a whole, for what remained would tell too much of it.
struct PartialText: Sendable {
    private let keepFirst: Int
    private let keepLast: Int
    /// The UTF-8 of one scalar.
    private let maskCharacter: [UInt8]
    private let width: TextWidth

    init(keepFirst: Int, keepLast: Int, character: Character, width: TextWidth) {
        self.keepFirst = max(0, keepFirst)
        self.keepLast = max(0, keepLast)
        self.width = width
        let scalars = character.unicodeScalars
        // More scalars than were replaced, or more bytes than a name holds, would break the declared width.
        let isUsable = scalars.count == 1 && character != "\0" && (width != .name || character.isASCII)
        maskCharacter = Array((isUsable ? String(character) : "*").utf8)
    }

    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        let text = cell.extracting(..<width.end(of: cell))
        guard let length = text.scalarCount else { return false }
        // Subtraction, for a sum of two large numbers would overflow.
        let isWhole = keepFirst > length / 2 || keepLast > length / 2 - keepFirst
        let first = isWhole ? 0 : keepFirst
        let last = isWhole ? 0 : keepLast
        out.append(copying: text.extracting(..<text.offset(ofScalar: first)))
        out.append(repeating: maskCharacter, count: length - first - last)
        out.append(copying: text.extracting((text.count - text.byteCount(ofLastScalars: last))...))
        out.append(spaces: cell.count - text.count)
        return true
    }
}
