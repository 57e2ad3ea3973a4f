/// What a finished handshake came to.
package struct TLSFacts: Sendable, Equatable {
    /// Such as `TLSv1.3 TLS_AES_256_GCM_SHA384`.
    package var versionAndCipher: String
    /// What SCRAM binds to: `tls-server-end-point`, a digest of the server's certificate (RFC 5929,
    /// section 4.1). `nil` where that is not defined: for certificates signed with Ed25519 or Ed448.
    package var serverEndPointBinding: [UInt8]?
    /// What both sides chose by ALPN.
    package var applicationProtocol: String?

    package init(
        versionAndCipher: String, serverEndPointBinding: [UInt8]? = nil, applicationProtocol: String? = nil
    ) {
        self.versionAndCipher = versionAndCipher
        self.serverEndPointBinding = serverEndPointBinding
        self.applicationProtocol = applicationProtocol
    }
}
