/// Verifies an ``EvidenceBundle``, line by line.
package struct BundleVerifier {
    private let key: VerifierKey
    private let checkpoint: Checkpoint?
    /// Of a bundle of all records.
    private var log: LogVerifier
    /// Of a bundle with proofs.
    private var provenCount: UInt64 = 0
    private var unprovenCount: UInt64 = 0
    private var sessions = SessionCompleteness()
    private var findings: [Finding] = []
    /// Of what was kept elsewhere beside a bundle with proofs, which are for one tree only.
    private var incomparable: [Finding] = []

    /// `header` is the bundle's first line; `trustedKey` the sink's key, where it is known from elsewhere, instead of
    /// the one the bundle names; `notes` are checkpoints kept elsewhere: one of another tree than a bundle's proofs are for
    /// is a finding.
    package init(header: [UInt8], trustedKey: VerifierKey? = nil, notes: [String] = []) throws(RecordFault) {
        let header = try EvidenceBundle.Header(line: header)
        key = trustedKey ?? header.key
        log = LogVerifier(key: key)
        log.expect(note: header.note)
        for note in notes { log.expect(note: note) }
        if let note = SignedNote(header.note), note.isSigned(by: key),
            let checkpoint = Checkpoint(text: note.text), checkpoint.origin == key.name
        {
            self.checkpoint = checkpoint
        } else {
            checkpoint = nil
            findings.append(
                Finding(.badSignature, sequence: 0, "the checkpoint is not signed by \(key.name)"))
        }
        incomparable = notes.compactMap(incomparable(with:))
    }

    private func incomparable(with note: String) -> Finding? {
        guard let note = SignedNote(note), let other = Checkpoint(text: note.text), note.isSigned(by: key),
            other.origin == key.name
        else { return Finding(.badSignature, sequence: 0, "a checkpoint is not signed by \(key.name)") }
        guard let checkpoint, other.root != checkpoint.root else { return nil }
        guard other.size != checkpoint.size else {
            return Finding(
                .forked, sequence: other.size, "two signed checkpoints of size \(other.size) differ")
        }
        return Finding(
            .treeMismatch, sequence: other.size,
            "the proofs are for the tree of size \(checkpoint.size) and tell nothing of a checkpoint of size "
                + "\(other.size): verify an export of the whole log")
    }

    /// Takes a line, without its line feed.
    package mutating func receive(_ line: [UInt8]) {
        let entry: EvidenceBundle.Entry
        do { entry = try EvidenceBundle.Entry(line: line) } catch {
            findings.append(Finding(.malformed, sequence: 0, "a line of the bundle is no entry: \(error)"))
            return
        }
        guard let proof = entry.proof else {
            unprovenCount += 1
            log.receive(entry.record, gateway: entry.gateway, position: entry.position)
            return
        }
        guard let checkpoint else { return }
        let isIncluded = MerkleTree.isIncluded(
            MerkleTree.leaf(entry.record), at: entry.position, size: checkpoint.size, path: proof,
            root: checkpoint.root)
        if isIncluded {
            provenCount += 1
            if let record = try? RecordDecoder(entry.record).record() { sessions.receive(record) }
        } else {
            findings.append(
                Finding(
                    .edited, sequence: entry.position,
                    "the record at position \(entry.position) is not the one in the signed tree"))
        }
    }

    /// Ends the bundle.
    package consuming func finish() -> LogReport {
        guard provenCount > 0 else {
            var report = log.finish()
            report.findings = findings + report.findings.filter { !findings.contains($0) }
            return report
        }
        if unprovenCount > 0 {
            findings.append(
                Finding(.malformed, sequence: 0, "\(unprovenCount) records have no proof, while others have"))
        }
        var report = LogReport()
        report.origin = key.name
        report.recordCount = provenCount
        report.coveredCount = provenCount
        report.checkpointCount = 1
        report.findings = findings + incomparable + sessions.findings
        return report
    }
}
