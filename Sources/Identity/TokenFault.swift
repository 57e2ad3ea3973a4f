/// Why a token or grant proves nothing. Holds nothing of it but the name of a claim.
package enum TokenFault: Error, Equatable, CustomStringConvertible {
    /// Not of its form; says which part.
    case malformed(String)
    /// None of those allowed.
    case algorithm
    /// Of no issuer that the connection knows.
    case issuer
    /// Signed by a key that is not known, or not known to be the issuer's.
    case unknownKey
    case signature
    /// Meant for somebody else; of a grant, for another connection.
    case audience
    case expired
    /// From the future.
    case notYetValid
    /// Issued longer ago than is allowed.
    case tooOld
    case missingClaim(String)
    case claimMismatch(String)
    /// The subject or a group has a name that only Kubernetes gives.
    case reservedName
    case revoked
    /// Not used for longer than the connection allows.
    case unused
    /// What would be needed to tell, such as the revocations, is not there or too old.
    case unverifiable(String)

    /// Whether its issuer has signed the token, whatever else is wrong with it.
    package var isOfGenuineToken: Bool {
        switch self {
        case .audience, .expired, .notYetValid, .tooOld, .missingClaim, .claimMismatch, .reservedName,
            .revoked, .unused:
            true
        case .malformed, .algorithm, .issuer, .unknownKey, .signature, .unverifiable: false
        }
    }

    package var description: String {
        switch self {
        case .malformed(let part): "the token is malformed: \(part)"
        case .algorithm: "the token's algorithm is not allowed"
        case .issuer: "the token's issuer is not accepted"
        case .unknownKey: "the token's key is not known"
        case .signature: "the token's signature is wrong"
        case .audience: "the token is meant for somebody else"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .tooOld: "the token was issued too long ago"
        case .missingClaim(let name): "the token lacks the claim \(name)"
        case .claimMismatch(let name): "the token's claim \(name) is not the one required"
        case .reservedName: "the token names what only Kubernetes may"
        case .revoked: "the identity is revoked"
        case .unused: "the identity was not used for too long"
        case .unverifiable(let reason): "the token cannot be verified now: \(reason)"
        }
    }
}
