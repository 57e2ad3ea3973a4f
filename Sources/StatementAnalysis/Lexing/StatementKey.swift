/// A key under which statements that differ only in integers share one analysis.
///
/// Only a text whose lexing is beyond doubt has one: a single `SELECT`, `INSERT`, `UPDATE`, `DELETE`, `WITH` or
/// `VALUES`, of ASCII letters, digits, `_`, white space and `. , ( ) = < > + - * ;`, without a comment. In it an integer
/// of at most nine digits becomes `0` where it follows an operator, a comma or an opening parenthesis and what follows
/// it is neither an identifier nor a dot. `ORDER BY`, `GROUP BY` and `DISTINCT ON` count output columns with integers
/// that follow no comparison: a text with one of these words keeps all but those that do.
///
/// Nothing ``StatementAnalyzer`` tells depends on such an integer but ``StatementFacts/range``, which is the whole text.
package enum StatementKey {
    /// Longest text that has a key, in bytes.
    package static let maximumTextLength = 4096

    /// Longest integer replaced, in digits: it fits PostgreSQL's `integer`, as `0` does.
    private static let maximumDigitCount = 9

    /// Appends the text's key.
    ///
    /// - Returns: `false`, with nothing appended, when the text has no key.
    package static func normalized(_ text: [UInt8], into key: inout [UInt8]) -> Bool {
        normalized(text.span, into: &key)
    }

    /// The same, of borrowed bytes.
    package static func normalized(_ text: Span<UInt8>, into key: inout [UInt8]) -> Bool {
        guard text.count <= maximumTextLength else { return false }
        let start = key.count
        key.reserveCapacity(start + text.count)
        for keepsPositions in [false, true] {
            switch append(text, to: &key, keepsPositions: keepsPositions) {
            case .done: return true
            case .refused:
                key.removeLast(key.count - start)
                return false
            case .countsColumns: key.removeLast(key.count - start)
            }
        }
        return false
    }

    private enum Outcome {
        case done
        case refused
        /// A word with which integers count columns was met, after one that may have.
        case countsColumns
    }

    private static func append(
        _ text: Span<UInt8>, to key: inout [UInt8], keepsPositions: Bool
    ) -> Outcome {
        var keepsPositions = keepsPositions
        /// An integer was replaced that could count a column.
        var hasReplacedPosition = false
        var index = 0
        /// Where what is to be copied begins.
        var runStart = 0
        /// The last byte that is no white space; 0 at the start.
        var previous: UInt8 = 0
        while index < text.count {
            let byte = text[index]
            if previous == UInt8(ascii: ";"), !isSpace(byte) { return .refused }
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                let start = index
                while index < text.count, isIdentifier(text[index]) { index += 1 }
                let word = text.extracting(start..<index)
                if previous == 0, !isCommand(word) { return .refused }
                if !keepsPositions, countsColumns(word) {
                    if hasReplacedPosition { return .countsColumns }
                    keepsPositions = true
                }
                previous = byte
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let start = index
                while index < text.count, isDigit(text[index]) { index += 1 }
                let isWhole =
                    index == text.count || !(isIdentifier(text[index]) || text[index] == UInt8(ascii: "."))
                if isWhole, index - start <= maximumDigitCount,
                    allows(previous, keepsPositions: keepsPositions)
                {
                    copy(text, runStart..<start, to: &key)
                    key.append(UInt8(ascii: "0"))
                    runStart = index
                    if !allows(previous, keepsPositions: true) { hasReplacedPosition = true }
                } else {
                    // What is left of `1e5` or `1a` is read as an identifier and kept.
                    while index < text.count, isIdentifier(text[index]) { index += 1 }
                }
                previous = byte
            case 0x20, 0x09, 0x0A:
                index += 1
            case UInt8(ascii: "-") where index > 0 && text[index - 1] == UInt8(ascii: "-"): return .refused
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: ")"),
                UInt8(ascii: "="),
                UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "*"),
                UInt8(ascii: ";"):
                if previous == 0 { return .refused }
                index += 1
                previous = byte
            default: return .refused
            }
        }
        copy(text, runStart..<text.count, to: &key)
        return previous == 0 ? .refused : .done
    }

    private static func copy(_ text: Span<UInt8>, _ range: Range<Int>, to key: inout [UInt8]) {
        unsafe text.extracting(range).withUnsafeBufferPointer { unsafe key.append(contentsOf: $0) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        let folded = byte | 0x20
        return (folded >= UInt8(ascii: "a") && folded <= UInt8(ascii: "z")) || isDigit(byte)
            || byte == UInt8(ascii: "_")
    }

    private static func allows(_ previous: UInt8, keepsPositions: Bool) -> Bool {
        switch previous {
        case UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"): true
        case UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: "+"), UInt8(ascii: "-"): !keepsPositions
        default: false
        }
    }

    private static func isCommand(_ word: Span<UInt8>) -> Bool {
        switch word.count {
        case 4: equals(word, "with")
        case 6:
            equals(word, "select") || equals(word, "insert") || equals(word, "update")
                || equals(word, "delete")
                || equals(word, "values")
        default: false
        }
    }

    private static func countsColumns(_ word: Span<UInt8>) -> Bool {
        switch word.count {
        case 2: equals(word, "by")
        case 8: equals(word, "distinct")
        default: false
        }
    }

    /// Compares with a lower-case word of the same length, whatever the case.
    private static func equals(_ word: Span<UInt8>, _ other: String) -> Bool {
        var index = 0
        for byte in other.utf8 {
            if word[index] | 0x20 != byte { return false }
            index += 1
        }
        return true
    }
}
