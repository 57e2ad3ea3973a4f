package import Kubernetes

/// Identities that hold no more.
package struct Revocation: Sendable, Hashable {
    /// The author of what an identity provider says by SCIM.
    package static let identityProvider = "scim"

    package enum Target: Sendable, Hashable {
        /// However its name is spelled in lower and upper case.
        case subject(String)
        /// A token, and the grants given for it; or one grant.
        case token(String)
        /// All that an issuer said.
        case issuer(String)
        /// All that anybody said.
        case everyone
    }

    package var target: Target
    /// Only what was issued before; seconds since 1970. `nil`: whenever it was.
    package var issuedBefore: Int64?
    /// When this is over, in seconds since 1970; `nil`: never.
    package var until: Int64?
    package var reason: String
    /// Who revoked, and when.
    package var author: String
    package var time: Int64

    package init(
        _ target: Target, issuedBefore: Int64? = nil, until: Int64? = nil, reason: String, author: String,
        time: Int64
    ) {
        self.target = target
        self.issuedBefore = issuedBefore
        self.until = until
        self.reason = reason
        self.author = author
        self.time = time
    }

    /// What identities it is about, told apart from others. What an identity provider says stands beside
    /// what people say: neither shortens the other's.
    package struct Key: Hashable, Sendable {
        var target: Target
        var issuedBefore: Int64?
        var isByIdentityProvider: Bool
    }

    package var key: Key {
        Key(
            target: target, issuedBefore: issuedBefore,
            isByIdentityProvider: author == Self.identityProvider)
    }

    func holds(at now: Int64) -> Bool { until.map { now < $0 } ?? true }

    func covers(issuedAt: Int64) -> Bool { issuedBefore.map { issuedAt < $0 } ?? true }
}

extension Revocation.Target {
    /// What is looked for: equal for two spellings of one subject. Tokens and issuers are named to the
    /// letter.
    package var caseFolded: Self {
        switch self {
        case .subject(let name): .subject(name.caseFolded)
        case .token, .issuer, .everyone: self
        }
    }
}

// MARK: - JSON

extension Revocation {
    /// Longest text of a revocation, in bytes. Ours.
    package static let maximumTextLength = 1024

    /// Whether ``json`` says all of it to whoever reads it.
    package var isReadable: Bool { Self(json) == self }

    package var json: JSON {
        var json: JSON = [
            "reason": .string(reason), "author": .string(author), "time": .integer(time),
        ]
        switch target {
        case .subject(let name): json["subject"] = .string(name)
        case .token(let id): json["token"] = .string(id)
        case .issuer(let name): json["issuer"] = .string(name)
        case .everyone: json["everyone"] = true
        }
        if let issuedBefore { json["issuedBefore"] = .integer(issuedBefore) }
        if let until { json["until"] = .integer(until) }
        return json
    }

    /// - Returns: `nil` for what is none, or names no target or several.
    package init?(_ json: JSON) {
        var targets: [Target] = []
        if let name = json["subject"]?.string { targets.append(.subject(name)) }
        if let id = json["token"]?.string { targets.append(.token(id)) }
        if let name = json["issuer"]?.string { targets.append(.issuer(name)) }
        if json["everyone"]?.bool == true { targets.append(.everyone) }
        let texts = ["subject", "token", "issuer", "reason", "author"].compactMap { json[$0]?.string }
        guard targets.count == 1, texts.allSatisfy({ $0.utf8.count <= Self.maximumTextLength }) else {
            return nil
        }
        // Without a bound it would shut everybody out for good.
        guard targets[0] != .everyone || json["issuedBefore"]?.integer != nil else { return nil }
        self.init(
            targets[0], issuedBefore: json["issuedBefore"]?.integer, until: json["until"]?.integer,
            reason: json["reason"]?.string ?? "", author: json["author"]?.string ?? "",
            time: json["time"]?.integer ?? 0)
    }
}
