import Audit
import AuditSink
import TemporaryFiles
import Testing

/// A store that an earlier version of the sink has written.
struct MigrationTests {
    private let now: Int64 = 1_795_436_500_000_000

    /// What there was in version 1, for sessions without attributes.
    private static let toVersion1 = "ALTER TABLE sessions DROP COLUMN attributes; PRAGMA user_version = 1"

    /// A folder of version 1 with two sessions of a gateway that goes on.
    private func stored() throws -> (folder: TemporaryFolder, gateway: GatewayLog) {
        let folder = try TemporaryFolder()
        let gateway = try GatewayLog()
        for number: UInt64 in 1...2 {
            let store = try EvidenceStore(folder: folder.path, at: now)
            try gateway.session(number)
            _ = try store.ingest(gateway.batch(), from: "clinic", trusting: .firstContact, at: now)
        }
        try TamperedDatabase.run(Self.toVersion1, in: file(folder))
        return (folder, gateway)
    }

    private func file(_ folder: TemporaryFolder) -> String { folder.path + "/" + EvidenceStore.fileName }

    @Test
    func `a store of version 1 is read and goes on, with all that it had`() throws {
        let (folder, gateway) = try stored()
        let before = try StoredLog(folder: folder.path).verify()
        #expect(before.isIntact)

        let store = try EvidenceStore(folder: folder.path, at: now)
        let sessions = try store.sessions(SessionFilter(limit: 10))
        #expect(sessions.map(\.subject) == ["dana", "dana"] && sessions.allSatisfy { $0.attributes == [] })
        #expect(store.size == before.recordCount)
        try gateway.session(3)
        #expect(
            try store.ingest(gateway.batch(), from: "clinic", trusting: .firstContact, at: now)
                == .acknowledged(through: gateway.recorder.lastSequence))
        #expect(try store.sessions(SessionFilter(limit: 10)).count == 3)
        #expect(try StoredLog(folder: folder.path).verify().isIntact)
    }

    @Test
    func `it is brought up to date once`() throws {
        let (folder, _) = try stored()
        for _ in 0..<2 {
            let store = try EvidenceStore(folder: folder.path, at: now)
            #expect(try store.sessions(SessionFilter(limit: 10)).count == 2)
        }
        // A second column of the name would be refused.
        #expect(throws: TamperedDatabase.Refused.self) {
            try TamperedDatabase.run("ALTER TABLE sessions ADD COLUMN attributes TEXT", in: file(folder))
        }
    }

    @Test(arguments: [
        "PRAGMA application_id = 7; PRAGMA user_version = 1", "PRAGMA user_version = 3",
    ])
    func `what is another's, or of a later version, is left as it is`(sql: String) throws {
        let (folder, _) = try stored()
        try TamperedDatabase.run(sql, in: file(folder))
        #expect(throws: StoreError.self) { try EvidenceStore(folder: folder.path, at: now) }
        // Nothing was added to it.
        try TamperedDatabase.run("ALTER TABLE sessions ADD COLUMN attributes TEXT", in: file(folder))
    }
}
