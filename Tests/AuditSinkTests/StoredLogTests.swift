import API
import Audit
import AuditSink
import TemporaryFiles
import Testing

/// What verification says of a sink's folder that somebody with its database has been at.
struct StoredLogTests {
    private let now: Int64 = 1_795_436_500_000_000

    private func stored() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        for name in ["clinic", "pharmacy"] {
            let gateway = try GatewayLog(name: name)
            for number: UInt64 in 1...3 {
                try gateway.session(number)
                _ = try store.ingest(gateway.batch(), from: name, trusting: .firstContact, at: now)
            }
        }
        return folder
    }

    private func findings(_ folder: TemporaryFolder, after sql: String) throws -> Set<Finding.Kind> {
        try TamperedDatabase.run(sql, in: folder.path + "/" + EvidenceStore.fileName)
        let report = try StoredLog(folder: folder.path).verify()
        return Set((report.findings + report.chains.flatMap(\.findings)).map(\.kind))
    }

    @Test
    func `an untouched log is intact and wholly covered`() throws {
        let folder = try stored()
        let report = try StoredLog(folder: folder.path).verify()
        #expect(report.isIntact)
        #expect(report.chains.count == 3)
        #expect(report.coveredCount == report.recordCount)
    }

    @Test
    func `an edited record is found by the chain and by the tree`() throws {
        let sql = """
            UPDATE records SET line = CAST(replace(CAST(line AS TEXT), 'SELECT 1', 'SELECT 2') AS BLOB)
            WHERE position = 6
            """
        #expect(try findings(stored(), after: sql) == [.edited, .treeMismatch])
    }

    @Test
    func `removed records are found`() throws {
        #expect(
            try findings(stored(), after: "DELETE FROM records WHERE position = 5") == [
                .removed, .treeMismatch, .truncated,
            ])
    }

    @Test
    func `exchanged records are found`() throws {
        let sql = """
            UPDATE records SET position = -1 WHERE position = 5; UPDATE records SET position = 5 WHERE position = 6;
            UPDATE records SET position = 6 WHERE position = -1
            """
        #expect(try findings(stored(), after: sql) == [.reordered, .treeMismatch])
    }

    @Test
    func `a log cut short is found by its checkpoints`() throws {
        let sql = "DELETE FROM records WHERE position > 20"
        #expect(try findings(stored(), after: sql) == [.truncated])
    }

    @Test
    func `a log cut short with its checkpoints is found by one kept elsewhere`() throws {
        let folder = try stored()
        let store = try EvidenceStore(folder: folder.path, at: now)
        let kept = try store.checkpoint()
        let sql = """
            DELETE FROM checkpoints WHERE size > 9; DELETE FROM records WHERE position >= 9;
            UPDATE gateways SET last_sequence = 1 WHERE id = 1; UPDATE gateways SET last_sequence = 0 WHERE id > 1;
            """
        try TamperedDatabase.run(sql, in: folder.path + "/" + EvidenceStore.fileName)
        let report = try StoredLog(folder: folder.path).verify(notes: [kept])
        #expect(report.findings.map(\.kind) == [.truncated])
    }

    @Test
    func `a checkpoint of another key does not count`() throws {
        let folder = try stored()
        let other = try EvidenceStore(folder: TemporaryFolder().path, at: now)
        let report = try StoredLog(folder: folder.path).verify(notes: [other.checkpoint()])
        #expect(report.findings.map(\.kind) == [.badSignature])
    }
}
