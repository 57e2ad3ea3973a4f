package import API
package import Kubernetes

/// Whom gateways have met, as they tell the operator: what identities are used for, and which were refused as unused.
package struct IdentityUses: Sendable, Equatable {
    package struct Use: Sendable, Equatable {
        package var subject: String
        /// `namespace/name`.
        package var connection: String
        /// Empty for workloads, which the operator attests.
        package var issuer: String
        /// Who answers for it; empty for people, who do themselves.
        package var owner: String
        /// Of the last token, in seconds since 1970; 0 for workloads.
        package var expiry: Int64

        package init(subject: String, connection: String, issuer: String, owner: String, expiry: Int64) {
            self.subject = subject
            self.connection = connection
            self.issuer = issuer
            self.owner = owner
            self.expiry = expiry
        }
    }

    package struct Key: Sendable, Hashable {
        package var subject: String
        package var connection: String
    }

    /// Most of either told at once. Ours.
    package static let limit = 1000
    /// Of a report, in bytes: most texts in it have some dozens. Ours.
    package static let maximumLength = 1 << 20
    /// Of a subject, connection, issuer or owner, in bytes; a revocation names no longer ones. Ours.
    package static let maximumTextLength = 1 << 10

    private var uses: [Key: Use] = [:]
    private var refusals: Set<Key> = []
    private var ownerlessRefusals: Set<Key> = []

    package init() {}

    package var isEmpty: Bool { uses.isEmpty && refusals.isEmpty && ownerlessRefusals.isEmpty }
    package var all: [Use] {
        uses.values.sorted { ($0.subject, $0.connection) < ($1.subject, $1.connection) }
    }
    /// Who was not used for too long, and wanted to be.
    package var unused: [Key] { Self.sorted(refusals) }
    /// Workloads that nobody answers for, where somebody must.
    package var ownerless: [Key] { Self.sorted(ownerlessRefusals) }

    private static func sorted(_ keys: Set<Key>) -> [Key] {
        keys.sorted { ($0.subject, $0.connection) < ($1.subject, $1.connection) }
    }

    fileprivate static func fits(_ text: String) -> Bool { text.utf8.count <= maximumTextLength }

    /// Those beyond ``limit`` are left out until what is there has been told, and texts that are too long always:
    /// nobody would take a report with one.
    package mutating func note(_ identity: VerifiedIdentity, of connection: String) {
        note(identity.subject, identity.evidence, of: connection)
    }

    /// A workload, as the operator attests it.
    package mutating func note(workload: Subject, of connection: String) {
        note(workload, nil, of: connection)
    }

    private mutating func note(_ subject: Subject, _ evidence: IdentityEvidence?, of connection: String) {
        let key = Key(subject: subject.name, connection: connection)
        guard uses[key] != nil || uses.count < Self.limit else { return }
        let use = Use(
            subject: key.subject, connection: connection, issuer: evidence?.issuer ?? "",
            owner: subject.owner ?? "", expiry: evidence?.expiry ?? 0)
        if use.fits { uses[key] = use }
    }

    package mutating func noteUnused(_ subject: String, of connection: String) {
        Self.note(Key(subject: subject, connection: connection), in: &refusals)
    }

    package mutating func noteOwnerless(_ subject: String, of connection: String) {
        Self.note(Key(subject: subject, connection: connection), in: &ownerlessRefusals)
    }

    private static func note(_ key: Key, in refusals: inout Set<Key>) {
        if refusals.count < limit, key.fits { refusals.insert(key) }
    }

    private var json: JSON {
        [
            "uses": .array(
                all.map {
                    [
                        "subject": .string($0.subject), "connection": .string($0.connection),
                        "issuer": .string($0.issuer), "owner": .string($0.owner),
                        "expiry": .integer($0.expiry),
                    ]
                }),
            "unused": Self.json(unused), "ownerless": Self.json(ownerless),
        ]
    }

    private static func json(_ keys: [Key]) -> JSON {
        .array(keys.map { ["subject": .string($0.subject), "connection": .string($0.connection)] })
    }

    /// As it is told.
    package var bytes: [UInt8] { json.rendered }

    /// - Returns: `nil` unless all of it is well formed, and no text too long.
    package init?(_ json: JSON) {
        guard let uses = json["uses"]?.array, let unused = json["unused"]?.array,
            let ownerless = json["ownerless"].map({ $0.array }) ?? [],
            uses.count <= Self.limit, unused.count <= Self.limit, ownerless.count <= Self.limit
        else { return nil }
        for item in uses {
            guard let key = Key(item), let issuer = item["issuer"]?.string,
                let expiry = item["expiry"]?.integer
            else { return nil }
            let use = Use(
                subject: key.subject, connection: key.connection, issuer: issuer,
                owner: item["owner"]?.string ?? "", expiry: expiry)
            guard use.fits else { return nil }
            self.uses[key] = use
        }
        for item in unused {
            guard let key = Key(item) else { return nil }
            refusals.insert(key)
        }
        for item in ownerless {
            guard let key = Key(item) else { return nil }
            ownerlessRefusals.insert(key)
        }
    }
}

extension IdentityUses.Key {
    fileprivate init?(_ item: JSON) {
        guard let subject = item["subject"]?.string, !subject.isEmpty,
            let connection = item["connection"]?.string, !connection.isEmpty
        else { return nil }
        self.init(subject: subject, connection: connection)
        guard fits else { return nil }
    }

    fileprivate var fits: Bool { IdentityUses.fits(subject) && IdentityUses.fits(connection) }
}

extension IdentityUses.Use {
    fileprivate var fits: Bool { [subject, connection, issuer, owner].allSatisfy(IdentityUses.fits) }
}
