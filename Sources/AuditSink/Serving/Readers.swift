import Cryptography
import FoundationEssentials

/// Who may read evidence, and under what name their reading is recorded.
package struct Readers: Sendable {
    /// By SHA-256 of the token; `nil` when everyone may read.
    private let names: [[UInt8]: String]?

    /// Longest name recorded of a reader nobody vouches for, in bytes.
    private static let maximumNameLength = 128

    /// Everyone: for a sink on loopback. The name a reader gives is recorded as a claim.
    package init() {
        names = nil
    }

    /// Those whose tokens `text` has: a name and a token on each line, separated by white space; `#` begins a
    /// comment. Without such a line nobody may read.
    /// - Returns: `nil` when a line is anything else.
    package init?(file text: String) {
        var names: [[UInt8]: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard !words.isEmpty else { continue }
            guard words.count == 2 else { return nil }
            names[SHA256.digest(of: Array(words[1].utf8))] = String(words[0])
        }
        self.names = names
    }

    /// The name to record; `nil` when this reader may not read. Tokens are looked up by their digest, so the time
    /// it takes tells nothing of them.
    package func reader(authorization: String?, claimedName: String?) -> String? {
        guard let names else {
            let claimed = String(
                decoding: (claimedName ?? "").utf8.prefix(Self.maximumNameLength), as: UTF8.self)
            return claimed.isEmpty ? "anonymous" : "unverified:\(claimed)"
        }
        guard let authorization, authorization.hasPrefix("Bearer ") else { return nil }
        return names[SHA256.digest(of: Array(authorization.dropFirst(7).utf8))]
    }
}
