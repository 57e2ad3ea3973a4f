import COpenSSL

/// One end of a TLS connection, without a network: ciphertext goes in and comes out as bytes.
///
///     try connection.start()                                   // a client speaks first
///     try connection.receive(ciphertext, plaintext: &output)   // handshakes, then decrypts
///     try connection.send(plaintext)
///     connection.takeCiphertext { network.write($0) }          // after each of them, also after an error
@safe
package struct TLSConnection: ~Copyable {
    package enum State: Sendable, Equatable {
        case handshaking
        case open
        /// The peer has said that nothing more will come (`close_notify`); sending is still possible.
        case closedByPeer
        /// After an error.
        case failed
    }

    /// Largest plaintext of one record, in bytes (RFC 8446, section 5.1).
    package static let maximumRecordLength = 16384

    package private(set) var state = State.handshaking
    private let ssl: OpaquePointer
    private let wire: TLSWire
    /// libssl does not keep the context's callbacks' argument alive.
    private let context: TLSContext

    package init(_ context: TLSContext) throws(TLSError) {
        guard let ssl = unsafe context.makeConnection() else { throw .configuration(.lastReason) }
        let wire = TLSWire()
        guard let bio = unsafe wire.makeBIO() else {
            let error = TLSError.configuration(.lastReason)
            unsafe SSL_free(ssl)
            throw error
        }
        unsafe SSL_set_bio(ssl, bio, bio)  // which owns it from here on
        self.wire = wire
        self.context = context
        unsafe self.ssl = ssl
        switch context.role {
        case .server: unsafe SSL_set_accept_state(ssl)
        case .client(let serverName):
            unsafe SSL_set_connect_state(ssl)
            if let serverName, !Self.isAddress(serverName) {
                _ = unsafe weir_SSL_set_server_name(ssl, serverName)
            }
        }
    }

    deinit { unsafe SSL_free(ssl) }

    /// Makes a client's first message; a server has none and waits.
    package mutating func start() throws(TLSError) {
        guard case .handshaking = state else { return }
        try handshake()
    }

    /// How much room ``receive(_:plaintext:)`` needs: no record decrypts to more than it had.
    package func plaintextCapacity(forCiphertext byteCount: Int) -> Int {
        byteCount + (unsafe SSL_has_pending(ssl) == 1 ? Self.maximumRecordLength : 0)
    }

    /// Takes what the peer sent, all of it, and appends what it decrypts to.
    /// - Precondition: `plaintext` has room for ``plaintextCapacity(forCiphertext:)``.
    /// - Throws: when the peer is not the right one or not sound. The connection is over then, but what
    ///   ``takeCiphertext(_:)`` gives tells the peer why.
    package mutating func receive(
        _ ciphertext: RawSpan, plaintext: inout OutputRawSpan
    ) throws(TLSError) {
        precondition(plaintext.freeCapacity >= plaintextCapacity(forCiphertext: ciphertext.byteCount))
        try unsafe ciphertext.withUnsafeBytes { bytes throws(TLSError) in
            try unsafe wire.reading(bytes) { () throws(TLSError) in
                if case .handshaking = state { try handshake() }
                while case .open = state, try decrypt(into: &plaintext) {}
            }
        }
    }

    /// Encrypts all of `plaintext`.
    package mutating func send(_ plaintext: RawSpan) throws(TLSError) {
        guard state == .open || state == .closedByPeer else { throw .notOpen }
        guard !plaintext.isEmpty else { return }
        ERR_clear_error()
        var count = 0
        let status = unsafe plaintext.withUnsafeBytes { bytes in
            unsafe SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count)
        }
        guard status == 1, count == plaintext.byteCount else {
            state = .failed
            throw .broken(.lastReason)
        }
    }

    /// Tells the peer that nothing more will come (`close_notify`).
    package mutating func close() {
        guard state == .open || state == .closedByPeer else { return }
        ERR_clear_error()
        unsafe SSL_shutdown(ssl)
        ERR_clear_error()
    }

    package var hasCiphertext: Bool { !wire.output.isEmpty }

    /// Hands over what is to be sent to the peer; calls `body` only when there is something.
    package mutating func takeCiphertext(_ body: (RawSpan) -> Void) {
        guard hasCiphertext else { return }
        wire.takeOutput(body)
    }

    /// What was agreed on; `nil` before the handshake is over.
    package var facts: TLSFacts? {
        guard unsafe SSL_is_init_finished(ssl) == 1 else { return nil }
        let version = unsafe String(cString: SSL_get_version(ssl))
        let cipher = unsafe String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)))
        return TLSFacts(
            versionAndCipher: "\(version) \(cipher)", serverEndPointBinding: serverEndPointBinding,
            applicationProtocol: applicationProtocol)
    }

    private mutating func handshake() throws(TLSError) {
        ERR_clear_error()
        let status = unsafe SSL_do_handshake(ssl)
        if status == 1 {
            state = .open
        } else if unsafe SSL_get_error(ssl, status) != SSL_ERROR_WANT_READ {
            state = .failed
            throw handshakeError
        }
    }

    /// Appends the next record's plaintext.
    /// - Returns: whether there may be more.
    private mutating func decrypt(into plaintext: inout OutputRawSpan) throws(TLSError) -> Bool {
        guard !plaintext.isFull else { return false }
        ERR_clear_error()
        let status = unsafe plaintext.withUnsafeMutableBytes { buffer, initializedCount in
            let free = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[initializedCount...])
            var count = 0
            let status = unsafe SSL_read_ex(ssl, free.baseAddress, free.count, &count)
            initializedCount += count
            return status
        }
        if status == 1 { return true }
        switch unsafe SSL_get_error(ssl, status) {
        case SSL_ERROR_WANT_READ: return false
        case SSL_ERROR_ZERO_RETURN:
            state = .closedByPeer
            return false
        default:
            state = .failed
            throw .broken(.lastReason)
        }
    }

    private var handshakeError: TLSError {
        let reason = String.lastReason
        let result = unsafe SSL_get_verify_result(ssl)
        switch Int32(truncatingIfNeeded: result) {
        case X509_V_OK: return .handshakeFailed(reason)
        case X509_V_ERR_CERT_HAS_EXPIRED: return .certificateExpired
        case X509_V_ERR_CERT_NOT_YET_VALID: return .certificateNotYetValid
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: return .nameMismatch
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return .unknownAuthority
        default: return unsafe .certificateRejected(String(cString: X509_verify_cert_error_string(result)))
        }
    }

    private var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &name, &count)
        guard count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    private var serverEndPointBinding: [UInt8]? {
        guard case .client = context.role else {
            return unsafe SSL_get_certificate(ssl).flatMap { unsafe Self.endPointDigest(of: $0) }
        }
        guard let certificate = unsafe SSL_get1_peer_certificate(ssl) else { return nil }
        defer { unsafe X509_free(certificate) }
        return unsafe Self.endPointDigest(of: certificate)
    }

    private static func endPointDigest(of certificate: OpaquePointer) -> [UInt8]? {
        var algorithm: Int32 = 0
        guard unsafe X509_get_signature_info(certificate, &algorithm, nil, nil, nil) == 1 else { return nil }
        switch algorithm {
        case NID_undef: return nil
        case NID_md5, NID_sha1: algorithm = NID_sha256
        default: break
        }
        guard let digest = unsafe EVP_get_digestbyname(OBJ_nid2sn(algorithm)) else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard unsafe X509_digest(certificate, digest, &bytes, &count) == 1 else { return nil }
        return Array(bytes.prefix(Int(count)))
    }

    private static func isAddress(_ name: String) -> Bool {
        guard let address = unsafe a2i_IPADDRESS(name) else {
            ERR_clear_error()
            return false
        }
        unsafe ASN1_OCTET_STRING_free(address)
        return true
    }
}

// The only owner of its handle may move to another thread; libssl ties no connection to one.
extension TLSConnection: @unchecked Sendable {}
