import Kubernetes
import Synchronization

/// What gateways have said of the configurations they were sent, by the uid of their pod.
package final class AcknowledgementLedger: Sendable {
    package struct Acknowledgement: Sendable, Equatable {
        package var revision: String
        /// Why the gateway does not put it in force; empty when it does.
        package var faults: [String]

        package init(revision: String, faults: [String] = []) {
            self.revision = revision
            self.faults = faults
        }

        /// Faults of one gateway, and characters of each, that are kept. Ours.
        static let maximumFaults = 20
        static let maximumFaultLength = 500
        /// Of a revision, in bytes; ours have 64.
        static let maximumRevisionLength = 128

        /// - Returns: `nil` for what is no acknowledgement.
        init?(_ json: JSON) {
            guard let revision = json["revision"]?.string, let isAccepted = json["accepted"]?.bool,
                !revision.isEmpty, revision.utf8.count <= Self.maximumRevisionLength
            else { return nil }
            let told = (json["faults"]?.strings ?? []).prefix(Self.maximumFaults).map {
                String($0.prefix(Self.maximumFaultLength))
            }
            self.init(revision: revision, faults: isAccepted ? [] : told.isEmpty ? ["no reason given"] : told)
        }
    }

    private let ledger = Mutex<[String: Acknowledgement]>([:])

    package init() {}

    package subscript(uid: String) -> Acknowledgement? { ledger.withLock { $0[uid] } }

    /// - Returns: whether that is news.
    package func take(_ acknowledgement: Acknowledgement, of uid: String) -> Bool {
        ledger.withLock { $0.updateValue(acknowledgement, forKey: uid) != acknowledgement }
    }

    /// The pod is gone.
    func forget(_ uid: String) { ledger.withLock { _ = $0.removeValue(forKey: uid) } }
}
