package import ClusterModel
package import Kubernetes
import Synchronization

/// The machine in use: one call at a time, and whoever watches is woken after each change.
package final class ClusterHost: Sendable {
    private struct State: Sendable {
        var cluster: Cluster
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWaiter = 0
        var faults = Faults()
        /// Added to the time, in microseconds.
        var clockOffset: Int64 = 0
    }

    private let state: Mutex<State>

    package init() {
        state = Mutex(State(cluster: Cluster(at: WallClock.now())))
    }

    private func time(_ state: borrowing State) -> Timestamp {
        Timestamp(microseconds: WallClock.now().microseconds + state.clockOffset)
    }

    /// Whom a bearer token stands for; `nil` for nobody.
    package func user(of token: String) -> User? {
        state.withLock { state in state.cluster.user(of: token, at: time(state)) }
    }

    package func answer(_ call: Call) -> Answer {
        change { cluster, now in cluster.answer(call, at: now) }
    }

    package func finish(_ pending: PendingWrite) -> Cluster.Ending {
        change { cluster, now in cluster.finish(pending, at: now) }
    }

    /// For tests that reach into the machine.
    package func change<Result: Sendable>(
        _ body: @Sendable (inout Cluster, Timestamp) -> Result
    ) -> Result {
        let (result, waiters) = state.withLock { state in
            let before = state.cluster.revision
            let now = time(state)
            let result = body(&state.cluster, now)
            return (result, before == state.cluster.revision ? [] : Array(state.waiters.values))
        }
        for waiter in waiters { waiter.yield() }
        return result
    }

    package func lines(of watch: inout Watch) -> [Watch.Line] {
        let (next, lines) = state.withLock { [watch] state in
            var watch = watch
            let lines = watch.lines(of: state.cluster)
            return (watch, lines)
        }
        watch = next
        return lines
    }

    /// Wakes at every change; whoever lets go of it is forgotten.
    func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = continuation
            return state.nextWaiter
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.waiters.removeValue(forKey: id) }
        }
        return stream
    }

    /// Has every watch look again, also where nothing has changed.
    package func wakeAll() {
        for waiter in state.withLock({ Array($0.waiters.values) }) { waiter.yield() }
    }

    package func inject(_ change: @Sendable (inout Faults) -> Void) {
        state.withLock { change(&$0.faults) }
    }

    func takeFault(for call: Call) -> Faults.Failure? {
        state.withLock { $0.faults.take(for: call) }
    }

    func takeWatchFault() -> Faults.WatchFault? {
        state.withLock { $0.faults.takeWatchFault() }
    }

    package func advanceClock(by microseconds: Int64) {
        state.withLock { $0.clockOffset += microseconds }
    }
}
