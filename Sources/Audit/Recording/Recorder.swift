package import API
package import Cryptography

/// Appends events to the gateway's log: numbered without gaps, hashed one over the other, signed at intervals.
///
/// Used from one thread. Appending costs no system call until the segment is full; what was appended survives the
/// process in any case, and a loss of power once ``SpoolReader`` has handed it out.
///
///     let recorder = try Recorder(folder: "/var/lib/weir", gatewayName: "clinic-api-0", key: key, at: now)
///     let sequence = try recorder.append(event, at: now)  // then, and only then, forward the statement
///     try recorder.signHead(.interval, at: now)            // once a second
///     try recorder.signHead(.shutdown, at: now)
package final class Recorder {
    /// In bytes.
    package struct Limits: Sendable, Equatable {
        /// `auditBufferBytes`: what the segments may take on disk.
        package var bufferByteCount: Int
        /// Of one segment file; a quarter of the buffer at most.
        package var segmentByteCount: Int
        /// Longest run of records without a signature.
        package var unsignedByteCount: Int

        package init(
            bufferByteCount: Int = 64 << 20, segmentByteCount: Int = 8 << 20,
            unsignedByteCount: Int = 256 << 10
        ) {
            let page = 4 << 10
            self.bufferByteCount = max(bufferByteCount, 8 * page)
            self.segmentByteCount = max(
                2 * page, min(segmentByteCount, self.bufferByteCount / 4) & ~(page - 1))
            self.unsignedByteCount = unsignedByteCount
        }
    }

    package let gatewayName: String
    package let limits: Limits
    package let spool: Spool
    /// What was found when the folder was opened.
    package let recovery: Recovery
    /// 0 before the first record.
    package private(set) var lastSequence: UInt64
    /// Sequence number of the last head.
    package private(set) var lastSignedSequence: UInt64

    private let key: Ed25519.PrivateKey
    private let publicKey: [UInt8]
    private var encoder: RecordEncoder
    private var segment: MappedSegment?
    private var lastTime: Timestamp
    private var unsignedByteCount = 0

    /// Room kept at the end of each segment for the head that seals it.
    static let sealReserve = 1 << 10

    /// Opens the folder, makes it if there is none, and continues where the process before stopped. `now`, in
    /// microseconds since the epoch, is for the records the start itself appends.
    package init(
        folder path: String, gatewayName: String, key: Ed25519.PrivateKey, limits: Limits = Limits(),
        at now: Int64
    ) throws(RecorderError) {
        guard GatewayName.isValid(gatewayName) else { throw .otherGateway("no valid name: \(gatewayName)") }
        self.gatewayName = gatewayName
        self.limits = limits
        self.key = key
        do { publicKey = try key.publicKey.rawRepresentation } catch { throw .signing }
        let folder = try AuditFolder(path: path)
        let found = try RecoveredLog(folder: folder, gatewayName: gatewayName, key: publicKey)
        spool = Spool(folder: folder, limit: limits.bufferByteCount, state: found.state)
        recovery = found.recovery
        lastSequence = found.lastSequence
        lastSignedSequence = found.state.lastSigned
        lastTime = found.lastTime
        segment = found.segment
        encoder = RecordEncoder(continuing: found.head)
        do {
            if segment == nil { try rotate(.seal, at: now) }
            if recovery.unsignedCount > 0 || recovery.cutByteCount > 0 { try signHead(.recovered, at: now) }
        } catch {
            // A full spool keeps no gateway from starting: it ships what it has, and appending is refused till then.
            guard error == .spoolFull else { throw error }
        }
    }

    /// Appends a record. `now` is in microseconds since the epoch; when the clock goes back, the record says by how
    /// much, and the times of the records do not go back with it.
    /// - Returns: its sequence number.
    /// - Throws: ``RecorderError``; nothing was appended then.
    package func append(_ event: AuditEvent, at now: Int64) throws(RecorderError) -> UInt64 {
        let (time, clockBehind) = clock(now)
        encoder.encode(event, sequence: lastSequence + 1, time: time, clockBehind: clockBehind)
        if !fits(encoder.lineLength) {
            guard encoder.lineLength <= maximumRecordLength else { throw .recordTooLong }
            try rotate(.seal, at: now)
            encoder.encode(event, sequence: lastSequence + 1, time: time, clockBehind: clockBehind)
        }
        commit(time)
        let sequence = lastSequence
        // The event is recorded whether or not a signature follows it now.
        if unsignedByteCount >= limits.unsignedByteCount { try? signHead(.interval, at: now) }
        return sequence
    }

    /// Signs what was appended since the last signature; does nothing when that was nothing. About 50 microseconds.
    package func signHead(_ reason: SignedHead.Reason = .interval, at now: Int64) throws(RecorderError) {
        guard lastSequence > lastSignedSequence || reason == .recovered else { return }
        if fits(Self.sealReserve) {
            try appendHead(reason, at: now)
        } else {
            try rotate(reason, at: now)
        }
    }

    /// Bytes that can still be appended, at least, if the sink acknowledges nothing more.
    package var remainingByteCount: Int {
        max(0, (segment?.remainingCount ?? 0) - Self.sealReserve) + max(0, spool.unallocatedCount)
    }

    /// Whether a record of the greatest length might find no room.
    package var isFull: Bool { remainingByteCount < maximumRecordLength + limits.segmentByteCount / 8 }

    private var maximumRecordLength: Int {
        min(Record.maximumLength, limits.segmentByteCount - 2 * Self.sealReserve)
    }

    private func fits(_ count: Int) -> Bool {
        count + Self.sealReserve <= segment?.remainingCount ?? 0
    }

    /// Times do not go back in the order of the records.
    private func clock(_ now: Int64) -> (time: Timestamp, behind: UInt64) {
        let time = Timestamp(microsecondsSinceEpoch: now)
        guard time < lastTime else { return (time, 0) }
        return (lastTime, UInt64(lastTime.microsecondsSinceEpoch - time.microsecondsSinceEpoch))
    }

    /// Appends the line in the encoder to the segment.
    private func commit(_ time: Timestamp) {
        guard let segment else { preconditionFailure("a record is committed to a segment it fits") }
        encoder.withLine { segment.append($0) }
        encoder.commit()
        lastSequence += 1
        lastTime = time
        unsignedByteCount += encoder.lineLength
    }

    private func appendHead(_ reason: SignedHead.Reason, at now: Int64) throws(RecorderError) {
        let (time, clockBehind) = clock(now)
        do {
            try encoder.encodeHead(
                reason, gateway: gatewayName, unsigned: lastSequence - lastSignedSequence,
                cut: reason == .recovered ? recovery.cutByteCount : 0, sequence: lastSequence + 1, time: time,
                clockBehind: clockBehind
            ) { message throws(CryptographyError) in try key.sign(message) }
        } catch {
            throw .signing
        }
        commit(time)
        lastSignedSequence = lastSequence
        unsignedByteCount = 0
        let head = Spool.Head(sequence: lastSequence, end: segment?.count ?? 0)
        spool.update { $0.sign(head) }
    }

    /// Seals the segment with a head and opens the next; all stays as it is when there is no room for another.
    private func rotate(_ reason: SignedHead.Reason, at now: Int64) throws(RecorderError) {
        if spool.unallocatedCount < limits.segmentByteCount { try spool.removeAcknowledged(keeping: 0) }
        guard spool.unallocatedCount >= limits.segmentByteCount else { throw .spoolFull }
        if let sealed = segment {
            if sealed.remainingCount >= Self.sealReserve { try appendHead(reason, at: now) }
            try sealed.seal()
            segment = nil
            let (last, count) = (lastSequence, sealed.count)
            spool.update { $0.seal(lastSequence: last, count: count) }
        }
        try openSegment(at: now)
    }

    /// Makes the file that starts with the next record.
    private func openSegment(at now: Int64) throws(RecorderError) {
        let (first, capacity) = (lastSequence + 1, limits.segmentByteCount)
        segment = try MappedSegment(creating: spool.folder.segment(first), capacity: capacity)
        spool.update { state in
            state.segments.append(
                Spool.Segment(
                    firstSequence: first, lastSequence: 0, committedCount: 0, allocatedCount: capacity,
                    isSealed: false))
        }
        let header = SegmentHeader(
            format: Record.formatVersion, gateway: gatewayName, key: publicKey, previous: encoder.head)
        let (time, clockBehind) = clock(now)
        encoder.encode(header, sequence: first, time: time, clockBehind: clockBehind)
        commit(time)
    }
}
