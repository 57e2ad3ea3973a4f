import API
import Audit
import AuditSink
import TemporaryFiles
import Testing

struct BatchTests {
    private func fault(_ bytes: [UInt8]) -> BatchFault? {
        do {
            _ = try Batch(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test
    func `a batch ends with a signature, or is none`() throws {
        let gateway = try GatewayLog()
        try gateway.session(1)
        let bytes = try gateway.bytes()
        #expect(fault(bytes) == nil)
        let lines = bytes.split(separator: 0x0a)
        #expect(fault(lines.dropLast().flatMap { $0 + [0x0a] }) == .unsigned)
        #expect(fault(lines.dropFirst().dropFirst(1).flatMap { $0 + [0x0a] }) == nil)
        #expect(fault((lines[0..<2] + lines[3...]).flatMap { $0 + [0x0a] }) == .gap(after: 2))
        #expect(fault(Array(bytes.dropLast())) == .unfinished)
        #expect(fault([]) == .unfinished)
        #expect(fault(bytes + [0x0a]) == .record(lines.count, .unexpected(offset: 0)))
    }

    @Test
    func `the longest body is read and one byte more is not`() {
        let line = [UInt8](repeating: 0x0a, count: Batch.maximumLength)
        #expect(fault(line) == .record(0, .unexpected(offset: 0)))
        #expect(fault(line + [0x0a]) == .tooLong)
    }

    @Test
    func `records of the sink's own types are not taken from gateways`() {
        var encoder = RecordEncoder(continuing: .zero)
        encoder.encode(
            .evidenceRead(reader: "x", what: "export", filter: "", records: 1), sequence: 1,
            time: Timestamp(microsecondsSinceEpoch: 0), clockBehind: 0)
        #expect(fault(encoder.line) == .foreign(0))
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func `changed bodies are refused, or are the records that were signed`(seed: UInt64) throws {
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let gateway = try GatewayLog()
        try gateway.session(1)
        let bytes = try gateway.bytes()
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: 0)
        for _ in 0..<400 {
            var changed = bytes
            for _ in 0...random(3) where !changed.isEmpty {
                let index = random(changed.count)
                switch random(4) {
                case 0: changed[index] = UInt8(random(256))
                case 1: changed.remove(at: index)
                case 2: changed.insert(UInt8(random(256)), at: index)
                default: changed.removeSubrange(index..<min(changed.count, index + random(300)))
                }
            }
            guard changed != bytes, let batch = try? Batch(changed) else { continue }
            let result = try store.ingest(batch, from: "clinic", trusting: .firstContact, at: 0)
            guard case .acknowledged(let through) = result else { continue }
            // A prefix of the log that ends with a head is as good as the log.
            #expect(bytes.starts(with: changed), "changed records were acknowledged through \(through)")
        }
    }
}
