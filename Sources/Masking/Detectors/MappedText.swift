/// A text as the scanner reads it: one byte for each character, and where each came from.
///
/// ASCII is itself. Dashes, spaces and full-width forms beyond ASCII read as their ASCII character, characters
/// without width are left out, every other letter is ``letter`` and every other character ``symbol``.
/// Bytes that are not UTF-8 read as letters, one by one.
struct MappedText {
    /// A letter outside ASCII.
    static let letter: UInt8 = 0x80
    /// A character outside ASCII that is no letter, dash or space.
    static let symbol: UInt8 = 0x81
    /// NULs behind the last character, so that looking ahead needs no check of the end.
    static let margin = 8

    /// With ``margin``.
    private(set) var bytes: [UInt8] = []
    /// Where each character starts in the source, and where the last one ends; empty where the text is its source.
    private var offsets: [Int] = []
    private var isIdentity = true

    var count: Int { bytes.count - Self.margin }

    /// What a backslash or an ampersand means.
    enum Escapes {
        case none
        /// RFC 8259, section 7.
        case json
        /// Numeric character references (XML 1.0, section 4.1) and the five named ones.
        case xml
    }

    /// Reads `source[range]`.
    init(_ source: Span<UInt8>, _ range: Range<Int>, escapes: Escapes = .none) {
        bytes.reserveCapacity(range.count + Self.margin)
        var index = range.lowerBound
        // What is its own character up to the first that is not, in one copy.
        while index < range.upperBound, Self.isPlain(source[index], escapes) { index += 1 }
        bytes.append(copying: source.extracting(range.lowerBound..<index))
        while index < range.upperBound {
            let byte = source[index]
            if Self.isPlain(byte, escapes) {
                append(byte, at: index)
                index += 1
            } else {
                if isIdentity {
                    isIdentity = false
                    offsets = (0..<bytes.count).map { range.lowerBound + $0 }
                }
                let (scalar, length) = Self.scalar(source, index..<range.upperBound)
                if let character = Self.character(for: scalar) { append(character, at: index) }
                index += length
            }
        }
        start = range.lowerBound
        if !isIdentity { offsets.append(range.upperBound) }
        bytes.append(contentsOf: repeatElement(0, count: Self.margin))
    }

    private var start = 0

    /// An ASCII character that begins no escape.
    private static func isPlain(_ byte: UInt8, _ escapes: Escapes) -> Bool {
        switch byte {
        case 0x80...: false
        case UInt8(ascii: "\\"): escapes != .json
        case UInt8(ascii: "&"): escapes != .xml
        default: true
        }
    }

    private mutating func append(_ byte: UInt8, at offset: Int) {
        bytes.append(byte)
        if !isIdentity { offsets.append(offset) }
    }

    /// The bytes of the source that characters were read from.
    func source(of range: Range<Int>) -> Range<Int> {
        guard !isIdentity else { return range.lowerBound + start..<range.upperBound + start }
        // What has no width after the last character is not part of it, but nothing is lost by taking it.
        return offsets[range.lowerBound]..<offsets[range.upperBound]
    }

    /// The scalar that starts `range`, and its bytes; an unpaired surrogate or a byte that is no UTF-8 is `nil`.
    static func scalar(_ source: Span<UInt8>, _ range: Range<Int>) -> (scalar: UInt32?, byteCount: Int) {
        let byte = source[range.lowerBound]
        switch byte {
        case UInt8(ascii: "\\"): return jsonEscape(source, range)
        case UInt8(ascii: "&"): return xmlReference(source, range)
        default: break
        }
        let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
        guard byte >= 0xc2, byte < 0xf5, range.count >= length else { return (nil, 1) }
        var scalar = UInt32(byte) & (0x7f >> UInt32(length))
        for index in 1..<length {
            let next = source[range.lowerBound + index]
            guard next.isContinuation else { return (nil, 1) }
            scalar = scalar << 6 | UInt32(next & 0x3f)
        }
        return (scalar, length)
    }

    private static func jsonEscape(
        _ source: Span<UInt8>, _ range: Range<Int>
    ) -> (scalar: UInt32?, byteCount: Int) {
        guard range.count >= 2 else { return (0x5c, 1) }
        switch source[range.lowerBound + 1] {
        case UInt8(ascii: "n"): return (0x0a, 2)
        case UInt8(ascii: "t"): return (0x09, 2)
        case UInt8(ascii: "r"): return (0x0d, 2)
        case UInt8(ascii: "b"), UInt8(ascii: "f"): return (0x20, 2)
        case UInt8(ascii: "u"):
            guard let high = codeUnit(source, range) else { return (nil, 2) }
            guard high & 0xfc00 == 0xd800 else { return (high, 6) }
            let rest = range.lowerBound + 6..<range.upperBound
            guard rest.count >= 6, source[rest.lowerBound] == UInt8(ascii: "\\"),
                let low = codeUnit(source, rest), low & 0xfc00 == 0xdc00
            else { return (nil, 6) }
            return (0x10000 + (high & 0x3ff) << 10 + low & 0x3ff, 12)
        case let other: return (UInt32(other), 2)
        }
    }

    private static func codeUnit(_ source: Span<UInt8>, _ range: Range<Int>) -> UInt32? {
        guard range.count >= 6, source[range.lowerBound + 1] == UInt8(ascii: "u") else { return nil }
        var unit: UInt32 = 0
        for index in 2..<6 {
            guard let digit = source[range.lowerBound + index].hexadecimalValue else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    private static func xmlReference(
        _ source: Span<UInt8>, _ range: Range<Int>
    ) -> (scalar: UInt32?, byteCount: Int) {
        var end = range.lowerBound + 1
        while end < min(range.upperBound, range.lowerBound + maximumReferenceLength),
            source[end] != UInt8(ascii: ";")
        { end += 1 }
        guard end < range.upperBound, source[end] == UInt8(ascii: ";") else { return (0x26, 1) }
        let name = source.extracting(range.lowerBound + 1..<end)
        let length = end + 1 - range.lowerBound
        guard name.count >= 2, name[0] == UInt8(ascii: "#") else { return (0x26, length) }
        let isHexadecimal = name[1] | 0x20 == UInt8(ascii: "x")
        var scalar: UInt32 = 0
        for index in (isHexadecimal ? 2 : 1)..<name.count {
            guard let digit = name[index].hexadecimalValue, isHexadecimal || digit < 10 else {
                return (0x26, length)
            }
            scalar = min(scalar * (isHexadecimal ? 16 : 10) + UInt32(digit), 0x11_0000)
        }
        return (scalar, length)
    }

    /// `&#x10FFFF;`, with leading zeros.
    private static let maximumReferenceLength = 16

    /// How a scalar reads; `nil` where it has no width.
    private static func character(for scalar: UInt32?) -> UInt8? {
        guard let scalar else { return letter }
        switch scalar {
        case 0..<0x80: return UInt8(scalar)
        case 0xad, 0x200b...0x200f, 0x202a...0x202e, 0x2060...0x2064, 0xfe00...0xfe0f, 0xfeff: return nil
        case 0xa0, 0x1680, 0x2000...0x200a, 0x202f, 0x205f, 0x3000: return UInt8(ascii: " ")
        case 0x85, 0x2028, 0x2029: return UInt8(ascii: "\n")
        case 0x2010...0x2015, 0x2212, 0xfe58, 0xfe63: return UInt8(ascii: "-")
        case 0x2018, 0x2019, 0x2bc: return UInt8(ascii: "'")
        case 0x2024, 0xb7: return UInt8(ascii: ".")
        case 0x2044, 0x2215: return UInt8(ascii: "/")
        case 0xff01...0xff5e: return UInt8(scalar - 0xfee0)
        // Decimal digits of other scripts.
        case 0x660...0x669: return UInt8(scalar - 0x660 + 0x30)
        case 0x6f0...0x6f9: return UInt8(scalar - 0x6f0 + 0x30)
        case 0x966...0x96f: return UInt8(scalar - 0x966 + 0x30)
        case 0x80...0xa9, 0xab...0xb4, 0xb6...0xb9, 0xbb...0xbf, 0xd7, 0xf7, 0x2010...0x2bff,
            0x3001...0x3004, 0x3008...0x3020, 0xe000...0xf8ff, 0x1_f000...0x1_faff:
            return symbol
        default: return letter
        }
    }
}
