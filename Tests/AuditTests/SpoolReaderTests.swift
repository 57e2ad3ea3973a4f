import API
import Audit
import TemporaryFiles
import Testing

struct SpoolReaderTests {
    private func sequences(_ batch: SpoolReader.Batch?) throws -> [UInt64] {
        try (batch?.bytes ?? []).split(separator: UInt8(ascii: "\n")).map {
            try RecordDecoder(Array($0)).envelope().sequence
        }
    }

    @Test
    func `only what is signed is handed out`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder)
        var reader = SpoolReader(recorder.spool)
        _ = try recorder.append(Samples.statement(1), at: Samples.time)
        #expect(try reader.next(after: 0) == nil)
        try recorder.signHead(at: Samples.time)
        _ = try recorder.append(Samples.statement(2), at: Samples.time)
        let batch = try reader.next(after: 0)
        #expect(try sequences(batch) == [1, 2, 3])
        #expect(batch?.lastSequence == 3)
        #expect(try reader.next(after: 3) == nil)
        try recorder.signHead(at: Samples.time)
        #expect(try sequences(reader.next(after: 3)) == [4, 5])
        #expect(try sequences(reader.next(after: 1)) == [2, 3, 4, 5])
    }

    @Test(arguments: [1, 1 << 10, 3 << 10, 1 << 20])
    func `batches of any size make up the log`(maximum: Int) throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(
            in: folder,
            limits: .init(bufferByteCount: 128 << 10, segmentByteCount: 8 << 10, unsignedByteCount: 1 << 10))
        for number: UInt64 in 1...150 { _ = try recorder.append(Samples.statement(number), at: Samples.time) }
        try recorder.signHead(at: Samples.time)
        var reader = SpoolReader(recorder.spool)
        var verifier = ChainVerifier()
        var acknowledged: UInt64 = 0
        while let batch = try reader.next(after: acknowledged, maximumByteCount: maximum) {
            #expect(batch.firstSequence == acknowledged + 1)
            for line in batch.bytes.split(separator: UInt8(ascii: "\n")) { verifier.receive(Array(line)) }
            acknowledged = batch.lastSequence
            try recorder.spool.acknowledge(through: acknowledged)
        }
        let report = verifier.finish(lastKnown: recorder.lastSequence)
        #expect(report.isIntact)
        #expect(report.recordCount == recorder.lastSequence)
    }

    @Test(arguments: [1, 1 << 10, 1 << 20])
    func `a segment that another process began is handed out whole`(maximum: Int) throws {
        let folder = try TemporaryFolder()
        for run: UInt64 in 0..<3 {
            let recorder = try Samples.recorder(in: folder)
            for number in 1...10 {
                _ = try recorder.append(Samples.statement(run * 10 + UInt64(number)), at: Samples.time)
                if number.isMultiple(of: 4) { try recorder.signHead(at: Samples.time) }
            }
            try recorder.signHead(.shutdown, at: Samples.time)
        }
        let recorder = try Samples.recorder(in: folder)
        _ = try recorder.append(Samples.statement(31), at: Samples.time)
        try recorder.signHead(at: Samples.time)
        for beginning: UInt64 in [0, 3, 20] {
            var reader = SpoolReader(recorder.spool)
            var handedOut = beginning
            while let batch = try reader.next(after: handedOut, maximumByteCount: maximum) {
                #expect(try sequences(batch) == Array(handedOut + 1...batch.lastSequence))
                handedOut = batch.lastSequence
            }
            #expect(handedOut == recorder.lastSequence)
        }
    }

    @Test
    func `what was acknowledged is asked for again after a restart`() throws {
        let folder = try TemporaryFolder()
        do {
            let recorder = try Samples.recorder(in: folder)
            try recorder.signHead(at: Samples.time)
            try recorder.spool.acknowledge(through: 2)
        }
        let recorder = try Samples.recorder(in: folder)
        #expect(recorder.spool.acknowledged == 2)
        try recorder.spool.acknowledge(through: 1)
        #expect(recorder.spool.acknowledged == 2)
        try recorder.spool.acknowledge(through: 99)
        #expect(recorder.spool.acknowledged == 2)
    }
}
