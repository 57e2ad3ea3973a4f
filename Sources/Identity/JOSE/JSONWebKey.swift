import API
import Cryptography
import Kubernetes

/// A public key (RFC 7517, section 4) that may verify signatures.
package struct JSONWebKey: Sendable {
    private enum Material: Sendable {
        case rsa(VerificationKey)
        case ec(VerificationKey.Curve, VerificationKey)
        case ed25519(Ed25519.PublicKey)
    }

    /// Longest identifier of a key, in bytes. Ours.
    static let maximumIDLength = 256

    package let id: String?
    /// The only one it is for; `nil`: any that fits it.
    private let algorithm: TokenAlgorithm?
    private let material: Material

    /// - Returns: `nil` for a key that is not for verifying, of another kind, too short, or malformed: a set may hold such
    ///   for others.
    init?(_ json: JSON) {
        guard json.object != nil, json["use"].map({ $0.string == "sig" }) ?? true,
            json["key_ops"].map({ $0.strings.contains("verify") }) ?? true
        else { return nil }
        id = json["kid"]?.string
        if let id, id.utf8.count > Self.maximumIDLength { return nil }
        if json["kid"] != nil, id == nil { return nil }
        if let name = json["alg"] {
            guard let algorithm = name.string.flatMap(TokenAlgorithm.init) else { return nil }
            self.algorithm = algorithm
        } else {
            algorithm = nil
        }
        guard let material = Self.material(json) else { return nil }
        self.material = material
    }

    private static func material(_ json: JSON) -> Material? {
        func bytes(_ name: String) -> [UInt8]? { json[name]?.string.flatMap { Base64URL.decode($0) } }
        switch (json["kty"]?.string, json["crv"]?.string) {
        case ("RSA", nil):
            guard let modulus = bytes("n"), let exponent = bytes("e") else { return nil }
            return (try? VerificationKey(rsaModulus: modulus, exponent: exponent)).map(Material.rsa)
        case ("EC", let name?):
            guard let curve: VerificationKey.Curve = name == "P-256" ? .p256 : name == "P-384" ? .p384 : nil,
                let x = bytes("x"), let y = bytes("y")
            else { return nil }
            return (try? VerificationKey(curve, x: x, y: y)).map { .ec(curve, $0) }
        case ("OKP", "Ed25519"):
            guard let x = bytes("x") else { return nil }
            return (try? Ed25519.PublicKey(rawRepresentation: x)).map(Material.ed25519)
        default: return nil
        }
    }

    /// Whether its kind, and what it says it is for, is the algorithm's.
    func fits(_ other: TokenAlgorithm) -> Bool {
        guard algorithm == nil || algorithm == other else { return false }
        return switch (material, other.scheme) {
        case (.rsa, .rsaPKCS1), (.rsa, .rsaPSS), (.ed25519, .ed25519): true
        case (.ec(let curve, _), .ecdsa(let other)): curve == other
        case (.rsa, _), (.ec, _), (.ed25519, _): false
        }
    }

    func isValidSignature(_ signature: [UInt8], for message: [UInt8], by algorithm: TokenAlgorithm) -> Bool {
        guard fits(algorithm) else { return false }
        return switch material {
        case .rsa(let key), .ec(_, let key):
            key.isValidSignature(signature, for: message, by: algorithm.scheme)
        case .ed25519(let key): key.isValidSignature(signature, for: message)
        }
    }
}

extension TokenAlgorithm {
    fileprivate var scheme: VerificationKey.Scheme {
        switch self {
        case .rs256: .rsaPKCS1(.sha256)
        case .rs384: .rsaPKCS1(.sha384)
        case .rs512: .rsaPKCS1(.sha512)
        case .ps256: .rsaPSS(.sha256)
        case .ps384: .rsaPSS(.sha384)
        case .ps512: .rsaPSS(.sha512)
        case .es256: .ecdsa(.p256)
        case .es384: .ecdsa(.p384)
        case .edDSA: .ed25519
        }
    }
}
