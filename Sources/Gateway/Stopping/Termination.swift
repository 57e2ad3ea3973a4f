import Synchronization

/// How a gateway is asked to end.
final class Termination: Sendable {
    enum Reason: Sendable, Equatable {
        /// SIGTERM or SIGINT.
        case signal
        /// `POST /quit`: nobody needs the gateway any more.
        case quit
    }

    private struct State {
        var reason: Reason?
        var waiter: CheckedContinuation<Reason, Never>?
    }

    private let state = Mutex(State())

    var isRequested: Bool { state.withLock { $0.reason != nil } }

    /// The first reason counts.
    func request(_ reason: Reason) {
        let waiter = state.withLock { state in
            if state.reason == nil { state.reason = reason }
            return state.waiter.take()
        }
        waiter?.resume(returning: reason)
    }

    /// Waits for the first request; for one task.
    func wait() async -> Reason {
        await withCheckedContinuation { continuation in
            let reason = state.withLock { state -> Reason? in
                if state.reason == nil { state.waiter = continuation }
                return state.reason
            }
            if let reason { continuation.resume(returning: reason) }
        }
    }
}
