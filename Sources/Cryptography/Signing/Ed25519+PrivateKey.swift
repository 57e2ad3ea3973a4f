import COpenSSL

extension Ed25519 {
    /// Signs; deterministic, so that one message has one signature.
    @safe
    package final class PrivateKey: @unchecked Sendable {
        // A finished EVP_PKEY is only read, which libcrypto allows on any number of threads.
        private let key: OpaquePointer

        private init(owning key: OpaquePointer) {
            unsafe self.key = key
        }

        deinit { unsafe EVP_PKEY_free(key) }

        /// - Parameter rawSeed: the 32 bytes RFC 8032, section 5.1.5, starts from.
        /// - Throws: ``CryptographyError/malformed(_:)`` for another length.
        package convenience init(rawSeed: [UInt8]) throws(CryptographyError) {
            guard rawSeed.count == seedLength else {
                throw .malformed("Ed25519 seed of \(rawSeed.count) bytes")
            }
            let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, rawSeed, rawSeed.count)
            guard let key = unsafe key else { throw .last(in: "EVP_PKEY_new_raw_private_key") }
            unsafe self.init(owning: key)
        }

        /// - Parameter pem: PKCS#8 (RFC 5958), unencrypted: `-----BEGIN PRIVATE KEY-----`.
        /// - Throws: ``CryptographyError/malformed(_:)`` for anything else, also for keys of other kinds.
        package convenience init(pem: String) throws(CryptographyError) {
            guard let key = unsafe PEM.readPrivateKey(Array(pem.utf8)) else {
                throw .malformed("no unencrypted private key in PEM")
            }
            guard unsafe EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 else {
                unsafe EVP_PKEY_free(key)
                throw .malformed("private key is not of Ed25519")
            }
            unsafe self.init(owning: key)
        }

        package static func generate() throws(CryptographyError) -> PrivateKey {
            try PrivateKey(rawSeed: RandomBytes.generate(seedLength))
        }

        /// PKCS#8, unencrypted, with its line breaks.
        package func pemRepresentation() throws(CryptographyError) -> String {
            guard let memory = unsafe BIO_new(BIO_s_secmem()) else { throw .last(in: "BIO_new") }
            defer { unsafe BIO_free(memory) }
            guard unsafe PEM_write_bio_PKCS8PrivateKey(memory, key, nil, nil, 0, nil, nil) == 1 else {
                throw .last(in: "PEM_write_bio_PKCS8PrivateKey")
            }
            return unsafe PEM.text(in: memory)
        }

        package var publicKey: PublicKey {
            get throws(CryptographyError) {
                var raw = [UInt8](repeating: 0, count: publicKeyLength)
                var count = raw.count
                guard unsafe EVP_PKEY_get_raw_public_key(key, &raw, &count) == 1 else {
                    throw .last(in: "EVP_PKEY_get_raw_public_key")
                }
                return try PublicKey(rawRepresentation: raw)
            }
        }

        /// Returns the 64 bytes of the signature.
        package func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
            guard let context = unsafe EVP_MD_CTX_new() else { throw .last(in: "EVP_MD_CTX_new") }
            defer { unsafe EVP_MD_CTX_free(context) }
            guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1 else {
                throw .last(in: "EVP_DigestSignInit")
            }
            var signature = [UInt8](repeating: 0, count: signatureLength)
            var count = signature.count
            guard unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
                throw .last(in: "EVP_DigestSign")
            }
            return signature
        }
    }
}
