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
        if let batch = try wholeBatch(of: segment, at: path, from: start, maximumByteCount) { return batch }
        return try batch(of: segment, at: path, from: start, maximumByteCount)
    }

    /// The records between two places that are known; they need not be looked at. `nil` when there are none such.
    private mutating func wholeBatch(
        of segment: Spool.Segment, at path: String, from start: UInt64, _ maximumByteCount: Int
    ) throws(RecorderError) -> Batch? {
        guard let offset = offset(of: start, in: segment) else { return nil }
        let head = segment.heads.last { $0.sequence >= start && $0.end - offset <= maximumByteCount }
        guard let head else { return nil }
        var batch = Batch(bytes: [], firstSequence: start, lastSequence: head.sequence)
        let count = try ReadableFile(path: path).read(
            head.end - offset, at: offset, appendingTo: &batch.bytes)
        guard count == head.end - offset else { throw .damaged(file: path) }
        cursor = (head.sequence + 1, segment.firstSequence, head.end)
        return batch
    }

    /// Where a record lies, if that is known without looking.
    private func offset(of sequence: UInt64, in segment: Spool.Segment) -> Int? {
        if cursor.segment == segment.firstSequence, cursor.sequence == sequence { return cursor.offset }
        if sequence == segment.firstSequence { return 0 }
        return segment.heads.first { $0.sequence == sequence - 1 }?.end
    }

    /// The same by reading line for line.
    private mutating func batch(
        of segment: Spool.Segment, at path: String, from start: UInt64, _ maximumByteCount: Int
    ) throws(RecorderError) -> Batch? {
        var reader = try SegmentReader(
            path: path, from: offset(of: start, in: segment) ?? 0, to: segment.committedCount)
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
