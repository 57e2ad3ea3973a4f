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
        let digits = alphabet.span
        let input = bytes.span
        let whole = input.count / 3 * 3
        return Array(capacity: (input.count + 2) / 3 * 4) { output in
            for start in stride(from: 0, to: whole, by: 3) {
                let bits = Int(input[start]) << 16 | Int(input[start + 1]) << 8 | Int(input[start + 2])
                output.append(digits[bits >> 18])
                output.append(digits[bits >> 12 & 0x3f])
                output.append(digits[bits >> 6 & 0x3f])
                output.append(digits[bits & 0x3f])
            }
            guard whole < input.count else { return }
            let isOne = whole + 1 == input.count
            let bits = Int(input[whole]) << 16 | (isOne ? 0 : Int(input[whole + 1]) << 8)
            output.append(digits[bits >> 18])
            output.append(digits[bits >> 12 & 0x3f])
            output.append(isOne ? padding : digits[bits >> 6 & 0x3f])
            output.append(padding)
        }
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
