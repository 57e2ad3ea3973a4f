import API
import Audit
import Cryptography
import TemporaryFiles

/// The log of a gateway, which is shipped.
final class WrittenLog {
    private static let time: Int64 = 1_795_436_431_000_001
    static let name = "clinic"

    let recorder: Recorder

    init(in folder: TemporaryFolder, limits: Recorder.Limits = .init(segmentByteCount: 64 << 10)) throws {
        let key = try Ed25519.PrivateKey(rawSeed: [UInt8](repeating: 7, count: 32))
        recorder = try Recorder(
            folder: folder.path, gatewayName: Self.name, key: key, limits: limits, at: Self.time)
    }

    var spool: Spool { recorder.spool }
    /// The last record that may be sent.
    var lastSigned: UInt64 { recorder.lastSignedSequence }

    /// Appends records of about 500 bytes, and signs.
    func record(_ count: UInt64 = 1) throws {
        for number in 1...count {
            let intent = StatementIntent(
                number: number, channel: .simple, text: [UInt8](repeating: UInt8(ascii: "x"), count: 300),
                summary: StatementSummary(), verdict: .allow)
            let event = AuditEvent(session: SessionID(high: 1, low: 2), body: .statement(intent))
            _ = try recorder.append(event, at: Self.time)
        }
        try recorder.signHead(at: Self.time)
    }
}
