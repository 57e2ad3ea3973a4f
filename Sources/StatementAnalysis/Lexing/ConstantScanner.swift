/// Finds the constants and identifiers of a text as PostgreSQL's scanner does (`scan.l`), for what the parser has no
/// switch for: `standard_conforming_strings` off, and databases whose encoding is not UTF-8.
///
/// It reads UTF-8, and reads it to the end whatever it holds; what it does not know are operators and numbers, which
/// hide no constant.
package struct ConstantScanner {
    package enum Token: Equatable {
        case identifier, quotedIdentifier
        /// `'...'`, whose meaning depends on the setting.
        case plain
        /// `E'...'`.
        case escape
        /// `N'...'`: a keyword, then a plain one.
        case national
        /// `U&'...'`, `B'...'`, `X'...'`, `$tag$...$tag$`: backslashes are no escapes.
        case literal
    }

    private let text: [UInt8]
    private let hasStandardStrings: Bool
    private var index = 0

    package init(_ text: [UInt8], hasStandardStrings: Bool) {
        self.text = text
        self.hasStandardStrings = hasStandardStrings
    }

    /// The next identifier or constant, without comments, numbers and operators; `nil` at the end.
    package mutating func next() -> (token: Token, range: Range<Int>)? {
        while index < text.count {
            let start = index
            if let token = token() { return (token, start..<index) }
        }
        return nil
    }

    private func byte(at position: Int) -> UInt8 { position < text.count ? text[position] : 0 }

    /// Passes over one token; `nil` for one that is of no interest.
    private mutating func token() -> Token? {
        let first = text[index]
        let second = byte(at: index + 1)
        switch first {
        case UInt8(ascii: "-") where second == first:
            while index < text.count, text[index] != 0x0A, text[index] != 0x0D { index += 1 }
            return nil
        case UInt8(ascii: "/") where second == UInt8(ascii: "*"):
            passComment()
            return nil
        case Self.quote:
            passConstant(from: index + 1, escapes: !hasStandardStrings)
            return .plain
        case UInt8(ascii: "\""):
            passQuotedIdentifier(from: index + 1)
            return .quotedIdentifier
        case UInt8(ascii: "$"):
            return passDollarQuote() ? .literal : nil
        case UInt8(ascii: "E") where second == Self.quote, UInt8(ascii: "e") where second == Self.quote:
            passConstant(from: index + 2, escapes: true)
            return .escape
        case UInt8(ascii: "N") where second == Self.quote, UInt8(ascii: "n") where second == Self.quote:
            passConstant(from: index + 2, escapes: !hasStandardStrings)
            return .national
        case UInt8(ascii: "B"), UInt8(ascii: "b"), UInt8(ascii: "X"), UInt8(ascii: "x"):
            guard second == Self.quote else { return passIdentifier() }
            passConstant(from: index + 2, escapes: false)
            return .literal
        case UInt8(ascii: "U") where second == UInt8(ascii: "&"),
            UInt8(ascii: "u") where second == UInt8(ascii: "&"):
            switch byte(at: index + 2) {
            case Self.quote:
                passConstant(from: index + 3, escapes: false)
                return .literal
            case UInt8(ascii: "\""):
                passQuotedIdentifier(from: index + 3)
                return .quotedIdentifier
            default: return passIdentifier()
            }
        case let byte where Self.startsIdentifier(byte):
            return passIdentifier()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            while index < text.count, (0x30...0x39).contains(text[index]) { index += 1 }
            return nil
        default:
            index += 1
            return nil
        }
    }

    private static let quote = UInt8(ascii: "'")

    private static func startsIdentifier(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || (0x61...0x7A).contains(byte | 0x20)
    }

    private static func continuesIdentifier(_ byte: UInt8) -> Bool {
        startsIdentifier(byte) || (0x30...0x39).contains(byte)
    }

    private mutating func passIdentifier() -> Token {
        while index < text.count, Self.continuesIdentifier(text[index]) || text[index] == UInt8(ascii: "$") {
            index += 1
        }
        return .identifier
    }

    private mutating func passQuotedIdentifier(from start: Int) {
        index = start
        while index < text.count {
            index += 1
            guard text[index - 1] == UInt8(ascii: "\"") else { continue }
            guard byte(at: index) == UInt8(ascii: "\"") else { return }
            index += 1
        }
    }

    /// Comments nest.
    private mutating func passComment() {
        var depth = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "/"), byte(at: index + 1) == UInt8(ascii: "*") {
                depth += 1
                index += 2
            } else if text[index] == UInt8(ascii: "*"), byte(at: index + 1) == UInt8(ascii: "/") {
                depth -= 1
                index += 2
                if depth == 0 { return }
            } else {
                index += 1
            }
        }
    }

    /// A constant goes on behind white space with a line end in it (documentation, 4.1.2.1).
    private mutating func passConstant(from start: Int, escapes: Bool) {
        index = start
        while index < text.count {
            let byte = text[index]
            index += 1
            if escapes, byte == UInt8(ascii: "\\") {
                index = min(index + 1, text.count)
            } else if byte == Self.quote {
                if self.byte(at: index) == Self.quote {
                    index += 1
                } else if let next = continuation() {
                    index = next
                } else {
                    return
                }
            }
        }
    }

    /// Behind the quote that continues the constant just closed.
    private func continuation() -> Int? {
        var position = index
        var hasLineEnd = false
        while position < text.count {
            switch text[position] {
            case 0x0A, 0x0D:
                hasLineEnd = true
                position += 1
            case 0x20, 0x09, 0x0B, 0x0C:
                position += 1
            case UInt8(ascii: "-") where byte(at: position + 1) == UInt8(ascii: "-"):
                while position < text.count, text[position] != 0x0A, text[position] != 0x0D { position += 1 }
            case Self.quote:
                return hasLineEnd ? position + 1 : nil
            default:
                return nil
            }
        }
        return nil
    }

    private mutating func passDollarQuote() -> Bool {
        var end = index + 1
        if Self.startsIdentifier(byte(at: end)) {
            while Self.continuesIdentifier(byte(at: end)) { end += 1 }
        }
        guard byte(at: end) == UInt8(ascii: "$"), end < text.count else {
            index += 1
            return false
        }
        let tag = text[index...end]
        index = end + 1
        while index < text.count {
            if text[index] == UInt8(ascii: "$"), text[index...].starts(with: tag) {
                index += tag.count
                return true
            }
            index += 1
        }
        return true
    }
}
