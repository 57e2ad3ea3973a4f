import API
import Audit
import AuditSink
import Cryptography
import TemporaryFiles

/// A gateway whose records are sent to a sink.
final class GatewayLog {
    static let time: Int64 = 1_795_436_431_000_001
    let folder: TemporaryFolder
    let name: String
    let key: Ed25519.PrivateKey
    let recorder: Recorder

    init(
        name: String = "clinic", seed: UInt8 = 7, limits: Recorder.Limits = .init(segmentByteCount: 64 << 10)
    ) throws {
        folder = try TemporaryFolder()
        self.name = name
        key = try Ed25519.PrivateKey(rawSeed: [UInt8](repeating: seed, count: 32))
        recorder = try Recorder(
            folder: folder.path, gatewayName: name, key: key, limits: limits, at: Self.time)
    }

    /// Appends a session of one subject with `count` statements, and signs.
    func session(_ identifier: UInt64, of subject: String = "dana", statements count: UInt64 = 2) throws {
        let session = SessionID(high: 0xabcd, low: identifier)
        func append(_ body: AuditEvent.Body) throws {
            _ = try recorder.append(AuditEvent(session: session, body: body), at: Self.time)
        }
        try append(
            .sessionStarted(
                SessionStarted(
                    subject: Subject(name: subject, groups: ["staff", "billing"], proof: .gatewayUser),
                    claimedUser: "claimed", connection: "demo/clinic", database: "clinic",
                    applicationName: "psql", clientAddress: "127.0.0.1:4711", clientTLS: nil,
                    serverProcessID: 42)))
        for number in 0..<count {
            try append(
                .statement(
                    StatementIntent(
                        number: number + 1, channel: .simple, text: Array("SELECT \(number)".utf8),
                        summary: StatementSummary(effects: ["read"]),
                        verdict: number == 0 ? .mask : .refuse, rule: "rule")))
            try append(
                .outcome(
                    StatementOutcome(
                        number: number + 1, tag: Array("SELECT 3".utf8), sqlState: "", rows: 3, bytesOut: 10,
                        bytesIn: 0, microseconds: 1500)))
        }
        try append(.sessionEnded(SessionEnded(reason: "Terminate", statements: count)))
        try recorder.signHead(at: Self.time)
    }

    /// The log as it is, with a signature.
    func signed() throws -> Batch {
        try recorder.signHead(at: Self.time)
        return try batch()
    }

    /// Everything that is signed after `sequence`.
    func bytes(after sequence: UInt64 = 0) throws -> [UInt8] {
        var reader = SpoolReader(recorder.spool)
        return try reader.next(after: sequence, maximumByteCount: 4 << 20)?.bytes ?? []
    }

    func batch(after sequence: UInt64 = 0) throws -> Batch { try Batch(bytes(after: sequence)) }
}
