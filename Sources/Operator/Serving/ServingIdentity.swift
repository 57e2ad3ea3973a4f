package import Cryptography
import Synchronization

/// What the operator shows on its HTTPS port, and whom gateways trust to be it.
///
/// Whoever keeps the certificates conforms to it. They may change at any time: each connection gets what is
/// current when it is made. All of it is asked for often, on any thread, and must not block.
package protocol ServingIdentity: Sendable {
    /// Certificate chain and key, PEM; `nil` until there are any, and connections are refused meanwhile.
    func current() -> TLSContext.Identity?

    /// PEM of the authorities that snapshots hand to gateways; `nil` until there are any, and no snapshot is
    /// written meanwhile.
    func authorities() -> [UInt8]?

    /// Why the API server cannot reach the operator by it now; `nil` when it can.
    var obstacle: String? { get }
}

/// An identity that stays as it is, such as one from files.
package struct FixedIdentity: ServingIdentity {
    private let identity: TLSContext.Identity
    private let authoritiesPEM: [UInt8]

    package init(_ identity: TLSContext.Identity, authorities: [UInt8]) {
        self.identity = identity
        authoritiesPEM = authorities
    }

    package func current() -> TLSContext.Identity? { identity }
    package func authorities() -> [UInt8]? { authoritiesPEM }
    package var obstacle: String? { nil }
}

/// The TLS of new connections, made anew when the certificates are others.
final class ServingContext: Sendable {
    private let identity: any ServingIdentity
    private let made = Mutex<(chain: [UInt8], context: TLSContext)?>(nil)

    init(_ identity: any ServingIdentity) {
        self.identity = identity
    }

    /// - Throws: while there is no certificate, or for one that cannot be used.
    func current() throws(TLSError) -> TLSContext {
        guard let identity = identity.current() else { throw .configuration("there is no certificate yet") }
        let known = made.withLock { $0 }
        if let known, known.chain == identity.certificateChainPEM { return known.context }
        let context = try TLSContext.server(identity: identity, applicationProtocol: "http/1.1")
        made.withLock { $0 = (identity.certificateChainPEM, context) }
        return context
    }
}
