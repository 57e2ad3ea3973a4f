package import API
package import Cryptography
import Kubernetes

/// What the operator gives for a token: short-lived, for one subject and one connection, small enough for a password, and
/// verified by gateways without asking anybody.
///
///     weir-grant-v1.<key>.<payload>.<signature>
///
/// The payload is JSON in base64 for URLs, the signature Ed25519 over all that stands before it: a grant is no JWT, and
/// neither can be taken for the other.
package struct SessionGrant: Sendable, Equatable {
    package static let prefix = "weir-grant-v1"
    /// Longest life, in seconds.
    package static let maximumLifetime: Int64 = 3600
    /// Of a grant's text, in bytes. Ours.
    package static let maximumLength = 16 << 10
    /// By which a gateway's clock may be behind the operator's, in seconds. Ours.
    private static let clockSkew: Int64 = 30

    /// `namespace/name`.
    package var connection: String
    /// With the proof ``Subject/Proof/grant``.
    package var subject: Subject
    package var evidence: IdentityEvidence
    /// Seconds since 1970; ``IdentityEvidence/issuedAt`` is the token's.
    package var issuedAt: Int64

    /// For an identity that a token proved; `id` names it among all grants.
    package init(_ identity: VerifiedIdentity, connection: String, id: String, lifetime: Int64, at now: Int64)
    {
        self.connection = connection
        subject = identity.subject
        subject.proof = .grant
        evidence = identity.evidence
        evidence.tokenIDs.insert(id, at: 0)
        evidence.expiry = now + min(lifetime, Self.maximumLifetime)
        issuedAt = now
    }

    package func signed(by key: Ed25519.PrivateKey, id: String) throws(CryptographyError) -> String {
        let text = "\(Self.prefix).\(id).\(Base64URL.encode(json.rendered))"
        return text + "." + Base64URL.encode(try key.sign(Array(text.utf8)))
    }

    private var json: JSON {
        var json: JSON = [
            "connection": .string(connection), "sub": .string(subject.name), "groups": JSON(subject.groups),
            "attributes": JSON(subject.attributes), "iss": .string(evidence.issuer),
            "ids": JSON(evidence.tokenIDs), "tokenIssuedAt": .integer(evidence.issuedAt),
            "iat": .integer(issuedAt), "exp": .integer(evidence.expiry),
        ]
        if let certificate = evidence.certificate { json["cert"] = .string(certificate) }
        return json
    }

    /// Whether it is one by its first bytes.
    package static func isGrant(_ text: [UInt8]) -> Bool { text.starts(with: "\(prefix).".utf8) }

    /// `now` counts seconds since 1970.
    package init(
        verifying text: [UInt8], for connection: String, keys: GrantKeySet, at now: Int64
    ) throws(TokenFault) {
        guard text.count <= Self.maximumLength, Self.isGrant(text) else { throw .malformed("grant") }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4, let signature = Base64URL.decode(bytes: parts[3]) else {
            throw .malformed("grant")
        }
        guard let key = keys[String(decoding: parts[1], as: UTF8.self)] else { throw .unknownKey }
        guard key.isValidSignature(signature, for: Array(text[..<parts[2].endIndex])) else {
            throw .signature
        }
        guard let payload = Base64URL.decode(bytes: parts[2]),
            let json = try? JSON(parsing: payload, limits: JSON.Limits(length: Self.maximumLength))
        else { throw .malformed("grant") }
        try self.init(json)
        guard self.connection.utf8.elementsEqual(connection.utf8) else { throw .audience }
        guard now < evidence.expiry, evidence.expiry - issuedAt <= Self.maximumLifetime else {
            throw .expired
        }
        guard issuedAt <= now + Self.clockSkew else { throw .notYetValid }
    }

    private init(_ json: JSON) throws(TokenFault) {
        guard let connection = json["connection"]?.string, let name = json["sub"]?.string, !name.isEmpty,
            let issuer = json["iss"]?.string, let tokenIssuedAt = json["tokenIssuedAt"]?.integer,
            let issuedAt = json["iat"]?.integer, let expiry = json["exp"]?.integer, issuedAt >= 0,
            expiry >= issuedAt
        else { throw .malformed("grant") }
        self.connection = connection
        self.issuedAt = issuedAt
        subject = Subject(
            name: name, groups: json["groups"]?.strings ?? [], proof: .grant,
            attributes: json["attributes"]?.stringMap ?? [:])
        evidence = IdentityEvidence(
            issuer: issuer, tokenIDs: json["ids"]?.strings ?? [], issuedAt: tokenIssuedAt, expiry: expiry,
            certificate: json["cert"]?.string)
    }

    package var identity: VerifiedIdentity { VerifiedIdentity(subject: subject, evidence: evidence) }
}
