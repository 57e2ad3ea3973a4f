import StatementAnalysis

/// The setting by which an application names, with a token, whom it acts on behalf of.
enum OnBehalfOf {
    static let setting = "weir.on_behalf_of"
    /// Of refusals, as errors and the audit log name it.
    static let rule = "identity/onBehalfOf"

    /// Whether the text names it, in whatever case.
    static func isNamed(in text: Span<UInt8>) -> Bool {
        let name = Array(setting.utf8)
        guard text.count >= name.count else { return false }
        var start = 0
        while start <= text.count - name.count {
            var length = 0
            while length < name.count, lowered(text[start + length]) == name[length] { length += 1 }
            if length == name.count { return true }
            start += 1
        }
        return false
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// Whether that is its name, in whatever case.
    static func isSetting(_ name: [UInt8]) -> Bool { name.count == setting.utf8.count && isNamed(in: name.span) }

    /// Whether something in the text looks like a token or a grant, wherever it stands: a header in JSON begins with
    /// `{"`, which is `eyJ` in base64.
    static func mayHoldToken(_ text: [UInt8]) -> Bool {
        holds(text, Array("eyJ".utf8)) || holds(text, Array("weir-grant-".utf8))
    }

    private static func holds(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard text.count >= part.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0..<($0 + part.count)].elementsEqual(part) }
    }

    /// The text with other constants in the places of some.
    ///
    /// - Parameter constants: what they are to be, by the byte they begin at.
    /// - Returns: `nil` unless a constant of a plain form begins at each of the places.
    static func text(_ text: [UInt8], replacing constants: [Int: String]) -> [UInt8]? {
        var scanner = ConstantScanner(text, hasStandardStrings: true)
        var result: [UInt8] = []
        var copied = 0
        var count = 0
        while let (token, range) = scanner.next() {
            guard let value = constants[range.lowerBound] else { continue }
            guard token == .plain || token == .escape || text[range.lowerBound] == UInt8(ascii: "$") else {
                return nil
            }
            result += text[copied..<range.lowerBound]
            result += Self.constant(value)
            copied = range.upperBound
            count += 1
        }
        return count == constants.count ? result + text[copied...] : nil
    }

    private static func constant(_ value: String) -> [UInt8] {
        let quote = UInt8(ascii: "'")
        return [quote] + value.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
    }
}
