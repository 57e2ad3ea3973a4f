import SeededRandomness
import Testing

@testable import Kubernetes

struct WorkQueueTests {
    @Test func `keys are worked on in their order, each once`() {
        var queue = WorkQueue<String>()
        for key in ["a", "b", "a", "c"] { queue.add(key) }
        #expect(queue.readyCount == 3)
        #expect((0..<4).map { _ in queue.next(at: .zero) } == ["a", "b", "c", nil])
    }

    @Test func `a key is in work once at a time, and again for news that came meanwhile`() {
        var queue = WorkQueue<String>()
        queue.add("a")
        #expect(queue.next(at: .zero) == "a")
        queue.add("a")
        queue.add("a")
        #expect(queue.next(at: .zero) == nil)
        queue.succeeded("a")
        #expect(queue.next(at: .zero) == "a")
        queue.succeeded("a")
        #expect(queue.next(at: .zero) == nil && queue.isEmpty)
    }

    @Test func `a failing key waits twice as long each time, up to five minutes`() {
        var queue = WorkQueue<String>()
        var now = Duration.zero
        var delays: [Duration] = []
        queue.add("a")
        for _ in 0..<20 {
            #expect(queue.next(at: now) == "a")
            queue.failed("a", at: now)
            #expect(queue.next(at: now) == nil)
            guard let due = queue.nextDue else {
                Issue.record("it does not wait")
                return
            }
            delays.append(due - now)
            #expect(queue.next(at: due - .nanoseconds(1)) == nil)
            now = due
        }
        #expect(Array(delays.prefix(4)) == [5, 10, 20, 40].map { .milliseconds($0) })
        #expect(delays[15] == .milliseconds(5 * 32_768) && delays[16...].allSatisfy { $0 == .seconds(300) })
        #expect(queue.next(at: now) == "a")
        queue.succeeded("a")
        queue.add("a")
        _ = queue.next(at: now)
        queue.failed("a", at: now)
        #expect(queue.nextDue == now + .milliseconds(5))
    }

    @Test func `news of a failing key does not wait`() {
        var queue = WorkQueue<String>()
        queue.add("a")
        _ = queue.next(at: .zero)
        queue.add("a")
        queue.failed("a", at: .zero)
        #expect(queue.next(at: .zero) == "a")
        queue.failed("a", at: .zero)
        queue.add("a")
        #expect(queue.next(at: .zero) == "a")
        queue.succeeded("a")
        #expect(queue.isEmpty && queue.nextDue == nil)
    }

    @Test func `many failing keys share one bucket, and others do not wait for it`() {
        var queue = WorkQueue<Int>()
        for key in 0..<300 { queue.add(key) }
        while let key = queue.next(at: .zero) { queue.failed(key, at: .zero) }
        var retried = 0
        for second in [1, 11, 21] {
            while let key = queue.next(at: .seconds(second)) {
                retried += 1
                queue.succeeded(key)
            }
            #expect(retried == [1: 110, 11: 210, 21: 300][second])
        }
        for key in 0..<1000 { queue.add(key) }
        #expect((0..<1000).allSatisfy { queue.next(at: .seconds(21)) == $0 })
    }

    @Test func `a key that is to be repeated is worked on once, at its earliest time`() {
        var queue = WorkQueue<String>()
        queue.add("a", at: .seconds(10))
        queue.add("a", at: .seconds(5))
        queue.add("a", at: .seconds(20))
        queue.add("b", at: .seconds(7))
        #expect(queue.nextDue == .seconds(5))
        #expect(queue.next(at: .seconds(4)) == nil)
        #expect(queue.next(at: .seconds(8)) == "a")
        #expect(queue.next(at: .seconds(8)) == "b")
        queue.succeeded("a")
        queue.succeeded("b")
        #expect(queue.next(at: .seconds(60)) == nil && queue.isEmpty)
        queue.add("a")
        queue.add("a", at: .seconds(70))
        #expect(queue.nextDue == nil)
    }

    @Test func `while as many keys are in work as may be, nothing is due before one is done`() {
        var queue = WorkQueue<Int>(concurrency: 2)
        for key in 0..<3 { queue.add(key) }
        queue.add(9, at: .seconds(1))
        #expect(queue.nextDue == .seconds(1))
        #expect((0..<3).map { _ in queue.next(at: .zero) } == [0, 1, nil])
        #expect(queue.nextDue == nil)
        #expect(queue.next(at: .seconds(2)) == nil)
        queue.succeeded(0)
        #expect(queue.nextDue == .seconds(1))
        #expect(queue.next(at: .seconds(2)) == 2)
        queue.failed(1, at: .seconds(2))
        #expect(queue.next(at: .seconds(2)) == 9)
    }

    @Test func `whatever is done in whatever order, nothing is lost and nothing done twice at a time`() {
        var generator = SeededGenerator(seed: 7)
        var queue = WorkQueue<Int>()
        var now = Duration.zero
        var inWork: Set<Int> = []
        var news: Set<Int> = []
        for _ in 0..<20_000 {
            let key = Int.random(in: 0..<20, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0:
                queue.add(key)
                news.insert(key)
            case 1: queue.add(key, at: now + .seconds(Int.random(in: 0..<100, using: &generator)))
            case 2, 3:
                if let next = queue.next(at: now) {
                    #expect(inWork.insert(next).inserted)
                    news.remove(next)
                }
            case 4:
                guard let done = inWork.min() else { break }
                inWork.remove(done)
                if Bool.random(using: &generator) {
                    queue.succeeded(done)
                } else {
                    queue.failed(done, at: now)
                }
            default: now += .milliseconds(Int.random(in: 0..<500, using: &generator))
            }
        }
        for key in inWork { queue.succeeded(key) }
        while let key = queue.next(at: now + .seconds(400)) {
            news.remove(key)
            queue.succeeded(key)
        }
        #expect(news.isEmpty && queue.isEmpty && queue.nextDue == nil)
    }
}
