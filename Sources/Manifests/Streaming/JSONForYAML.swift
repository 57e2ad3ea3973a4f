/// JSON as the reader of YAML takes it.
enum JSONForYAML {
    /// Escapes what JSON may have as it is within a text, and YAML takes for no character or for the end of a line
    /// (YAML 1.1, sections 5.1 and 5.4). Outside of texts JSON has none of it.
    static func escaping(_ json: [UInt8]) -> [UInt8] {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(json.count)
        var index = 0
        while index < json.count {
            if let (scalar, length) = special(json, at: index) {
                let digits = String(scalar, radix: 16)
                escaped += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
                index += length
            } else {
                escaped.append(json[index])
                index += 1
            }
        }
        return escaped
    }

    /// - Returns: DEL, a C1 control, U+2028, U+2029, U+FFFE or U+FFFF, with its length in bytes; `nil` for all else.
    private static func special(_ json: [UInt8], at index: Int) -> (scalar: UInt32, length: Int)? {
        let first = json[index]
        guard first == 0x7F || first == 0xC2 || first == 0xE2 || first == 0xEF else { return nil }
        let second = index + 1 < json.count ? json[index + 1] : 0
        let third = index + 2 < json.count ? json[index + 2] : 0
        switch (first, second, third) {
        case (0x7F, _, _): return (0x7F, 1)
        case (0xC2, 0x80...0x9F, _): return (UInt32(second), 2)
        case (0xE2, 0x80, 0xA8...0xA9): return (0x2028 + UInt32(third - 0xA8), 3)
        case (0xEF, 0xBF, 0xBE...0xBF): return (0xFFFE + UInt32(third - 0xBE), 3)
        default: return nil
        }
    }
}
