import COpenSSL

/// MD5 (RFC 1321), for PostgreSQL's `md5` authentication and nothing else.
package enum MD5 {
    /// Returns 32 lower-case hexadecimal digits.
    /// - Throws: ``CryptographyError/library(function:reason:)`` where the provider refuses MD5 (FIPS).
    package static func hexDigest(of bytes: [UInt8]) throws(CryptographyError) -> String {
        var digest = [UInt8](repeating: 0, count: 16)
        guard let algorithm = unsafe EVP_MD_fetch(nil, "MD5", nil) else { throw .last(in: "EVP_MD_fetch") }
        defer { unsafe EVP_MD_free(algorithm) }
        let status = unsafe EVP_Digest(bytes, bytes.count, &digest, nil, algorithm, nil)
        guard status == 1 else { throw .last(in: "EVP_Digest") }
        return Hexadecimal.encode(digest)
    }
}
