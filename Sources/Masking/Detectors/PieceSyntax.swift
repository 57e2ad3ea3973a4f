/// What a piece of a value has to keep to, so that the whole can still be read.
enum PieceSyntax {
    case plain
    /// Within a string of a JSON document.
    case json
    /// Within XML.
    case markup
    /// Within an array, a composite and the like.
    case structure

    /// A piece as it reads, in UTF-8.
    func value(of range: Range<Int>, in text: Span<UInt8>) -> [UInt8] {
        switch self {
        case .plain, .structure: Self.copy(text.extracting(range))
        case .json: Self.decoded(range, in: text, .json)
        case .markup: Self.decoded(range, in: text, .xml)
        }
    }

    /// A mask as it is written; `nil` where it would mean something else.
    func written(_ mask: [UInt8]) -> [UInt8]? {
        switch self {
        case .plain: mask
        case .json: Self.escaped(mask)
        case .markup: mask.contains(where: Array("<>&\"'".utf8).contains) ? nil : mask
        case .structure: mask.contains(where: Array("\"\\{}(),=".utf8).contains) ? nil : mask
        }
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(copying: bytes)
        return copy
    }

    private static func decoded(
        _ range: Range<Int>, in text: Span<UInt8>, _ escapes: MappedText.Escapes
    ) -> [UInt8] {
        var value: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = text[index]
            if byte == (escapes == .json ? UInt8(ascii: "\\") : UInt8(ascii: "&")) {
                let (scalar, length) = MappedText.scalar(text, index..<range.upperBound)
                value += Array(String(scalar.flatMap(Unicode.Scalar.init) ?? "\u{fffd}").utf8)
                index += length
            } else {
                value.append(byte)
                index += 1
            }
        }
        return value
    }

    /// RFC 8259, section 7.
    private static func escaped(_ text: [UInt8]) -> [UInt8] {
        var escaped: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): escaped += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                escaped += Array("\\u00".utf8)
                escaped.append(hexadecimal: [byte].span)
            default: escaped.append(byte)
            }
        }
        return escaped
    }
}
