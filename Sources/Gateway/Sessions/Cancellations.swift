import Cryptography
import WireProtocols

/// Which key cancels which session: clients know the server's process id with a secret of the gateway's.
final class Cancellations {
    private var requests: [Int32: [(key: CancelRequest, cancels: CancelRequest)]] = [:]

    func register(_ key: CancelRequest, cancels: CancelRequest) {
        requests[key.processID, default: []].append((key, cancels))
    }

    func remove(_ key: CancelRequest) {
        requests[key.processID]?.removeAll { $0.key == key }
        if requests[key.processID]?.isEmpty ?? false { requests[key.processID] = nil }
    }

    /// What to send to the database; `nil` when nobody has that key.
    func request(for key: CancelRequest) -> CancelRequest? {
        requests[key.processID]?.first { ConstantTime.isEqual($0.key.secretKey, key.secretKey) }?.cancels
    }
}
