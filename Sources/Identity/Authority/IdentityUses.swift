import API
package import Kubernetes

/// Whom gateways have met, as they tell the operator: what identities are used for, and which were refused as unused.
package struct IdentityUses: Sendable, Equatable {
    package struct Use: Sendable, Equatable {
        package var subject: String
        /// `namespace/name`.
        package var connection: String
        package var issuer: String
        /// Who answers for it; empty for people, who do themselves.
        package var owner: String
        /// Of the last token, in seconds since 1970.
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
    /// Of a report, in bytes: a use has texts of at most 1 KiB, most have some dozens. Ours.
    package static let maximumLength = 1 << 20

    private var uses: [Key: Use] = [:]
    private var refusals: Set<Key> = []

    package init() {}

    package var isEmpty: Bool { uses.isEmpty && refusals.isEmpty }
    package var all: [Use] { uses.values.sorted { ($0.subject, $0.connection) < ($1.subject, $1.connection) } }
    /// Who was not used for too long, and wanted to be.
    package var unused: [Key] { refusals.sorted { ($0.subject, $0.connection) < ($1.subject, $1.connection) } }

    /// Those beyond ``limit`` are left out until what is there has been told.
    package mutating func note(_ identity: VerifiedIdentity, of connection: String) {
        let key = Key(subject: identity.subject.name, connection: connection)
        guard uses[key] != nil || uses.count < Self.limit else { return }
        uses[key] = Use(
            subject: key.subject, connection: connection, issuer: identity.evidence.issuer,
            owner: identity.subject.owner ?? "", expiry: identity.evidence.expiry)
    }

    package mutating func noteUnused(_ subject: String, of connection: String) {
        if refusals.count < Self.limit {
            refusals.insert(Key(subject: subject, connection: connection))
        }
    }

    private var json: JSON {
        [
            "uses": .array(
                all.map {
                    [
                        "subject": .string($0.subject), "connection": .string($0.connection),
                        "issuer": .string($0.issuer), "owner": .string($0.owner), "expiry": .integer($0.expiry),
                    ]
                }),
            "unused": .array(
                unused.map { ["subject": .string($0.subject), "connection": .string($0.connection)] }),
        ]
    }

    /// As it is told.
    package var bytes: [UInt8] { json.rendered }

    /// - Returns: `nil` unless all of it is well formed.
    package init?(_ json: JSON) {
        guard let uses = json["uses"]?.array, let unused = json["unused"]?.array,
            uses.count <= Self.limit, unused.count <= Self.limit
        else { return nil }
        for item in uses {
            guard let key = Key(item), let issuer = item["issuer"]?.string,
                let expiry = item["expiry"]?.integer
            else { return nil }
            self.uses[key] = Use(
                subject: key.subject, connection: key.connection, issuer: issuer,
                owner: item["owner"]?.string ?? "", expiry: expiry)
        }
        for item in unused {
            guard let key = Key(item) else { return nil }
            refusals.insert(key)
        }
    }
}

extension IdentityUses.Key {
    fileprivate init?(_ item: JSON) {
        guard let subject = item["subject"]?.string, !subject.isEmpty,
            let connection = item["connection"]?.string, !connection.isEmpty
        else { return nil }
        self.init(subject: subject, connection: connection)
    }
}
