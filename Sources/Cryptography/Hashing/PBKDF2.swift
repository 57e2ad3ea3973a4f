import COpenSSL

/// Password-based key derivation (RFC 8018, section 5.2).
package enum PBKDF2 {
    /// Returns 32 bytes; the time taken grows with `iterations` (about 2 ms for 10,000).
    /// - Precondition: 1 to `Int32.max` iterations.
    package static func sha256(
        password: [UInt8], salt: [UInt8], iterations: Int
    ) throws(CryptographyError) -> [UInt8] {
        precondition(iterations >= 1, "PBKDF2 needs an iteration")
        var key = [UInt8](repeating: 0, count: SHA256.digestLength)
        let keyLength = Int32(key.count)
        let status = unsafe password.withUnsafeBytes { password in
            // A null password would mean the empty one of length 0 as well.
            unsafe PKCS5_PBKDF2_HMAC(
                password.assumingMemoryBound(to: CChar.self).baseAddress, Int32(password.count),
                salt, Int32(salt.count), Int32(iterations), SHA256.algorithm, keyLength, &key)
        }
        guard status == 1 else { throw .last(in: "PKCS5_PBKDF2_HMAC") }
        return key
    }
}
