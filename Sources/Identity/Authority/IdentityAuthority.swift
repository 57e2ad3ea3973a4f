import Cryptography
package import Kubernetes

/// All that a gateway needs to verify tokens and grants by itself: what the operator tells it.
package struct IdentityAuthority: Sendable, Equatable {
    /// Longest text, in bytes: a line of the configuration stream.
    package static let maximumLength = 4 << 20
    /// Sources of issuers' keys taken. Ours.
    private static let maximumIssuers = 256

    package var grantKeys: GrantKeySet
    package var keys: [KeySource: JSONWebKeySet]
    package var revocations: RevocationList
    /// When subjects were used last, in seconds since 1970, that were not for long.
    package var unused: [String: Int64]
    /// Where keys come from that this operator has not read yet: what was told of them before may hold on.
    package var unread: [KeySource]

    package init(
        grantKeys: GrantKeySet = GrantKeySet(), keys: [KeySource: JSONWebKeySet] = [:],
        revocations: RevocationList = RevocationList(), unused: [String: Int64] = [:],
        unread: [KeySource] = []
    ) {
        self.grantKeys = grantKeys
        self.keys = keys
        self.revocations = revocations
        self.unused = unused
        self.unread = unread
    }

    private var content: JSON {
        let issuers = keys.sorted { $0.key < $1.key }.map { Self.item($0, $1) }
        return [
            "grantKeys": grantKeys.json, "revocations": revocations.json,
            "unused": .array(
                unused.sorted { $0.key < $1.key }.map { ["subject": .string($0), "last": .integer($1)] }),
            "unread": .array(unread.map(\.json)), "issuers": .array(issuers),
        ]
    }

    private static func item(_ source: KeySource, _ keys: JSONWebKeySet) -> JSON {
        var item = source.json
        item["keys"] = keys.json
        return item
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
        // Of those left out nothing is kept.
        for item in (json["unread"]?.array ?? []).prefix(Self.maximumIssuers) {
            guard let source = KeySource(item) else { return nil }
            unread.append(source)
        }
        for issuer in issuers {
            guard let source = KeySource(issuer), let set = issuer["keys"], keys[source] == nil,
                let set = try? JSONWebKeySet(set)
            else { return nil }
            keys[source] = set
        }
    }
}
