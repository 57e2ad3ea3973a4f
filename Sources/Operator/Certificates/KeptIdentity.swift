package import Cryptography
import Synchronization

/// What the ``CertificateKeeper`` has last seen to, for whoever serves.
///
///     group.addTask { await keeper.run(now: now) { identity.update($0) } }
package final class KeptIdentity: ServingIdentity {
    private let state = Mutex(CertificateState())

    package init() {}

    package func update(_ new: CertificateState) { state.withLock { $0 = new } }

    package func current() -> TLSContext.Identity? { state.withLock { $0.identity } }

    package func authorities() -> [UInt8]? {
        let bundle = state.withLock { $0.bundle }
        return bundle.isEmpty ? nil : bundle
    }

    /// Whether the API server's calls of webhooks succeed.
    package var isTrusted: Bool { state.withLock { $0.isTrusted } }
}
