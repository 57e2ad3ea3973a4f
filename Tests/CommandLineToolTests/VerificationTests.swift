import API
import ArgumentParser
import Audit
import AuditSink
import Cryptography
import TemporaryFiles
import Testing

@testable import CommandLineTool

/// What is said of evidence beside keys and checkpoints that were kept elsewhere.
struct VerificationTests {
    private static let time: Int64 = 1_795_436_431_000_001

    /// Of gateway `clinic`, and of a sink that has all of its records.
    private let gateway: TemporaryFolder
    private let sink: TemporaryFolder
    private let sinkKey: VerifierKey
    private let checkpoint: String

    init() throws {
        gateway = try TemporaryFolder()
        sink = try TemporaryFolder()
        let recorder = try Recorder(
            folder: gateway.path, gatewayName: "clinic", key: Self.privateKey(),
            limits: Recorder.Limits(segmentByteCount: 64 << 10), at: Self.time)
        let event = AuditEvent(session: .gateway, body: .gatewayStarted(GatewayStarted(version: "1.0")))
        _ = try recorder.append(event, at: Self.time)
        try recorder.signHead(at: Self.time)
        var reader = SpoolReader(recorder.spool)
        let records = try reader.next(after: 0)?.bytes ?? []
        let store = try EvidenceStore(folder: sink.path, at: Self.time)
        _ = try store.ingest(Batch(records), from: "clinic", trusting: .firstContact, at: Self.time)
        sinkKey = try store.verifierKey
        checkpoint = try store.checkpoint()
    }

    private static func privateKey(_ seed: UInt8 = 7) throws -> Ed25519.PrivateKey {
        try Ed25519.PrivateKey(rawSeed: [UInt8](repeating: seed, count: 32))
    }

    private func key(of name: String, seed: UInt8 = 7) throws -> VerifierKey {
        VerifierKey(name: name, publicKey: try Self.privateKey(seed).publicKey)
    }

    private var segment: String { "\(gateway.path)/events-00000000000000000001.jsonl" }

    private func verified(
        _ paths: String..., gatewayKeys: [VerifierKey] = [], sinkKey: VerifierKey? = nil,
        notes: [String] = []
    ) throws -> VerificationReport {
        var verification = Verification(gatewayKeys: gatewayKeys, sinkKey: sinkKey, notes: notes)
        try verification.run(paths)
        return verification.report
    }

    @Test func `evidence is judged alone where nothing else is given`() throws {
        #expect(try verified(segment).isIntact)
        #expect(try verified(gateway.path, sink.path).isIntact)
    }

    // MARK: - The sink's

    @Test func `a sink's key or checkpoint is about nothing where no sink is given`() throws {
        for path in [gateway.path, segment] {
            #expect(throws: ValidationError.self) { try verified(path, sinkKey: sinkKey) }
            #expect(throws: ValidationError.self) { try verified(path, notes: [checkpoint]) }
        }
    }

    @Test func `a sink is judged by its key and checkpoint, also beside a gateway`() throws {
        #expect(try verified(sink.path, sinkKey: sinkKey, notes: [checkpoint]).isIntact)
        #expect(try verified(gateway.path, sink.path, sinkKey: sinkKey, notes: [checkpoint]).isIntact)
        #expect(try !verified(sink.path, sinkKey: key(of: sinkKey.name)).isIntact)
    }

    // MARK: - Gateways'

    @Test func `a gateway's key that no log is of is a finding`() throws {
        let keys = [try key(of: "clinic"), try key(of: "pharmacy")]
        for path in [gateway.path, segment, sink.path] {
            #expect(try verified(path, gatewayKeys: [keys[0]]).isIntact)
            let report = try verified(path, gatewayKeys: keys)
            #expect(!report.isIntact)
            let finding = "pharmacy: OtherKey: no log is of gateway pharmacy, whose key is given\n"
            #expect(report.text.hasSuffix(finding + "NOT INTACT: 1 finding\n"))
        }
    }

    @Test func `a gateway's log is not intact by another key than its own`() throws {
        let other = try key(of: "clinic", seed: 8)
        for path in [gateway.path, segment, sink.path] {
            #expect(try !verified(path, gatewayKeys: [other]).isIntact)
        }
    }

    // MARK: - The command line

    @Test(arguments: ["--sink-key", "--gateway-key", "--checkpoint"])
    func `a file that is no key or checkpoint is no finding`(option: String) async throws {
        for file in [segment, "\(sink.path)/nothing"] {
            let command = try VerifyCommand.parse([option, file, sink.path])
            await #expect(throws: ValidationError.self) { try await command.run() }
        }
    }
}
