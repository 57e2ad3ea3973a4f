/// Replaces a text by a token of its shape: digits for digits, letters for letters of their case, one
/// character for each; other ASCII characters stay, and any other scalar becomes a small letter.
///
/// This is a one-way pseudonym, not format-preserving encryption: two texts may have the same token, the
/// more often the shorter they are. A token is never the text itself; a text without letters and digits
/// has none and is redacted.
struct TextToken: Sendable {
    private let source: TokenSource
    private let width: TextWidth

    init(_ source: TokenSource, width: TextWidth) {
        self.source = source
        self.width = width
    }

    func append(maskOf cell: Span<UInt8>, to out: inout [UInt8]) -> Bool {
        let text = cell.extracting(..<width.end(of: cell))
        guard text.count <= TokenSource.maximumLength, (try? UTF8Span(validating: text)) != nil else {
            return false
        }
        let start = out.count
        var stream = source.stream(for: text)
        var firstChoice: Int?
        for index in text.indices where !text[index].isContinuation {
            let byte = text[index]
            guard let alphabet = Alphabet(of: byte) else {
                out.append(byte)
                continue
            }
            if firstChoice == nil { firstChoice = out.count }
            out.append(alphabet.first + stream.next(below: UInt16(alphabet.count)))
        }
        guard let firstChoice else { return false }
        if out.ends(with: text, from: start), let alphabet = Alphabet(of: out[firstChoice]) {
            out[firstChoice] = alphabet.successor(of: out[firstChoice])
        }
        out.append(spaces: cell.count - text.count)
        return true
    }
}

/// The characters one character of a token is chosen from.
private struct Alphabet {
    let first: UInt8
    let count: UInt8

    /// `nil` for an ASCII character that stays.
    init?(of byte: UInt8) {
        if byte.isDigit {
            first = UInt8(ascii: "0")
            count = 10
        } else if byte.isUpperCaseLetter {
            first = UInt8(ascii: "A")
            count = 26
        } else if byte.isLowerCaseLetter || byte >= 0x80 {
            first = UInt8(ascii: "a")
            count = 26
        } else {
            return nil
        }
    }

    func successor(of byte: UInt8) -> UInt8 {
        first + (byte - first + 1) % count
    }
}
