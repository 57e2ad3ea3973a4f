import API
import Audit
import Cryptography
import SeededRandomness
import TemporaryFiles
import Testing

/// Bytes changed at random, from a seed: readers throw or answer, and never trap.
struct MutationTests {
    private func mutate(_ bytes: [UInt8], with generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &generator) {
            guard !bytes.isEmpty else { return bytes }
            let index = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(#""\{}[],:09au"#.utf8.randomElement(using: &generator) ?? 0, at: index)
            case 3: bytes.removeSubrange(index...)
            default: bytes.insert(contentsOf: bytes[index...].prefix(40), at: index)
            }
        }
        return bytes
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `changed records are refused or read, and read again as written`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var encoder = RecordEncoder(continuing: .zero)
        for event in Samples.events {
            encoder.encode(event, sequence: 1, time: Timestamp(microsecondsSinceEpoch: 1), clockBehind: 1)
            let line = Array(encoder.line.dropLast())
            for _ in 0..<2000 {
                let changed = mutate(line, with: &generator)
                guard let record = try? RecordDecoder(changed).record() else { continue }
                guard case .event(let body) = record.content else { continue }
                encoder.encode(
                    AuditEvent(session: record.session, body: body), sequence: record.sequence,
                    time: record.time, clockBehind: record.clockBehind)
                let again = try RecordDecoder(encoder.line.dropLast()).record()
                #expect(again.content == record.content)
            }
        }
    }

    @Test(arguments: [4, 5, 6] as [UInt64])
    func `changed logs are found out, whatever was changed`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        let recorder = try Samples.recorder(in: folder)
        for event in Samples.events { _ = try recorder.append(event, at: Samples.time) }
        try recorder.signHead(at: Samples.time)
        let log = Array(try folder.read(Samples.segmentName).prefix { $0 != 0 })
        for _ in 0..<500 {
            let changed = mutate(log, with: &generator)
            guard changed != log else { continue }
            var verifier = ChainVerifier(acceptsAnyStart: false)
            for line in changed.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                .dropLast()
            {
                verifier.receive(Array(line))
            }
            let report = verifier.finish(lastKnown: recorder.lastSequence)
            #expect(!report.isIntact)
        }
    }

    @Test(arguments: [7] as [UInt64])
    func `changed notes, keys and bundles are refused or read`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let key = VerifierKey(name: "sink", publicKey: try Samples.key().publicKey)
        let text = Checkpoint(origin: "sink", size: 1, root: .zero).text
        let note = try SignedNote(signing: text, as: "sink", with: Samples.key())
        let entry = EvidenceBundle.Entry(position: 1, gateway: "g", proof: [.zero], record: Array("{}".utf8))
        let header = EvidenceBundle.Header(key: key, note: note.note)
        for _ in 0..<3000 {
            let changed = String(decoding: mutate(Array(note.note.utf8), with: &generator), as: UTF8.self)
            if let read = SignedNote(changed), read.isSigned(by: key) { #expect(read.text == text) }
            let name = String(decoding: mutate(Array(key.text.utf8), with: &generator), as: UTF8.self)
            if let read = VerifierKey(name) { #expect(read.text == name) }
            _ = try? EvidenceBundle.Entry(line: mutate(entry.line.dropLast(), with: &generator))
            _ = try? EvidenceBundle.Header(line: mutate(header.line.dropLast(), with: &generator))
        }
    }
}
