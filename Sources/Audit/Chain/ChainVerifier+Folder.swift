extension ChainVerifier {
    /// Verifies the segments in a gateway's data folder, and that they reach as far as the sink has acknowledged.
    /// The gateway may be running.
    package static func verifyFolder(
        _ path: String, trustedKey: [UInt8]? = nil
    ) throws(RecorderError) -> ChainReport {
        let acknowledged = try AuditFolder.acknowledged(in: path)
        let segments = try AuditFolder.segments(in: path)
        // Only what was acknowledged is ever removed.
        let isShipped = segments.first.map { $0 <= acknowledged + 1 } ?? true
        var verifier = Self(trustedKey: trustedKey, acceptsAnyStart: isShipped)
        for segment in segments {
            try verifier.receive(file: path + "/" + SegmentName.of(firstSequence: segment))
        }
        return verifier.finish(lastKnown: acknowledged > 0 ? acknowledged : nil)
    }

    /// The last sequence number the sink has acknowledged, as the gateway noted it; 0 when none.
    package static func acknowledged(inFolder path: String) throws(RecorderError) -> UInt64 {
        try AuditFolder.acknowledged(in: path)
    }

    /// Verifies one segment file on its own.
    package static func verifyFile(
        _ path: String, trustedKey: [UInt8]? = nil
    ) throws(RecorderError) -> ChainReport {
        var verifier = Self(trustedKey: trustedKey)
        try verifier.receive(file: path)
        return verifier.finish()
    }

    /// Takes all lines of a segment.
    package mutating func receive(file path: String) throws(RecorderError) {
        var reader = try SegmentReader(path: path)
        while true {
            switch try reader.next() {
            case .whole(let line): receive(line)
            case .torn:
                malformed("\(path) has bytes that are no record from offset \(reader.offset) on")
                return
            case .end:
                guard try continues(path, after: &reader) else { return }
            }
        }
    }

    /// Looks behind what seems to be the end of the records: a running gateway may have appended meanwhile, and a
    /// line behind unwritten bytes was there before its start was erased.
    /// - Returns: whether there is more to read.
    private mutating func continues(
        _ path: String, after reader: inout SegmentReader
    ) throws(RecorderError) -> Bool {
        var tail = try SegmentReader.tail(of: path, from: reader.offset)
        // A line feed behind a zero byte may be of a record that is just being appended.
        if tail.first == 0, tail.contains(UInt8(ascii: "\n")) {
            tail = try SegmentReader.tail(of: path, from: reader.offset)
        }
        guard let first = tail.first, tail.contains(UInt8(ascii: "\n")) else { return false }
        guard first == 0 else {
            reader = try SegmentReader(path: path, from: reader.offset)
            return true
        }
        malformed("\(path) has records behind a gap at offset \(reader.offset)")
        return false
    }
}
