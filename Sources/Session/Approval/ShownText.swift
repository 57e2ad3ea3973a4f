import API

/// What approvers are shown of a statement's text: constants are replaced before, and nothing is left out unseen.
enum ShownText {
    /// White space longer than that, in bytes, is made short: no name holds as much (`NAMEDATALEN`), and what stands
    /// behind it would not be seen.
    private static let longestSpace = 64

    /// - Returns: at most ``ApprovalQuestion/maximumTextLength`` bytes; of a longer text its two ends, and between them how
    ///   much is missing.
    static func of(_ redacted: [UInt8]) -> String {
        let text = shortened(redacted)
        let limit = ApprovalQuestion.maximumTextLength
        guard text.count > limit else { return String(decoding: text, as: UTF8.self) }
        let end = limit / 4
        let beginning = limit - end - gap(Int.max).utf8.count
        let (head, tail) = (whole(text.prefix(beginning)), whole(text.suffix(end)))
        return String(decoding: head, as: UTF8.self) + gap(text.count - head.count - tail.count)
            + String(decoding: tail, as: UTF8.self)
    }

    private static func gap(_ count: Int) -> String { "\n[ \(count) bytes are not shown here ]\n" }

    /// Without the parts of characters at its ends.
    private static func whole(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text.drop { $0 & 0xC0 == 0x80 }
        guard let last = text.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return [] }
        let length = text[last] < 0x80 ? 1 : text[last] < 0xE0 ? 2 : text[last] < 0xF0 ? 3 : 4
        if text.endIndex - last < length { text = text[..<last] }
        return text
    }

    private static func shortened(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var start = 0
        while start < text.count {
            let isSpace = Self.isSpace(text[start])
            let end = text[start...].firstIndex { Self.isSpace($0) != isSpace } ?? text.count
            if isSpace, end - start > longestSpace {
                result.append(text[start..<end].contains(0x0A) ? 0x0A : 0x20)
            } else {
                result += text[start..<end]
            }
            start = end
        }
        return result
    }

    /// As the server's lexer has it.
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
