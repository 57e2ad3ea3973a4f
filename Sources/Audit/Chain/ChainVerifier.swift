import Cryptography

/// Verifies the records of one gateway, line by line in the order they are stored. It reads no files and needs no
/// key but the one the records name; see `ChainReport.key` for whether that is the right one.
package struct ChainVerifier {
    private var report = ChainReport()
    private let trustedKey: [UInt8]?
    private let acceptsAnyStart: Bool
    private var publicKey: Ed25519.PublicKey?
    /// Sequence number of the record that should come next.
    private var expected: UInt64?
    /// Hash of the record before it; `nil` when that record is not there.
    private var previous: Digest?
    private var missing: [ClosedRange<UInt64>] = []

    /// Findings reported in full; those beyond are summed up.
    package static let findingLimit = 1000

    /// `trustedKey` is the gateway's public key, 32 bytes, where it is known from elsewhere. `acceptsAnyStart` is
    /// for logs whose older segments were shipped and removed.
    package init(trustedKey: [UInt8]? = nil, acceptsAnyStart: Bool = true) {
        self.trustedKey = trustedKey
        self.acceptsAnyStart = acceptsAnyStart
    }

    /// Takes the next line, without its line feed.
    package mutating func receive(_ line: [UInt8]) {
        guard let decoder = try? RecordDecoder(line), let envelope = try? decoder.envelope() else {
            malformed("a line is no record")
            return
        }
        guard let next = expected else {
            start(with: decoder, envelope)
            return
        }
        if envelope.sequence < next {
            late(decoder, envelope)
        } else {
            if envelope.sequence > next {
                missing.append(next...envelope.sequence - 1)
                previous = nil
            }
            take(decoder, envelope)
        }
    }

    /// Bytes that are no record stand where the next record should be.
    package mutating func malformed(_ detail: String) {
        let sequence = expected ?? 0
        find(.malformed, sequence, detail)
        previous = nil
        if expected != nil { expected = sequence + 1 }
    }

    /// Ends the log.
    /// - Returns: what was found; `lastKnown` is a sequence number known to have been recorded, if any is.
    package consuming func finish(lastKnown: UInt64? = nil) -> ChainReport {
        for range in missing {
            let count =
                range.count == 1
                ? "record \(range.lowerBound) is" : "records \(range.lowerBound) to \(range.upperBound) are"
            find(.removed, range.lowerBound, "\(count) missing")
        }
        if let lastKnown, lastKnown > report.lastSequence {
            find(
                .truncated, report.lastSequence,
                "the log ends at record \(report.lastSequence), but record \(lastKnown) is known to have existed"
            )
        }
        return report
    }

    private mutating func start(with decoder: RecordDecoder, _ envelope: RecordDecoder.Envelope) {
        if !acceptsAnyStart, envelope.sequence > 1 { missing.append(1...envelope.sequence - 1) }
        if envelope.type != "segment" {
            find(.removed, envelope.sequence, "the log does not start with a segment's first record")
        }
        report.firstSequence = envelope.sequence
        take(decoder, envelope)
    }

    /// A record at or after the place where it belongs.
    private mutating func take(_ decoder: RecordDecoder, _ envelope: RecordDecoder.Envelope) {
        let sequence = envelope.sequence
        let content = try? decoder.record().content
        if content == nil {
            find(.malformed, sequence, "record \(sequence) has members its type does not have")
        }
        if case .segment(let header)? = content { self.segment(header, sequence) }
        if let previous, decoder.hash(after: previous) != envelope.hash {
            find(
                .edited, sequence,
                "record \(sequence) does not continue record \(sequence - 1): one of them was changed")
        }
        if case .head(let head)? = content { self.head(head, decoder, sequence) }
        if let last = report.lastTime, envelope.time < last {
            find(.timeWentBack, sequence, "record \(sequence) is older than the one before it")
        }
        report.firstTime = report.firstTime ?? envelope.time
        report.lastTime = max(report.lastTime ?? envelope.time, envelope.time)
        report.lastSequence = sequence
        report.recordCount += 1
        report.hashes[sequence] = envelope.hash
        previous = envelope.hash
        expected = sequence + 1
    }

    /// A record whose place has gone by.
    private mutating func late(_ decoder: RecordDecoder, _ envelope: RecordDecoder.Envelope) {
        let sequence = envelope.sequence
        if let hash = report.hashes[sequence] {
            let isWhole = report.hashes[sequence - 1].map { decoder.hash(after: $0) == hash } ?? true
            if hash == envelope.hash, isWhole {
                find(.duplicated, sequence, "record \(sequence) stands there twice")
            } else {
                find(.forked, sequence, "there are two different records \(sequence)")
            }
            return
        }
        find(.reordered, sequence, "record \(sequence) stands after record \(report.lastSequence)")
        report.hashes[sequence] = envelope.hash
        report.recordCount += 1
        fillGap(sequence)
    }

    /// Takes `sequence` out of the ranges that are missing; they are in ascending order.
    private mutating func fillGap(_ sequence: UInt64) {
        var (low, high) = (0, missing.count)
        while low < high {
            let middle = (low + high) / 2
            if missing[middle].upperBound < sequence { low = middle + 1 } else { high = middle }
        }
        guard low < missing.count, missing[low].contains(sequence) else { return }
        let range = missing[low]
        var rest: [ClosedRange<UInt64>] = []
        if range.lowerBound < sequence { rest.append(range.lowerBound...sequence - 1) }
        if sequence < range.upperBound { rest.append(sequence + 1...range.upperBound) }
        missing.replaceSubrange(low...low, with: rest)
    }

    private mutating func segment(_ header: SegmentHeader, _ sequence: UInt64) {
        if previous == nil { previous = header.previous }
        if report.key.isEmpty {
            report.gateway = header.gateway
            report.key = header.key
            publicKey = try? Ed25519.PublicKey(rawRepresentation: header.key)
            if let trustedKey, trustedKey != header.key {
                find(.otherKey, sequence, "the log is not signed with the key given for \(header.gateway)")
            }
        } else if header.gateway != report.gateway || header.key != report.key {
            find(.otherKey, sequence, "the segment at record \(sequence) is of another gateway or key")
        }
    }

    private mutating func head(_ head: SignedHead, _ decoder: RecordDecoder, _ sequence: UInt64) {
        report.headCount += 1
        guard let publicKey, let signed = decoder.signedBytes, head.gateway == report.gateway,
            publicKey.isValidSignature(head.signature, for: SignedHead.signedMessage(signed)),
            previous.map({ $0 == head.previous }) ?? true
        else {
            find(
                .badSignature, sequence,
                "the signature in record \(sequence) is not over what stands before it")
            return
        }
        report.lastSigned = sequence
        if head.reason == .recovered { report.recoveredCount &+= head.unsigned }
        report.cutByteCount &+= head.cut
    }

    private mutating func find(_ kind: Finding.Kind, _ sequence: UInt64, _ detail: String) {
        if report.findings.count < Self.findingLimit {
            report.findings.append(Finding(kind, sequence: sequence, detail))
        } else if report.findings.count == Self.findingLimit {
            report.findings.append(Finding(kind, sequence: sequence, "and more; only the first are listed"))
        }
    }
}
