import API
import Identity
import Kubernetes
import Logging
import Synchronization

/// Identities that nobody uses any more, or answers for.
extension IdentityService {
    /// Not seen for longer than its connection allows. `now` counts seconds since 1970.
    func isStale(_ key: IdentityLedger.Key, _ entry: IdentityLedger.Entry, at now: Int64) -> Bool {
        guard let connection = connections.known(key.connection)?.connection else { return false }
        return connection.spec.identity.staleAfter.map { now - entry.last > $0.components.seconds } ?? false
    }

    /// Tells gateways of those that are unused for longer than some connection allows.
    func findUnused() {
        let moment = connections.staleness.map { seconds - $0.components.seconds }
        let unused = moment.map { ledger.lastUses(before: $0) } ?? [:]
        let isNews = state.withLock { state in
            defer { state.unused = unused }
            return state.unused != unused
        }
        if isNews { changed() }
    }

    /// What a gateway of these connections has told.
    func take(_ uses: IdentityUses, of connections: Set<String>) async {
        for use in uses.all where connections.contains(use.connection) { ledger.note(use, at: seconds) }
        for refused in uses.unused where connections.contains(refused.connection) {
            metrics.add(.staleRefusals)
            await tellStale(
                "the identity \(refused.subject) was not used for too long", of: refused.connection)
        }
        for refused in uses.ownerless where connections.contains(refused.connection) {
            metrics.add(.staleRefusals)
            await tellStale(
                "nobody answers for the workload \(refused.subject): its pods lack the annotation \(PodMark.owner)",
                of: refused.connection)
        }
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
