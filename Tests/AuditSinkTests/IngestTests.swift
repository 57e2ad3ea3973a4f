import API
import Audit
import AuditSink
import Cryptography
import FoundationEssentials
import TemporaryFiles
import Testing

struct IngestTests {
    private let now: Int64 = 1_795_436_500_000_000

    private func verify(_ folder: TemporaryFolder) throws -> LogReport {
        try StoredLog(folder: folder.path).verify()
    }

    @Test
    func `a batch is stored byte for byte and acknowledged`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let gateway = try GatewayLog()
        try gateway.session(1)
        let last = gateway.recorder.lastSequence
        #expect(
            try store.ingest(gateway.batch(), from: "clinic", trusting: .firstContact, at: now)
                == .acknowledged(through: last))
        let page = try store.records(from: 0)
        let sent = try gateway.bytes().split(separator: 0x0a).map(Array.init)
        #expect(page.entries.filter { $0.gateway == "clinic" }.map(\.line) == sent)
        #expect(try verify(folder).isIntact)
    }

    @Test
    func `overlapping batches are stored once`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let gateway = try GatewayLog()
        try gateway.session(1)
        let first = try gateway.batch()
        _ = try store.ingest(first, from: "clinic", trusting: .firstContact, at: now)
        let size = store.size
        #expect(
            try store.ingest(first, from: "clinic", trusting: .firstContact, at: now)
                == .acknowledged(through: gateway.recorder.lastSequence))
        #expect(store.size == size)
        try gateway.session(2)
        #expect(
            try store.ingest(gateway.batch(), from: "clinic", trusting: .firstContact, at: now)
                == .acknowledged(through: gateway.recorder.lastSequence))
        let report = try verify(folder)
        #expect(report.isIntact)
        #expect(report.chains.first { $0.gateway == "clinic" }?.recordCount == gateway.recorder.lastSequence)
    }

    @Test
    func `one gateway is looked up by its name`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        for name in ["billing", "clinic"] {
            let gateway = try GatewayLog(name: name)
            try gateway.session(1)
            _ = try store.ingest(gateway.batch(), from: name, trusting: .firstContact, at: now)
        }
        #expect(try store.gateways().map { $0.name } == ["billing", "clinic"])
        #expect(try store.gateways(named: "clinic").map { $0.name } == ["clinic"])
        #expect(try store.gateways(named: "other").isEmpty)
        // The sink's own log is no gateway's.
        #expect(try store.gateways(named: store.origin).isEmpty)
    }

    @Test
    func `a gap is refused with the record that is expected`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let gateway = try GatewayLog()
        try gateway.session(1)
        let first = gateway.recorder.lastSequence
        try gateway.session(2)
        let second = gateway.recorder.lastSequence
        try gateway.session(3)
        #expect(
            try store.ingest(gateway.batch(after: first), from: "clinic", trusting: .firstContact, at: now)
                == .unknownGateway)
        let whole = try gateway.bytes()
        let rest = try gateway.bytes(after: first).count
        let start = try Batch(Array(whole.prefix(whole.count - rest)))
        _ = try store.ingest(start, from: "clinic", trusting: .firstContact, at: now)
        #expect(
            try store.ingest(gateway.batch(after: second), from: "clinic", trusting: .firstContact, at: now)
                == .gap(expected: first + 1))
        #expect(
            try store.ingest(gateway.batch(after: first), from: "clinic", trusting: .firstContact, at: now)
                == .acknowledged(through: gateway.recorder.lastSequence))
    }

    @Test
    func `two histories signed with one key are a fork, and verification tells it`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let gateway = try GatewayLog()
        try gateway.session(1)
        _ = try store.ingest(gateway.batch(), from: "clinic", trusting: .firstContact, at: now)
        let fork = try GatewayLog()
        try fork.session(2)
        let result = try store.ingest(fork.batch(), from: "clinic", trusting: .firstContact, at: now)
        guard case .refused(.forked, sequence: 2, through: gateway.recorder.lastSequence, detail: _) = result
        else {
            Issue.record("\(result)")
            return
        }
        let size = store.size
        _ = try store.ingest(fork.batch(), from: "clinic", trusting: .firstContact, at: now)
        #expect(store.size == size, "one incident is recorded once")
        let report = try verify(folder)
        #expect(report.findings.map(\.kind) == [.forked])
        #expect(report.incidents.count == 1)
    }

    @Test
    func `another key than the pinned one is refused`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let gateway = try GatewayLog()
        try gateway.session(1)
        _ = try store.ingest(gateway.batch(), from: "clinic", trusting: .firstContact, at: now)
        let impostor = try GatewayLog(seed: 8)
        try impostor.session(1)
        let result = try store.ingest(impostor.batch(), from: "clinic", trusting: .firstContact, at: now)
        guard case .refused(.badSignature, sequence: 1, through: _, detail: _) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(try verify(folder).isIntact, "nothing of it was stored, and a claim is no fork")
    }

    @Test
    func `records that do not continue the chain are refused`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let (gateway, other) = (try GatewayLog(), try GatewayLog())
        try gateway.session(1)
        try other.session(9)
        _ = try store.ingest(gateway.batch(), from: "clinic", trusting: .firstContact, at: now)
        let through = gateway.recorder.lastSequence
        try other.session(2)
        let result = try store.ingest(
            other.batch(after: through), from: "clinic", trusting: .firstContact, at: now)
        guard case .refused(.hashMismatch, sequence: through + 1, through: through, detail: _) = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test
    func `only trusted keys are pinned when there is a folder of them`() throws {
        let folder = try TemporaryFolder()
        let keys = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let gateway = try GatewayLog()
        try gateway.session(1)
        let trusted = TrustedKeys.folder(keys.path)
        guard
            case .refused(.otherKey, sequence: 0, through: 0, detail: _) =
                try store.ingest(gateway.batch(), from: "clinic", trusting: trusted, at: now)
        else {
            Issue.record("a key nobody vouches for was pinned")
            return
        }
        try SigningKeyFile.publish(gateway.key, name: "clinic", to: "\(keys.path)/clinic.pub")
        #expect(
            try store.ingest(gateway.batch(), from: "clinic", trusting: trusted, at: now)
                == .acknowledged(through: gateway.recorder.lastSequence))
    }

    @Test
    func `made-up names do not fill the log`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        var sizes: Set<UInt64> = []
        for number in 0..<1005 {
            let name = "made-up-\(number)"
            let batch = try GatewayLog(name: name, limits: .init(segmentByteCount: 8 << 10)).signed()
            guard
                case .refused(.otherKey, _, _, _) = try store.ingest(
                    batch, from: name, trusting: .folder(folder.path), at: now)
            else {
                Issue.record("a key nobody vouches for was pinned")
                return
            }
            sizes.insert(store.size)
        }
        #expect(sizes.count == 1000)
    }

    @Test
    func `what is stored survives reopening, and goes on`() throws {
        let folder = try TemporaryFolder()
        let gateway = try GatewayLog()
        var roots: [String] = []
        for number: UInt64 in 1...5 {
            let store = try EvidenceStore(folder: folder.path, at: now)
            if let last = roots.last { #expect(try store.checkpoint() == last) }
            try gateway.session(number)
            _ = try store.ingest(gateway.batch(), from: "clinic", trusting: .firstContact, at: now)
            roots.append(try store.checkpoint())
        }
        let report = try StoredLog(folder: folder.path).verify(notes: roots)
        #expect(report.isIntact)
        #expect(report.coveredCount == report.recordCount)
    }

    @Test
    func `the sink's own times do not go back`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        try store.recordRead(by: "a", of: "export", filter: "", count: 0, at: now - 5)
        let line = try #require(try store.records(from: 1).entries.first?.line)
        let record = try RecordDecoder(line).record()
        #expect((record.time.microsecondsSinceEpoch, record.clockBehind) == (now, 5))
    }
}
