import API
import Audit
import Cryptography
import TemporaryFiles
import Testing

struct RecorderTests {
    private func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.prefix { $0 != 0 }.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    private func types(_ bytes: [UInt8]) throws -> [String] {
        try lines(bytes).map { try RecordDecoder($0).envelope().type }
    }

    @Test
    func `records are numbered without gaps and are in the file at once`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder)
        #expect(try recorder.append(Samples.statement(1), at: Samples.time) == 2)
        #expect(try recorder.append(Samples.statement(2), at: Samples.time) == 3)
        let file = try folder.read(Samples.segmentName)
        #expect(file.count == 64 << 10)
        #expect(try types(file) == ["segment", "statement", "statement"])
    }

    @Test
    func `each record's hash is over the one before`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder)
        for event in Samples.events { _ = try recorder.append(event, at: Samples.time) }
        try recorder.signHead(at: Samples.time)
        var previous = Digest.zero
        for line in lines(try folder.read(Samples.segmentName)) {
            let decoder = try RecordDecoder(line)
            previous = decoder.hash(after: previous)
            #expect(try decoder.record().hash == previous)
        }
    }

    @Test
    func `a head signs what came before it, once`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder)
        try recorder.signHead(at: Samples.time)
        try recorder.signHead(at: Samples.time)
        let file = try folder.read(Samples.segmentName)
        #expect(try types(file) == ["segment", "head"])
        let decoder = try RecordDecoder(lines(file)[1])
        guard case .head(let head) = try decoder.record().content else { return }
        let message = SignedHead.signedMessage(try #require(decoder.signedBytes))
        #expect(try Samples.key().publicKey.isValidSignature(head.signature, for: message))
        #expect(head.unsigned == 1)
        #expect(head.previous == (try RecordDecoder(lines(file)[0]).envelope().hash))
    }

    @Test
    func `times do not go back with the clock`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder)
        _ = try recorder.append(Samples.statement(1), at: Samples.time - 5_000_000)
        let record = try RecordDecoder(lines(try folder.read(Samples.segmentName))[1]).envelope()
        #expect(record.time.microsecondsSinceEpoch == Samples.time)
        #expect(record.clockBehind == 5_000_000)
    }

    @Test
    func `a full segment is sealed with a head and cut to its records`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(
            in: folder, limits: .init(bufferByteCount: 64 << 10, segmentByteCount: 8 << 10))
        for number in 1...60 { _ = try recorder.append(Samples.statement(UInt64(number)), at: Samples.time) }
        let names = try folder.names.filter { SegmentName.firstSequence(of: $0) != nil }
        #expect(names.count == 3)
        let first = try folder.read(names[0])
        #expect(first.last == UInt8(ascii: "\n"))
        #expect(try types(first).last == "head")
        #expect(try types(try folder.read(names[1])).first == "segment")
    }

    @Test
    func `long runs are signed in between`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(
            in: folder, limits: .init(segmentByteCount: 64 << 10, unsignedByteCount: 1 << 10))
        for number in 1...30 { _ = try recorder.append(Samples.statement(UInt64(number)), at: Samples.time) }
        #expect(try types(try folder.read(Samples.segmentName)).filter { $0 == "head" }.count >= 5)
        #expect(recorder.lastSequence - recorder.lastSignedSequence < 6)
    }

    @Test
    func `a full spool refuses, and goes on once the sink has acknowledged`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(
            in: folder, limits: .init(bufferByteCount: 32 << 10, segmentByteCount: 8 << 10))
        var appended: UInt64 = 0
        #expect(throws: RecorderError.spoolFull) {
            for number in 1...1000 {
                appended = try recorder.append(Samples.statement(UInt64(number)), at: Samples.time)
            }
        }
        #expect(recorder.lastSequence == appended)
        #expect(recorder.isFull)
        let size = try folder.names.filter { SegmentName.firstSequence(of: $0) != nil }
            .reduce(0) { try $0 + folder.read($1).count }
        #expect(size <= 32 << 10)
        #expect(throws: RecorderError.spoolFull) {
            try recorder.append(Samples.statement(1), at: Samples.time)
        }
        try recorder.spool.acknowledge(through: recorder.lastSignedSequence)
        #expect(try recorder.append(Samples.statement(1), at: Samples.time) > appended)
    }

    @Test
    func `acknowledged segments are removed but the newest`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(
            in: folder, limits: .init(bufferByteCount: 64 << 10, segmentByteCount: 8 << 10))
        for number in 1...100 { _ = try recorder.append(Samples.statement(UInt64(number)), at: Samples.time) }
        try recorder.signHead(at: Samples.time)
        let before = try folder.names.filter { $0.hasSuffix(".jsonl") }
        try recorder.spool.acknowledge(through: recorder.lastSequence)
        #expect(try folder.names.filter { $0.hasSuffix(".jsonl") } == before.suffix(2))
        #expect(try folder.read("acknowledged") == Array("\(recorder.lastSequence)\n".utf8))
    }

    @Test
    func `two recorders do not share a folder`() throws {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder)
        #expect(throws: RecorderError.folderInUse(folder.path)) { try Samples.recorder(in: folder) }
        #expect(recorder.lastSequence == 1)
    }

    @Test
    func `the folder of another gateway or key is refused`() throws {
        let folder = try TemporaryFolder()
        _ = try Samples.recorder(in: folder)
        #expect(throws: RecorderError.otherGateway("clinic")) {
            try Recorder(folder: folder.path, gatewayName: "other", key: Samples.key(), at: Samples.time)
        }
        #expect(throws: RecorderError.otherGateway("another key")) {
            try Recorder(folder: folder.path, gatewayName: "clinic", key: .generate(), at: Samples.time)
        }
    }

    @Test
    func `a key is made once and kept for its owner`() throws {
        let folder = try TemporaryFolder()
        let made = try GatewayKey.loadOrCreate(folder: folder.path, gatewayName: "clinic")
        let kept = try GatewayKey.loadOrCreate(folder: folder.path, gatewayName: "clinic")
        #expect(try made.publicKey.rawRepresentation == kept.publicKey.rawRepresentation)
        let text = String(decoding: try folder.read("gateway.pub").dropLast(), as: UTF8.self)
        let published = try #require(VerifierKey(text))
        #expect(published.name == "clinic")
        #expect(try published.publicKey.rawRepresentation == made.publicKey.rawRepresentation)
        try folder.write([1, 2, 3], to: "gateway.key")
        #expect(throws: RecorderError.damaged(file: folder.file("gateway.key"))) {
            try GatewayKey.loadOrCreate(folder: folder.path, gatewayName: "clinic")
        }
    }

    @Test(arguments: ["", ".hidden", "a/b", "a b", "a+b", "é", String(repeating: "a", count: 254)])
    func `names that do not fit a path are refused`(name: String) {
        #expect(!GatewayName.isValid(name))
    }
}
