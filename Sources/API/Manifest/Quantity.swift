/// Kubernetes' notation of amounts: a decimal number and a suffix, `500m`, `64Mi`, `1e3`.
package enum Quantity {
    private static let suffixes: Set<String> = [
        "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
    ]

    /// Whether the text is an amount without a sign.
    package static func isNotNegative(_ text: String) -> Bool {
        let digits = text.utf8.prefix { isDigit($0) }
        var rest = text.utf8[digits.endIndex...]
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix { isDigit($0) }
            rest = rest[fraction.endIndex...]
        }
        guard !digits.isEmpty || !fraction.isEmpty, text.utf8.count <= maximumLength else { return false }
        return suffixes.contains(String(decoding: rest, as: UTF8.self)) || isExponent(rest)
    }

    /// Longest notation, in bytes. Ours.
    package static let maximumLength = 64

    private static func isExponent(_ text: String.UTF8View.SubSequence) -> Bool {
        guard let first = text.first, first == UInt8(ascii: "e") || first == UInt8(ascii: "E") else {
            return false
        }
        var digits = text.dropFirst()
        if let sign = digits.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            digits = digits.dropFirst()
        }
        return !digits.isEmpty && digits.allSatisfy { isDigit($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
