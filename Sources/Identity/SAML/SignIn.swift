package import Cryptography
import Kubernetes

/// That somebody signed in at a SAML identity provider, as the operator attests it: what is exchanged for grants, as a token of an
/// OpenID Connect issuer is.
///
/// It comes through a browser, so by itself it opens nothing: whoever exchanges it shows the verifier whose digest it holds, and which
/// never left the program that asked for it (as RFC 7636 has it). With the verifier after a `~` it is one text.
package struct SignIn: Sendable, Equatable {
    package static let kind = "weir-sign-in-v1"
    /// Between it and the verifier.
    package static let separator = "~"
    /// Longest life, in seconds.
    package static let maximumLifetime: Int64 = 3600
    /// Of all that it holds, in bytes. Ours: it is sent in an address.
    package static let maximumContentLength = 12 << 10

    /// The identity provider's entityID.
    package var issuer: String
    /// SHA-256 of the certificate whose key signed the assertion, hexadecimal: a connection that does not name it, too, does not
    /// believe the sign-in.
    package var certificate: String
    package var assertionID: String
    package var nameID: String
    package var isTransient: Bool
    /// Values by name; `nil` for an attribute that is no text.
    package var attributes: [String: [String]?]
    /// Seconds since 1970, as the others; of the assertion.
    package var issuedAt: Int64
    package var expiry: Int64
    /// When the identity provider's session ends, and with it all that rests on it; `nil`: it does not say.
    package var sessionEnd: Int64?
    /// SHA-256 of the verifier, in base64 for URLs.
    package var challenge: String

    package init(
        issuer: String, certificate: String, assertionID: String, nameID: String, isTransient: Bool,
        attributes: [String: [String]?], issuedAt: Int64, expiry: Int64, sessionEnd: Int64?, challenge: String
    ) {
        self.issuer = issuer
        self.certificate = certificate
        self.assertionID = assertionID
        self.nameID = nameID
        self.isTransient = isTransient
        self.attributes = attributes
        self.issuedAt = issuedAt
        self.expiry = expiry
        self.sessionEnd = sessionEnd
        self.challenge = challenge
    }

    /// Whether it holds no more than may be sent.
    package var fits: Bool { json.rendered.count <= Self.maximumContentLength }

    package func signed(by key: Ed25519.PrivateKey, id: String) throws(CryptographyError) -> String {
        try SignedText.sign(json, as: Self.kind, by: key, id: id)
    }

    private var json: JSON {
        var json: JSON = [
            "iss": .string(issuer), "cert": .string(certificate), "jti": .string(assertionID),
            "sub": .string(nameID), "transient": .bool(isTransient), "iat": .integer(issuedAt),
            "exp": .integer(expiry), "challenge": .string(challenge),
            "attributes": .object(
                JSON.Object(
                    attributes.sorted { $0.key < $1.key }.map { ($0, $1.map { JSON($0) } ?? .null) })),
        ]
        if let sessionEnd { json["sessionEnd"] = .integer(sessionEnd) }
        return json
    }

    /// Whether it is one by its first bytes.
    package static func isSignIn(_ text: [UInt8]) -> Bool { SignedText.isOf(kind, text) }

    /// `text` is a sign-in with its verifier; `now` counts seconds since 1970.
    package init(verifying text: [UInt8], keys: GrantKeySet, at now: Int64) throws(TokenFault) {
        let parts = text.split(separator: UInt8(ascii: "~"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .malformed("a sign-in without its verifier") }
        try self.init(SignedText.open(Array(parts[0]), as: Self.kind, keys: keys))
        let shown = Base64URL.encode(SHA256.digest(of: Array(parts[1])))
        guard ConstantTime.isEqual(Array(shown.utf8), Array(challenge.utf8)) else {
            throw .malformed("the verifier is another's")
        }
        guard now < expiry, now < sessionEnd ?? .max else { throw .expired }
    }

    private init(_ json: JSON) throws(TokenFault) {
        guard let issuer = json["iss"]?.string, let certificate = json["cert"]?.string,
            let assertionID = json["jti"]?.string, let nameID = json["sub"]?.string,
            let isTransient = json["transient"]?.bool, let issuedAt = json["iat"]?.integer,
            let expiry = json["exp"]?.integer, let challenge = json["challenge"]?.string,
            let fields = json["attributes"]?.object
        else { throw .malformed("sign-in") }
        var attributes: [String: [String]?] = [:]
        for (name, value) in fields { attributes[name] = .some(value.array == nil ? nil : value.strings) }
        self.init(
            issuer: issuer, certificate: certificate, assertionID: assertionID, nameID: nameID,
            isTransient: isTransient, attributes: attributes, issuedAt: issuedAt, expiry: expiry,
            sessionEnd: json["sessionEnd"]?.integer, challenge: challenge)
    }
}
