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
    /// How often what other replicas may have written is looked for: a revocation is to be everywhere within 10 s.
    private static let lookInterval = Duration.seconds(2)

    struct State {
        var keyring: GrantKeyring?
        var revocations = RevocationList()
        /// When ``revocations`` was read last; `nil`: never, or too long ago.
        var read: ContinuousClock.Instant?
        var areRevocationsKnown: Bool { read != nil }
        /// When subjects were used last that were not for long.
        var unused: [String: Int64] = [:]
        /// Lines for gateways, by their issuers; forgotten when anything changes.
        var lines: [[IssuerKeys.Source]: AuthorityLine] = [:]
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
    let stored: StoredDocument
    let state = Mutex(State())

    init(
        api: any APIServer, namespace: String, connections: any IdentityConnections, hub: StreamHub,
        metrics: OperatorMetrics,
        logger: Logger,
        fetch: @escaping IssuerKeys.Fetch,
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
        start = (now(), steady())
        keys = IssuerKeys(logger: logger, now: steady, fetch: fetch)
        stored = StoredDocument(Self.revocationsName, in: namespace, api: api)
        ledger = IdentityLedger(StoredDocument(Self.ledgerName, in: namespace, api: api), logger: logger)
    }

    /// The time of day for what expires: it goes on with the time that has passed when somebody sets the clock back.
    var time: Timestamp {
        max(now(), start.wall + (steady() - start.steady))
    }

    /// The same, in seconds since 1970.
    var seconds: Int64 { time.microseconds / 1_000_000 }

    /// Looks until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: Self.lookInterval)
        }
    }

    /// Does what is due, once.
    func look() async {
        do { try await readRevocations() } catch {
            logger.warning("revocations are not read", metadata: ["error": "\(error)"])
            forgetOldRevocations()
        }
        do { try await lookAfterKeys() } catch {
            logger.warning("keys of grants are not looked after", metadata: ["error": "\(error)"])
        }
        if await keys.refresh(connections.sources) { changed() }
        await ledger.write(at: seconds)
        findUnused()
        metrics.set(.revocations, revocations?.count ?? 0)
        metrics.set(.staleIdentities, ledger.entries.count { isStale($0.key, $0.value, at: seconds) })
    }

    func changed() {
        state.withLock { $0.lines = [:] }
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

    /// What a gateway of these connections verifies by; `nil` while it is not known.
    func authority(for sources: [IssuerKeys.Source]) -> AuthorityLine? {
        if let known = state.withLock({ $0.areRevocationsKnown ? $0.lines[sources] : nil }) { return known }
        let (ring, revocations, unused) = state.withLock {
            ($0.keyring, $0.areRevocationsKnown ? $0.revocations : nil, $0.unused)
        }
        guard let revocations else { return nil }
        var sets: [String: JSONWebKeySet] = [:]
        for source in sources { sets[source.issuer] = keys.keys(of: source) }
        let line = AuthorityLine(
            IdentityAuthority(
                grantKeys: ring?.published(at: seconds) ?? GrantKeySet(), keys: sets,
                revocations: revocations,
                unused: unused))
        state.withLock { $0.lines[sources] = line }
        return line
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
        let sources = attachments(of: pod).compactMap(\.bound).flatMap(\.sources)
        return Set(sources).sorted { ($0.issuer, $0.keys ?? "") < ($1.issuer, $1.keys ?? "") }
    }
}

extension APIResource {
    static let secrets = APIResource(group: "", version: "v1", name: "secrets", kind: "Secret")
}
