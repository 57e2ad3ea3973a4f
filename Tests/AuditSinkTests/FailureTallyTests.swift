import Testing

@testable import AuditSink

struct FailureTallyTests {
    private let start = ContinuousClock.now

    @Test
    func `a kind is told at once, and once a minute with how many there were`() {
        var tally = FailureTally()
        let told = [0, 1, 59, 60, 61, 300].map { tally.note("full", at: start + .seconds($0)) }
        #expect(told == [1, nil, nil, 3, nil, 2])
    }

    @Test
    func `kinds do not keep one another from being told`() {
        var tally = FailureTally()
        #expect(["full", "locked", "full", "locked"].map { tally.note($0, at: start) } == [1, 1, nil, nil])
    }

    @Test
    func `whoever makes up kinds fills neither log nor memory`() {
        var tally = FailureTally()
        let told = (0..<10_000).compactMap { tally.note("made up \($0)", at: start) }
        #expect(told.count == FailureTally.limit)
        #expect(tally.note("full", at: start) == nil)
        #expect(tally.note("full", at: start + FailureTally.interval) == 1)
    }
}
