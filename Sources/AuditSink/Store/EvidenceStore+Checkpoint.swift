package import Audit

extension EvidenceStore {
    /// The newest tree head, signed. It covers every record there is: each change is signed with it.
    package func checkpoint() throws(StoreError) -> String {
        var note: String?
        try database.run("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1") {
            row throws(StoreError) in
            note = row.text(0)
        }
        guard let note else { throw .inconsistent("there is no checkpoint") }
        return note
    }

    /// Signs the tree as it is now. Within ``change(_:)``.
    func signCheckpoint() throws(StoreError) {
        let checkpoint = Checkpoint(origin: origin, size: size, root: frontier.root)
        let note: String
        do {
            note = try SignedNote(signing: checkpoint.text, as: origin, with: key).note
        } catch {
            throw .signing
        }
        try database.run(
            "INSERT INTO checkpoints (size, note) VALUES (?, ?)", [.integer(Int64(size)), .text(note)])
    }

    /// The audit path of the record at `position`, in the tree as it was with `size` leaves.
    /// - Returns: `nil` when there is no such record or tree.
    package func inclusionProof(
        position: UInt64, size: UInt64
    ) throws(StoreError) -> (leaf: Digest, path: [Digest])? {
        guard position < size, size <= self.size else { return nil }
        let path = try MerkleTree.inclusionProof(of: position, size: size) {
            level, index throws(StoreError) in
            try database.node(level: level, index: index)
        }
        return (try database.node(level: 0, index: position), path)
    }

    /// - Returns: `nil` when there was no such tree.
    package func consistencyProof(from first: UInt64, to second: UInt64) throws(StoreError) -> [Digest]? {
        guard first <= second, second <= size else { return nil }
        return try MerkleTree.consistencyProof(from: first, to: second) { level, index throws(StoreError) in
            try database.node(level: level, index: index)
        }
    }

    /// Where a gateway's record lies in the tree.
    package func position(gateway: String, sequence: UInt64) throws(StoreError) -> UInt64? {
        var position: UInt64?
        try database.run(
            """
            SELECT position FROM records JOIN gateways ON gateways.id = records.gateway
            WHERE name = ? AND sequence = ?
            """, [.text(gateway), .integer(Int64(clamping: sequence))]
        ) { row throws(StoreError) in position = UInt64(row.integer(0)) }
        return position
    }
}
