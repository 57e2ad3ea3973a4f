import Testing

@testable import Operator

struct NotificationQueueTests {
    typealias Samples = NotificationSamples

    private var queue = NotificationQueue()
    private let busy = DeliveryFault.status(503)

    private func place(_ name: String = "chat") -> WebhookReference {
        WebhookReference(namespace: "clinic", secret: name, key: "url")
    }

    @Test mutating func `a webhook gets one at a time, in the order they came`() throws {
        let (first, second) = (try Samples.notice(1), try Samples.notice(2))
        #expect(queue.add(first, at: .zero) == .queued)
        #expect(queue.add(second, at: .seconds(1)) == .queued)
        #expect(queue.add(first, at: .seconds(2)) == .known)
        #expect(queue.next(at: .seconds(2)) == first)
        #expect(queue.next(at: .seconds(2)) == nil && queue.nextDue == nil)
        #expect(queue.finished(place(), .delivered, at: .seconds(3), chance: 0.5) == [.delivered(first)])
        #expect(queue.next(at: .seconds(3)) == second)
        let refused = queue.finished(place(), .refused(.status(404)), at: .seconds(3), chance: 0.5)
        #expect(refused == [.failed(second, .status(404))])
        #expect(queue.next(at: .seconds(3)) == nil && queue.count == 0)
    }

    @Test mutating func `one webhook waits for no other`() throws {
        for webhook in ["slow", "quick"] { _ = queue.add(try Samples.notice(webhook: webhook), at: .zero) }
        let underWay = [queue.next(at: .zero), queue.next(at: .zero)].map { $0?.webhook.address.secret }
        #expect(Set(underWay) == ["slow", "quick"])
    }

    @Test mutating func `a failure is followed by another attempt, later each time`() throws {
        _ = queue.add(try Samples.notice(), at: .zero)
        var (now, delays) = (Duration.zero, [Duration]())
        for _ in 0..<8 {
            #expect(queue.next(at: now) != nil)
            #expect(queue.finished(place(), .failed(busy, after: nil), at: now, chance: 0.5).isEmpty)
            let due = try #require(queue.nextDue)
            #expect(queue.next(at: due - .milliseconds(1)) == nil)
            delays.append(due - now)
            now = due
        }
        #expect(delays == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
    }

    @Test(arguments: [(0.0, 750), (1.0, 1250)])
    mutating func `those that fail together return apart`(chance: Double, milliseconds: Int) throws {
        _ = queue.add(try Samples.notice(), at: .zero)
        _ = queue.next(at: .zero)
        _ = queue.finished(place(), .failed(busy, after: nil), at: .zero, chance: chance)
        #expect(queue.nextDue == .milliseconds(milliseconds))
    }

    @Test(arguments: [(5, 5), (0, 1), (100_000, 600)])
    mutating func `a webhook says when it is asked again, within limits`(asked: Int, waited: Int) throws {
        _ = queue.add(try Samples.notice(), at: .zero)
        _ = queue.next(at: .zero)
        _ = queue.finished(place(), .failed(.status(429), after: .seconds(asked)), at: .zero, chance: 0.5)
        #expect(queue.nextDue == .seconds(waited))
    }

    @Test mutating func `after so many attempts it is given up`() throws {
        let notice = try Samples.notice()
        _ = queue.add(notice, at: .zero)
        var (now, attempts, endings) = (Duration.zero, 0, [NotificationQueue.Ending]())
        while endings.isEmpty, queue.next(at: now) != nil {
            attempts += 1
            endings = queue.finished(place(), .failed(busy, after: nil), at: now, chance: 0.5)
            now = queue.nextDue ?? now
        }
        #expect(endings == [.failed(notice, busy)] && attempts == 40 && queue.count == 0)
    }

    @Test mutating func `what waits longer than an hour is given up with it`() throws {
        let notices = try (1...3).map { try Samples.notice($0) }
        for notice in notices { _ = queue.add(notice, at: .zero) }
        _ = queue.add(try Samples.notice(4), at: .seconds(3599))
        _ = queue.next(at: .seconds(3600))
        let endings = queue.finished(place(), .failed(busy, after: nil), at: .seconds(3600), chance: 0.5)
        #expect(endings == notices.map { .failed($0, busy) } && queue.count == 1)
    }

    @Test mutating func `of a request the last event is told`() throws {
        let (asked, approved) = (try Samples.notice(1), try Samples.notice(1, .reached(.approved)))
        _ = queue.add(asked, at: .zero)
        #expect(queue.add(approved, at: .zero) == .queued && queue.count == 1)
        #expect(queue.next(at: .zero) == approved)
    }

    @Test mutating func `what is under way is not called back, and not tried again after news`() throws {
        let (asked, approved) = (try Samples.notice(1), try Samples.notice(1, .reached(.approved)))
        _ = queue.add(asked, at: .zero)
        #expect(queue.next(at: .zero) == asked)
        #expect(queue.add(approved, at: .zero) == .queued && queue.count == 2)
        #expect(queue.add(asked, at: .zero) == .queued, "it stands there again")
        #expect(queue.add(approved, at: .zero) == .queued && queue.count == 2)
        #expect(queue.finished(place(), .failed(busy, after: nil), at: .zero, chance: 0.5).isEmpty)
        #expect(queue.count == 1 && queue.next(at: .seconds(1)) == approved)
    }

    @Test mutating func `no more wait than may, and no more are under way`() throws {
        var notice = try Samples.notice()
        for number in 0..<NotificationQueue.limit {
            notice.webhook.address.secret = "chat-\(number % 100)"
            notice.standing.identity = "\(number)"
            #expect(queue.add(notice, at: .zero) == .queued)
        }
        notice.standing.identity = "one more"
        #expect(queue.add(notice, at: .zero) == .full)
        for _ in 0..<NotificationQueue.concurrency { #expect(queue.next(at: .zero) != nil) }
        #expect(queue.next(at: .zero) == nil && queue.nextDue == nil)
    }
}
