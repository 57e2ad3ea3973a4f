import Audit
import AuditSink
import Cryptography
import TemporaryFiles
import Testing

/// A fork takes the gateway's key, and who has it not neither makes one nor keeps one out of the log.
struct ForkTests {
    private let now: Int64 = 1_795_436_500_000_000

    /// One head alone, under a number of any.
    private func head(_ sequence: UInt64, signedBy key: Ed25519.PrivateKey) throws -> Batch {
        var encoder = RecordEncoder(continuing: .zero)
        try encoder.encodeHead(
            .interval, gateway: "clinic", unsigned: 1, cut: 0, sequence: sequence,
            time: Timestamp(microsecondsSinceEpoch: GatewayLog.time), clockBehind: 0
        ) { message throws(CryptographyError) in try key.sign(message) }
        return try Batch(encoder.line)
    }

    /// The incident that the batch is refused for; `nil` when it is not.
    private func incident(_ batch: Batch, in store: EvidenceStore) throws -> SinkEvent.Incident? {
        let result = try store.ingest(batch, from: "clinic", trusting: .firstContact, at: now)
        guard case .refused(let kind, sequence: _, through: _, detail: _) = result else { return nil }
        return kind
    }

    @Test
    func `claims without the key keep no fork out of the log`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let gateway = try GatewayLog(limits: .init(segmentByteCount: 1 << 20))
        try gateway.session(1, statements: 600)
        #expect(try incident(gateway.batch(), in: store) == nil)
        let size = store.size
        let stranger = try Ed25519.PrivateKey(rawSeed: [UInt8](repeating: 8, count: 32))
        var kinds: Set<SinkEvent.Incident?> = []
        for sequence: UInt64 in 2...1005 {
            kinds.insert(try incident(head(sequence, signedBy: stranger), in: store))
        }
        #expect(kinds == [.badSignature])
        #expect(store.size == size + 1000)
        #expect(try incident(head(1100, signedBy: gateway.key), in: store) == .forked)
        #expect(store.size == size + 1001)
        #expect(try StoredLog(folder: folder.path).verify().findings.map(\.kind) == [.forked])
    }

    @Test
    func `a head alone is a fork when the gateway has signed it`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let gateway = try GatewayLog()
        try gateway.session(1)
        #expect(try incident(gateway.batch(), in: store) == nil)
        for sequence in [2, gateway.recorder.lastSequence] {
            #expect(try incident(head(sequence, signedBy: gateway.key), in: store) == .forked)
        }
    }

    @Test
    func `lines of the gateway's that somebody has changed are no fork`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let gateway = try GatewayLog()
        try gateway.session(1, of: "dana")
        #expect(try incident(gateway.batch(), in: store) == nil)

        let text = String(decoding: try gateway.bytes(), as: UTF8.self)
        let ofAnother = text.replacing("dana", with: "nora")
        #expect(ofAnother != text)
        #expect(try incident(Batch(Array(ofAnother.utf8)), in: store) == .badSignature)

        let head = try #require(text.split(separator: "\n").last)
        let otherHash = "\(head.dropLast(64 + 2))\(String(repeating: "0", count: 64))\"}\n"
        #expect(try incident(Batch(Array(otherHash.utf8)), in: store) == .badSignature)
    }
}
