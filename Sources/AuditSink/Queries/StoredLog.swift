package import Audit
import Cryptography
import FoundationEssentials

/// A sink's data folder opened for reading, also while the sink runs.
package final class StoredLog {
    private let database: Database
    /// The sink's key as it published it.
    package let key: VerifierKey

    /// - Throws: ``StoreError/foreignFile(_:)`` when the folder is none of a sink.
    package init(folder: String) throws(StoreError) {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(EvidenceStore.publicKeyFileName)"),
            let key = VerifierKey(String(decoding: data.prefix { $0 != 0x0a }, as: UTF8.self))
        else { throw .foreignFile("\(folder)/\(EvidenceStore.publicKeyFileName)") }
        self.key = key
        database = try Database(path: "\(folder)/\(EvidenceStore.fileName)", isReadOnly: true)
        guard try database.isStore else { throw .foreignFile("\(folder)/\(EvidenceStore.fileName)") }
    }

    /// All records in the order of the log, as they are at one moment.
    package func forEachRecord(_ body: (RecordPage.Entry) -> Void) throws(StoreError) {
        try database.run(
            """
            SELECT position, name, line FROM records LEFT JOIN gateways ON gateways.id = records.gateway
            ORDER BY position
            """
        ) { row throws(StoreError) in
            body(
                RecordPage.Entry(
                    position: UInt64(clamping: row.integer(0)), gateway: row.text(1), line: row.blob(2)))
        }
    }

    /// Recomputes the tree from the records, and verifies every checkpoint and every gateway's chain against it.
    /// `trustedKey` is the sink's, where it is known from elsewhere; `notes` are checkpoints kept elsewhere.
    package func verify(trustedKey: VerifierKey? = nil, notes: [String] = []) throws(StoreError) -> LogReport
    {
        var verifier = LogVerifier(key: trustedKey ?? key)
        var result: Result<Void, StoreError> = .success(())
        try database.execute("BEGIN")  // one moment for all that follows
        do throws(StoreError) {
            try database.run("SELECT name, key, last_sequence FROM gateways") { row throws(StoreError) in
                verifier.expect(
                    gateway: row.text(0), key: row.blob(1), lastSequence: UInt64(clamping: row.integer(2)))
            }
            try database.run("SELECT note FROM checkpoints ORDER BY size") { row throws(StoreError) in
                verifier.expect(note: row.text(0))
            }
            for note in notes { verifier.expect(note: note) }
            try forEachRecord { entry in
                verifier.receive(entry.line, gateway: entry.gateway, position: entry.position)
            }
        } catch {
            result = .failure(error)
        }
        try database.execute("COMMIT")
        try result.get()
        return verifier.finish()
    }
}
