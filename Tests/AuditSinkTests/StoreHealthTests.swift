import Audit
import AuditSink
import TemporaryFiles
import Testing

/// A store that is in use elsewhere, or that somebody else has changed.
struct StoreHealthTests {
    private let now: Int64 = 1_795_436_500_000_000

    /// A record that no sink has written, where the next would be.
    private static let intruder = """
        INSERT INTO records (position, gateway, sequence, hash, line)
        SELECT max(position) + 1, 1, 1000000, x'00', x'00' FROM records
        """
    private static let withoutIntruder = "DELETE FROM records WHERE sequence = 1000000"

    private func file(_ folder: TemporaryFolder) -> String { folder.path + "/" + EvidenceStore.fileName }

    @Test
    func `a folder has one store at a time`() throws {
        let folder = try TemporaryFolder()
        do {
            let store = try EvidenceStore(folder: folder.path, at: now)
            #expect(throws: StoreError.folderInUse(folder.path)) {
                try EvidenceStore(folder: folder.path, at: now)
            }
            try store.rehearse()
        }
        _ = try EvidenceStore(folder: folder.path, at: now)
    }

    @Test
    func `a store is made with the folders above it`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path + "/nd/weir/sink", at: now)
        #expect(store.size == 1)
    }

    @Test
    func `a change that fails shows until one succeeds`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        #expect(!store.health.isFailing)
        try TamperedDatabase.run(Self.intruder, in: file(folder))
        #expect(throws: StoreError.self) {
            try store.recordRead(by: "kim", of: "sessions", filter: "", count: 0, at: now)
        }
        #expect(store.health.isFailing)
        try TamperedDatabase.run(Self.withoutIntruder, in: file(folder))
        try store.recordRead(by: "kim", of: "sessions", filter: "", count: 0, at: now)
        #expect(!store.health.isFailing)
        #expect(try StoredLog(folder: folder.path).verify().isIntact)
    }

    @Test
    func `a trial adds nothing, and finds what keeps records out`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        try store.rehearse()
        try TamperedDatabase.run(Self.intruder, in: file(folder))
        #expect(throws: StoreError.self) { try store.rehearse() }
        #expect(store.health.isFailing)
        try TamperedDatabase.run(Self.withoutIntruder, in: file(folder))
        try store.rehearse()
        #expect(!store.health.isFailing && store.size == 1)
        #expect(try StoredLog(folder: folder.path).verify().recordCount == 1)
    }

    @Test
    func `a trial is due a while after the last failure`() throws {
        let folder = try TemporaryFolder()
        let store = try EvidenceStore(folder: folder.path, at: now)
        #expect(!store.health.isTrialDue(at: .now + StoreHealth.trialDelay * 2))
        try TamperedDatabase.run(Self.intruder, in: file(folder))
        #expect(throws: StoreError.self) { try store.rehearse() }
        #expect(!store.health.isTrialDue())
        #expect(store.health.isTrialDue(at: .now + StoreHealth.trialDelay))
    }
}
