import Synchronization

/// Wakes the streams whose configuration may have changed.
package final class StreamHub: Sendable {
    private struct Stream {
        var namespace: String
        /// Of its pod.
        var uid: String
        var wake: AsyncStream<Void>.Continuation
    }

    private struct State {
        var streams: [UInt64: Stream] = [:]
        var next: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let metrics: OperatorMetrics

    package init(metrics: OperatorMetrics) {
        self.metrics = metrics
    }

    /// An element for each time to look again, and one at once; ends with the hub.
    func wakes(for namespace: String, pod uid: String) -> AsyncStream<Void> {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state -> UInt64? in
            guard !state.isClosed else { return nil }
            state.next += 1
            state.streams[state.next] = Stream(namespace: namespace, uid: uid, wake: wake)
            return state.next
        }
        guard let id else {
            wake.finish()
            return wakes
        }
        metrics.change(.streams, by: 1)
        wake.onTermination = { [self] _ in
            if state.withLock({ $0.streams.removeValue(forKey: id) }) != nil {
                metrics.change(.streams, by: -1)
            }
        }
        wake.yield()
        return wakes
    }

    /// - Parameter namespaces: `nil` for all.
    package func wake(_ namespaces: Set<String>?) {
        let wakes = state.withLock { state in
            state.streams.values.filter { namespaces?.contains($0.namespace) ?? true }.map(\.wake)
        }
        for wake in wakes { wake.yield() }
    }

    /// The pods have other labels now, or are gone.
    func wake(pods uids: Set<String>) {
        guard !uids.isEmpty else { return }
        let wakes = state.withLock { $0.streams.values.filter { uids.contains($0.uid) }.map(\.wake) }
        for wake in wakes { wake.yield() }
    }

    /// Ends all streams: their gateways connect to another replica.
    func close() {
        let streams = state.withLock { state in
            state.isClosed = true
            return state.streams.values.map(\.wake)
        }
        for wake in streams { wake.finish() }
    }
}
