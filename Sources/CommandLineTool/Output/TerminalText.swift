/// Text from the log on its way to a terminal.
enum TerminalText {
    /// `text` with control, line-separating, invisible and bidirectional characters as visible escapes: what a
    /// client put into a statement moves no cursor and forges no line.
    static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09: result += "\\t"
            case 0x0a: result += "\\n"
            case 0x0d: result += "\\r"
            case 0..<0x20, 0x7f..<0xa0, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff,
                0xfff9...0xfffb,
                0xe0000...0xe007f:
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The lines of `text`, each escaped.
    static func lines(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped($0) }
    }
}
