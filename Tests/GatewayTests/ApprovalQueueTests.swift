import API
import Testing

@testable import Gateway

/// What the operator is told next.
struct ApprovalQueueTests {
    private func ask(_ id: String) -> ApprovalDesk.Notice { .ask(.sample(id)) }

    /// All there is, once what was postponed has come again.
    private func rest(of queue: ApprovalQueue) -> [ApprovalDesk.Notice] {
        var (queue, rest) = (queue, [ApprovalDesk.Notice]())
        while let (notice, _) = queue.next() { rest.append(notice) }
        return rest
    }

    private func postponeNext(
        of queue: inout ApprovalQueue
    ) throws -> (notice: ApprovalDesk.Notice, isRepeated: Bool) {
        let next = queue.next()
        let (notice, isRepeated) = try #require(next)
        queue.postpone(notice)
        return (notice, isRepeated)
    }

    @Test func `what is new comes before what was postponed, which comes in turn`() throws {
        var queue = ApprovalQueue()
        for id in ["a", "b"] {
            queue.add(ask(id))
            #expect(try postponeNext(of: &queue) == (ask(id), false))
        }
        queue.add(ask("c"))
        #expect(rest(of: queue) == [ask("c"), ask("a"), ask("b")])
        _ = queue.next()
        #expect(try postponeNext(of: &queue) == (ask("a"), true))
        #expect(rest(of: queue) == [ask("b"), ask("a")])
    }

    @Test func `what is asked again waits once`() throws {
        var queue = ApprovalQueue()
        for id in ["a", "b", "a", "b"] { queue.add(ask(id)) }
        #expect(rest(of: queue) == [ask("a"), ask("b")])
        _ = try postponeNext(of: &queue)
        queue.add(ask("a"))
        #expect(rest(of: queue) == [ask("b"), ask("a")])
    }

    @Test func `a withdrawal takes the place of its question, also of one that is on its way`() throws {
        var queue = ApprovalQueue()
        for id in ["a", "b", "c"] { queue.add(ask(id)) }
        queue.add(.withdraw(id: "b"))
        let next = queue.next()
        queue.add(.withdraw(id: "a"))
        queue.postpone(try #require(next).notice)
        #expect(rest(of: queue) == [.withdraw(id: "b"), ask("c"), .withdraw(id: "a")])
    }

    @Test func `a withdrawal does not wait with what was postponed`() throws {
        var queue = ApprovalQueue()
        for id in ["a", "b"] { queue.add(ask(id)) }
        for _ in 1...2 { _ = try postponeNext(of: &queue) }
        queue.add(.withdraw(id: "b"))
        #expect(rest(of: queue) == [.withdraw(id: "b"), ask("a")])
    }

    @Test func `of too many withdrawals the oldest are dropped, and no question`() {
        var queue = ApprovalQueue()
        queue.add(ask("a"))
        for number in 0...ApprovalQueue.withdrawalLimit { queue.add(.withdraw(id: "\(number)")) }
        let rest = rest(of: queue)
        #expect(rest.count == 1 + ApprovalQueue.withdrawalLimit)
        #expect(rest[..<2] == [ask("a"), .withdraw(id: "1")])
    }
}

extension ApprovalQuestion {
    static func sample(_ id: String) -> Self {
        ApprovalQuestion(
            id: id, rule: .init(namespace: "clinic", name: "deletions"), connection: "clinic/main",
            requester: ApprovalRequester(Subject(name: "job", groups: [], proof: .gatewayUser)),
            digest: [UInt8](repeating: 1, count: 32), kind: .delete, tables: ["public.people"],
            redactedText: "DELETE FROM people", whileWaiting: .block)
    }
}
