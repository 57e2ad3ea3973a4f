import ClusterModel

/// What goes wrong on purpose, and how often yet.
package struct Faults: Sendable {
    /// An answer in place of the right one.
    package struct Failure: Sendable {
        package var code: Int
        package var reason: String
        /// In seconds.
        package var retryAfter: Int?
        package var count: Int
        /// Only requests whose method this is.
        package var method: String?

        package init(code: Int, reason: String, retryAfter: Int? = nil, count: Int = 1, method: String? = nil)
        {
            self.code = code
            self.reason = reason
            self.retryAfter = retryAfter
            self.count = count
            self.method = method
        }
    }

    /// What befalls a watch with its next line.
    package enum WatchFault: String, Sendable {
        /// The line is sent twice.
        case duplicate
        /// The line is sent, and then the one before it again.
        case stale
        /// Half of the line, and the end.
        case truncated
        /// Nothing any more, and the connection stays open.
        case halfOpen
        /// The end, before the line.
        case cut
        /// The error that the revision is forgotten.
        case expired
    }

    package var failures: [Failure] = []
    package var watchFaults: [WatchFault] = []

    mutating func take(for call: Call) -> Failure? {
        guard let index = failures.firstIndex(where: { $0.method ?? call.method == call.method }) else {
            return nil
        }
        let failure = failures[index]
        failures[index].count -= 1
        if failures[index].count <= 0 { failures.remove(at: index) }
        return failure
    }

    mutating func takeWatchFault() -> WatchFault? {
        watchFaults.isEmpty ? nil : watchFaults.removeFirst()
    }
}
