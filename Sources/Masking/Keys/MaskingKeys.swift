package import API

/// The secrets from which pseudonyms are computed: the gateway's own, and those that policies name.
///
/// No secret is used as it is: each purpose has its own key, derived by HMAC-SHA-256, so that a hash
/// tells nothing about a token of the same value.
package struct MaskingKeys: Sendable {
    /// Fewest bytes of a secret: as many as the codes computed from it have.
    package static let minimumKeyLength = 32

    private let gateway: [UInt8]
    private let secrets: [SecretKeyReference: [UInt8]]

    /// - Parameters:
    ///   - gateway: serves the actions that name no secret; random, kept as long as pseudonyms must not change.
    ///   - secrets: the content of each secret that an action names, as it is in its file.
    /// - Throws: ``MaskingError/keyTooShort(byteCount:)``.
    package init(gateway: [UInt8], secrets: [SecretKeyReference: [UInt8]] = [:]) throws(MaskingError) {
        for key in CollectionOfOne(gateway) + Array(secrets.values) where key.count < Self.minimumKeyLength {
            throw .keyTooShort(byteCount: key.count)
        }
        self.gateway = gateway
        self.secrets = secrets
    }

    /// The pseudonym function of `purpose`; `nil` when the secret is not among those given.
    func pseudonyms(for purpose: Purpose, from reference: SecretKeyReference?) -> Pseudonyms? {
        guard let reference else { return Pseudonyms(secret: gateway, purpose: purpose) }
        return secrets[reference].map { Pseudonyms(secret: $0, purpose: purpose) }
    }

    enum Purpose: String {
        case hash = "weir masking v1: hash"
        case token = "weir masking v1: token"
        case tokenStream = "weir masking v1: token stream"
        case dateShift = "weir masking v1: date shift"
    }
}

extension MaskingKeys: CustomStringConvertible, CustomReflectable {
    package var description: String { "‹redacted›" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
