import COpenSSL

/// What libcrypto reads from and writes to PEM (RFC 7468); the objects returned belong to the caller.
enum PEM {
    /// The first private key of any kind; `nil` when there is none, and when it is encrypted.
    static func readPrivateKey(_ bytes: [UInt8]) -> OpaquePointer? {
        guard let memory = unsafe memory(holding: bytes) else { return nil }
        defer {
            unsafe BIO_free(memory)
            ERR_clear_error()
        }
        // Without a callback libcrypto would ask for the pass phrase at the terminal.
        return unsafe PEM_read_bio_PrivateKey(memory, nil, { _, _, _, _ in -1 }, nil)
    }

    /// The first certificate; `nil` when there is none.
    static func readCertificate(_ bytes: [UInt8]) -> OpaquePointer? {
        guard let memory = unsafe memory(holding: bytes) else { return nil }
        defer {
            unsafe BIO_free(memory)
            ERR_clear_error()
        }
        return unsafe PEM_read_bio_X509(memory, nil, { _, _, _, _ in -1 }, nil)
    }

    /// What `body` writes, into memory that is overwritten when it is freed.
    static func write(_ body: (OpaquePointer) -> Int32) throws(CryptographyError) -> String {
        guard let memory = unsafe BIO_new(BIO_s_secmem()) else { throw .last(in: "BIO_new") }
        defer { unsafe BIO_free(memory) }
        guard unsafe body(memory) == 1 else { throw .last(in: "PEM_write") }
        return unsafe text(in: memory)
    }

    /// Calls `body` with each certificate in order, and frees it afterwards.
    /// - Throws: ``TLSError/configuration(_:)`` about `name` when there is none, when one of them cannot be
    ///   read and when `body` says no.
    static func forEachCertificate(
        in bytes: [UInt8], called name: String, _ body: (OpaquePointer) -> Bool
    ) throws(TLSError) {
        guard let memory = unsafe memory(holding: bytes) else { throw .configuration(.lastReason) }
        defer { unsafe BIO_free(memory) }
        var count = 0
        while let certificate = unsafe PEM_read_bio_X509(memory, nil, { _, _, _, _ in -1 }, nil) {
            defer { unsafe X509_free(certificate) }
            guard unsafe body(certificate) else { throw .configuration("\(name): \(String.lastReason)") }
            count += 1
        }
        // The end of the text shows as the failure to find another start line.
        let isAtEnd = weir_ERR_is_no_start_line(ERR_peek_last_error()) == 1
        let reason = String.lastReason
        guard isAtEnd, count > 0 else { throw .configuration("\(name): \(reason)") }
    }

    /// A copy that libcrypto overwrites when it is freed; `nil` when memory is short.
    private static func memory(holding bytes: [UInt8]) -> OpaquePointer? {
        ERR_clear_error()
        guard let memory = unsafe BIO_new(BIO_s_secmem()) else { return nil }
        guard unsafe BIO_write(memory, bytes, Int32(bytes.count)) == bytes.count else {
            unsafe BIO_free(memory)
            return nil
        }
        return unsafe memory
    }

    static func text(in memory: OpaquePointer) -> String {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe weir_BIO_memory(memory, &start)
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
}
