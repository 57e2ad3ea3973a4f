import API
import Audit

/// The store behind the routes: one request at a time reads or changes it.
actor EvidenceService {
    private let store: EvidenceStore
    private let trustedKeys: TrustedKeys
    /// Asked by probes, which do not wait behind the records that come in.
    private nonisolated let health: StoreHealth
    /// Microseconds since the epoch.
    private let now: @Sendable () -> Int64

    init(folder: String, trustedKeys: TrustedKeys, now: @escaping @Sendable () -> Int64) throws {
        store = try EvidenceStore(folder: folder, at: now())
        health = store.health
        self.trustedKeys = trustedKeys
        self.now = now
    }

    var origin: String { store.origin }
    var size: UInt64 { store.size }

    var verifierKey: VerifierKey {
        get throws { try store.verifierKey }
    }

    /// Whether a batch would be stored, if it is in order.
    nonisolated var takesRecords: Bool {
        get async {
            guard health.isTrialDue() else { return !health.isFailing }
            return await rehearse()
        }
    }

    private func rehearse() -> Bool {
        // Another may have come first, while this one waited.
        guard health.isTrialDue() else { return !health.isFailing }
        return (try? store.rehearse()) != nil
    }

    func ingest(_ batch: Batch, from gateway: String) throws -> IngestResult {
        do {
            return try store.ingest(batch, from: gateway, trusting: trustedKeys, at: now())
        } catch {
            // Looking up what is known of the gateway may have failed, too.
            health.fail()
            throw error
        }
    }

    /// Whether its key is pinned.
    func knows(_ gateway: String) throws -> Bool { try store.pinnedKey(of: gateway) != nil }

    /// Of all, or of the one of that name.
    func gateways(named name: String? = nil) throws -> [(name: String, acknowledged: UInt64, key: [UInt8])] {
        try store.gateways(named: name)
    }

    func checkpoint() throws -> String { try store.checkpoint() }

    func inclusionProof(position: UInt64, size: UInt64?) throws -> (
        leaf: Digest, path: [Digest], size: UInt64
    )? {
        let size = size ?? store.size
        return try store.inclusionProof(position: position, size: size).map { ($0.leaf, $0.path, size) }
    }

    func position(gateway: String, sequence: UInt64) throws -> UInt64? {
        try store.position(gateway: gateway, sequence: sequence)
    }

    func consistencyProof(from first: UInt64, to second: UInt64?) throws -> (path: [Digest], size: UInt64)? {
        let second = second ?? store.size
        return try store.consistencyProof(from: first, to: second).map { ($0, second) }
    }

    // What follows hands out evidence: the reading is in the log before the answer leaves.

    func sessions(_ filter: SessionFilter, for reader: String) throws -> [SessionSummary] {
        let sessions = try store.sessions(filter)
        let text = [filter.subject.map { "subject=\($0)" }, filter.since.map { "since=\($0.text)" }]
            .compactMap { $0 }.joined(separator: " ")
        try store.recordRead(by: reader, of: "sessions", filter: text, count: sessions.count, at: now())
        return sessions
    }

    func session(_ session: SessionID, for reader: String) throws -> SessionSummary? {
        guard let summary = try store.session(session) else { return nil }
        try store.recordRead(
            by: reader, of: "session", filter: "session=\(session.hexadecimal)", count: 1, at: now())
        return summary
    }

    /// The records of a session from `position` on.
    func events(
        of session: SessionID, from position: UInt64, for reader: String
    ) throws -> RecordPage {
        let page = try store.records(from: position, session: session)
        try store.recordRead(
            by: reader, of: "events", filter: "session=\(session.hexadecimal) from=\(position)",
            count: page.entries.count, at: now())
        return page
    }

    /// Lines of an ``EvidenceBundle`` for the tree of `size` leaves; with proofs when only one session is asked for.
    func export(
        session: SessionID?, from position: UInt64, size: UInt64, for reader: String
    ) throws -> (lines: [UInt8], next: UInt64?)? {
        guard size <= store.size else { return nil }
        let page = try store.records(from: position, to: size, session: session)
        var lines: [UInt8] = []
        for entry in page.entries {
            let proof = try session.flatMap { _ in
                try store.inclusionProof(position: entry.position, size: size)?.path
            }
            lines +=
                EvidenceBundle.Entry(
                    position: entry.position, gateway: entry.gateway, proof: proof, record: entry.line
                ).line
        }
        let filter = (session.map { "session=\($0.hexadecimal) " } ?? "") + "from=\(position)"
        try store.recordRead(
            by: reader, of: "export", filter: filter, count: page.entries.count, at: now())
        return (lines, page.next)
    }
}
