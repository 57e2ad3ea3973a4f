import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that are whole in memory. For parts, or many digests, see ``SHA256Context``.
package enum SHA256 {
    /// In bytes.
    package static let digestLength = 32

    /// The algorithm, fetched from its provider once: an implicit fetch costs more than a short digest.
    ///
    /// Unsafe only to the compiler: a fetched algorithm is never written to, and never freed.
    nonisolated(unsafe) static let algorithm: OpaquePointer = {
        guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
            fatalError("libcrypto has no SHA-256: no provider of it is loaded")
        }
        return unsafe algorithm
    }()

    /// Returns the 32 bytes of the digest.
    package static func digest(of bytes: [UInt8]) -> [UInt8] {
        digest(of: bytes.span)
    }

    package static func digest(of bytes: Span<UInt8>) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe digest(of: $0) }
    }

    package static func digest(of bytes: RawSpan) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe digest(of: $0) }
    }

    private static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: digestLength) { output, count in
            let status = unsafe EVP_Digest(
                bytes.baseAddress, bytes.count, output.baseAddress, nil, algorithm, nil)
            precondition(status == 1, "SHA-256 failed: libcrypto is out of memory")
            count = digestLength
        }
    }
}
