import ArgumentParser
import Audit
import AuditSink
import Cryptography
import Glibc

/// Verifies paths one by one, and those of one gateway against each other.
struct Verification {
    private(set) var report = VerificationReport()
    private let gatewayKeys: [VerifierKey]
    private let sinkKey: VerifierKey?
    private let notes: [String]
    /// Every chain seen, with where it was.
    private var chains: [Seen] = []

    private struct Seen {
        var path: String
        var chain: ChainReport
        /// What the gateway's own folder says the sink has acknowledged; `nil` for what is no such folder.
        var acknowledged: UInt64?
    }

    /// A running gateway may remove a segment it has shipped while its folder is read.
    private static let attempts = 3

    init(gatewayKeys: [VerifierKey], sinkKey: VerifierKey?, notes: [String]) {
        self.gatewayKeys = gatewayKeys
        self.sinkKey = sinkKey
        self.notes = notes
    }

    /// - Throws: ``EvidenceFault`` when a path holds no evidence at all; `ValidationError` when nothing given is of the
    ///   sink that a key or checkpoint is of.
    mutating func run(_ paths: [String]) throws {
        let kinds = try paths.map { try EvidencePath($0) }
        let hasSink = kinds.contains { kind in
            switch kind {
            case .sinkFolder, .bundle: true
            case .gatewayFolder, .segment: false
            }
        }
        guard hasSink || sinkKey == nil && notes.isEmpty else {
            throw ValidationError(
                "--sink-key and --checkpoint are about a sink's log or an export, and none is given")
        }
        // A gateway is always ahead of its sink. Reading its acknowledgement first, the sink next and its records
        // last keeps that so while both are running.
        var acknowledged: [String: UInt64] = [:]
        for case .gatewayFolder(let folder, _) in kinds {
            acknowledged[folder] = try ChainVerifier.acknowledged(inFolder: folder)
        }
        for kind in kinds {
            switch kind {
            case .sinkFolder(let folder):
                let log = try StoredLog(folder: folder).verify(trustedKey: sinkKey, notes: notes)
                add(log, at: folder)
            case .bundle(let file): add(try Self.bundle(file, trustedKey: sinkKey, notes: notes), at: file)
            case .gatewayFolder, .segment: break
            }
        }
        for kind in kinds {
            switch kind {
            case .gatewayFolder(let folder, _):
                add(try folderReport(folder), at: folder, acknowledged: acknowledged[folder] ?? 0)
            case .segment(let file):
                add(try trusting { key in try ChainVerifier.verifyFile(file, trustedKey: key) }, at: file)
            case .sinkFolder, .bundle: break
            }
        }
        compare()
        for key in gatewayKeys where !chains.contains(where: { $0.chain.gateway == key.name }) {
            let detail = "no log is of gateway \(key.name), whose key is given"
            report.add(path: key.name, finding: Finding(.otherKey, sequence: 0, detail))
        }
    }

    private func folderReport(_ folder: String) throws -> ChainReport {
        for _ in 1..<Self.attempts {
            do {
                return try trusting { key in try ChainVerifier.verifyFolder(folder, trustedKey: key) }
            } catch RecorderError.system(call: "open", file: _, errno: ENOENT) {
                continue
            }
        }
        return try trusting { key in try ChainVerifier.verifyFolder(folder, trustedKey: key) }
    }

    /// Verifies with the key given for the gateway the records name.
    private func trusting(_ verify: ([UInt8]?) throws -> ChainReport) throws -> ChainReport {
        let report = try verify(nil)
        guard let key = gatewayKeys.first(where: { $0.name == report.gateway }) else { return report }
        return try verify(key.publicKey.rawRepresentation)
    }

    private mutating func add(_ chain: ChainReport, at path: String, acknowledged: UInt64? = nil) {
        chains.append(Seen(path: path, chain: chain, acknowledged: acknowledged))
        report.add(path: path, chain: chain)
    }

    private mutating func add(_ log: LogReport, at path: String) {
        report.add(path: path, log: log)
        for chain in log.chains {
            var chain = chain
            if let key = gatewayKeys.first(where: { $0.name == chain.gateway }),
                key.publicKey.rawRepresentation != chain.key
            {
                let detail = "\(chain.gateway) is pinned to another key than the one given"
                chain.findings.append(Finding(.otherKey, sequence: chain.firstSequence, detail))
                report.add(path: path, finding: chain.findings[chain.findings.count - 1])
            }
            chains.append(Seen(path: path, chain: chain, acknowledged: nil))
        }
    }

    /// Records of one gateway in two places must be the same, and reach as far as was acknowledged.
    private mutating func compare() {
        for (index, one) in chains.enumerated() {
            for other in chains[(index + 1)...] where other.chain.gateway == one.chain.gateway {
                for finding in one.chain.forks(from: other.chain) {
                    report.add(path: "\(one.path) and \(other.path)", finding: finding)
                }
                compareLengths(one, other)
                compareLengths(other, one)
            }
        }
    }

    /// `folder`, when it is a gateway's own, against what `stored` of it is elsewhere.
    private mutating func compareLengths(_ folder: Seen, _ stored: Seen) {
        guard let acknowledged = folder.acknowledged else { return }
        if stored.chain.lastSequence < acknowledged {
            let detail =
                "\(stored.path) ends at record \(stored.chain.lastSequence) of \(folder.chain.gateway), "
            report.add(
                path: stored.path,
                finding: Finding(
                    .truncated, sequence: stored.chain.lastSequence,
                    detail + "but acknowledged record \(acknowledged)"))
        }
        if folder.chain.lastSequence < stored.chain.lastSequence {
            let detail = "\(folder.path) ends at record \(folder.chain.lastSequence), "
            report.add(
                path: folder.path,
                finding: Finding(
                    .truncated, sequence: folder.chain.lastSequence,
                    detail + "but \(stored.path) has record \(stored.chain.lastSequence)"))
        }
    }

    private static func bundle(
        _ path: String, trustedKey: VerifierKey?, notes: [String]
    ) throws -> LogReport {
        var reader = try LineReader(path: path, maximumLength: EvidenceBundle.maximumLineLength)
        var verifier = try BundleVerifier(
            header: try reader.next() ?? [], trustedKey: trustedKey, notes: notes)
        while let line = try reader.next() { verifier.receive(line) }
        return verifier.finish()
    }
}
