/// The text format: a row a line, fields between delimiters, special characters behind a backslash
/// (`COPY`, "Text Format").
struct TextCopy: Sendable {
    private var row: CopyRow
    private let delimiter: UInt8
    /// A backslash came last.
    private var isEscaped = false
    /// The mask of a field before it is escaped; kept for its memory.
    private var mask: [UInt8] = []

    init(row: CopyRow, delimiter: UInt8) {
        self.row = row
        self.delimiter = delimiter
    }

    var isComplete: Bool { row.isAtStart }

    mutating func append(_ data: Span<UInt8>, to out: inout [UInt8]) throws(MaskingError) {
        var offset = 0
        while offset < data.count {
            if row.isMasked {
                try readMasked(data, at: &offset, to: &out)
            } else {
                try passUnmasked(data, at: &offset, to: &out)
            }
        }
    }

    /// Copies up to the next masked field, or all there is.
    private mutating func passUnmasked(
        _ data: Span<UInt8>, at offset: inout Int, to out: inout [UInt8]
    ) throws(MaskingError) {
        let start = offset
        defer { out.append(copying: data.extracting(start..<offset)) }
        while offset < data.count, !row.isMasked {
            if isEscaped {
                isEscaped = false
                offset += 1
                continue
            }
            let end = endOfPlainBytes(in: data, from: offset)
            if end > offset { row.noteByte() }
            offset = end
            guard offset < data.count else { return }
            let byte = data[offset]
            offset += 1
            if byte == Self.backslash {
                isEscaped = true
                row.noteByte()
            } else {
                try row.advance(pastLineEnd: byte == Self.lineEnd)
            }
        }
    }

    /// Reads the masked field up to its end, which writes its mask, or to the end of the data.
    private mutating func readMasked(
        _ data: Span<UInt8>, at offset: inout Int, to out: inout [UInt8]
    ) throws(MaskingError) {
        while offset < data.count {
            let byte = data[offset]
            if isEscaped {
                isEscaped = false
                row.appendWritten(data.extracting(offset..<offset + 1))
                try row.appendValue(Self.meaning(ofEscaped: byte))
                offset += 1
            } else if byte == Self.backslash {
                isEscaped = true
                row.noteByte()
                row.appendWritten(data.extracting(offset..<offset + 1))
                offset += 1
            } else if byte == delimiter || byte == Self.lineEnd {
                if row.endField(into: &mask) { append(escaping: mask, to: &out) } else { out += row.null }
                out.append(byte)
                offset += 1
                try row.advance(pastLineEnd: byte == Self.lineEnd)
                return
            } else {
                let end = endOfPlainBytes(in: data, from: offset)
                row.noteByte()
                row.appendWritten(data.extracting(offset..<end))
                try row.appendValue(data.extracting(offset..<end))
                offset = end
            }
        }
    }

    /// The offset of the next byte that is more than itself.
    private func endOfPlainBytes(in data: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < data.count, data[end] != delimiter, data[end] != Self.lineEnd, data[end] != Self.backslash
        {
            end += 1
        }
        return end
    }

    private func append(escaping value: [UInt8], to out: inout [UInt8]) {
        for byte in value {
            if let letter = Self.letter(for: byte) {
                out.append(Self.backslash)
                out.append(letter)
            } else {
                if byte == delimiter { out.append(Self.backslash) }
                out.append(byte)
            }
        }
    }

    private static let backslash = UInt8(ascii: "\\")
    private static let lineEnd = UInt8(ascii: "\n")

    /// What the server writes behind the backslash for a control character or a backslash.
    private static func letter(for byte: UInt8) -> UInt8? {
        switch byte {
        case 0x08: UInt8(ascii: "b")
        case 0x09: UInt8(ascii: "t")
        case 0x0a: UInt8(ascii: "n")
        case 0x0b: UInt8(ascii: "v")
        case 0x0c: UInt8(ascii: "f")
        case 0x0d: UInt8(ascii: "r")
        case backslash: backslash
        default: nil
        }
    }

    private static func meaning(ofEscaped byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "n"): 0x0a
        case UInt8(ascii: "v"): 0x0b
        case UInt8(ascii: "f"): 0x0c
        case UInt8(ascii: "r"): 0x0d
        default: byte
        }
    }
}
