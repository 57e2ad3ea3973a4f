/// Base64 with padding and no line breaks (RFC 4648, section 4).
package enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    package static func encode(_ bytes: [UInt8]) -> String {
        String(decoding: encodedBytes(bytes), as: UTF8.self)
    }

    /// The same text as its ASCII bytes.
    package static func encodedBytes(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count + 2) / 3 * 4)
        let digit = { (bits: UInt32, shift: UInt32) in alphabet[Int(bits >> shift & 0x3f)] }
        var index = 0
        while index + 3 <= bytes.count {
            let bits = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
            output.append(digit(bits, 18))
            output.append(digit(bits, 12))
            output.append(digit(bits, 6))
            output.append(digit(bits, 0))
            index += 3
        }
        switch bytes.count - index {
        case 1:
            let bits = UInt32(bytes[index]) << 16
            output += [digit(bits, 18), digit(bits, 12), padding, padding]
        case 2:
            let bits = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8
            output += [digit(bits, 18), digit(bits, 12), digit(bits, 6), padding]
        default: break
        }
        return output
    }

    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        decode(bytes: text.utf8)
    }

    /// Strict: one text for every value, so whatever another encoder might have meant is refused.
    /// - Returns: `nil` for a length that is no multiple of four, foreign characters, misplaced padding
    ///   and unused bits that are set.
    package static func decode(bytes text: some Sequence<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var digitCount = 0
        var paddingCount = 0
        for character in text {
            digitCount += 1
            bits <<= 6
            if character == padding {
                paddingCount += 1
            } else {
                guard paddingCount == 0, let value = value(of: character) else { return nil }
                bits |= value
            }
            guard digitCount.isMultiple(of: 4) else { continue }
            switch paddingCount {
            case 0: output += [UInt8(bits >> 16), UInt8(bits >> 8 & 0xff), UInt8(bits & 0xff)]
            case 1 where bits & 0xff == 0: output += [UInt8(bits >> 16), UInt8(bits >> 8 & 0xff)]
            case 2 where bits & 0xffff == 0: output.append(UInt8(bits >> 16))
            default: return nil
            }
            bits = 0
        }
        return digitCount.isMultiple(of: 4) ? output : nil
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
