import Audit
import Testing

@testable import API
@testable import Operator

/// What was done while the log took nothing is recorded once it does.
struct WaitingEventsTests {
    private func event(_ change: String) -> AuditEvent {
        AuditEvent(
            session: .gateway,
            body: .configurationApplied(ConfigurationApplied(revision: "", changes: [change])))
    }

    private func change(_ event: AuditEvent) -> String {
        if case .configurationApplied(let applied) = event.body { applied.changes[0] } else { "" }
    }

    @Test func `what waits is recorded in its order, as far as there is room, and once`() throws {
        var waiting = WaitingEvents()
        for name in ["one", "two", "three"] { _ = waiting.keep(event(name)) }
        var recorded: [String] = []
        var room = 0
        func record() throws(RecorderError) {
            try waiting.record { event throws(RecorderError) in
                guard recorded.count < room else { throw .spoolFull }
                recorded.append(change(event))
            }
        }
        #expect(throws: RecorderError.spoolFull) { try record() }
        room = 2
        #expect(throws: RecorderError.spoolFull) { try record() }
        #expect(recorded == ["one", "two"])
        room = 9
        for _ in 0..<2 { try record() }
        #expect(recorded == ["one", "two", "three"])
    }

    @Test func `what no log would take holds up nothing`() throws {
        var waiting = WaitingEvents()
        for name in ["long", "two"] { _ = waiting.keep(event(name)) }
        var recorded: [String] = []
        try waiting.record { event throws(RecorderError) in
            guard change(event) != "long" else { throw .recordTooLong }
            recorded.append(change(event))
        }
        #expect(recorded == ["two"])
    }

    @Test func `there is an end to what waits`() {
        var waiting = WaitingEvents()
        let kept = (0...WaitingEvents.limit).filter { waiting.keep(event("\($0)")) }
        #expect(kept.count == WaitingEvents.limit)
    }
}
