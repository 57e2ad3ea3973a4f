import Kubernetes
import Testing

@testable import Operator

struct NotificationLedgerTests {
    typealias Samples = NotificationSamples

    private var ledger = NotificationLedger()

    @Test mutating func `each webhook is told until that is recorded`() throws {
        let standing = try Samples.standing(notify: ["chat", "archive", "chat"])
        let notices = ledger.take(standing, at: Samples.now)
        #expect(notices.map(\.webhook.address.secret) == ["chat", "archive"])
        #expect(ledger.take(standing, at: Samples.now) == notices)
        #expect(ledger.record(notices[0], .delivered, at: Samples.now) == true)
        #expect(ledger.take(standing, at: Samples.now).map(\.webhook.address.secret) == ["archive"])
        #expect(ledger.record(notices[1], .failed, at: Samples.now) == true)
        #expect(ledger.take(standing, at: Samples.now).isEmpty)
        #expect(
            ledger.standing(standing.key)?.recorded.map(\.document) == [
                [
                    "webhook": "chat/url", "phase": "Pending", "outcome": "Delivered",
                    "time": "2026-11-29T09:00:00Z",
                ],
                [
                    "webhook": "archive/url", "phase": "Pending", "outcome": "Failed",
                    "time": "2026-11-29T09:00:00Z",
                ],
            ])
    }

    @Test mutating func `what was recorded before a restart is not told again`() throws {
        let record = NotificationRecord(
            webhook: "chat/url", phase: "Pending", outcome: .delivered, time: ApprovalSamples.before)
        #expect(ledger.take(try Samples.standing(recorded: [record]), at: Samples.now).isEmpty)
        let approved = ledger.take(
            try Samples.standing(decisions: Samples.approvals, recorded: [record]), at: Samples.now)
        #expect(approved.map(\.event) == [.reached(.approved)])
    }

    @Test mutating func `what was decided long ago is no news`() throws {
        let approved = try Samples.standing(decisions: Samples.approvals)
        #expect(ledger.take(approved, at: Samples.now + .seconds(3601)).isEmpty)
        #expect(ledger.take(approved, at: Samples.now + .seconds(3600)).count == 1)
        let pending = try Samples.standing(2)
        #expect(ledger.take(pending, at: Samples.now + .seconds(86_400)).count == 1)
    }

    @Test mutating func `a request that goes while it waits was withdrawn`() throws {
        let (first, second, third) = (
            try Samples.standing(1), try Samples.standing(2, decisions: Samples.approvals),
            try Samples.standing(3)
        )
        for standing in [first, second, third] { _ = ledger.take(standing, at: Samples.now) }
        #expect(ledger.forget(first.key, at: Samples.now).map(\.event) == [.withdrawn])
        #expect(ledger.forget(first.key, at: Samples.now).isEmpty)
        #expect(ledger.forget(second.key, at: Samples.now).isEmpty, "it was decided")
        let end = try #require(Timestamp(ApprovalSamples.end))
        #expect(ledger.forget(third.key, at: end).map(\.event) == [.reached(.expired)])
    }

    @Test mutating func `another request of the same name is another`() throws {
        let standing = try Samples.standing()
        let notice = ledger.take(standing, at: Samples.now)[0]
        var other = standing
        other.identity = "uid-2"
        let second = ledger.take(other, at: Samples.now)
        #expect(second.count == 1 && second[0].delivery != notice.delivery)
        #expect(ledger.record(notice, .delivered, at: Samples.now) == false)
        #expect(ledger.take(other, at: Samples.now).count == 1)
    }

    @Test mutating func `without a rule nobody is told`() throws {
        var standing = try Samples.standing()
        standing.approval = nil
        #expect(ledger.take(standing, at: Samples.now).isEmpty)
    }
}
