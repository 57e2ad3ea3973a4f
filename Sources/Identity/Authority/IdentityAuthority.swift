import Cryptography
package import Kubernetes

/// All that a gateway needs to verify tokens and grants by itself: what the operator tells it.
package struct IdentityAuthority: Sendable, Equatable {
    /// Longest text, in bytes: a line of the configuration stream.
    package static let maximumLength = 4 << 20
    /// Issuers taken. Ours.
    private static let maximumIssuers = 256

    package var grantKeys: GrantKeySet
    /// By issuer.
    package var keys: [String: JSONWebKeySet]
    package var revocations: RevocationList
    /// When subjects were used last, in seconds since 1970, that were not for long.
    package var unused: [String: Int64]

    package init(
        grantKeys: GrantKeySet = GrantKeySet(), keys: [String: JSONWebKeySet] = [:],
        revocations: RevocationList = RevocationList(), unused: [String: Int64] = [:]
    ) {
        self.grantKeys = grantKeys
        self.keys = keys
        self.revocations = revocations
        self.unused = unused
    }

    private var content: JSON {
        [
            "grantKeys": grantKeys.json, "revocations": revocations.json,
            "unused": .array(
                unused.sorted { $0.key < $1.key }.map { ["subject": .string($0), "last": .integer($1)] }),
            "issuers": .array(
                keys.sorted { $0.key < $1.key }.map { ["issuer": .string($0), "keys": $1.json] }),
        ]
    }

    /// SHA-256 of what it holds, hexadecimal.
    package var revision: String { Hexadecimal.encode(SHA256.digest(of: content.rendered)) }

    /// A line of the configuration stream, without its end.
    package var line: JSON {
        var line = content
        line["type"] = "Authority"
        line["revision"] = .string(revision)
        return line
    }

    /// - Returns: `nil` unless all of it is well formed.
    package init?(line: [UInt8]) {
        guard line.count <= Self.maximumLength,
            let json = try? JSON(parsing: line, limits: JSON.Limits(length: Self.maximumLength)),
            json["type"]?.string == "Authority", let issuers = json["issuers"]?.array,
            issuers.count <= Self.maximumIssuers,
            let grantKeys = json["grantKeys"].flatMap(GrantKeySet.init),
            let revocations = json["revocations"].flatMap(RevocationList.init)
        else { return nil }
        self.init(grantKeys: grantKeys, revocations: revocations)
        for item in json["unused"]?.array ?? [] {
            guard let subject = item["subject"]?.string, let last = item["last"]?.integer else { return nil }
            unused[subject] = last
        }
        for issuer in issuers {
            guard let name = issuer["issuer"]?.string, let set = issuer["keys"], keys[name] == nil,
                let set = try? JSONWebKeySet(set)
            else { return nil }
            keys[name] = set
        }
    }
}
