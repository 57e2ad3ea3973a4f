import Networking
import Testing

@testable import Shipping

/// What is told of an answer that is no acknowledgement.
struct SinkRefusalTests {
    private func refusal(_ body: String) -> SinkRefusal { SinkRefusal(.refusal(403, body)) }

    @Test func `word and sentence of the sink are told`() {
        let refusal = refusal(#"{"error":"OtherKey","detail":"clinic is known by another key"}"#)
        #expect(refusal.status == 403)
        #expect(refusal.word == "OtherKey")
        #expect(refusal.detail == "clinic is known by another key")
    }

    @Test func `whoever stands before the sink is told of by its message`() {
        let refusal = refusal(#"{"error": {"message": "no such route"}}"#)
        #expect(refusal.word == "")
        #expect(refusal.detail == "no such route")
    }

    @Test func `what is no JSON is told as it begins`() {
        #expect(refusal("<h1>Bad Gateway</h1>\r\n").detail == "<h1>Bad Gateway</h1>  ")
        #expect(refusal("").detail == "")
        #expect(refusal(String(repeating: "a", count: 301)).detail == String(repeating: "a", count: 300))
    }

    @Test func `nothing that a terminal would obey is told`() {
        #expect(refusal("a\u{1b}[31m\u{7f}é\tb").detail == "a?[31m??? b")
        #expect(refusal("{\"detail\":\"a\u{1b}[31m\"}").detail == "a?[31m")
        #expect(refusal(#"{"detail":"a\n\"b\"\/\\\u001b[31m"}"#).detail == #"a "b"/\?[31m"#)
    }

    @Test(arguments: [299, 300, 301])
    func `of a text 300 bytes are kept`(count: Int) {
        let text = String(repeating: "a", count: count)
        let refusal = refusal(#"{"error":"\#(text)","detail":"\#(text)"}"#)
        #expect(refusal.word.utf8.count == min(count, 300))
        #expect(refusal.detail.utf8.count == min(count, 300))
    }

    @Test func `of a long answer the beginning is looked at`() {
        let member = #"{"error":"Busy"}"#
        let start = String(repeating: " ", count: 4096 - member.utf8.count)
        #expect(refusal(start + member).word == "Busy")
        #expect(refusal(start + String(repeating: " ", count: member.utf8.count) + member).word == "")
    }
}
