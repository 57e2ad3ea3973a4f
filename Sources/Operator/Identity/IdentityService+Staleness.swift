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

    /// What a gateway of these connections has told; `gateway` names it in all its reports.
    func take(_ uses: IdentityUses, of connections: Set<String>, by gateway: String) async {
        ledger.note(uses.all.filter { connections.contains($0.connection) }, of: gateway, at: seconds)
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

    /// An event of the connection, which is `NAMESPACE/NAME`, that says who was refused: the same once, and no more
    /// than ``StaleEvents/limit`` in a while.
    func tellStale(_ message: String, of connection: String) async {
        guard connections.known(connection) != nil else { return }
        let moment = steady()
        let isTold = state.withLock { state in
            state.staleEvents[connection, default: StaleEvents(since: moment)].admit(message)
        }
        if isTold { await tell(message, of: connection) }
    }

    /// Says how many were not told of, where the while is over, and begins another.
    func tellMoreStale() async {
        let moment = steady()
        let over = state.withLock { state in
            let over = state.staleEvents.filter { moment - $0.value.since >= StaleEvents.interval }
            for connection in over.keys { state.staleEvents[connection] = nil }
            return over
        }
        for (connection, events) in over where events.more > 0 {
            await tell(
                "\(events.more) more refusals of identities that are not used or that nobody answers for",
                of: connection)
        }
    }

    private func tell(_ message: String, of connection: String) async {
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

/// What has been told of a connection's refusals, for a while: gateways tell of as many as they like.
struct StaleEvents {
    /// Events of a connection in a while. Ours.
    static let limit = 10
    static let interval = Duration.seconds(600)

    let since: ContinuousClock.Instant
    private var messages: Set<String> = []
    /// How many were not told of.
    private(set) var more: UInt64 = 0

    init(since: ContinuousClock.Instant) { self.since = since }

    /// Whether it is to be told.
    mutating func admit(_ message: String) -> Bool {
        guard !messages.contains(message) else { return false }
        guard messages.count < Self.limit else {
            more += 1
            return false
        }
        messages.insert(message)
        return true
    }
}
