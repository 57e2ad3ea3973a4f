import Synchronization

/// What the recorder's thread and the shipper's task both know: which segments there are, how far each is
/// written, and what the sink has acknowledged.
package final class Spool: Sendable {
    /// Where a gateway keeps its segments, in its data folder.
    package static let folderName = "spool"

    /// A signed head in a segment.
    struct Head: Sendable, Equatable {
        var sequence: UInt64
        /// The offset after it in the file.
        var end: Int
    }

    struct Segment: Sendable, Equatable {
        var firstSequence: UInt64
        /// The last that may be shipped, 0 while there is none.
        var lastSequence: UInt64
        /// Bytes through that one.
        var committedCount: Int
        /// Bytes on disk.
        var allocatedCount: Int
        var isSealed: Bool
        /// Of the heads this process has appended so many that batches can end at them, and the last.
        var heads: [Head] = []

        /// What lies at least between every other of ``heads``, in bytes.
        private static let headSpacing = 64 << 10

        mutating func append(_ head: Head) {
            lastSequence = head.sequence
            committedCount = head.end
            let isCrowded = heads.count > 1 && head.end - heads[heads.count - 2].end < Self.headSpacing
            if isCrowded { heads.removeLast() }
            heads.append(head)
        }
    }

    struct State: Sendable {
        var segments: [Segment]
        var acknowledged: UInt64
        /// Sequence number of the last head; records up to it may be shipped.
        var lastSigned: UInt64

        /// The segment in use has another head.
        mutating func sign(_ head: Head) {
            segments[segments.count - 1].append(head)
            lastSigned = head.sequence
        }

        /// Nothing is appended to the segment in use any more.
        mutating func seal(lastSequence: UInt64, count: Int) {
            segments[segments.count - 1].lastSequence = lastSequence
            segments[segments.count - 1].committedCount = count
            segments[segments.count - 1].allocatedCount = count
            segments[segments.count - 1].isSealed = true
        }
    }

    let folder: AuditFolder
    /// `auditBufferBytes`.
    let limit: Int
    private let state: Mutex<State>

    init(folder: AuditFolder, limit: Int, state: State) {
        self.folder = folder
        self.limit = limit
        self.state = Mutex(state)
    }

    /// The last sequence number the sink has acknowledged, 0 at first.
    package var acknowledged: UInt64 { snapshot.acknowledged }

    /// Notes that the sink keeps all records through `sequence`, which have been signed, and removes the segments that hold no other. The
    /// newest of them is kept until its room is needed, for `weirctl verify` on the spot.
    package func acknowledge(through sequence: UInt64) throws(RecorderError) {
        let isNews = state.withLock { state in
            guard sequence > state.acknowledged, sequence <= state.lastSigned else {
                return false
            }
            state.acknowledged = sequence
            return true
        }
        guard isNews else { return }
        try folder.writeAcknowledged(sequence)
        try removeAcknowledged(keeping: 1)
    }

    var snapshot: State { state.withLock { $0 } }

    /// Bytes of segments that may still be allocated.
    var unallocatedCount: Int {
        state.withLock { state in limit - state.segments.reduce(0) { $0 + $1.allocatedCount } }
    }

    /// Of whole records, in bytes, on disk.
    func update(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
    }

    func removeAcknowledged(keeping keptCount: Int) throws(RecorderError) {
        let removed = state.withLock { state -> [Segment] in
            let finished = state.segments.prefix { $0.isSealed && $0.lastSequence <= state.acknowledged }
            let removed = Array(finished.dropLast(keptCount))
            state.segments.removeFirst(removed.count)
            return removed
        }
        for segment in removed { try folder.remove(SegmentName.of(firstSequence: segment.firstSequence)) }
    }
}
