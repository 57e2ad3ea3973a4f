import COpenSSL

/// HMAC-SHA-256 (RFC 2104) under one key; serves any number of codes without setting the key up again.
@safe
package struct HMACSHA256: ~Copyable {
    /// In bytes.
    package static let codeLength = 32

    /// Fetched once and never freed or written to, so unsafe only to the compiler.
    nonisolated(unsafe) private static let algorithm: OpaquePointer = {
        guard let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else {
            fatalError("libcrypto has no HMAC: no provider of it is loaded")
        }
        return unsafe algorithm
    }()

    private let context: OpaquePointer

    /// - Parameter key: of any length; longer ones than 64 bytes are hashed first, as RFC 2104 says.
    package init(key: [UInt8]) {
        guard let context = unsafe EVP_MAC_CTX_new(Self.algorithm) else {
            fatalError("libcrypto is out of memory")
        }
        unsafe self.context = context
        // Keys are padded with zeros, so one zero is the empty key, which libcrypto would not take.
        let key = key.isEmpty ? [0] : key
        let status = unsafe weir_HMAC_SHA256_init(context, key, key.count)
        precondition(status == 1, "HMAC-SHA-256 failed: libcrypto is out of memory")
    }

    deinit { unsafe EVP_MAC_CTX_free(context) }

    /// Returns the 32 bytes of the code.
    package mutating func authenticationCode(for message: [UInt8]) -> [UInt8] {
        authenticationCode(for: message.span)
    }

    package mutating func authenticationCode(for message: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.codeLength) { output, count in
            unsafe computeCode(for: message, at: output)
            count = Self.codeLength
        }
    }

    /// Writes the code over the first 32 bytes of `code`, which must have them.
    package mutating func authenticationCode(for message: Span<UInt8>, into code: inout MutableSpan<UInt8>) {
        precondition(code.count >= Self.codeLength, "an HMAC-SHA-256 code has 32 bytes")
        unsafe code.withUnsafeMutableBufferPointer { unsafe computeCode(for: message, at: $0) }
    }

    private func computeCode(for message: Span<UInt8>, at output: UnsafeMutableBufferPointer<UInt8>) {
        var count = 0
        let updated = unsafe message.withUnsafeBufferPointer { message in
            unsafe EVP_MAC_update(context, message.baseAddress, message.count)
        }
        let finished = unsafe EVP_MAC_final(context, output.baseAddress, &count, output.count)
        // Without a key: the same key again.
        let restarted = unsafe EVP_MAC_init(context, nil, 0, nil)
        precondition(updated == 1 && finished == 1 && restarted == 1, "HMAC-SHA-256 failed in libcrypto")
    }
}

// The only owner of its handle may move to another thread; libcrypto ties no context to one.
extension HMACSHA256: @unchecked Sendable {}
