/// Base64 with the alphabet for URLs and without padding (RFC 7515, section 2).
package enum Base64URL {
    package static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64.encodedBytes(bytes).prefix { $0 != UInt8(ascii: "=") }.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        decode(bytes: Array(text.utf8)[...])
    }

    /// Strict: one text for every value.
    /// - Returns: `nil` for foreign characters, padding, impossible lengths and unused bits that are set.
    package static func decode(bytes text: ArraySlice<UInt8>) -> [UInt8]? {
        var translated: [UInt8] = []
        translated.reserveCapacity(text.count + 2)
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"): translated.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): translated.append(UInt8(ascii: "/"))
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: translated.append(byte)
            }
        }
        switch translated.count % 4 {
        case 0: break
        case 2: translated += [UInt8(ascii: "="), UInt8(ascii: "=")]
        case 3: translated.append(UInt8(ascii: "="))
        default: return nil
        }
        return Base64.decode(bytes: translated)
    }
}
