package import Cryptography
package import Kubernetes

/// What this replica shows its clients, and whether they can believe it.
package struct CertificateState: Sendable {
    /// `nil` until there is one.
    package var identity: TLSContext.Identity?
    /// When the certificate and its authority are both good; `nil` without them.
    package var validity: CertificateAuthority.Validity?
    /// What clients have to trust, PEM: for `operator-ca.crt` of every configuration.
    package var bundle: [UInt8]
    /// Whether the webhooks' configurations hold the ``bundle``.
    package var isTrusted: Bool
    /// When it was so.
    package var time: Timestamp

    package init(
        identity: TLSContext.Identity? = nil, validity: CertificateAuthority.Validity? = nil,
        bundle: [UInt8] = [], isTrusted: Bool = false, time: Timestamp = Timestamp(microseconds: 0)
    ) {
        self.identity = identity
        self.validity = validity
        self.bundle = bundle
        self.isTrusted = isTrusted
        self.time = time
    }

    /// Whether the API server's calls succeed.
    package func isReady(at now: Timestamp) -> Bool {
        isTrusted && identity != nil && validity?.contains(now.microseconds / 1_000_000) == true
    }
}
