/// Writes JSON text without white space into one buffer that is used again for the next record.
///
/// A string leaves no byte in the text that a terminal, a pager or a line-wise tool would obey: control
/// characters (C0, DEL, C1), line separators, invisible and bidirectional format characters are escaped;
/// what is not UTF-8 becomes U+FFFD, a byte each.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// How many strings or list members were shortened since ``removeAll()``.
    private(set) var omittedCount: UInt64 = 0

    private var cachedSecond: Int64 = -1
    private var cachedPrefix: [UInt8] = []

    /// Longest string written when no other limit is given, in bytes before escaping.
    static let maximumFieldLength = 8 << 10
    /// Longest list of strings, in bytes as written; members beyond are counted, not written.
    static let maximumListLength = 64 << 10
    /// Capacity kept for the next record, in bytes.
    private static let keptCapacity = 64 << 10

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
        omittedCount = 0
    }

    mutating func literal(_ text: StaticString) {
        text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func raw(_ text: [UInt8]) {
        bytes.append(contentsOf: text)
    }

    mutating func number(_ value: UInt64) {
        let start = bytes.count
        var rest = value
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    mutating func number(_ value: Int32) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        number(UInt64(value.magnitude))
    }

    /// Quoted.
    mutating func timestamp(_ time: Timestamp) {
        let second = time.microsecondsSinceEpoch / 1_000_000
        if second != cachedSecond {
            cachedPrefix = Timestamp.secondPrefix(second)
            cachedSecond = second
        }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: cachedPrefix)
        Timestamp.appendMicroseconds(time.microsecondsSinceEpoch % 1_000_000, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Lower case, two digits a byte, without quotes.
    mutating func hexadecimal(_ value: Span<UInt8>) {
        for index in value.indices { hexadecimal(value[index]) }
    }

    /// Sixteen digits, without quotes.
    mutating func hexadecimal(_ value: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            hexadecimal(UInt8(truncatingIfNeeded: value >> shift))
        }
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
        bytes.append(UInt8(ascii: "\""))
        var index = 0
        while index < end {
            let byte = text[index]
            if byte >= 0x20, byte < 0x7f, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                bytes.append(byte)
                index += 1
            } else if byte < 0x80 {
                escape(byte)
                index += 1
            } else {
                index += character(at: index, in: text, end: end)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func strings(_ list: [String]) {
        let start = bytes.count
        bytes.append(UInt8(ascii: "["))
        for (index, text) in list.enumerated() {
            if bytes.count - start > Self.maximumListLength {
                omittedCount += UInt64(list.count - index)
                break
            }
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            string(text)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func hexadecimal(_ byte: UInt8) {
        digit(byte >> 4)
        digit(byte & 0x0f)
    }

    private mutating func digit(_ value: UInt8) {
        bytes.append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
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
            for next in index..<index + length { bytes.append(text[next]) }
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
