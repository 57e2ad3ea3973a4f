import Audit
import Cryptography

/// What `weirctl verify` has found, for people and for programs.
struct VerificationReport: Encodable {
    private var isWhole = true
    private var logs: [Log] = []
    private var chains: [Chain] = []
    private var findings: [Located] = []

    private struct Log: Encodable {
        var path: String
        var origin: String
        var records: UInt64
        /// How many of them a signed checkpoint covers.
        var covered: UInt64
        var checkpoints: Int
        var incidents: [String]
    }

    private struct Chain: Encodable {
        var path: String
        var gateway: String
        /// Ed25519, Base64.
        var key: String
        var first: UInt64
        var last: UInt64
        var records: UInt64
        var signedThrough: UInt64
        var unsigned: UInt64
        var recovered: UInt64
        var cutBytes: UInt64
        var from: String?
        var to: String?
    }

    private struct Located: Encodable {
        var path: String
        var kind: String
        var sequence: UInt64
        var detail: String
    }

    private enum CodingKeys: String, CodingKey {
        case isWhole = "intact"
        case logs
        case chains
        case findings
    }

    var isIntact: Bool { isWhole }

    mutating func add(path: String, log: LogReport) {
        logs.append(
            Log(
                path: path, origin: log.origin, records: log.recordCount, covered: log.coveredCount,
                checkpoints: log.checkpointCount, incidents: log.incidents))
        for finding in log.findings { add(path: path, finding: finding) }
        // The sink's own chain is signed by its checkpoints.
        for chain in log.chains where chain.gateway != log.origin { add(path: path, chain: chain) }
        for chain in log.chains where chain.gateway == log.origin {
            for finding in chain.findings { add(path: path, finding: finding) }
        }
    }

    mutating func add(path: String, chain: ChainReport) {
        chains.append(
            Chain(
                path: path, gateway: chain.gateway, key: Base64.encode(chain.key), first: chain.firstSequence,
                last: chain.lastSequence, records: chain.recordCount, signedThrough: chain.lastSigned,
                unsigned: chain.unsignedCount, recovered: chain.recoveredCount, cutBytes: chain.cutByteCount,
                from: chain.firstTime?.text, to: chain.lastTime?.text))
        for finding in chain.findings { add(path: path, finding: finding) }
    }

    mutating func add(path: String, finding: Finding) {
        isWhole = false
        findings.append(
            Located(
                path: path, kind: finding.kind.rawValue, sequence: finding.sequence, detail: finding.detail))
    }

    /// Lines, each ended.
    var text: String {
        var lines: [String] = []
        for log in logs {
            lines.append(
                "\(log.path): log \(log.origin), \(log.records) records, \(log.covered) under a signed checkpoint"
            )
            lines += log.incidents.map { "  refused by the sink: \($0)" }
        }
        for chain in chains {
            lines.append(
                "\(chain.path): gateway \(chain.gateway), records \(chain.first) to \(chain.last), "
                    + (chain.unsigned == 0
                        ? "all signed"
                        : "signed through \(chain.signedThrough), \(chain.unsigned) not signed"))
            if chain.recovered > 0 {
                lines.append("  \(chain.recovered) records were signed only after a crash")
            }
            if chain.cutBytes > 0 {
                lines.append("  \(chain.cutBytes) damaged bytes were moved out of segments after a crash")
            }
        }
        lines += findings.map { "\($0.path): \($0.kind): \($0.detail)" }
        lines.append(
            isWhole
                ? "intact" : "NOT INTACT: \(findings.count) \(findings.count == 1 ? "finding" : "findings")")
        return lines.map { TerminalText.escaped($0) + "\n" }.joined()
    }
}
