extension DatabaseConnection {
    /// How the way to the database is protected; unix sockets never use TLS.
    package struct TLS: Sendable, Hashable {
        package enum Mode: String, Sendable, CaseIterable {
            case disable = "Disable"
            /// Encrypted, but to whom is not verified.
            case require = "Require"
            /// The certificate must be signed by a trusted authority.
            case verifyCA = "VerifyCA"
            /// And must be for the server's name.
            case verifyFull = "VerifyFull"
        }

        /// How a server is asked for TLS.
        package enum Negotiation: String, Sendable, CaseIterable {
            /// By PostgreSQL's own `SSLRequest`.
            case postgres = "Postgres"
            /// By the TLS handshake itself, which PostgreSQL 17 and later answer.
            case direct = "Direct"
        }

        /// Whether the log-in is bound to the TLS connection it travels on.
        package enum ChannelBinding: String, Sendable, CaseIterable {
            /// Where the server offers it.
            case prefer = "Prefer"
            /// A server that authenticates in another way is refused.
            case require = "Require"
            case disable = "Disable"
        }

        package var mode: Mode
        /// The name the certificate must hold; `nil`: the host.
        package var serverName: String?
        /// `nil`: the authorities the system trusts.
        package var caConfigMapRef: ConfigMapKeyReference?
        package var negotiation: Negotiation
        package var channelBinding: ChannelBinding
        /// What the gateway shows to a server that asks for a certificate.
        package var clientCertificateSecretRef: CertificateSecretRef?

        package init(reading fields: inout MappingReader) {
            mode = fields.choice("mode", default: .verifyFull)
            let name = fields.string("serverName", .hostOrEmpty, default: "")
            serverName = name.isEmpty ? nil : name
            caConfigMapRef = fields.optionalObject("caConfigMapRef") {
                ConfigMapKeyReference(reading: &$0, defaultKey: "ca.crt")
            }
            negotiation = fields.choice("negotiation", default: .postgres)
            channelBinding = fields.choice("channelBinding", default: .prefer)
            clientCertificateSecretRef = fields.optionalObject("clientCertificateSecretRef") {
                CertificateSecretRef(reading: &$0)
            }
            guard mode == .disable else { return }
            if negotiation == .direct { fields.fault(at: "negotiation", "has no meaning with mode Disable") }
            if channelBinding == .require {
                fields.fault(at: "channelBinding", "cannot be required with mode Disable")
            }
            if clientCertificateSecretRef != nil {
                fields.fault(at: "clientCertificateSecretRef", "has no meaning with mode Disable")
            }
        }
    }

    /// A certificate and its key in a Secret of the type `kubernetes.io/tls`.
    package struct CertificateSecretRef: Sendable, Hashable {
        package var name: String
        /// Certificate chain, PEM.
        package var certificateKey: String
        /// Private key, PEM, unencrypted.
        package var privateKeyKey: String

        package init(reading fields: inout MappingReader) {
            name = fields.string("name", .objectName)
            certificateKey = fields.string("certificateKey", .dataKey, default: "tls.crt")
            privateKeyKey = fields.string("privateKeyKey", .dataKey, default: "tls.key")
        }

        package var certificate: SecretKeyReference { SecretKeyReference(name: name, key: certificateKey) }
        package var privateKey: SecretKeyReference { SecretKeyReference(name: name, key: privateKeyKey) }
    }
}
