import API
import Masking

/// Looks for identifiers in arbitrary bytes.
struct SearchExercise {
    private static let types: [UInt32] = [25, 1_043, 1_042, 114, 3_802, 142, 1_009, 3_807, 16_999, 0]
    private static let actions: [MaskingAction] = [
        .redact, .partial(keepFirst: 1, keepLast: 1, maskCharacter: "\""), .tokenize(key: nil),
    ]

    private let type: UInt32
    private let isBinary: Bool
    private let masker: ColumnMasker?

    init(choice: UInt8, isBinary: Bool, keys: MaskingKeys) {
        type = Self.types[Int(choice) % Self.types.count]
        self.isBinary = isBinary
        let action = Self.actions[Int(choice) / Self.types.count % Self.actions.count]
        let actions = Dictionary(uniqueKeysWithValues: IdentifierKind.allCases.map { ($0, action) })
        masker = ColumnMasker(
            IdentifierSearch(actions: actions, column: ""), type: type,
            typeModifier: choice & 1 == 0 ? 24 : -1,
            isBinary: isBinary, keys: keys)
    }

    /// Findings are in order and within the text, twice the same, and what is a document stays one.
    func check(_ data: [UInt8]) throws(MaskingExercise.Violation) {
        let scanner = IdentifierScanner(kinds: IdentifierKind.allCases)
        var end = 0
        for finding in scanner.findings(in: data.span) {
            guard finding.range.lowerBound >= end, !finding.range.isEmpty,
                finding.range.upperBound <= data.count
            else { throw MaskingExercise.Violation("findings overlap or leave the text") }
            end = finding.range.upperBound
        }
        guard let masker else { return }
        let masked = mask(data, by: masker)
        guard masked == mask(data, by: masker) else {
            throw MaskingExercise.Violation("two masks of one value")
        }
        guard let masked, !isBinary, String(validating: data, as: UTF8.self) != nil else { return }
        guard String(validating: masked, as: UTF8.self) != nil else {
            throw MaskingExercise.Violation("no UTF-8")
        }
        if JSONText.isDocument(data), !JSONText.isDocument(masked) {
            throw MaskingExercise.Violation("a document is none any more")
        }
    }

    private func mask(_ cell: [UInt8], by masker: ColumnMasker) -> [UInt8]? {
        var out: [UInt8] = []
        return masker.mask(cell.span, into: &out) ? out : nil
    }
}

/// A recursive reader of JSON (RFC 8259), apart from the one that is exercised.
private struct JSONText {
    private var rest: ArraySlice<UInt8>

    static func isDocument(_ text: [UInt8]) -> Bool {
        var reader = Self(rest: text[...])
        reader.skipSpace()
        guard reader.rest.first == UInt8(ascii: "{") || reader.rest.first == UInt8(ascii: "["),
            reader.value(depth: 0)
        else { return false }
        reader.skipSpace()
        return reader.rest.isEmpty
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func value(depth: Int) -> Bool {
        skipSpace()
        guard depth < 128, let first = rest.first else { return false }
        switch first {
        case UInt8(ascii: "{"): return members(UInt8(ascii: "}"), depth: depth, areNamed: true)
        case UInt8(ascii: "["): return members(UInt8(ascii: "]"), depth: depth, areNamed: false)
        case UInt8(ascii: "\""): return string()
        default:
            let token = rest.prefix { $0 > 0x20 && !Array(",]}:[{\"".utf8).contains($0) }
            rest = rest.dropFirst(token.count)
            let text = String(decoding: token, as: UTF8.self)
            return ["true", "false", "null"].contains(text) || Double(text) != nil
        }
    }

    private mutating func members(_ close: UInt8, depth: Int, areNamed: Bool) -> Bool {
        rest.removeFirst()
        skipSpace()
        if take(close) { return true }
        while true {
            if areNamed {
                skipSpace()
                guard string() else { return false }
                skipSpace()
                guard take(UInt8(ascii: ":")) else { return false }
            }
            guard value(depth: depth + 1) else { return false }
            skipSpace()
            if take(close) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func string() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"):
                guard let escape = rest.popFirst() else { return false }
                if escape == UInt8(ascii: "u") {
                    guard rest.count >= 4,
                        rest.prefix(4).allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
                    else { return false }
                    rest = rest.dropFirst(4)
                } else if !Array("\"\\/bfnrt".utf8).contains(escape) {
                    return false
                }
            case 0..<0x20: return false
            default: break
            }
        }
        return false
    }
}
