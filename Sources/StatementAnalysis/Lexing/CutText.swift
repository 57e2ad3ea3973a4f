/// A text with its long constants cut, so that what is analysed is within its limits however long the data it carries.
///
/// A cut constant stays one of its lexical class, with ``placeholder`` as its value; ``SyntaxTree/holds(_:times:)`` has
/// to tell that it stands where no value decides anything.
struct CutText {
    /// What a cut constant says. A client that says it too is refused: it is met more often than it was put.
    static let placeholder = "a constant that was cut"

    let text: [UInt8]
    /// How often ``placeholder`` was put where the tree keeps a constant's value.
    let placeholderCount: Int
    /// Where the constants cut end in ``text``, and how much longer they were, both in characters.
    private let cuts: [(end: Int, excess: Int)]

    /// As the parser reads it: with backslashes of no meaning in plain constants.
    init(_ original: [UInt8]) {
        var scanner = ConstantScanner(original, hasStandardStrings: true)
        var text: [UInt8] = []
        var count = 0
        var copied = 0
        var cuts: [(end: Int, excess: Int)] = []
        var length = 0
        while let (token, range) = scanner.next() {
            guard range.count > StatementLimits.maximumConstantLength,
                let replacement = Self.replacement(of: token, original[range])
            else { continue }
            text += original[copied..<range.lowerBound]
            text += replacement.bytes
            length += Self.characterCount(original[copied..<range.lowerBound]) + replacement.bytes.count
            cuts.append((length, Self.characterCount(original[range]) - replacement.bytes.count))
            copied = range.upperBound
            if replacement.isKept { count += 1 }
        }
        self.text = text + original[copied...]
        self.cuts = cuts
        placeholderCount = count
    }

    private static func characterCount(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }

    /// Where in the original the character stands that is at `position` of ``text``, the first at 1.
    func originalPosition(_ position: Int) -> Int {
        cuts.reduce(position) { $1.end < position ? $0 + $1.excess : $0 }
    }

    /// `nil` for what is no constant; `isKept`: the tree has the placeholder as its value.
    private static func replacement(
        of token: ConstantScanner.Token, _ constant: ArraySlice<UInt8>
    ) -> (bytes: [UInt8], isKept: Bool)? {
        let quoted = Array("'\(placeholder)'".utf8)
        // Without its end it is none, and stays as it is for the parser to refuse.
        guard constant.first == UInt8(ascii: "$") || constant.last == UInt8(ascii: "'") else { return nil }
        switch token {
        case .identifier, .quotedIdentifier: return nil
        case .plain: return (quoted, true)
        case .escape: return (Array("E".utf8) + quoted, true)
        case .national: return (Array("N".utf8) + quoted, true)
        case .literal:
            switch constant.first {
            case UInt8(ascii: "$"):
                guard let end = constant.dropFirst().firstIndex(of: UInt8(ascii: "$")) else { return nil }
                let tag = constant[...end]
                guard constant.count >= 2 * tag.count, constant.suffix(tag.count).elementsEqual(tag) else {
                    return nil
                }
                return (tag + Array(placeholder.utf8) + tag, true)
            case UInt8(ascii: "U"), UInt8(ascii: "u"): return (Array("U&".utf8) + quoted, true)
            case UInt8(ascii: "X"), UInt8(ascii: "x"): return (Array("X'0'".utf8), false)
            default: return (Array("B'0'".utf8), false)
            }
        }
    }
}
