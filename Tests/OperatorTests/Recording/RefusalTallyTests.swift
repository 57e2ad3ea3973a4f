import Testing

@testable import API
@testable import Operator

/// What is recorded of refusals: the first of a kind, and the count of the others.
struct RefusalTallyTests {
    private func refusal(_ user: String, count: UInt64 = 1) -> SessionRefused {
        SessionRefused(
            claimedUser: user, connection: "clinic/main", clientAddress: "10.0.0.7", reason: "no grant: why",
            count: count)
    }

    @Test func `the first of a kind is told at once, and once a minute how many more there were`() {
        var tally = RefusalTally()
        #expect(tally.note(refusal("eve"), isGenuine: false, at: 0) == refusal("eve"))
        for second in 1...41 {
            #expect(tally.note(refusal("eve"), isGenuine: false, at: Int64(second)) == nil)
        }
        #expect(tally.note(refusal("ann"), isGenuine: false, at: 42) == refusal("ann"))
        #expect(tally.due(at: 59).isEmpty)
        #expect(tally.due(at: 60).map(\.refusal) == [refusal("eve", count: 41)])
        #expect(tally.due(at: 200).isEmpty)
        #expect(tally.note(refusal("eve"), isGenuine: false, at: 200) == refusal("eve"))
        #expect(tally.takeAll().isEmpty)
    }

    @Test func `a flood of invented subjects is bounded, and hides no genuine token`() {
        var tally = RefusalTally()
        var records = 0
        for number in 0..<100_000 where tally.note(refusal("x\(number)"), isGenuine: false, at: 5) != nil {
            records += 1
        }
        #expect(records == RefusalTally.kindLimit)
        #expect(tally.note(refusal("contractor"), isGenuine: true, at: 6) == refusal("contractor"))
        let due = tally.due(at: 65)
        #expect(due.map(\.refusal.count) == [UInt64(100_000 - RefusalTally.kindLimit)])
        #expect(due.map(\.refusal.reason) == ["refused for various reasons, tokens of nobody's"])
    }

    @Test func `what could not be recorded is told later`() {
        var tally = RefusalTally()
        let first = tally.note(refusal("eve"), isGenuine: true, at: 0)
        #expect(first != nil)
        tally.keep(refusal("eve"), isGenuine: true, at: 0)
        #expect(tally.note(refusal("eve"), isGenuine: true, at: 1) == nil)
        let due = tally.due(at: 60)
        #expect(due.map(\.refusal) == [refusal("eve", count: 2)])
        // Nor could that be.
        tally.keep(due[0].refusal, isGenuine: true, at: 60)
        #expect(tally.due(at: 120).map(\.refusal) == [refusal("eve", count: 2)])
    }

    @Test func `a clock that was put back delays nothing`() {
        var tally = RefusalTally()
        for _ in 0..<3 { _ = tally.note(refusal("eve"), isGenuine: false, at: 1000) }
        #expect(tally.due(at: 100).map(\.refusal.count) == [2])
    }
}
