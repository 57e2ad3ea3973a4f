import Cryptography
import Session
import WireProtocols

/// Which key cancels which session: clients know the server's process id with a secret of the gateway's.
final class Cancellations {
    private struct Entry {
        var key: CancelRequest
        var request: CancelRequest
        /// The very server of the session: another knows nothing of it.
        var server: ServerAddress
        /// Cancels what only the gateway knows of; `false` when there is nothing.
        var cancelHeld: () -> Bool
    }

    private var entries: [Int32: [Entry]] = [:]

    func register(
        _ key: CancelRequest, cancels request: CancelRequest, at server: ServerAddress,
        orHeld cancelHeld: @escaping () -> Bool
    ) {
        entries[key.processID, default: []].append(
            Entry(key: key, request: request, server: server, cancelHeld: cancelHeld))
    }

    func remove(_ key: CancelRequest) {
        entries[key.processID]?.removeAll { $0.key == key }
        if entries[key.processID]?.isEmpty ?? false { entries[key.processID] = nil }
    }

    /// What to send to which server; `nil` when nobody has that key, or it has been done here.
    func request(for key: CancelRequest) -> (CancelRequest, ServerAddress)? {
        let entry = entries[key.processID]?.first {
            ConstantTime.isEqual($0.key.secretKey, key.secretKey)
        }
        guard let entry, !entry.cancelHeld() else { return nil }
        return (entry.request, entry.server)
    }
}
