/// Hands out records for shipping, while the recorder appends. Used from one task.
///
///     var reader = SpoolReader(recorder.spool)
///     while let batch = try reader.next(after: spool.acknowledged) {
///         // POST batch.bytes; then spool.acknowledge(through: batch.lastSequence)
///     }
package struct SpoolReader: Sendable {
    package struct Batch: Sendable, Equatable {
        /// Whole records with their line feeds, the last of them a head that signs the others.
        package var bytes: [UInt8]
        package var firstSequence: UInt64
        package var lastSequence: UInt64
    }

    private let spool: Spool
    /// Where the record after the last one handed out lies.
    private var cursor: (sequence: UInt64, segment: UInt64, offset: Int) = (0, 0, 0)
    /// The segment whose name is known to survive a loss of power.
    private var durableSegment: UInt64 = 0

    package init(_ spool: Spool) {
        self.spool = spool
    }

    /// The records after `sequence` through the last head within `maximumByteCount`, or, if there is none within,
    /// through the next head. Records older than the oldest segment are gone; the batch starts with it then.
    ///
    /// What is handed out survives a loss of power: the sink never knows more than this disk.
    /// - Returns: `nil` when nothing after `sequence` is signed yet.
    package mutating func next(
        after sequence: UInt64, maximumByteCount: Int = 1 << 20
    ) throws(RecorderError) -> Batch? {
        let state = spool.snapshot
        guard let segment = state.segments.first(where: { $0.lastSequence > sequence }),
            state.lastSigned > sequence
        else { return nil }
        let start = max(sequence + 1, segment.firstSequence)
        let path = spool.folder.segment(segment.firstSequence)
        try ReadableFile(path: path).synchronize()
        if durableSegment != segment.firstSequence {
            try spool.folder.synchronize()
            durableSegment = segment.firstSequence
        }
        let isKnown = cursor.segment == segment.firstSequence && cursor.sequence == start
        var reader = try SegmentReader(
            path: path, from: isKnown ? cursor.offset : 0, to: segment.committedCount)
        var batch = Batch(bytes: [], firstSequence: start, lastSequence: 0)
        var signedCount = 0
        while case .whole(let line) = try reader.next() {
            guard let record = try? RecordDecoder(line).outline() else { throw .damaged(file: path) }
            guard record.sequence >= start else { continue }
            if batch.bytes.count + line.count >= maximumByteCount, signedCount > 0 { break }
            batch.bytes += line
            batch.bytes.append(UInt8(ascii: "\n"))
            if record.isHead {
                batch.lastSequence = record.sequence
                signedCount = batch.bytes.count
                cursor = (record.sequence + 1, segment.firstSequence, reader.offset)
            }
        }
        guard signedCount > 0 else { return nil }
        batch.bytes.removeLast(batch.bytes.count - signedCount)
        return batch
    }
}
