import API
import Audit
import Cryptography
import TemporaryFiles

/// Values the tests share.
enum Samples {
    static let session = SessionID(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
    /// 2026-11-23T12:20:31.000001Z.
    static let time: Int64 = 1_795_436_431_000_001
    static let segmentName = "events-00000000000000000001.jsonl"

    static func key() throws -> Ed25519.PrivateKey {
        try Ed25519.PrivateKey(rawSeed: [UInt8](repeating: 7, count: 32))
    }

    static func recorder(
        in folder: TemporaryFolder, limits: Recorder.Limits = Recorder.Limits(segmentByteCount: 64 << 10),
        at now: Int64 = time
    ) throws -> Recorder {
        try Recorder(folder: folder.path, gatewayName: "clinic", key: key(), limits: limits, at: now)
    }

    static func statement(_ number: UInt64, text: String = "SELECT 1") -> AuditEvent {
        AuditEvent(
            session: session,
            body: .statement(
                StatementIntent(
                    number: number, channel: .simple, text: Array(text.utf8), summary: StatementSummary(),
                    verdict: .allow)))
    }

    /// One of each kind, every member filled.
    static let events: [AuditEvent] = [
        AuditEvent(session: .gateway, body: .gatewayStarted(GatewayStarted(version: "1.0"))),
        AuditEvent(
            session: .gateway,
            body: .configurationApplied(
                ConfigurationApplied(
                    revision: "ab12", faults: ["a.yaml:3: no"], changes: ["MaskingPolicy clinic/phi removed"])
            )),
        AuditEvent(
            session: .gateway,
            body: .databaseRole(
                DatabaseRoleRead(
                    connection: "demo/clinic", database: "clinic", role: "app",
                    excessPrivileges: ["SUPERUSER", "member of pg_monitor"]))),
        AuditEvent(
            session: session,
            body: .sessionStarted(
                SessionStarted(
                    subject: Subject(name: "dana", groups: ["billing", "staff"], proof: .gatewayUser),
                    claimedUser: "ceo", connection: "demo/clinic", database: "clinic",
                    applicationName: "psql", clientAddress: "127.0.0.1:4711", clientTLS: "TLSv1.3",
                    serverProcessID: -4242))),
        AuditEvent(
            session: session,
            body: .sessionStarted(
                SessionStarted(
                    subject: Subject(
                        name: "ci:repo", groups: [], proof: .grant,
                        attributes: ["repository": "clinic/migrations", "run": "4711", "note": "a=b"]),
                    evidence: IdentityEvidence(
                        issuer: "https://ci.example", tokenIDs: ["g-1", "t-1"], issuedAt: 1_800_000_000,
                        expiry: 1_800_003_600),
                    claimedUser: "nightly", connection: "demo/clinic", database: "clinic",
                    applicationName: "", clientAddress: "127.0.0.1:4712", clientTLS: nil, serverProcessID: 1))
        ),
        AuditEvent(
            session: .gateway,
            body: .sessionRefused(
                SessionRefused(
                    claimedUser: "mallory", connection: "demo/clinic", clientAddress: "[::1]:9",
                    reason: "unknown user"))),
        AuditEvent(
            session: .gateway,
            body: .sessionRefused(
                SessionRefused(
                    claimedUser: "ci:repo", connection: "demo/clinic", clientAddress: "10.0.0.7",
                    reason: "no grant: the token has expired", count: 41))),
        AuditEvent(
            session: session,
            body: .statement(
                StatementIntent(
                    number: 1, channel: .execute, text: Array("SELECT ssn\nFROM patients".utf8),
                    isTextRedacted: true, encoding: "LATIN1", digest: [UInt8](repeating: 0xab, count: 32),
                    summary: StatementSummary(
                        effects: ["read"], relations: ["public.patients"],
                        masks: ["public.patients.ssn=Partial"]),
                    verdict: .mask, rule: "MaskingPolicy/phi/ssn", requestID: "r-1",
                    parameters: ["7", "‹redacted›"]))),
        AuditEvent(
            session: session,
            body: .outcome(
                StatementOutcome(
                    number: 1, tag: Array("SELECT 10".utf8), sqlState: "57014", rows: 10, bytesOut: 2048,
                    bytesIn: 3, microseconds: 1234))),
        AuditEvent(session: session, body: .sessionEnded(SessionEnded(reason: "Terminate", statements: 1))),
    ]
}
