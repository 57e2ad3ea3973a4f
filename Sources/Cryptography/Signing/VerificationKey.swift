import COpenSSL

/// A public key of somebody else's, by which signatures of one family are verified.
@safe
package final class VerificationKey: @unchecked Sendable {
    /// What a signature is made with, beside the key.
    package enum Digest: Sendable, Equatable {
        case sha256, sha384, sha512

        fileprivate var name: String {
            switch self {
            case .sha256: "SHA256"
            case .sha384: "SHA384"
            case .sha512: "SHA512"
            }
        }
    }

    /// How a signature is made; a key verifies those of its own kind only.
    package enum Scheme: Sendable, Equatable {
        /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2).
        case rsaPKCS1(Digest)
        /// RSASSA-PSS with MGF1 over the same digest and a salt of its length (RFC 8017, section 8.1).
        case rsaPSS(Digest)
        /// ECDSA, the signature as two integers of the curve's length one after the other (RFC 7518, section 3.4).
        case ecdsa(Curve)
        /// RFC 8032.
        case ed25519
    }

    package enum Curve: Sendable, Equatable {
        case p256, p384

        /// Of a coordinate and of each half of a signature, in bytes.
        package var length: Int { self == .p256 ? 32 : 48 }
        fileprivate var name: String { self == .p256 ? "P-256" : "P-384" }
        fileprivate var digest: Digest { self == .p256 ? .sha256 : .sha384 }
    }

    private enum Kind: Equatable {
        case rsa
        case ec(Curve)
    }

    /// Shortest modulus, in bits (NIST SP 800-131A).
    package static let minimumModulusLength = 2048
    /// Longest, in bits: verifying takes time by its square. Ours.
    package static let maximumModulusLength = 8192
    /// Longest exponent, in bytes. Ours: practically all are 65537.
    private static let maximumExponentLength = 8

    // A finished EVP_PKEY is only read, which libcrypto allows on any number of threads.
    private let key: OpaquePointer
    private let kind: Kind

    private init(owning key: OpaquePointer, _ kind: Kind) {
        unsafe self.key = key
        self.kind = kind
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Both numbers big-endian.
    /// - Throws: ``CryptographyError/malformed(_:)`` for a modulus outside of the limits or an exponent that is even,
    ///   1 or too long.
    package convenience init(rsaModulus modulus: [UInt8], exponent: [UInt8]) throws(CryptographyError) {
        let digits = Array(modulus.drop { $0 == 0 })
        let power = Array(exponent.drop { $0 == 0 })
        let bits = digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
        guard (Self.minimumModulusLength...Self.maximumModulusLength).contains(bits) else {
            throw .malformed("RSA modulus of \(bits) bits")
        }
        guard (1...Self.maximumExponentLength).contains(power.count), power != [1],
            power.last.map({ $0 & 1 == 1 }) ?? false
        else { throw .malformed("RSA exponent") }
        let key = unsafe weir_EVP_PKEY_RSA_public(digits, Int32(digits.count), power, Int32(power.count))
        guard let key = unsafe key else { throw .last(in: "EVP_PKEY_fromdata") }
        unsafe self.init(owning: key, .rsa)
    }

    /// - Throws: ``CryptographyError/malformed(_:)`` for coordinates of another length or of no point of the curve.
    package convenience init(_ curve: Curve, x: [UInt8], y: [UInt8]) throws(CryptographyError) {
        guard x.count == curve.length, y.count == curve.length else {
            throw .malformed("coordinates of \(x.count) and \(y.count) bytes")
        }
        let point = [0x04] + x + y
        guard let key = unsafe weir_EVP_PKEY_EC_public(curve.name, point, point.count) else {
            ERR_clear_error()
            throw .malformed("no point of the curve")
        }
        guard unsafe weir_EVP_PKEY_is_public(key) == 1 else {
            ERR_clear_error()
            unsafe EVP_PKEY_free(key)
            throw .malformed("no point of the curve")
        }
        unsafe self.init(owning: key, .ec(curve))
    }

    /// Whatever keeps the signature from being verified makes it invalid, a scheme of another kind of key too.
    package func isValidSignature(_ signature: [UInt8], for message: [UInt8], by scheme: Scheme) -> Bool {
        switch (scheme, kind) {
        case (.rsaPKCS1(let digest), .rsa): verify(signature, message, digest, isPSS: false)
        case (.rsaPSS(let digest), .rsa): verify(signature, message, digest, isPSS: true)
        case (.ecdsa(let curve), .ec(let other)) where curve == other:
            Self.derSignature(signature, curve).map { verify($0, message, curve.digest, isPSS: false) }
                ?? false
        case (.rsaPKCS1, _), (.rsaPSS, _), (.ecdsa, _), (.ed25519, _): false
        }
    }

    private func verify(_ signature: [UInt8], _ message: [UInt8], _ digest: Digest, isPSS: Bool) -> Bool {
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer {
            unsafe EVP_MD_CTX_free(context)
            ERR_clear_error()  // a refused signature leaves its reason behind
        }
        var parameters: OpaquePointer?
        let isReady =
            unsafe EVP_DigestVerifyInit_ex(context, &parameters, digest.name, nil, nil, key, nil) == 1
            && (!isPSS || weir_EVP_use_PSS(parameters) == 1)
        guard isReady else { return false }
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// The `ECDSA-Sig-Value` (RFC 3279, section 2.2.3) of a signature of fixed length; `nil` for another length.
    private static func derSignature(_ signature: [UInt8], _ curve: Curve) -> [UInt8]? {
        guard signature.count == 2 * curve.length else { return nil }
        let numbers = [signature[..<curve.length], signature[curve.length...]].flatMap { half -> [UInt8] in
            var digits = Array(half.drop { $0 == 0 })
            if digits.first.map({ $0 & 0x80 != 0 }) ?? true { digits.insert(0, at: 0) }
            return [0x02, UInt8(digits.count)] + digits
        }
        return [0x30, UInt8(numbers.count)] + numbers
    }
}
