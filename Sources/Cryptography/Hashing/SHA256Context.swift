import COpenSSL

/// SHA-256 of bytes that arrive in parts; one context serves any number of digests without allocating again.
///
///     var context = SHA256Context()
///     context.update(part.span)
///     let digest = context.finish()  // and ready for the next
@safe
package struct SHA256Context: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = unsafe EVP_MD_CTX_new() else { fatalError("libcrypto is out of memory") }
        unsafe self.context = context
        let status = unsafe EVP_DigestInit_ex2(context, SHA256.algorithm, nil)
        precondition(status == 1, "SHA-256 failed: libcrypto is out of memory")
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    package mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    package mutating func update(_ bytes: [UInt8]) {
        update(bytes.span)
    }

    /// Writes the digest over the first 32 bytes of `digest`, which must have them, and starts anew.
    package mutating func finish(into digest: inout MutableSpan<UInt8>) {
        precondition(digest.count >= SHA256.digestLength, "a SHA-256 digest has 32 bytes")
        unsafe digest.withUnsafeMutableBufferPointer { unsafe finish(at: $0.baseAddress) }
        reset()
    }

    /// Returns the 32 bytes of the digest and starts anew.
    package mutating func finish() -> [UInt8] {
        let digest = unsafe [UInt8](unsafeUninitializedCapacity: SHA256.digestLength) { output, count in
            unsafe finish(at: output.baseAddress)
            count = SHA256.digestLength
        }
        reset()
        return digest
    }

    /// Forgets what was put in.
    package mutating func reset() {
        // Without an algorithm it is the one there was, which is not searched for, and the context keeps its memory.
        let status = unsafe EVP_DigestInit_ex2(context, nil, nil)
        precondition(status == 1, "SHA-256 failed: libcrypto is out of memory")
    }

    private func update(_ bytes: UnsafeRawBufferPointer) {
        let status = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(status == 1, "SHA-256 takes at most 2^61 bytes")
    }

    private func finish(at output: UnsafeMutablePointer<UInt8>?) {
        let status = unsafe EVP_DigestFinal_ex(context, output, nil)
        precondition(status == 1, "SHA-256 failed: the context was not initialized")
    }
}

// The only owner of its handle may move to another thread; libcrypto ties no context to one.
extension SHA256Context: @unchecked Sendable {}
