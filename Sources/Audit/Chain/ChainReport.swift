/// What was found in the records of one gateway.
package struct ChainReport: Sendable, Equatable {
    /// Empty when no segment header was there to tell.
    package var gateway = ""
    /// Ed25519, 32 bytes; empty when no segment header was there to tell.
    package var key: [UInt8] = []
    /// 0 when there were no records, as `lastSequence`.
    package var firstSequence: UInt64 = 0
    package var lastSequence: UInt64 = 0
    package var recordCount: UInt64 = 0
    package var headCount: UInt64 = 0
    /// Sequence number of the last head with a good signature; nothing after it is proven to be the gateway's.
    package var lastSigned: UInt64 = 0
    package var firstTime: Timestamp?
    package var lastTime: Timestamp?
    /// Records that were left unsigned by crashes and signed afterwards.
    package var recoveredCount: UInt64 = 0
    /// Damaged bytes that gateways moved out of segments.
    package var cutByteCount: UInt64 = 0
    /// Hash of each record present, by sequence number.
    package var hashes: [UInt64: Digest] = [:]
    package var findings: [Finding] = []

    package init() {}

    package var isIntact: Bool { findings.isEmpty }

    /// Records after the last signature: they continue the chain, but could have been cut or replaced.
    package var unsignedCount: UInt64 {
        guard recordCount > 0 else { return 0 }
        return lastSequence - max(lastSigned, firstSequence - 1)
    }

    /// Compares two logs of one gateway, for instance its own and the sink's.
    package func forks(from other: Self) -> [Finding] {
        guard gateway == other.gateway else { return [] }
        let differing = hashes.filter { sequence, hash in other.hashes[sequence].map { $0 != hash } ?? false }
        guard let first = differing.keys.min() else { return [] }
        let detail = "\(differing.count) records of \(gateway) from \(first) on differ between the two logs"
        return [Finding(.forked, sequence: first, detail)]
    }
}
