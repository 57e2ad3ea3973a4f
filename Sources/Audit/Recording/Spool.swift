import Synchronization

/// What the recorder's thread and the shipper's task both know: which segments there are, how far each is
/// written, and what the sink has acknowledged.
package final class Spool: Sendable {
    /// Where a gateway keeps its segments, in its data folder.
    package static let folderName = "spool"

    struct Segment: Sendable, Equatable {
        var firstSequence: UInt64
        /// 0 while there is none.
        var lastSequence: UInt64
        /// Bytes of whole records.
        var committedCount: Int
        /// Bytes on disk.
        var allocatedCount: Int
        var isSealed: Bool
    }

    struct State: Sendable {
        var segments: [Segment]
        var acknowledged: UInt64
        /// Sequence number of the last head; records up to it may be shipped.
        var lastSigned: UInt64
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

    /// Notes that the sink keeps all records through `sequence`, and removes the segments that hold no other. The
    /// newest of them is kept until its room is needed, for `weirctl verify` on the spot.
    package func acknowledge(through sequence: UInt64) throws(RecorderError) {
        let isNews = state.withLock { state in
            guard sequence > state.acknowledged, sequence <= state.segments.last?.lastSequence ?? 0 else {
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
