import COpenSSL

/// The certificates and rules of any number of connections; TLS 1.2 and 1.3 with forward secrecy only.
@safe
package final class TLSContext: @unchecked Sendable {
    /// A certificate with those that lead to its authority, and its key; both PEM.
    package struct Identity: Sendable {
        package var certificateChainPEM: [UInt8]
        package var privateKeyPEM: [UInt8]

        package init(certificateChainPEM: [UInt8], privateKeyPEM: [UInt8]) {
            self.certificateChainPEM = certificateChainPEM
            self.privateKeyPEM = privateKeyPEM
        }
    }

    /// What a client asks of the server's certificate.
    package enum Verification: Sendable, Equatable {
        /// From a trusted authority and for this host name or address.
        case full(serverName: String)
        /// From a trusted authority.
        case certificateAuthority
        /// Nothing: anybody may be the server.
        case none
    }

    enum Role {
        case server
        case client(serverName: String?)
    }

    /// For TLS 1.2; those of TLS 1.3 are all of this kind.
    private static let cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM"

    let role: Role
    /// Set up by the initializers and only read afterwards, which libssl allows on any number of threads.
    private let context: OpaquePointer
    /// In the form of RFC 7301, section 3.1: a length and the name; empty for none.
    let applicationProtocol: [UInt8]

    /// Rules for the connections of a server.
    ///
    /// - Parameters:
    ///   - identity: what clients get to see.
    ///   - applicationProtocol: the one name to agree on by ALPN; a client that offers only others is refused,
    ///     one that offers none is not.
    /// - Returns: a context to make any number of connections of.
    /// - Throws: ``TLSError/configuration(_:)``.
    package static func server(
        identity: Identity, applicationProtocol: String? = nil
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(.server, applicationProtocol)
        try context.present(identity)
        context.selectApplicationProtocol()
        return context
    }

    /// Rules for the connections of a client.
    ///
    /// - Parameters:
    ///   - verification: what the server has to prove.
    ///   - certificateAuthoritiesPEM: whom to trust; `nil` for those the system trusts.
    ///   - identity: what to show to a server that asks for a certificate.
    ///   - applicationProtocol: the one name to offer by ALPN.
    /// - Returns: a context to make any number of connections of.
    /// - Throws: ``TLSError/configuration(_:)``.
    package static func client(
        verification: Verification, certificateAuthoritiesPEM: [UInt8]? = nil, identity: Identity? = nil,
        applicationProtocol: String? = nil
    ) throws(TLSError) -> TLSContext {
        var serverName: String?
        if case .full(let name) = verification { serverName = name }
        let context = try TLSContext(.client(serverName: serverName), applicationProtocol)
        if verification != .none { try context.trust(certificateAuthoritiesPEM) }
        if let serverName { try context.require(serverName) }
        if let identity { try context.present(identity) }
        try context.offerApplicationProtocol()
        return context
    }

    private init(_ role: Role, _ applicationProtocol: String?) throws(TLSError) {
        guard let context = unsafe SSL_CTX_new(TLS_method()) else { throw .configuration(.lastReason) }
        self.role = role
        unsafe self.context = context
        let name = Array((applicationProtocol ?? "").utf8)
        precondition(name.count < 256, "names of RFC 7301 have at most 255 bytes")
        self.applicationProtocol = name.isEmpty ? [] : [UInt8(name.count)] + name
        guard unsafe weir_SSL_CTX_configure(context) == 1,
            unsafe SSL_CTX_set_cipher_list(context, Self.cipherSuites) == 1
        else { throw .configuration(.lastReason) }
    }

    deinit { unsafe SSL_CTX_free(context) }

    /// A new connection's handle, which belongs to the caller.
    func makeConnection() -> OpaquePointer? { unsafe SSL_new(context) }

    private func present(_ identity: Identity) throws(TLSError) {
        var isLeaf = true
        try unsafe PEM.forEachCertificate(in: identity.certificateChainPEM, called: "certificate") {
            certificate in
            defer { isLeaf = false }
            return unsafe isLeaf
                ? SSL_CTX_use_certificate(context, certificate) == 1
                : weir_SSL_CTX_add1_chain_cert(context, certificate) == 1
        }
        guard let key = unsafe PEM.readPrivateKey(identity.privateKeyPEM) else {
            throw .configuration("private key: not unencrypted PEM")
        }
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe SSL_CTX_use_PrivateKey(context, key) == 1,
            unsafe SSL_CTX_check_private_key(context) == 1
        else { throw .configuration("private key: \(String.lastReason)") }
    }

    private func trust(_ authorities: [UInt8]?) throws(TLSError) {
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        guard let authorities else {
            guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
                throw .configuration("the system's authorities: \(String.lastReason)")
            }
            return
        }
        let store = unsafe SSL_CTX_get_cert_store(context)
        try unsafe PEM.forEachCertificate(in: authorities, called: "authorities") { certificate in
            unsafe X509_STORE_add_cert(store, certificate) == 1
        }
    }

    private func require(_ serverName: String) throws(TLSError) {
        let parameters = unsafe SSL_CTX_get0_param(context)
        // An address is looked for among addresses, never among names.
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, serverName) == 1 { return }
        ERR_clear_error()
        unsafe X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard !serverName.isEmpty, unsafe X509_VERIFY_PARAM_set1_host(parameters, serverName, 0) == 1 else {
            throw .configuration("server name: not a host name")
        }
    }

    private func offerApplicationProtocol() throws(TLSError) {
        guard !applicationProtocol.isEmpty else { return }
        // Unlike its neighbours this one returns 0 on success.
        let count = UInt32(applicationProtocol.count)
        guard unsafe SSL_CTX_set_alpn_protos(context, applicationProtocol, count) == 0 else {
            throw .configuration(.lastReason)
        }
    }

    private func selectApplicationProtocol() {
        guard !applicationProtocol.isEmpty else { return }
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_alpn_select_cb(
            context,
            { _, choice, choiceLength, offered, offeredLength, own in
                guard let own = unsafe own else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                let context = unsafe Unmanaged<TLSContext>.fromOpaque(own).takeUnretainedValue()
                let names = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
                guard let index = unsafe context.indexOfProtocol(in: names) else {
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                // The choice has to outlive this call, so it is the client's copy that is pointed to.
                unsafe choice?.pointee = names.baseAddress.map { unsafe $0 + index + 1 }
                unsafe choiceLength?.pointee = names[index]
                return SSL_TLSEXT_ERR_OK
            }, own)
    }

    /// Where in the client's list, which libssl has checked, the length of our protocol's name stands.
    private func indexOfProtocol(in names: UnsafeBufferPointer<UInt8>) -> Int? {
        var index = 0
        while index < names.count {
            let end = unsafe index + 1 + Int(names[index])
            guard end <= names.count else { return nil }
            if unsafe names[index..<end].elementsEqual(applicationProtocol) { return index }
            index = end
        }
        return nil
    }
}

extension String {
    /// The newest reason of this thread's error queue; see ``CryptographyError/takeLastReason()``.
    static var lastReason: String { CryptographyError.takeLastReason() }
}
