import API
import Admission
import Cryptography
import Identity
import Kubernetes
import Logging
import NIOCore
import Networking
import Synchronization

/// Who may ask for what: the keys grants are signed with, the keys of issuers, what is revoked, and when whom was seen.
/// Every replica has all of it, from the same Secret and ConfigMaps.
final class IdentityService: Sendable {
    static let secretName = "weir-operator-grants"
    static let revocationsName = "weir-revocations"
    static let ledgerName = "weir-identities"
    /// How often what other replicas may have written is looked for, where they do not tell: a revocation is to be
    /// everywhere within 10 s.
    static let lookInterval = Duration.seconds(2)

    struct State {
        var keyring: GrantKeyring?
        var revocations = RevocationList()
        /// When ``revocations`` was read last; `nil`: never, or too long ago.
        var read: ContinuousClock.Instant?
        var areRevocationsKnown: Bool { read != nil }
        /// How often this replica has changed them.
        var revocationChanges: UInt64 = 0
        /// When subjects were used last that were not for long.
        var unused: [String: Int64] = [:]
        /// Lines for gateways, by where their issuers' keys come from; forgotten when anything changes.
        var lines: [[IssuerKeys.Source]: KeptLine] = [:]
        /// Grows with every change: a line that was made of an earlier state is not kept.
        var generation: UInt64 = 0
        /// What is told of connections that refuse identities, by their names.
        var staleEvents: [String: StaleEvents] = [:]
    }

    /// A line, and what of it ages: it holds while that is the same.
    struct KeptLine {
        var grantKeys: GrantKeySet
        var keys: [IssuerKeys.Source: JSONWebKeySet]
        var unread: [IssuerKeys.Source]
        var line: AuthorityLine
    }

    let keys: IssuerKeys
    let ledger: IdentityLedger
    let api: any APIServer
    let namespace: String
    let connections: any IdentityConnections
    private let hub: StreamHub
    let metrics: OperatorMetrics
    let logger: Logger
    let now: @Sendable () -> Timestamp
    let steady: @Sendable () -> ContinuousClock.Instant
    /// What both clocks said when it was made.
    private let start: (wall: Timestamp, steady: ContinuousClock.Instant)
    private let interval: Duration
    let stored: StoredDocument
    let state = Mutex(State())
    /// The last reading or change of what is revoked that was begun.
    let turn = Mutex<Task<Void, any Error>?>(nil)

    init(
        api: any APIServer, namespace: String, connections: any IdentityConnections, hub: StreamHub,
        metrics: OperatorMetrics,
        logger: Logger,
        fetch: @escaping IssuerKeys.Fetch, interval: Duration = lookInterval,
        steady: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.api = api
        self.namespace = namespace
        self.connections = connections
        self.hub = hub
        self.metrics = metrics
        self.logger = logger
        self.now = now
        self.steady = steady
        self.interval = interval
        start = (now(), steady())
        keys = IssuerKeys(logger: logger, now: steady, fetch: fetch)
        stored = StoredDocument(Self.revocationsName, in: namespace, api: api)
        ledger = IdentityLedger(
            StoredDocument(Self.ledgerName, in: namespace, api: api), logger: logger, steady: steady)
    }

    /// The time of day for what expires: it goes on with the time that has passed when somebody sets the clock back.
    ///
    /// It goes back when a clock that ran ahead is set right, so intervals are measured by `steady`, and what was
    /// seen later than now counts as seen now.
    var time: Timestamp {
        max(now(), start.wall + (steady() - start.steady))
    }

    /// The same, in seconds since 1970.
    var seconds: Int64 { time.microseconds / 1_000_000 }

    /// Looks until the task is cancelled. Issuers, who may be silent, hold up nothing but their own keys.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.repeated { await self.lookAtCluster() } }
            group.addTask { await self.repeated { await self.lookAtIssuers() } }
        }
    }

    private func repeated(_ look: () async -> Void) async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: interval)
        }
    }

    func lookAtIssuers() async { await keys.refresh(connections.sources) { changed() } }

    /// Does what is due, once, but for issuers.
    func lookAtCluster() async {
        do { try await readRevocations() } catch {
            logger.warning("revocations are not read", metadata: ["error": "\(error)"])
            forgetOldRevocations()
        }
        do { try await lookAfterKeys() } catch {
            logger.warning("keys of grants are not looked after", metadata: ["error": "\(error)"])
        }
        await ledger.write(at: seconds, refusingUnused: connections.staleness != nil)
        findUnused()
        await tellMoreStale()
        metrics.set(.revocations, revocations?.count ?? 0)
        metrics.set(.staleIdentities, ledger.entries.count { isStale($0.key, $0.value, at: seconds) })
    }

    func changed() {
        state.withLock { state in
            state.generation += 1
            state.lines = [:]
        }
        hub.wake(nil)
    }

    // MARK: - Grants

    private func lookAfterKeys() async throws {
        let key = ObjectKey(namespace: namespace, name: Self.secretName)
        guard var ring = GrantKeyring(try await api.answer(to: try .get(.secrets, key))) else {
            throw StoredDocument.Malformed(name: key)
        }
        if ring.needsKey(at: seconds) {
            let seed = try RandomBytes.generate(Ed25519.seedLength)
            let patch = try APIRequest.patch(
                .secrets, key, merging: try ring.replacement(adding: seed, at: seconds),
                WriteOptions(fieldManager: OwnNames.fieldManager))
            let response = try await api.send(patch)
            // Another replica's write comes first: its key is taken with the next look.
            if !response.isSuccess, APIFailure(response).kind == .conflict { return }
            guard let next = GrantKeyring(try response.json()) else {
                throw StoredDocument.Malformed(name: key)
            }
            ring = next
            logger.notice("a new key for grants has been made")
        }
        let (published, known) = (
            ring.published(at: seconds), state.withLock { $0.keyring?.published(at: seconds) }
        )
        state.withLock { $0.keyring = ring }
        if published != known { changed() }
    }

    /// The key that signs; `nil` while there is none.
    var signer: GrantKeyring.Key? { state.withLock { $0.keyring?.signer(at: seconds) } }

    /// By which grants, and what else the operator signs for itself, are verified.
    var grantKeys: GrantKeySet {
        state.withLock(\.keyring)?.published(at: seconds) ?? GrantKeySet()
    }

    // MARK: - What gateways are told

    /// How often a line is made anew when something changes meanwhile. Ours: whoever is told is woken by the change.
    private static let attemptLimit = 3

    /// What a gateway of these connections verifies by; `nil` while it is not known.
    func authority(for sources: [IssuerKeys.Source]) -> AuthorityLine? {
        var latest: AuthorityLine?
        for _ in 0..<Self.attemptLimit {
            let (generation, ring, revocations, unused, kept) = state.withLock { state in
                (
                    state.generation, state.keyring, state.areRevocationsKnown ? state.revocations : nil,
                    state.unused, state.lines[sources]
                )
            }
            guard let revocations else { return nil }
            // Asked for each time, since keys age without anybody's doing.
            let grantKeys = ring?.published(at: seconds) ?? GrantKeySet()
            // Before the keys: what is read meanwhile is told.
            let unread = sources.filter { !keys.hasRead($0) }
            var sets: [IssuerKeys.Source: JSONWebKeySet] = [:]
            for source in sources { sets[source] = keys.keys(of: source) }
            if let kept, kept.grantKeys == grantKeys, kept.keys == sets, kept.unread == unread {
                return kept.line
            }
            let line = AuthorityLine(
                IdentityAuthority(
                    grantKeys: grantKeys, keys: sets, revocations: revocations, unused: unused, unread: unread
                ))
            let isCurrent = state.withLock { state in
                guard state.generation == generation else { return false }
                state.lines[sources] = KeptLine(grantKeys: grantKeys, keys: sets, unread: unread, line: line)
                return true
            }
            if isCurrent { return line }
            latest = line
        }
        return latest
    }

    /// The keys of an issuer, from wherever they come.
    func keys(of issuer: DatabaseConnection.Issuer) -> JSONWebKeySet? {
        guard let source = IssuerKeys.Source(issuer) else {
            return issuer.jwks.flatMap { try? JSONWebKeySet(parsing: Array($0.utf8)) }
        }
        return keys.keys(of: source)
    }

    /// - Returns: whether the issuer has other keys now.
    func refreshKeys(of issuer: DatabaseConnection.Issuer) async -> Bool {
        guard let source = IssuerKeys.Source(issuer), await keys.refreshForUnknownKey(of: source) else {
            return false
        }
        changed()
        return true
    }
}

/// A line of the configuration stream that tells an ``IdentityAuthority``.
struct AuthorityLine: Sendable {
    let revision: String
    let bytes: [UInt8]

    init(_ authority: IdentityAuthority) {
        let line = authority.line
        revision = line["revision"]?.string ?? ""
        bytes = line.rendered + [0x0A]
    }
}

extension BoundConnection {
    /// Where the keys of its issuers come from, without those that stand in it.
    var sources: [IssuerKeys.Source] { connection.spec.identity.issuers.compactMap(IssuerKeys.Source.init) }
}

extension ClusterView {
    /// Where the keys come from that a pod's gateway verifies tokens by.
    mutating func identitySources(of pod: ObservedPod) -> [IssuerKeys.Source] {
        Set(attachments(of: pod).compactMap(\.bound).flatMap(\.sources)).sorted()
    }
}

extension APIResource {
    static let secrets = APIResource(group: "", version: "v1", name: "secrets", kind: "Secret")
}
