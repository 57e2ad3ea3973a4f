import API
import Testing

@testable import Session

/// Approvers see all of a statement, or that something is missing.
struct ShownTextTests {
    private func shown(_ text: String) -> String { ShownText.of(Array(text.utf8)) }

    @Test(arguments: ["", "DELETE FROM a\n  WHERE b = $1", "é\t" + String(repeating: " ", count: 63) + "b"])
    func `a text of usual length is shown as it is`(text: String) {
        #expect(shown(text) == text)
    }

    @Test func `what stands behind much white space is not out of sight`() {
        let (spaces, lines) = (
            String(repeating: " ", count: 65), String(repeating: "\n\t", count: 4 << 10)
        )
        #expect(shown("DELETE FROM a\(spaces)\(spaces)WHERE b") == "DELETE FROM a WHERE b")
        #expect(shown("SELECT 1\(lines);\(lines)DROP TABLE a") == "SELECT 1\n;\nDROP TABLE a")
    }

    @Test(arguments: ["x", "é", "€", "😀"])
    func `of a longer text both ends are shown, and how much is missing`(character: String) {
        let limit = ApprovalQuestion.maximumTextLength
        let text = "DELETE" + String(repeating: character, count: 2 * limit) + "FROM a"
        let shown = shown(text)
        #expect(shown.utf8.count <= limit && shown.utf8.count > limit - 64)
        #expect(shown.hasPrefix("DELETE") && shown.hasSuffix("FROM a") && !shown.contains("\u{FFFD}"))
        let missing = shown.split(separator: "\n").compactMap { line in
            line.hasPrefix("[ ") ? line.split(separator: " ").dropFirst().first.flatMap { Int($0) } : nil
        }
        let gap = "\n[ \(missing.first ?? 0) bytes are not shown here ]\n"
        #expect(shown.contains(gap))
        #expect(missing == [text.utf8.count - (shown.utf8.count - gap.utf8.count)])
    }

    @Test func `the longest text is shown whole, and none that is longer`() {
        let longest = String(repeating: "x", count: ApprovalQuestion.maximumTextLength)
        #expect(shown(longest) == longest)
        #expect(shown(longest + "x").contains("bytes are not shown here"))
    }
}
