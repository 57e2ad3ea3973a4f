/// Why a SAML response proves nothing. Holds nothing of it but names that the standard gives.
package enum SAMLFault: Error, Equatable, CustomStringConvertible {
    /// Not of its form; says which part.
    case malformed(String)
    /// Beyond one of the limits.
    case tooLarge(String)
    /// Something that a response has no use for, and that has been used to deceive: a document type, a comment.
    case forbidden(String)
    /// The identity provider refused, with this status.
    case status(String)
    case encrypted
    case unsigned
    /// A signature that is made otherwise than is allowed; says what about it.
    case signatureForm(String)
    case algorithm(String)
    /// By none of the certificates, or over something else.
    case signature
    case certificate(String)
    case issuer
    /// For another service provider.
    case audience
    /// To be sent to another address.
    case recipient
    /// Not what this browser asked for.
    case unsolicited
    case expired
    /// From the future.
    case notYetValid
    /// A condition that is not known, so that nobody can tell whether it holds.
    case condition(String)

    package var description: String {
        switch self {
        case .malformed(let part): "the response is malformed: \(part)"
        case .tooLarge(let what): "the response has too many or too long \(what)"
        case .forbidden(let what): "the response holds \(what)"
        case .status(let code): "the identity provider said \(code)"
        case .encrypted: "the response holds something encrypted, which is not supported"
        case .unsigned: "neither the response nor its assertion is signed"
        case .signatureForm(let what): "a signature is not of the form allowed: \(what)"
        case .algorithm(let name): "a signature uses \(name), which is not allowed"
        case .signature: "a signature is wrong, or by no known certificate"
        case .certificate(let reason): "a certificate of the identity provider cannot be used: \(reason)"
        case .issuer: "the response is of another issuer"
        case .audience: "the assertion is meant for another service provider"
        case .recipient: "the response is meant for another address"
        case .unsolicited: "the response does not answer this request"
        case .expired: "the assertion has expired"
        case .notYetValid: "the assertion is not valid yet"
        case .condition(let name): "the assertion has a condition that is not known: \(name)"
        }
    }
}
