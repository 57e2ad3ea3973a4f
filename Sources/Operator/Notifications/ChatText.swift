/// A text by somebody else, as a chat may show it: nothing of it becomes a link, a mention, or a line of its own.
///
/// Slack's text objects of the type `plain_text` read nothing into a text, and that is where these go; but the fallback and
/// other chats that take the same payload do.
struct ChatText: Sendable, Equatable {
    /// Longest text shown of one field, in Unicode scalars. Ours.
    static let maximumLength = 200

    let text: String

    init(_ text: String, upTo limit: Int = Self.maximumLength) {
        var shown = String.UnicodeScalarView()
        var isCut = false
        for scalar in text.unicodeScalars {
            guard shown.count < limit else {
                isCut = true
                break
            }
            switch scalar {
            // Slack's links, mentions and escapes.
            case "<": shown.append("\u{2039}")
            case ">": shown.append("\u{203A}")
            default: shown.append(Self.isShown(scalar) ? scalar : "\u{FFFD}")
            }
        }
        self.text = String(shown) + (isCut ? "…" : "")
    }

    /// Neither controls (line ends among them) nor what changes direction or cannot be seen.
    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            false
        default: true
        }
    }

    /// In Slack's mrkdwn, and what is like it: what formats, links and mentions is parted from what follows by a word joiner,
    /// which is not seen.
    var escaped: String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "@", "#", ":", "!", "*", "_", "~", "`", "[", "]", "(", ")", "|", "\\", "/", ".":
                escaped.unicodeScalars.append(scalar)
                escaped += "\u{2060}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
