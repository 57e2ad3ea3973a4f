/// What the folder of a gateway holds when it starts, brought into order after a crash.
///
/// Records in the last segment are kept up to the first that is not whole or does not continue the chain. A record
/// that was being appended is overwritten with zeros; anything else found behind is kept in a `.cut` file.
struct RecoveredLog {
    private(set) var state: Spool.State
    private(set) var recovery = Recovery(lastSequence: 0, unsignedCount: 0, cutByteCount: 0)
    private(set) var lastSequence: UInt64 = 0
    private(set) var lastTime = Timestamp(microsecondsSinceEpoch: 0)
    /// Hash of the last record.
    private(set) var head = Digest.zero
    /// The segment to go on with; `nil` when a new one has to be made.
    private(set) var segment: MappedSegment?

    init(folder: AuditFolder, gatewayName: String, key: [UInt8]) throws(RecorderError) {
        state = Spool.State(
            segments: [], acknowledged: try AuditFolder.acknowledged(in: folder.path), lastSigned: 0)
        var names = try AuditFolder.segments(in: folder.path)
        var cutCount = 0
        while let first = names.popLast() {
            let scan = try SegmentScan(path: folder.segment(first), firstSequence: first)
            cutCount += try Self.keepDamage(of: scan, segment: first, in: folder)
            guard let header = scan.header else {
                // Made, but its first record never appended.
                try folder.remove(SegmentName.of(firstSequence: first))
                continue
            }
            guard header.gateway == gatewayName, header.key == key else {
                throw .otherGateway(header.gateway == gatewayName ? "another key" : header.gateway)
            }
            for (earlier, next) in zip(names, names.dropFirst() + [first]) {
                state.segments.append(try Self.sealed(earlier, next: next, in: folder))
            }
            try resume(scan, firstSequence: first, in: folder)
            break
        }
        guard lastSequence >= state.acknowledged else {
            throw .truncated(acknowledged: state.acknowledged, found: lastSequence)
        }
        recovery = Recovery(
            lastSequence: lastSequence, unsignedCount: lastSequence - state.lastSigned,
            cutByteCount: UInt64(cutCount))
    }

    private mutating func resume(
        _ scan: SegmentScan, firstSequence: UInt64, in folder: AuditFolder
    ) throws(RecorderError) {
        lastSequence = scan.lastSequence
        lastTime = scan.lastTime
        head = scan.head
        state.lastSigned = scan.lastSigned
        var allocated = scan.count
        if !scan.isSealed {
            let mapped = try MappedSegment(continuing: folder.segment(firstSequence), count: scan.count)
            mapped.eraseTail(ofLength: scan.tail.count)
            if scan.lastSigned == scan.lastSequence, mapped.remainingCount < Recorder.sealReserve {
                try mapped.seal()  // signed for the last time, but not cut yet
            } else {
                segment = mapped
                allocated = mapped.capacity
            }
        }
        state.segments.append(
            Spool.Segment(
                firstSequence: firstSequence, lastSequence: lastSequence, committedCount: scan.count,
                allocatedCount: allocated, isSealed: segment == nil))
    }

    private static func sealed(
        _ first: UInt64, next: UInt64, in folder: AuditFolder
    ) throws(RecorderError) -> Spool.Segment {
        let size = try ReadableFile(path: folder.segment(first)).size
        return Spool.Segment(
            firstSequence: first, lastSequence: next - 1, committedCount: size, allocatedCount: size,
            isSealed: true)
    }

    /// - Returns: how many bytes were damaged and are now in a file of their own.
    private static func keepDamage(
        of scan: SegmentScan, segment: UInt64, in folder: AuditFolder
    ) throws(RecorderError) -> Int {
        guard scan.isDamaged else { return 0 }
        let name = "\(SegmentName.of(firstSequence: segment)).\(scan.count).cut"
        try folder.replace(name, with: scan.tail)
        try folder.synchronize()
        return scan.tail.count
    }
}
