import API

/// What a plain scalar means: YAML 1.2's core schema, less what YAML 1.1 reads differently.
///
/// kubectl reads manifests by YAML 1.1, where `no` is false and `010` is eight. A text the two versions do
/// not agree on is a fault, so that a manifest means the same to both.
enum PlainScalar {
    static func value(of text: String) throws(Ambiguity) -> ManifestNode.Value {
        switch text {
        // Not `Null` and `NULL`: the masking action of that name may be written without quotes. To kubectl it is
        // nothing, which the API server refuses.
        case "", "~", "null": return .null
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        default: break
        }
        if booleans.contains(text.lowercased()) { throw Ambiguity(message: booleanMessage) }
        guard let first = text.utf8.first, isNumeric(first) else { return .string(text) }
        if isDecimal(text) {
            return Int64(text).map { .integer($0) } ?? .number(text)
        }
        if isFloat(text) { return .number(text) }
        if isOtherNumber(text) { throw Ambiguity(message: numberMessage) }
        return .string(text)
    }

    struct Ambiguity: Error {
        var message: String
    }

    private static let booleans: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false"]
    private static let booleanMessage = "could be a boolean: write true or false, or put it in quotes"
    private static let numberMessage = "could be a number: write it in decimal, or put it in quotes"

    private static func isNumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func unsigned(_ text: String) -> Substring {
        text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : Substring(text)
    }

    /// Digits without a leading zero.
    private static func isDecimal(_ text: String) -> Bool {
        let digits = unsigned(text)
        return !digits.isEmpty && digits.utf8.allSatisfy(isDigit) && (digits == "0" || !digits.hasPrefix("0"))
    }

    private static func isFloat(_ text: String) -> Bool {
        let digits = unsigned(text)
        if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(digits) { return true }
        let parts = digits.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard mantissa.contains(where: { !$0.isEmpty }),
            mantissa.allSatisfy({ $0.utf8.allSatisfy(isDigit) }),
            parts.count == 2 || mantissa.count == 2
        else { return false }
        guard parts.count == 2 else { return true }
        let exponent = unsigned(String(parts[1]))
        return !exponent.isEmpty && exponent.utf8.allSatisfy(isDigit)
    }

    /// Octal, hexadecimal, binary, with underscores.
    private static func isOtherNumber(_ text: String) -> Bool {
        let digits = unsigned(text)
        guard let first = digits.utf8.first, isDigit(first) else { return false }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
            return digits.dropFirst(2).allSatisfy { $0 == "_" || Int(String($0), radix: radix) != nil }
        }
        return digits.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") }
    }
}
