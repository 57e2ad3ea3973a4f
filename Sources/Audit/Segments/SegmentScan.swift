/// Reads one segment file as a starting gateway does: how far it is whole.
struct SegmentScan {
    /// Bytes of whole records that continue one another.
    private(set) var count = 0
    /// The last whole record, 0 without any.
    private(set) var lastSequence: UInt64 = 0
    /// The last whole head; the record before the segment without any.
    private(set) var lastSigned: UInt64
    private(set) var lastTime = Timestamp(microsecondsSinceEpoch: 0)
    private(set) var header: SegmentHeader?
    private(set) var head = Digest.zero
    /// Bytes after the whole records, through the last that is not zero.
    private(set) var tail: [UInt8] = []

    private let fileSize: Int

    init(path: String, firstSequence: UInt64) throws(RecorderError) {
        lastSigned = firstSequence - 1
        fileSize = try ReadableFile(path: path).size
        var reader = try SegmentReader(path: path)
        var expected = firstSequence
        reading: while true {
            switch try reader.next() {
            case .whole(let line):
                guard take(line, expected: expected) else { break reading }
                expected += 1
                count = reader.offset
            case .end, .torn: break reading
            }
        }
        tail = try SegmentReader.tail(of: path, from: count)
    }

    /// Nothing follows the whole records, not even room.
    var isSealed: Bool { count == fileSize }

    /// Whether what follows the whole records was more than a record about to be appended: the first byte of that
    /// one is still zero, and no line feed stands behind a line.
    var isDamaged: Bool { tail.first.map { $0 != 0 || tail.contains(UInt8(ascii: "\n")) } ?? false }

    private mutating func take(_ line: [UInt8], expected: UInt64) -> Bool {
        guard let decoder = try? RecordDecoder(line), let envelope = try? decoder.envelope(),
            envelope.sequence == expected
        else { return false }
        if header == nil {
            guard case .segment(let first)? = try? decoder.record().content else { return false }
            header = first
            head = first.previous
        }
        guard decoder.hash(after: head) == envelope.hash else { return false }
        head = envelope.hash
        lastSequence = envelope.sequence
        lastTime = envelope.time
        if envelope.type == "head" { lastSigned = envelope.sequence }
        return true
    }
}
