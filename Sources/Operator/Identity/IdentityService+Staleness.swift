import API
import Kubernetes
import Logging
import Synchronization

/// Identities that nobody uses any more.
extension IdentityService {
    /// Not seen for longer than its connection allows. `now` counts seconds since 1970.
    func isStale(_ key: IdentityLedger.Key, _ entry: IdentityLedger.Entry, at now: Int64) -> Bool {
        guard let connection = observed(key.connection)?.object else { return false }
        return connection.spec.identity.staleAfter.map { now - entry.last > $0.components.seconds } ?? false
    }

    /// An event of the connection, which is `NAMESPACE/NAME`, that says who was refused.
    func tellStale(_ message: String, of connection: String) async {
        guard let observed = observed(connection) else { return }
        let event = ResourceEvent(isWarning: true, reason: "StaleIdentity", message: message)
        do {
            _ = try await api.answer(
                to: try event.request(
                    about: .databaseConnections, observed.key, uid: observed.uid, at: now()))
        } catch {
            logger.warning("event not told", metadata: ["error": "\(error)"])
        }
    }

    private func observed(_ connection: String) -> ObservedResource<DatabaseConnection>? {
        let parts = connection.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        let key = ObjectKey(namespace: parts[0], name: parts[1])
        return cluster.withView { $0.attachment(of: key)?.connection }
    }
}
