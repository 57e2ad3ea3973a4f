/// Who asks, and how that was proven.
package struct Subject: Sendable, Hashable {
    package enum Proof: String, Sendable, Hashable, CaseIterable {
        /// A password of a user kept by the gateway, by SCRAM-SHA-256.
        case gatewayUser = "GatewayUser"
        /// The identity of the pod the gateway stands in, for clients on its loopback or socket.
        case workload = "Workload"
        /// A token of an OpenID Connect issuer.
        case token = "Token"
        /// A grant, which the operator gave for such a token or for a sign-in by SAML.
        case grant = "Grant"
    }

    /// The attribute that names who started the job that it is.
    package static let actorAttribute = "actor"
    /// The attribute that names who answers for it.
    package static let ownerAttribute = "owner"

    package var name: String
    package var groups: [String]
    package var proof: Proof
    /// What else was proven, by name: repository, ref and run of a CI job, or the pod of a workload.
    package var attributes: [String: String]

    package init(name: String, groups: [String], proof: Proof, attributes: [String: String] = [:]) {
        self.name = name
        self.groups = groups
        self.proof = proof
        self.attributes = attributes
    }
}

extension Subject {
    /// Its attributes as records and people read them: `name=value`, sorted.
    package var attributeTexts: [String] { attributes.map { "\($0)=\($1)" }.sorted() }

    /// What ``attributeTexts`` tells; of two with one name the first.
    package static func attributes(_ texts: [String]) -> [String: String] {
        let pairs = texts.map { text -> (String, String) in
            let end = text.firstIndex(of: "=") ?? text.endIndex
            return (String(text[..<end]), String(text[end...].dropFirst()))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// The name of who answers for it; `nil` for those who do themselves.
    package var owner: String? { attributes[Self.ownerAttribute] }
}

/// By what a subject was proven that had a token or a grant, and until when that holds.
package struct IdentityEvidence: Sendable, Hashable {
    /// Who said so: the `iss` of the token, also of one that a grant was given for.
    package var issuer: String
    /// The `jti` of what was shown, then that of the token a grant was given for; without those that had none.
    package var tokenIDs: [String]
    /// Seconds since 1970, as ``expiry``. Of a grant, those of the token it was given for.
    package var issuedAt: Int64
    package var expiry: Int64
    /// SHA-256 of the certificate by which a SAML identity provider said so, hexadecimal; `nil` for tokens. Not
    /// recorded.
    package var certificate: String?

    package init(
        issuer: String, tokenIDs: [String], issuedAt: Int64, expiry: Int64, certificate: String? = nil
    ) {
        self.issuer = issuer
        self.tokenIDs = tokenIDs
        self.issuedAt = issuedAt
        self.expiry = expiry
        self.certificate = certificate
    }
}
