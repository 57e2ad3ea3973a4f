import NIOCore
import Synchronization

/// The channels of a connection that is being made, one for each address that is tried, until it is given up.
final class ConnectionAttempt: Sendable {
    private let state = Mutex<(channels: [any Channel], isGivenUp: Bool)>(([], false))

    /// - Throws: `CancellationError` once it is given up.
    func add(_ channel: any Channel) throws(CancellationError) {
        let isGivenUp = state.withLock { state in
            state.channels.append(channel)
            return state.isGivenUp
        }
        if isGivenUp { throw CancellationError() }
    }

    func giveUp() {
        let channels = state.withLock { state in
            state.isGivenUp = true
            return state.channels
        }
        for channel in channels { channel.close(promise: nil) }
    }
}
