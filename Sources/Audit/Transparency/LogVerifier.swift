/// Verifies all records of a sink's log in their order: the tree, the checkpoints and each gateway's chain.
package struct LogVerifier {
    private let key: VerifierKey
    private var report = LogReport()
    private var frontier = MerkleFrontier()
    /// Roots to be met, by the size of the tree.
    private var checkpoints: [UInt64: Digest] = [:]
    private var chains: [String: ChainVerifier] = [:]
    private var lastSequences: [String: UInt64] = [:]

    /// `key` is the sink's.
    package init(key: VerifierKey) {
        self.key = key
        report.origin = key.name
    }

    /// Has a gateway's chain verified with the key the sink has pinned, through `lastSequence`.
    package mutating func expect(gateway: String, key: [UInt8], lastSequence: UInt64) {
        chains[gateway] = ChainVerifier(trustedKey: key)
        lastSequences[gateway] = lastSequence
    }

    /// Has the tree compared with a signed checkpoint; before the records.
    package mutating func expect(note: String) {
        guard let note = SignedNote(note), let checkpoint = Checkpoint(text: note.text) else {
            find(.treeMismatch, 0, "a checkpoint cannot be read")
            return
        }
        guard checkpoint.origin == key.name, note.isSigned(by: key) else {
            find(
                .badSignature, checkpoint.size,
                "the checkpoint of size \(checkpoint.size) is not signed by \(key.name)")
            return
        }
        if let known = checkpoints[checkpoint.size], known != checkpoint.root {
            find(.forked, checkpoint.size, "two signed checkpoints of size \(checkpoint.size) differ")
        }
        checkpoints[checkpoint.size] = checkpoint.root
        report.checkpointCount += 1
        if checkpoint.size == 0 { meetCheckpoint() }
    }

    /// Takes the next record, without its line feed.
    package mutating func receive(_ line: [UInt8], gateway: String, position: UInt64) {
        if position != frontier.size {
            find(
                .removed, frontier.size, "positions \(frontier.size) to \(position) of the log do not follow")
        }
        _ = frontier.append(MerkleTree.leaf(line))
        report.recordCount += 1
        chains[gateway, default: ChainVerifier()].receive(line)
        if gateway == key.name { noteIncident(line) }
        meetCheckpoint()
    }

    /// Ends the log.
    package consuming func finish() -> LogReport {
        for size in checkpoints.keys.sorted() where size > frontier.size {
            find(
                .truncated, frontier.size,
                "the log has \(frontier.size) records, but a signed checkpoint has \(size)")
        }
        for (name, chain) in chains.sorted(by: { $0.key < $1.key }) {
            var chain = chain.finish(lastKnown: lastSequences[name])
            if !chain.gateway.isEmpty, chain.gateway != name {
                chain.findings.append(
                    Finding(.otherKey, sequence: chain.firstSequence, "the records are of \(chain.gateway)"))
            }
            report.chains.append(chain)
        }
        return report
    }

    private mutating func meetCheckpoint() {
        guard let root = checkpoints[frontier.size] else { return }
        if root == frontier.root {
            report.coveredCount = frontier.size
        } else if !report.findings.contains(where: { $0.kind == .treeMismatch }) {
            // Every later checkpoint differs with this one.
            find(
                .treeMismatch, frontier.size,
                """
                the first \(frontier.size) records are not those that were signed: one was edited, added, removed or \
                moved after position \(report.coveredCount)
                """)
        }
    }

    private mutating func noteIncident(_ line: [UInt8]) {
        guard
            case .sink(.incident(let gateway, let kind, let sequence, let detail))? =
                try? RecordDecoder(line).record().content
        else { return }
        report.incidents.append("\(kind.rawValue) \(gateway) record \(sequence): \(detail)")
        if kind == .forked {
            find(.forked, sequence, "\(gateway) sent another record \(sequence) than before, and signed it")
        }
    }

    private mutating func find(_ kind: Finding.Kind, _ sequence: UInt64, _ detail: String) {
        guard report.findings.count < ChainVerifier.findingLimit else { return }
        report.findings.append(Finding(kind, sequence: sequence, detail))
    }
}
