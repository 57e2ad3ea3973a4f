import API
import Audit
import Cryptography
import TemporaryFiles
import Testing

/// Each way of tampering with a log, and what verification says of it.
struct ChainVerifierTests {
    /// The lines of a log: a segment header, statements 2 to 6, a head (7), statements 8 to 10, a head (11).
    private func log() throws -> [[UInt8]] {
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder)
        for number: UInt64 in 1...5 { _ = try recorder.append(Samples.statement(number), at: Samples.time) }
        try recorder.signHead(at: Samples.time)
        for number: UInt64 in 6...8 { _ = try recorder.append(Samples.statement(number), at: Samples.time) }
        try recorder.signHead(at: Samples.time)
        return try folder.read(Samples.segmentName).prefix { $0 != 0 }
            .split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    private func verify(
        _ lines: [[UInt8]], trustedKey: [UInt8]? = nil, lastKnown: UInt64? = nil
    ) -> ChainReport {
        var verifier = ChainVerifier(trustedKey: trustedKey)
        for line in lines { verifier.receive(line) }
        return verifier.finish(lastKnown: lastKnown)
    }

    private func kinds(_ report: ChainReport) -> [Finding.Kind] { report.findings.map(\.kind) }

    private func replacing(_ line: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        let text = String(decoding: line, as: UTF8.self)
        let changed = text.replacing(old, with: new)
        #expect(changed != text)
        return Array(changed.utf8)
    }

    @Test
    func `an untouched log is intact`() throws {
        let report = verify(try log(), trustedKey: try Samples.key().publicKey.rawRepresentation)
        #expect(report.isIntact)
        #expect(report.gateway == "clinic")
        #expect((report.firstSequence, report.lastSequence, report.recordCount) == (1, 11, 11))
        #expect((report.headCount, report.lastSigned, report.unsignedCount) == (2, 11, 0))
    }

    @Test
    func `records after the last signature are told`() throws {
        let report = verify(try log().dropLast())
        #expect(report.isIntact)
        #expect((report.lastSigned, report.unsignedCount) == (7, 3))
    }

    @Test(arguments: 0..<11)
    func `an edit of any record is found`(index: Int) throws {
        var lines = try log()
        lines[index] = replacing(lines[index], #""time":"2026"#, #""time":"2027"#)
        let report = verify(lines)
        #expect(report.findings.contains { $0.kind == .edited && $0.sequence == UInt64(index + 1) })
    }

    @Test(arguments: 1..<10)
    func `an edit with its hash recomputed is found by the record after`(index: Int) throws {
        var lines = try log()
        let edited = replacing(lines[index], #""time":"2026"#, #""time":"2025"#)
        let previous = try RecordDecoder(lines[index - 1]).envelope().hash
        let hash = try RecordDecoder(edited).hash(after: previous)
        lines[index] = Array(edited.dropLast(66)) + Array(hash.hexadecimal.utf8) + Array("\"}".utf8)
        let found = kinds(verify(lines))
        #expect(found.contains(.edited))
    }

    @Test
    func `a chain recomputed to its end fails at the next signature`() throws {
        var lines = try log()
        lines[3] = replacing(lines[3], "SELECT 1", "SELECT 2")
        var previous = try RecordDecoder(lines[2]).envelope().hash
        for index in 3..<lines.count {
            let hash = try RecordDecoder(lines[index]).hash(after: previous)
            lines[index] = Array(lines[index].dropLast(66)) + Array(hash.hexadecimal.utf8) + Array("\"}".utf8)
            previous = hash
        }
        let report = verify(lines)
        #expect(kinds(report) == [.badSignature, .badSignature])
        #expect(report.lastSigned == 0)
    }

    @Test(arguments: 1..<10)
    func `a removed record is found`(index: Int) throws {
        var lines = try log()
        lines.remove(at: index)
        let report = verify(lines)
        #expect(
            report.findings.contains(
                Finding(.removed, sequence: UInt64(index + 1), "record \(index + 1) is missing")))
    }

    @Test(arguments: 1..<10)
    func `exchanged records are found`(index: Int) throws {
        var lines = try log()
        lines.swapAt(index, index + 1)
        let found = kinds(verify(lines))
        #expect(found.contains(.reordered))
        #expect(!found.contains(.removed))
    }

    @Test(arguments: 1...10)
    func `a log cut short is found against what is known of it`(count: Int) throws {
        let report = verify(Array(try log().prefix(count)), lastKnown: 11)
        #expect(kinds(report) == [.truncated])
    }

    @Test
    func `a record that stands there twice, or in two versions, is found`() throws {
        let lines = try log()
        #expect(kinds(verify(lines + [lines[4]])) == [.duplicated])
        #expect(kinds(verify(lines + [replacing(lines[4], "SELECT 1", "SELECT 3")])).first == .forked)
    }

    @Test
    func `two logs with one key and one sequence are a fork`() throws {
        let one = verify(try log())
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder)
        for number: UInt64 in 1...3 {
            _ = try recorder.append(Samples.statement(number + 1), at: Samples.time)
        }
        try recorder.signHead(at: Samples.time)
        let other = try ChainVerifier.verifyFolder(folder.path)
        #expect(one.forks(from: other).map(\.sequence) == [2])
        #expect(one.forks(from: one).isEmpty)
    }

    @Test
    func `another key than the one expected is found`() throws {
        let key = try Ed25519.PrivateKey(rawSeed: [UInt8](repeating: 8, count: 32)).publicKey
            .rawRepresentation
        #expect(kinds(verify(try log(), trustedKey: key)) == [.otherKey])
    }

    @Test
    func `a log rewritten with another key is found by the key`() throws {
        let folder = try TemporaryFolder()
        let key = try Ed25519.PrivateKey(rawSeed: [UInt8](repeating: 9, count: 32))
        let recorder = try Recorder(folder: folder.path, gatewayName: "clinic", key: key, at: Samples.time)
        try recorder.signHead(at: Samples.time)
        #expect(try ChainVerifier.verifyFolder(folder.path).isIntact)
        let report = try ChainVerifier.verifyFolder(
            folder.path, trustedKey: try Samples.key().publicKey.rawRepresentation)
        #expect(kinds(report) == [.otherKey])
    }

    @Test
    func `bytes that are no record are found`() throws {
        var lines = try log()
        lines[4] = Array("{}".utf8)
        #expect(kinds(verify(lines)) == [.malformed])
    }

    @Test
    func `a record erased in place does not hide those behind it`() throws {
        let folder = try TemporaryFolder()
        do {
            let recorder = try Samples.recorder(in: folder)
            for number: UInt64 in 1...5 {
                _ = try recorder.append(Samples.statement(number), at: Samples.time)
            }
        }
        var file = try folder.read(Samples.segmentName)
        let feeds = file.indices.filter { file[$0] == UInt8(ascii: "\n") }
        for index in feeds[2] + 1...feeds[3] { file[index] = 0 }
        try folder.write(file, to: Samples.segmentName)
        #expect(try ChainVerifier.verifyFolder(folder.path).findings.map(\.kind) == [.malformed])
    }

    @Test
    func `a segment taken out of the folder is found`() throws {
        let folder = try TemporaryFolder()
        do {
            let recorder = try Samples.recorder(
                in: folder, limits: .init(bufferByteCount: 64 << 10, segmentByteCount: 8 << 10))
            for number: UInt64 in 1...150 {
                _ = try recorder.append(Samples.statement(number), at: Samples.time)
            }
        }
        let segments = try folder.names.filter { $0.hasSuffix(".jsonl") }
        #expect(segments.count > 3)
        #expect(try ChainVerifier.verifyFolder(folder.path).isIntact)
        try folder.remove(segments[1])
        #expect(try ChainVerifier.verifyFolder(folder.path).findings.map(\.kind) == [.removed])
        try folder.remove(segments[0])
        #expect(try ChainVerifier.verifyFolder(folder.path).findings.map(\.kind) == [.removed])
    }

    @Test
    func `a folder that ends before what was acknowledged is found`() throws {
        let folder = try TemporaryFolder()
        do {
            let recorder = try Samples.recorder(in: folder)
            for number: UInt64 in 1...5 {
                _ = try recorder.append(Samples.statement(number), at: Samples.time)
            }
            try recorder.signHead(at: Samples.time)
            try recorder.spool.acknowledge(through: 7)
        }
        let lines = try folder.read(Samples.segmentName).prefix { $0 != 0 }.split(
            separator: UInt8(ascii: "\n"))
        try folder.write(lines.prefix(4).flatMap { $0 + [0x0a] }, to: Samples.segmentName)
        #expect(try ChainVerifier.verifyFolder(folder.path).findings.map(\.kind) == [.truncated])
    }
}
