import API

/// Writes JSON text without white space into one buffer that is used again for the next record.
///
/// A string leaves no byte in the text that a terminal, a pager or a line-wise tool would obey: control
/// characters (C0, DEL, C1), line separators, invisible and bidirectional format characters are escaped;
/// what is not UTF-8 becomes U+FFFD, a byte each.
struct JSONWriter: ~Copyable {
    private var buffer = LineBuffer()
    /// How many strings or list members were shortened since ``removeAll()``.
    private(set) var omittedCount: UInt64 = 0

    private var cachedSecond: Int64 = -1
    private var cachedPrefix: [UInt8] = []
    private var cachedSummary = StatementSummary()
    private var cachedText: [UInt8] = []

    /// Longest string written when no other limit is given, in bytes before escaping.
    static let maximumFieldLength = 8 << 10
    /// Longest list of strings, in bytes as written; members beyond are counted, not written.
    static let maximumListLength = 64 << 10

    mutating func removeAll() {
        buffer.removeAll()
        omittedCount = 0
    }

    /// How many bytes have been written.
    var count: Int { buffer.count }

    /// A copy of what has been written.
    var bytes: [UInt8] {
        withBytes { text in unsafe text.withUnsafeBufferPointer { unsafe Array($0) } }
    }

    /// Lends what has been written.
    func withBytes<Result, Failure>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try buffer.withBytes(body)
    }

    mutating func literal(_ text: StaticString) {
        buffer.append(text)
    }

    mutating func raw(_ text: [UInt8]) {
        buffer.append(copying: text.span)
    }

    mutating func number(_ value: UInt64) {
        buffer.append(decimal: value)
    }

    mutating func number(_ value: Int32) {
        if value < 0 { buffer.append(UInt8(ascii: "-")) }
        number(UInt64(value.magnitude))
    }

    /// Quoted.
    mutating func timestamp(_ time: Timestamp) {
        let second = time.microsecondsSinceEpoch / 1_000_000
        if second != cachedSecond {
            cachedPrefix = Timestamp.secondPrefix(second)
            cachedSecond = second
        }
        buffer.append(UInt8(ascii: "\""))
        let prefix = cachedPrefix
        buffer.append(copying: prefix.span)
        buffer.append(decimal: UInt64(time.microsecondsSinceEpoch % 1_000_000), width: 6)
        literal(#"Z""#)
    }

    /// Lower case, two digits a byte, without quotes.
    mutating func hexadecimal(_ value: Span<UInt8>) {
        var index = 0
        while index + 8 <= value.count {
            hexadecimal(value.word(at: index).bigEndian)
            index += 8
        }
        while index < value.count {
            hexadecimal(value[index])
            index += 1
        }
    }

    /// Sixteen digits, without quotes.
    mutating func hexadecimal(_ value: UInt64) {
        buffer.append(hexadecimal: value)
    }

    /// Has `write` write a summary, unless it is the one written last.
    mutating func repeated(_ summary: StatementSummary, write: (inout Self) -> Void) {
        if summary == cachedSummary {
            let text = cachedText
            return raw(text)
        }
        let (start, omitted) = (count, omittedCount)
        write(&self)
        guard omittedCount == omitted else { return }
        cachedSummary = summary
        cachedText = withBytes { unsafe $0.extracting(start...).withUnsafeBufferPointer { unsafe Array($0) } }
    }

    mutating func string(_ text: String, limit: Int = maximumFieldLength) {
        string(text.utf8.span, limit: limit)
    }

    /// Quoted and escaped; at most `limit` bytes of it, whole characters.
    mutating func string(_ text: Span<UInt8>, limit: Int = maximumFieldLength) {
        var end = text.count
        if end > limit {
            end = limit
            while end > 0, limit - end < 3, text[end] & 0xc0 == 0x80 { end -= 1 }
            omittedCount += 1
        }
        buffer.append(UInt8(ascii: "\""))
        var index = 0
        while index < end {
            let plainEnd = Self.endOfPlain(in: text, from: index, to: end)
            buffer.append(copying: text.extracting(index..<plainEnd))
            index = plainEnd
            guard index < end else { break }
            if text[index] < 0x80 {
                escape(text[index])
                index += 1
            } else {
                index += character(at: index, in: text, end: end)
            }
        }
        buffer.append(UInt8(ascii: "\""))
    }

    /// Where the run of bytes ends that are written as they are.
    private static func endOfPlain(in text: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var index = start
        while index + 8 <= end, isPlain(text.word(at: index)) { index += 8 }
        while index < end, isPlain(text[index]) { index += 1 }
        return index
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Whether all eight bytes are plain. What the highest bit of a byte tells here may be wrong only where a lower byte
    /// is not plain.
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        func holds(_ byte: UInt8) -> UInt64 {
            let difference = word ^ ones &* UInt64(byte)
            return (difference &- ones) & ~difference
        }
        let found =
            word | (word &- ones &* 0x20) | holds(0x7f) | holds(UInt8(ascii: "\""))
            | holds(UInt8(ascii: "\\"))
        return found & (ones &* 0x80) == 0
    }

    mutating func strings(_ list: [String]) {
        let start = buffer.count
        buffer.append(UInt8(ascii: "["))
        for (index, text) in list.enumerated() {
            if buffer.count - start > Self.maximumListLength {
                omittedCount += UInt64(list.count - index)
                break
            }
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            string(text)
        }
        buffer.append(UInt8(ascii: "]"))
    }

    private mutating func hexadecimal(_ byte: UInt8) {
        digit(byte >> 4)
        digit(byte & 0x0f)
    }

    private mutating func digit(_ value: UInt8) {
        buffer.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): literal(#"\""#)
        case UInt8(ascii: "\\"): literal(#"\\"#)
        case 0x08: literal(#"\b"#)
        case 0x09: literal(#"\t"#)
        case 0x0a: literal(#"\n"#)
        case 0x0c: literal(#"\f"#)
        case 0x0d: literal(#"\r"#)
        default: escape(UInt16(byte))
        }
    }

    private mutating func escape(_ unit: UInt16) {
        literal(#"\u"#)
        hexadecimal(UInt8(unit >> 8))
        hexadecimal(UInt8(truncatingIfNeeded: unit))
    }

    /// Writes the character that starts at `index` with a byte of 0x80 or more; returns how many bytes it took.
    private mutating func character(at index: Int, in text: Span<UInt8>, end: Int) -> Int {
        let length = UTF8Character.length(at: index, in: text, end: end)
        guard length > 0 else {
            raw([0xef, 0xbf, 0xbd])
            return 1
        }
        var scalar = UInt32(text[index]) & (0xff >> UInt32(length + 1))
        for next in index + 1..<index + length { scalar = scalar << 6 | UInt32(text[next] & 0x3f) }
        if scalar <= 0xffff, Self.isInvisible(UInt16(scalar)) {
            escape(UInt16(scalar))
        } else {
            buffer.append(copying: text.extracting(index..<index + length))
        }
        return length
    }

    private static func isInvisible(_ unit: UInt16) -> Bool {
        switch unit {
        case 0x80...0x9f,  // C1 controls
            0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f,  // separators, zero width, bidirectional
            0xfeff, 0xfff9...0xfffb:
            true
        default: false
        }
    }
}

extension Span<UInt8> {
    /// The eight bytes at `offset`, which must be there.
    fileprivate func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= count - 8)
        return unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }
}
