import API
import Kubernetes
import Logging
import Synchronization

/// Identities that nobody uses any more.
extension IdentityService {
    /// Not seen for longer than its connection allows. `now` counts seconds since 1970.
    func isStale(_ key: IdentityLedger.Key, _ entry: IdentityLedger.Entry, at now: Int64) -> Bool {
        guard let connection = connections.known(key.connection)?.connection else { return false }
        return connection.spec.identity.staleAfter.map { now - entry.last > $0.components.seconds } ?? false
    }

    /// An event of the connection, which is `NAMESPACE/NAME`, that says who was refused.
    func tellStale(_ message: String, of connection: String) async {
        guard let known = connections.known(connection) else { return }
        let event = ResourceEvent(isWarning: true, reason: "StaleIdentity", message: message)
        do {
            _ = try await api.answer(
                to: try event.request(
                    about: .databaseConnections, known.key, uid: known.uid, at: now()))
        } catch {
            logger.warning("event not told", metadata: ["error": "\(error)"])
        }
    }
}
