extension JSONParser {
    /// What a string's content stands for, which may still be no UTF-8; the content begins at `start` of the text.
    static func unescaped(_ content: Span<UInt8>, at start: Int) throws(JSONError) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(content.count)
        var index = 0
        while index < content.count {
            let byte = content[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                continue
            }
            // A string does not end within an escape: `stringEnd` took two bytes for each.
            let escape = content[index]
            index += 1
            if escape == UInt8(ascii: "u") {
                output += String(try unicodeScalar(content, &index, at: start)).utf8
            } else if let character = character(of: escape) {
                output.append(character)
            } else {
                throw JSONError(.malformed, at: start + index - 1)
            }
        }
        return output
    }

    private static func character(of escape: UInt8) -> UInt8? {
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): escape
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    private static func unicodeScalar(
        _ content: Span<UInt8>, _ index: inout Int, at start: Int
    ) throws(JSONError) -> Unicode.Scalar {
        let place = start + index
        let unit = try codeUnit(content, &index, at: start)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), index + 1 < content.count,
            content[index] == UInt8(ascii: "\\"), content[index + 1] == UInt8(ascii: "u")
        else { throw JSONError(.malformed, at: place) }
        index += 2
        let trail = try codeUnit(content, &index, at: start)
        guard UTF16.isTrailSurrogate(trail) else { throw JSONError(.malformed, at: place) }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    /// Four hexadecimal digits.
    private static func codeUnit(
        _ content: Span<UInt8>, _ index: inout Int, at start: Int
    ) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard index < content.count,
                let digit = Character(Unicode.Scalar(content[index])).hexDigitValue,
                content[index] < 0x80
            else { throw JSONError(.malformed, at: start + index) }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }
}
