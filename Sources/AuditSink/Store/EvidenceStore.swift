package import Audit
import Cryptography

/// The log of all gateways in one SQLite file: records as they were sent, and the Merkle tree over them.
///
/// Used from one thread at a time. Every change is one transaction, durable before its method returns; what is in
/// memory is a copy of what was committed. One store at a time has the folder.
package final class EvidenceStore {
    let database: Database
    /// Which log this is: the name its checkpoints are signed with.
    package let origin: String
    let key: Ed25519.PrivateKey
    var frontier: MerkleFrontier
    /// The sink's own chain.
    var own: Chain
    /// What came of the last change.
    package let health = StoreHealth()
    private let lock: FolderLock

    /// Where a chain of records stands.
    struct Chain {
        let id: Int64
        var lastSequence: UInt64
        var lastHash: Digest
        var lastTime: Timestamp
    }

    package static let fileName = "evidence.sqlite"
    package static let keyFileName = "sink.key"
    package static let publicKeyFileName = "sink.pub"

    /// Opens the store in `folder`; makes folder, key and store if there are none. `now` is in microseconds since
    /// the epoch.
    /// - Throws: ``StoreError/folderInUse(_:)`` while another process has it.
    package init(folder: String, at now: Int64) throws {
        do throws(RecorderError) { lock = try FolderLock(folder) } catch {
            guard case .folderInUse = error else { throw error }
            throw StoreError.folderInUse(folder)
        }
        key = try SigningKeyFile.loadOrCreate("\(folder)/\(Self.keyFileName)", in: folder)
        let publicKey = try key.publicKey
        let fingerprint = Digest(of: publicKey.rawRepresentation).hexadecimal.prefix(16)
        origin = "weir-audit-sink/\(fingerprint)"
        try SigningKeyFile.publish(key, name: origin, to: "\(folder)/\(Self.publicKeyFileName)")
        database = try Database(path: "\(folder)/\(Self.fileName)", isReadOnly: false)
        try database.execute(Schema.settings)
        let version = try database.integer("PRAGMA user_version")
        let changes = version == 0 ? Schema.tables : version == 1 ? Schema.sinceVersion1 : nil
        if let changes {
            let database = database
            guard try version == 0 || database.isStore else {
                throw StoreError.foreignFile("\(folder)/\(Self.fileName)")
            }
            try database.transaction { () throws(StoreError) in try database.execute(changes) }
        }
        guard try database.isStore else { throw StoreError.foreignFile("\(folder)/\(Self.fileName)") }
        frontier = try Self.frontier(in: database)
        if let chain = try Self.chain(of: origin, in: database) {
            own = chain
        } else {
            own = Chain(
                id: 1, lastSequence: 0, lastHash: .zero, lastTime: Timestamp(microsecondsSinceEpoch: now))
            try begin(publicKey.rawRepresentation, at: now)
        }
    }

    /// Leaves in the tree.
    package var size: UInt64 { frontier.size }

    package var verifierKey: VerifierKey {
        get throws { VerifierKey(name: origin, publicKey: try key.publicKey) }
    }

    /// Runs `body` and signs the tree it leaves, as one transaction; what it changed in memory is taken back when
    /// it fails.
    func change<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        let (frontier, own) = (frontier, own)
        do {
            let result = try database.transaction { () throws(StoreError) in
                let result = try body()
                try signCheckpoint()
                return result
            }
            health.succeed()
            return result
        } catch {
            (self.frontier, self.own) = (frontier, own)
            health.fail()
            throw error
        }
    }

    /// Tries whether a change would be durable, without one of the log: the file's own version is written anew.
    package func rehearse() throws(StoreError) {
        do throws(StoreError) {
            guard try Self.leafCount(in: database) == size else {
                throw .inconsistent("another program has changed the log")
            }
            try database.transaction { () throws(StoreError) in
                try database.execute("PRAGMA user_version = \(Schema.version)")
            }
            health.succeed()
        } catch {
            health.fail()
            throw error
        }
    }

    /// Appends one leaf: a line without its line feed. Within ``change(_:)``.
    func append(
        _ line: [UInt8], gateway: Int64, sequence: UInt64, session: [UInt8]?, hash: Digest
    ) throws(StoreError) {
        try database.run(
            """
            INSERT INTO records (position, gateway, sequence, session, hash, line) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(Int64(frontier.size)), .integer(gateway), .integer(Int64(sequence)),
                session.map(Database.Value.blob) ?? .null, .blob(hash.bytes), .blob(line),
            ])
        for node in frontier.append(MerkleTree.leaf(line)) {
            try database.run(
                "INSERT INTO nodes (level, number, hash) VALUES (?, ?, ?)",
                [.integer(Int64(node.level)), .integer(Int64(node.index)), .blob(node.hash.bytes)])
        }
    }

    /// Appends a record of the sink's own. Within ``change(_:)``.
    func record(_ event: SinkEvent, at now: Int64) throws(StoreError) {
        try recordOwn(at: now) { encoder, sequence, time, behind in
            encoder.encode(event, sequence: sequence, time: time, clockBehind: behind)
        }
    }

    private func begin(_ publicKey: [UInt8], at now: Int64) throws(StoreError) {
        try change { () throws(StoreError) in
            try database.run(
                """
                INSERT INTO gateways (id, name, key, first_contact, last_sequence, last_hash, last_time)
                VALUES (1, ?, ?, ?, 0, ?, 0)
                """, [.text(origin), .blob(publicKey), .integer(now), .blob(Digest.zero.bytes)])
            let header = SegmentHeader(
                format: Record.formatVersion, gateway: origin, key: publicKey, previous: .zero)
            try recordOwn(at: now) { encoder, sequence, time, behind in
                encoder.encode(header, sequence: sequence, time: time, clockBehind: behind)
            }
        }
    }

    private func recordOwn(
        at now: Int64, encode: (inout RecordEncoder, UInt64, Timestamp, UInt64) -> Void
    ) throws(StoreError) {
        let clock = Timestamp(microsecondsSinceEpoch: now)
        let time = max(clock, own.lastTime)
        let behind = UInt64(time.microsecondsSinceEpoch - clock.microsecondsSinceEpoch)
        var encoder = RecordEncoder(continuing: own.lastHash)
        encode(&encoder, own.lastSequence + 1, time, behind)
        let line = Array(encoder.line.dropLast())
        encoder.commit()
        own.lastSequence += 1
        own.lastHash = encoder.head
        own.lastTime = time
        try append(line, gateway: own.id, sequence: own.lastSequence, session: nil, hash: own.lastHash)
        try save(own)
    }

    /// Writes where a chain stands.
    func save(_ chain: Chain) throws(StoreError) {
        try database.run(
            "UPDATE gateways SET last_sequence = ?, last_hash = ?, last_time = ? WHERE id = ?",
            [
                .integer(Int64(chain.lastSequence)), .blob(chain.lastHash.bytes),
                .integer(chain.lastTime.microsecondsSinceEpoch), .integer(chain.id),
            ])
    }

    static func chain(of name: String, in database: Database) throws(StoreError) -> Chain? {
        var chain: Chain?
        try database.run(
            "SELECT id, last_sequence, last_hash, last_time FROM gateways WHERE name = ?", [.text(name)]
        ) { row throws(StoreError) in
            guard let hash = Digest(bytes: row.blob(2)) else {
                throw .inconsistent("the hash of \(name)'s last record has no 32 bytes")
            }
            chain = Chain(
                id: row.integer(0), lastSequence: UInt64(clamping: row.integer(1)), lastHash: hash,
                lastTime: Timestamp(microsecondsSinceEpoch: row.integer(3)))
        }
        return chain
    }

    private static func frontier(in database: Database) throws(StoreError) -> MerkleFrontier {
        try MerkleFrontier(size: leafCount(in: database)) { level, index throws(StoreError) in
            try database.node(level: level, index: index)
        }
    }

    private static func leafCount(in database: Database) throws(StoreError) -> UInt64 {
        UInt64(clamping: try database.integer("SELECT ifnull(max(position) + 1, 0) FROM records"))
    }
}
