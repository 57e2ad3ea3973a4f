import COpenSSL

extension Ed25519 {
    /// Verifies.
    @safe
    package final class PublicKey: @unchecked Sendable {
        /// The 32 bytes of RFC 8032, section 5.1.2.
        package let rawRepresentation: [UInt8]
        // A finished EVP_PKEY is only read, which libcrypto allows on any number of threads.
        private let key: OpaquePointer

        package init(rawRepresentation: [UInt8]) throws(CryptographyError) {
            guard rawRepresentation.count == publicKeyLength else {
                throw .malformed("Ed25519 public key of \(rawRepresentation.count) bytes")
            }
            let key = unsafe EVP_PKEY_new_raw_public_key(
                EVP_PKEY_ED25519, nil, rawRepresentation, rawRepresentation.count)
            guard let key = unsafe key else { throw .last(in: "EVP_PKEY_new_raw_public_key") }
            self.rawRepresentation = rawRepresentation
            unsafe self.key = key
        }

        deinit { unsafe EVP_PKEY_free(key) }

        /// Whatever keeps the signature from being verified makes it invalid.
        package func isValidSignature(_ signature: [UInt8], for message: [UInt8]) -> Bool {
            guard signature.count == signatureLength else { return false }
            guard let context = unsafe EVP_MD_CTX_new() else { return false }
            defer {
                unsafe EVP_MD_CTX_free(context)
                ERR_clear_error()  // a refused signature leaves its reason behind
            }
            guard unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1 else { return false }
            return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
    }
}
