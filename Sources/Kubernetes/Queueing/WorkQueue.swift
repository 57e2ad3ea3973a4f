/// Which keys are to be worked on, and when: each once at a time, and again if news came meanwhile.
///
///     add ──> ready ──next──> in work ──succeeded──> (ready, if it was added meanwhile)
///     failed, or to be repeated ──> waiting ──time──> ready
///
/// Times are of a clock that does not jump, since any moment.
package struct WorkQueue<Key: Hashable & Sendable>: Sendable {
    private var ready = Ready()
    private var inWork: Set<Key> = []
    /// Added while in work.
    private var dirty: Set<Key> = []
    private var waiting = Waiting()
    private var failureCounts: [Key: Int] = [:]
    private var bucket = RetryBucket()
    private let concurrency: Int

    /// - Parameter concurrency: keys in work at a time, at most.
    package init(concurrency: Int = .max) {
        self.concurrency = concurrency
    }

    /// Nothing is ready, in work or waiting.
    package var isEmpty: Bool { ready.isEmpty && inWork.isEmpty && waiting.isEmpty }
    package var readyCount: Int { ready.count }

    /// When ``next(at:)`` may have more; `nil` for not before something is added or done.
    package var nextDue: Duration? { hasRoom ? waiting.earliest : nil }

    private var hasRoom: Bool { inWork.count < concurrency }

    /// There is news of the key: it is worked on as soon as somebody has time, however it failed before.
    package mutating func add(_ key: Key) {
        waiting.remove(key)
        if inWork.contains(key) { dirty.insert(key) } else { ready.add(key) }
    }

    /// The key is to be worked on at that time, unless something else has it worked on before.
    package mutating func add(_ key: Key, at due: Duration) {
        if !ready.contains(key), !dirty.contains(key) { waiting.add(key, at: due) }
    }

    /// A key to work on, which is then in work until ``succeeded(_:)`` or ``failed(_:at:)``.
    package mutating func next(at now: Duration) -> Key? {
        guard hasRoom else { return nil }
        while let key = waiting.removeDue(at: now) { add(key) }
        guard let key = ready.removeFirst() else { return nil }
        inWork.insert(key)
        return key
    }

    package mutating func succeeded(_ key: Key) {
        failureCounts[key] = nil
        finish(key)
    }

    /// The key is tried again after a time that doubles with each failure, and no more keys in a second than
    /// the bucket for retries allows. News of the key does not wait for that.
    package mutating func failed(_ key: Key, at now: Duration) {
        let count = failureCounts[key, default: 0]
        failureCounts[key] = count + 1
        finish(key)
        add(key, at: now + max(Self.backOff(after: count), bucket.take(at: now)))
    }

    private mutating func finish(_ key: Key) {
        precondition(inWork.remove(key) != nil, "a key is finished once, after it was next")
        if dirty.remove(key) != nil { ready.add(key) }
    }

    private static func backOff(after failureCount: Int) -> Duration {
        min(.milliseconds(5) * (1 << min(failureCount, 20)), .seconds(300))
    }
}

extension WorkQueue {
    /// Keys in the order they came, each once.
    private struct Ready {
        private var keys: [Key] = []
        private var first = 0
        private var members: Set<Key> = []

        var isEmpty: Bool { members.isEmpty }
        var count: Int { members.count }

        func contains(_ key: Key) -> Bool { members.contains(key) }

        mutating func add(_ key: Key) {
            if members.insert(key).inserted { keys.append(key) }
        }

        mutating func removeFirst() -> Key? {
            guard first < keys.count else { return nil }
            let key = keys[first]
            first += 1
            members.remove(key)
            if first * 2 > keys.count {
                keys.removeSubrange(..<first)
                first = 0
            }
            return key
        }
    }

    /// Keys and their times, each once, with the earliest of its times.
    private struct Waiting {
        private var times: [Key: Duration] = [:]
        /// The latest first; a key whose time is another by now is passed over.
        private var order: [(time: Duration, key: Key)] = []

        /// Entries that are kept though passed over, beside as many as there are others.
        private static var staleLimit: Int { 64 }

        var isEmpty: Bool { times.isEmpty }
        var earliest: Duration? { order.last?.time }

        mutating func add(_ key: Key, at time: Duration) {
            if let known = times[key], known <= time { return }
            times[key] = time
            var (low, high) = (0, order.count)
            while low < high {
                let middle = (low + high) / 2
                if order[middle].time > time { low = middle + 1 } else { high = middle }
            }
            order.insert((time, key), at: low)
            if order.count > 2 * times.count + Self.staleLimit {
                order.removeAll { times[$0.key] != $0.time }
            }
        }

        mutating func remove(_ key: Key) {
            times[key] = nil
            dropStale()
        }

        mutating func removeDue(at now: Duration) -> Key? {
            dropStale()
            guard let last = order.last, last.time <= now else { return nil }
            order.removeLast()
            times[last.key] = nil
            dropStale()
            return last.key
        }

        private mutating func dropStale() {
            while let last = order.last, times[last.key] != last.time { order.removeLast() }
        }
    }
}

/// How many retries there may be in a second over all keys, so that many failing ones do not hammer the server.
struct RetryBucket: Sendable {
    /// As other controllers have it.
    static let interval = Duration.milliseconds(100)
    static let burst = 100

    /// When the bucket is full again.
    private var fullAt = Duration.zero

    /// How long this retry has to wait.
    mutating func take(at now: Duration) -> Duration {
        fullAt = max(fullAt, now) + Self.interval
        return max(.zero, fullAt - now - Self.interval * Self.burst)
    }
}
