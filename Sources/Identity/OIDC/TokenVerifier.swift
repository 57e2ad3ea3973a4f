package import API
import Kubernetes

/// Verifies tokens of the issuers of one connection.
package struct TokenVerifier: Sendable {
    /// The keys of an issuer; `nil` while they are not known.
    package typealias Keys = (_ issuer: DatabaseConnection.Issuer) -> JSONWebKeySet?

    private let issuers: [DatabaseConnection.Issuer]

    package init(_ issuers: [DatabaseConnection.Issuer]) {
        self.issuers = issuers
    }

    /// Whether it has the parts of a token or begins as a grant; anything else is somebody's password.
    package static func isToken(_ secret: [UInt8]) -> Bool {
        SessionGrant.isGrant(secret) || secret.count { $0 == UInt8(ascii: ".") } == 2
    }

    /// Which of them the token says it is of; nothing of it is verified.
    package func claimedIssuer(of token: [UInt8]) throws(TokenFault) -> DatabaseConnection.Issuer {
        try issuer(of: CompactToken(token))
    }

    /// Whom the token says it is of, named as its issuer's subjects are; nothing of it is verified. Empty when it says nothing.
    package func claimedSubject(of token: [UInt8]) -> String {
        guard let token = try? CompactToken(token) else { return "" }
        return TokenClaims(token.payload).subject(by: try? issuer(of: token)) ?? ""
    }

    /// `now` counts seconds since 1970.
    package func verify(_ token: [UInt8], at now: Int64, keys: Keys) throws(TokenFault) -> VerifiedIdentity {
        let token = try CompactToken(token)
        let issuer = try issuer(of: token)
        guard issuer.algorithms.contains(token.algorithm) else { throw .algorithm }
        guard let set = keys(issuer) else { throw .unverifiable("the issuer's keys are not known") }
        guard let key = set.key(for: token) else { throw .unknownKey }
        guard key.isValidSignature(token.signature, for: token.signedBytes, by: token.algorithm) else {
            throw .signature
        }
        return try TokenClaims(token.payload).identity(by: issuer, at: now)
    }

    private func issuer(of token: CompactToken) throws(TokenFault) -> DatabaseConnection.Issuer {
        guard let name = token.payload["iss"]?.string,
            let issuer = issuers.first(where: { $0.issuer.utf8.elementsEqual(name.utf8) })
        else { throw .issuer }
        return issuer
    }
}
