package import Cryptography
import Kubernetes
import Synchronization

/// What the ``CertificateKeeper`` has last seen to, for whoever serves.
///
///     group.addTask { await keeper.run(now: now) { identity.update($0) } }
package final class KeptIdentity: ServingIdentity {
    private struct Kept {
        var certificates = CertificateState()
        var since = ContinuousClock.now
    }

    private let kept = Mutex(Kept())
    private let steady: @Sendable () -> ContinuousClock.Instant

    package init(steady: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.steady = steady
    }

    package func update(_ new: CertificateState) {
        kept.withLock { $0 = Kept(certificates: new, since: steady()) }
    }

    package func current() -> TLSContext.Identity? { kept.withLock { $0.certificates.identity } }

    package func authorities() -> [UInt8]? {
        let bundle = kept.withLock { $0.certificates.bundle }
        return bundle.isEmpty ? nil : bundle
    }

    /// Also what was good when it was looked at expires, while nobody can look.
    package var obstacle: String? {
        let (certificates, since) = kept.withLock { ($0.certificates, $0.since) }
        guard certificates.identity != nil else { return "there is no certificate yet" }
        guard certificates.isTrusted else {
            return "the API server does not trust the webhook's certificate yet"
        }
        let now = certificates.time + since.duration(to: steady())
        return certificates.isReady(at: now) ? nil : "the certificate or its authority is not valid now"
    }
}
