import Testing

@testable import Operator

/// When a gateway is sent a configuration.
struct SentConfigurationTests {
    private let start = ContinuousClock.now

    private func after(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func sent() -> SentConfiguration {
        var sent = SentConfiguration()
        sent.note("a", at: start)
        return sent
    }

    @Test func `a configuration is sent at first, and when it is another`() {
        #expect(SentConfiguration().isFollowed(by: "a", after: nil, at: start))
        #expect(sent().isFollowed(by: "b", after: Acknowledgement(revision: "a"), at: after(1)))
    }

    @Test func `a refused one is sent again after a minute`() {
        let refusal = Acknowledgement(revision: "a", faults: ["the key is too short"])
        #expect(!sent().isFollowed(by: "a", after: refusal, at: after(59)))
        #expect(sent().isFollowed(by: "a", after: refusal, at: after(60)))
        var again = sent()
        again.note("a", at: after(60))
        #expect(!again.isFollowed(by: "a", after: refusal, at: after(119)))
    }

    @Test(arguments: [
        nil, Acknowledgement(revision: "a"), Acknowledgement(revision: "b", faults: ["about another"]),
    ])
    func `one that is in force, or of which nothing is known, is not`(word: Acknowledgement?) {
        #expect(!sent().isFollowed(by: "a", after: word, at: after(3600)))
    }
}
