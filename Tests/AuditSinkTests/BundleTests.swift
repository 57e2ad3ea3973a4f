import API
import Audit
import AuditSink
import TemporaryFiles
import Testing

/// An export of one session, and what it tells of checkpoints that were kept elsewhere.
struct BundleTests {
    private let now: Int64 = 1_795_436_500_000_000
    private let folder: TemporaryFolder
    private let store: EvidenceStore
    private let gateway: GatewayLog

    init() throws {
        folder = try TemporaryFolder()
        store = try EvidenceStore(folder: folder.path, at: now)
        gateway = try GatewayLog()
        try goOn(1)
    }

    private func goOn(_ session: UInt64) throws {
        try gateway.session(session)
        _ = try store.ingest(gateway.batch(), from: "clinic", trusting: .firstContact, at: now)
    }

    /// What is found in the first session's records, with proofs for the tree as it is.
    private func findings(beside notes: [String], changing old: String = "") throws -> [Finding.Kind] {
        let header = EvidenceBundle.Header(key: try store.verifierKey, note: try store.checkpoint())
        var verifier = try BundleVerifier(header: Array(header.line.dropLast()), notes: notes)
        for entry in try store.records(from: 0, session: SessionID(high: 0xabcd, low: 1)).entries {
            let proof = try store.inclusionProof(position: entry.position, size: store.size)
            let line = EvidenceBundle.Entry(
                position: entry.position, gateway: entry.gateway, proof: proof?.path, record: entry.line
            ).line
            let text = String(decoding: line.dropLast(), as: UTF8.self)
            verifier.receive(Array((old.isEmpty ? text : text.replacing(old, with: "SELECT 7")).utf8))
        }
        return verifier.finish().findings.map(\.kind)
    }

    @Test
    func `a checkpoint of the same tree changes nothing`() throws {
        #expect(try findings(beside: []) == [])
        #expect(try findings(beside: [store.checkpoint()]) == [])
    }

    @Test
    func `a checkpoint of another size is one that the proofs tell nothing of`() throws {
        let kept = try store.checkpoint()
        try goOn(2)
        #expect(try findings(beside: [kept]) == [.treeMismatch])
        #expect(try findings(beside: [store.checkpoint(), kept]) == [.treeMismatch])
    }

    @Test
    func `another tree of the same size is a fork`() throws {
        let key = try SigningKeyFile.loadOrCreate(
            "\(folder.path)/\(EvidenceStore.keyFileName)", in: folder.path)
        let other = Checkpoint(origin: store.origin, size: store.size, root: .zero)
        let note = try SignedNote(signing: other.text, as: store.origin, with: key).note
        #expect(try findings(beside: [note]) == [.forked])
    }

    @Test
    func `a checkpoint of another sink does not count`() throws {
        let other = try EvidenceStore(folder: TemporaryFolder().path, at: now)
        #expect(try findings(beside: [other.checkpoint()]) == [.badSignature])
        #expect(try findings(beside: ["nothing"]) == [.badSignature])
    }

    @Test
    func `a record that was edited is not in the tree`() throws {
        #expect(try findings(beside: [], changing: "SELECT 1").contains(.edited))
    }
}
