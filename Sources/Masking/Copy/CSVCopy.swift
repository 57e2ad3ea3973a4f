/// The csv format: fields may be quoted, and then hold delimiters and line ends (`COPY`, "CSV Format").
///
/// A mask is quoted only where the mask needs it, never because the value was: whether the value had a
/// comma in it is the value's affair. So `FORCE_QUOTE` has no effect on a masked column.
struct CSVCopy: Sendable {
    private var row: CopyRow
    private let delimiter: UInt8
    private let quote: UInt8
    private let escape: UInt8
    private var isQuoted = false
    /// An escape came last within quotes: what it means depends on the next byte.
    private var isEscapePending = false
    /// The mask of a field before it is quoted; kept for its memory.
    private var mask: [UInt8] = []

    init(row: CopyRow, delimiter: UInt8, quote: UInt8, escape: UInt8) {
        self.row = row
        self.delimiter = delimiter
        self.quote = quote
        self.escape = escape
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

    /// The offset of the next byte that may be more than itself, within quotes or without.
    private func endOfPlainBytes(in data: Span<UInt8>, from start: Int) -> Int {
        guard !isEscapePending else { return start }
        var end = start
        while end < data.count, data[end] != delimiter, data[end] != Self.lineEnd, data[end] != quote,
            data[end] != escape
        { end += 1 }
        return end
    }

    /// What one byte does to the field it stands in.
    private enum Meaning {
        case value
        /// The pending escape stood for itself, and so does this byte.
        case escapeAndValue
        /// The pending escape stood for itself, this byte is a quote or an escape again.
        case escapeOnly
        /// A quote, or an escape whose meaning is not known yet.
        case none
        case fieldEnd
        case rowEnd
    }

    private mutating func meaning(of byte: UInt8) -> Meaning {
        var isEscapeLiteral = false
        if isEscapePending {
            isEscapePending = false
            if byte == quote || byte == escape { return .value }
            if escape == quote {
                isQuoted = false
            } else {
                isEscapeLiteral = true
            }
        }
        if isQuoted {
            if byte == escape {
                isEscapePending = true
            } else if byte == quote {
                isQuoted = false
            } else {
                return isEscapeLiteral ? .escapeAndValue : .value
            }
            return isEscapeLiteral ? .escapeOnly : .none
        }
        if byte == quote {
            isQuoted = true
            return .none
        }
        if byte == delimiter { return .fieldEnd }
        return byte == Self.lineEnd ? .rowEnd : .value
    }

    /// Copies up to the next masked field, or all there is.
    private mutating func passUnmasked(
        _ data: Span<UInt8>, at offset: inout Int, to out: inout [UInt8]
    ) throws(MaskingError) {
        let start = offset
        defer { out.append(copying: data.extracting(start..<offset)) }
        while offset < data.count, !row.isMasked {
            let end = endOfPlainBytes(in: data, from: offset)
            if end > offset { row.noteByte() }
            offset = end
            guard offset < data.count else { return }
            let meaning = meaning(of: data[offset])
            offset += 1
            switch meaning {
            case .fieldEnd: try row.advance(pastLineEnd: false)
            case .rowEnd: try row.advance(pastLineEnd: true)
            case .value, .escapeAndValue, .escapeOnly, .none: row.noteByte()
            }
        }
    }

    /// Reads the masked field up to its end, which writes its mask, or to the end of the data.
    private mutating func readMasked(
        _ data: Span<UInt8>, at offset: inout Int, to out: inout [UInt8]
    ) throws(MaskingError) {
        while offset < data.count {
            let end = endOfPlainBytes(in: data, from: offset)
            if end > offset {
                row.noteByte()
                row.appendWritten(data.extracting(offset..<end))
                try row.appendValue(data.extracting(offset..<end))
                offset = end
                continue
            }
            let byte = data[offset]
            switch meaning(of: byte) {
            case .value: try row.appendValue(byte)
            case .escapeAndValue:
                try row.appendValue(escape)
                try row.appendValue(byte)
            case .escapeOnly: try row.appendValue(escape)
            case .none: break
            case .fieldEnd, .rowEnd:
                if row.endField(into: &mask) { append(quoting: mask, to: &out) } else { out += row.null }
                out.append(byte)
                offset += 1
                try row.advance(pastLineEnd: byte == Self.lineEnd)
                return
            }
            row.noteByte()
            row.appendWritten(data.extracting(offset..<offset + 1))
            offset += 1
        }
    }

    private func append(quoting value: [UInt8], to out: inout [UInt8]) {
        guard needsQuotes(value) else {
            out += value
            return
        }
        out.append(quote)
        for byte in value {
            if byte == quote || byte == escape { out.append(escape) }
            out.append(byte)
        }
        out.append(quote)
    }

    /// As the server decides: also for what would read as NULL or as the end of the data.
    private func needsQuotes(_ value: [UInt8]) -> Bool {
        if value == row.null || (row.isOnlyColumn && value == Array("\\.".utf8)) { return true }
        return value.contains {
            $0 == delimiter || $0 == quote || $0 == Self.lineEnd || $0 == UInt8(ascii: "\r")
        }
    }

    private static let lineEnd = UInt8(ascii: "\n")
}
