import API
import Audit
import TemporaryFiles
import Testing

struct RecoveryTests {
    /// A folder as a killed gateway leaves it: three statements, a head, two more that are not signed.
    private func killed() throws -> (folder: TemporaryFolder, ends: [Int]) {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder, limits: .init(segmentByteCount: 8 << 10))
        for number: UInt64 in 1...3 { _ = try recorder.append(Samples.statement(number), at: Samples.time) }
        try recorder.signHead(at: Samples.time)
        for number: UInt64 in 4...5 { _ = try recorder.append(Samples.statement(number), at: Samples.time) }
        let file = try folder.read(Samples.segmentName)
        return (folder, file.indices.filter { file[$0] == UInt8(ascii: "\n") }.map { $0 + 1 })
    }

    private func reopen(_ folder: TemporaryFolder) throws -> Recorder {
        try Samples.recorder(in: folder, limits: .init(segmentByteCount: 8 << 10), at: Samples.time + 1)
    }

    @Test
    func `a killed gateway loses nothing and signs what was left`() throws {
        let (folder, _) = try killed()
        let recorder = try reopen(folder)
        #expect(recorder.recovery == Recovery(lastSequence: 7, unsignedCount: 2, cutByteCount: 0))
        #expect(recorder.lastSequence == 8)
        #expect(recorder.lastSignedSequence == 8)
        let line = try folder.read(Samples.segmentName).prefix { $0 != 0 }
            .split(separator: UInt8(ascii: "\n"))[7]
        guard case .head(let head) = try RecordDecoder(Array(line)).record().content else { return }
        #expect(head.reason == .recovered)
        #expect(head.unsigned == 2)
    }

    @Test
    func `an orderly end leaves nothing to recover`() throws {
        let (folder, _) = try killed()
        try reopen(folder).signHead(.shutdown, at: Samples.time)
        let recorder = try reopen(folder)
        #expect(recorder.recovery == Recovery(lastSequence: 8, unsignedCount: 0, cutByteCount: 0))
        #expect(recorder.lastSequence == 8)
    }

    @Test
    func `a file cut at any byte of its last records keeps every whole record before`() throws {
        let (folder, ends) = try killed()
        let whole = try folder.read(Samples.segmentName)
        for cut in ends[3]...ends[6] {
            let cutFolder = try TemporaryFolder()
            try cutFolder.write(
                Array(whole[..<cut]) + [UInt8](repeating: 0, count: whole.count - cut),
                to: Samples.segmentName)
            let recorder = try reopen(cutFolder)
            let kept = ends.prefix { $0 <= cut }.count
            #expect(recorder.recovery.lastSequence == UInt64(kept))
            #expect(recorder.recovery.cutByteCount == UInt64(cut - ends[kept - 1]))
            _ = try recorder.append(Samples.statement(9), at: Samples.time)
            let report = try ChainVerifier.verifyFolder(cutFolder.path)
            #expect(report.findings.isEmpty)
        }
    }

    @Test
    func `a record whose first byte was not stored was never appended`() throws {
        let (folder, ends) = try killed()
        var file = try folder.read(Samples.segmentName)
        file[ends[5]] = 0
        file[ends[6] - 1] = 0
        try folder.write(file, to: Samples.segmentName)
        let recorder = try reopen(folder)
        #expect(recorder.recovery == Recovery(lastSequence: 6, unsignedCount: 1, cutByteCount: 0))
        #expect(try folder.names.filter { $0.hasSuffix(".cut") }.isEmpty)
        let rest = try folder.read(Samples.segmentName).drop { $0 != 0 }
        #expect(rest.allSatisfy { $0 == 0 })
    }

    @Test
    func `damage is moved aside, not erased`() throws {
        let (folder, ends) = try killed()
        var file = try folder.read(Samples.segmentName)
        file[ends[4] + 20] ^= 1
        try folder.write(file, to: Samples.segmentName)
        let recorder = try reopen(folder)
        #expect(recorder.recovery.lastSequence == 5)
        #expect(recorder.recovery.cutByteCount == UInt64(ends[6] - ends[4]))
        let cut = try folder.read("\(Samples.segmentName).\(ends[4]).cut")
        #expect(cut == Array(file[ends[4]..<ends[6]]))
    }

    @Test
    func `a log shorter than what was acknowledged does not start`() throws {
        let (folder, ends) = try killed()
        try reopen(folder).spool.acknowledge(through: 8)
        var file = try folder.read(Samples.segmentName)
        for index in ends[4]..<file.count { file[index] = 0 }
        try folder.write(file, to: Samples.segmentName)
        #expect(throws: RecorderError.truncated(acknowledged: 8, found: 5)) { try reopen(folder) }
        try folder.remove(Samples.segmentName)
        #expect(throws: RecorderError.truncated(acknowledged: 8, found: 0)) { try reopen(folder) }
    }

    @Test
    func `a segment made but never written is made again`() throws {
        let (folder, _) = try killed()
        try reopen(folder).signHead(.shutdown, at: Samples.time)
        try folder.write([UInt8](repeating: 0, count: 8 << 10), to: "events-00000000000000000009.jsonl")
        let recorder = try reopen(folder)
        #expect(recorder.recovery.lastSequence == 8)
        #expect(try recorder.append(Samples.statement(9), at: Samples.time) == 9)
    }

    @Test
    func `recovery after a seal goes on in a new segment`() throws {
        let folder = try TemporaryFolder()
        let limits = Recorder.Limits(bufferByteCount: 64 << 10, segmentByteCount: 8 << 10)
        var last: UInt64 = 0
        for start in 0..<40 {
            let recorder = try Samples.recorder(in: folder, limits: limits, at: Samples.time)
            #expect(recorder.recovery.lastSequence == last)
            for number in 0..<UInt64(start % 7) {
                _ = try recorder.append(Samples.statement(number), at: Samples.time)
            }
            last = recorder.lastSequence
        }
        #expect(try ChainVerifier.verifyFolder(folder.path).findings.isEmpty)
    }
}
