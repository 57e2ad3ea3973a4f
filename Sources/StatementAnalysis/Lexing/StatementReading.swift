/// What the server reads in a statement under settings the parser does not know.
package enum StatementReading {
    /// Which letters outside ASCII the server folds in an identifier without quotes (`downcase_identifier`).
    package enum Folding: Sendable {
        case none
        /// Capital letters, by its locale, where a character is a byte.
        case capitals
        /// Bytes, whatever they are of.
        case bytes
    }

    /// The text with every plain constant written as one with escapes, as `standard_conforming_strings = off` has it.
    package static func withEscapes(_ text: [UInt8]) -> [UInt8] {
        var scanner = ConstantScanner(text, hasStandardStrings: false)
        var result: [UInt8] = []
        result.reserveCapacity(text.count + 16)
        var copied = 0
        while let (token, range) = scanner.next() {
            let prefix: String
            switch token {
            case .plain: prefix = " E"
            case .national: prefix = " NCHAR E"
            case .identifier, .quotedIdentifier, .escape, .literal: continue
            }
            result += text[copied..<range.lowerBound]
            result += prefix.utf8
            copied = token == .national ? range.lowerBound + 1 : range.lowerBound
        }
        return result + text[copied...]
    }

    /// Whether a database with another encoding than UTF-8 may read names or constants of the text otherwise than the
    /// parser, which takes everything for UTF-8: it folds and cuts identifiers by its own characters, and an escape
    /// for a byte is a byte of its own.
    package static func dependsOnEncoding(_ text: [UInt8], hasStandardStrings: Bool, folding: Folding) -> Bool
    {
        guard let valid = String(validating: text, as: UTF8.self) else { return true }
        let isASCII = valid.utf8.allSatisfy { $0 < 0x80 }
        var scanner = ConstantScanner(text, hasStandardStrings: hasStandardStrings)
        while let (token, range) = scanner.next() {
            let part = text[range]
            switch token {
            case .identifier, .quotedIdentifier:
                guard !isASCII, part.contains(where: { $0 >= 0x80 }) else { continue }
                let quotes = token == .quotedIdentifier ? 2 : 0
                if part.count - quotes > longestIdentifier { return true }
                guard token == .identifier else { continue }
                switch folding {
                case .none: continue
                case .capitals:
                    let letters = String(decoding: part, as: UTF8.self).unicodeScalars
                    if letters.contains(where: changesWhenLowered) { return true }
                case .bytes: return true
                }
            case .escape where hasByteEscape(part): return true
            case .plain where !hasStandardStrings && hasByteEscape(part): return true
            case .national where !hasStandardStrings && hasByteEscape(part): return true
            case .plain, .national, .escape, .literal: continue
            }
        }
        return false
    }

    /// In bytes of UTF-8. The server cuts names at 63 bytes of its own encoding, whose characters have at most four
    /// bytes where UTF-8's have three.
    private static let longestIdentifier = 47

    private static func changesWhenLowered(_ scalar: Unicode.Scalar) -> Bool {
        !scalar.isASCII && scalar.properties.changesWhenLowercased
    }

    /// `\x`, or up to three octal digits, that make a byte of 0x80 or above.
    private static func hasByteEscape(_ constant: ArraySlice<UInt8>) -> Bool {
        var index = constant.startIndex
        while index < constant.endIndex {
            guard constant[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            let rest = constant[(index + 1)...].prefix(4)
            if let first = rest.first, first == UInt8(ascii: "x") || (0x30...0x37).contains(first) {
                let isOctal = first != UInt8(ascii: "x")
                let digits = isOctal ? rest.prefix(3) : rest.dropFirst().prefix(2)
                let number = String(decoding: digits, as: UTF8.self)
                let valid = number.prefix { $0.isHexDigit && (!isOctal || $0 < "8") }
                if (Int(valid, radix: isOctal ? 8 : 16) ?? 0) >= 0x80 { return true }
            }
            index += 2
        }
        return false
    }
}
