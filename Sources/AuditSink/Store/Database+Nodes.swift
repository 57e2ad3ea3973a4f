import Audit

extension Database {
    /// The one number a statement returns; 0 when it returns none.
    func integer(_ sql: String, _ values: [Value] = []) throws(StoreError) -> Int64 {
        var result: Int64 = 0
        try run(sql, values) { row throws(StoreError) in result = row.integer(0) }
        return result
    }

    /// Whether the file is a store of this version or an earlier one: the log is the same in all.
    var isStore: Bool {
        get throws(StoreError) {
            let application = try integer("PRAGMA application_id")
            let version = try integer("PRAGMA user_version")
            return application == Schema.applicationID && (1...Schema.version).contains(version)
        }
    }

    /// The hash of a complete subtree.
    func node(level: Int, index: UInt64) throws(StoreError) -> Digest {
        var hash: Digest?
        try run(
            "SELECT hash FROM nodes WHERE level = ? AND number = ?",
            [.integer(Int64(level)), .integer(Int64(clamping: index))]
        ) { row throws(StoreError) in hash = Digest(bytes: row.blob(0)) }
        guard let hash else { throw .inconsistent("tree node \(index) of level \(level) is missing") }
        return hash
    }
}
