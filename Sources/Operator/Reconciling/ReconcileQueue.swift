import Kubernetes
import Synchronization

/// Works through a ``WorkQueue``: several keys at a time, none of them twice.
final class ReconcileQueue<Key: Hashable & Sendable>: Sendable {
    /// Keys in work at a time. Ours: each waits for the API server most of the time.
    private static var concurrency: Int { 8 }

    private let queue: Mutex<WorkQueue<Key>>
    private let isOpen: Mutex<Bool>
    private let start = ContinuousClock.now
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// - Parameter isOpen: whether keys are taken before ``open()``.
    init(isOpen: Bool = true) {
        self.isOpen = Mutex(isOpen)
        queue = Mutex(WorkQueue(concurrency: Self.concurrency))
        (wakes, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    private var now: Duration { start.duration(to: .now) }

    /// Keys that wait for a worker.
    var depth: Int { queue.withLock(\.readyCount) }

    /// From now on keys are taken; those from before are not known here.
    func open() { isOpen.withLock { $0 = true } }

    func add(_ keys: some Sequence<Key>) {
        guard isOpen.withLock({ $0 }) else { return }
        queue.withLock { queue in
            for key in keys { queue.add(key) }
        }
        waker.yield()
    }

    func add(_ keys: some Sequence<Key>, after delay: Duration) {
        guard isOpen.withLock({ $0 }) else { return }
        let due = now + delay
        queue.withLock { queue in
            for key in keys { queue.add(key, at: due) }
        }
        waker.yield()
    }

    /// Until the task is cancelled; returns when nothing is in work any more. One call at a time.
    ///
    /// - Parameter work: a key that throws is tried again, later each time.
    func run(_ work: @escaping @Sendable (Key) async throws -> Void) async {
        await withDiscardingTaskGroup { group in
            var timer: Task<Void, Never>?
            waker.yield()
            for await _ in wakes {
                while !Task.isCancelled, let key = queue.withLock({ $0.next(at: now) }) {
                    group.addTask { [self] in
                        do {
                            try await work(key)
                            queue.withLock { $0.succeeded(key) }
                        } catch {
                            queue.withLock { $0.failed(key, at: now) }
                        }
                        waker.yield()
                    }
                }
                timer?.cancel()
                timer = queue.withLock(\.nextDue).map { due in
                    let delay = due - now
                    return Task { [waker] in
                        try? await Task.sleep(for: delay)
                        if !Task.isCancelled { waker.yield() }
                    }
                }
            }
            timer?.cancel()
        }
    }
}
