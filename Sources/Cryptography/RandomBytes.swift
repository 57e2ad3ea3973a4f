import COpenSSL

/// Unpredictable bytes, fit for keys, salts and nonces.
package enum RandomBytes {
    /// - Throws: ``CryptographyError/library(function:reason:)`` when the generator cannot be seeded.
    package static func generate(_ count: Int) throws(CryptographyError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe RAND_bytes(&bytes, Int32(count)) == 1 else { throw .last(in: "RAND_bytes") }
        return bytes
    }
}
