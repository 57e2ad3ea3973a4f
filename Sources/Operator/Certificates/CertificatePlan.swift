import Cryptography
import Kubernetes

/// What is to be done about certificates: of what is stored, shown and trusted, at a moment.
///
/// The order keeps every client able to call: an authority is trusted by the webhooks' configurations before a
/// certificate of it is shown, and stays trusted until no certificate of it can be shown any more.
struct CertificatePlan: Equatable {
    enum Lifetime {
        static let authority: Duration = .seconds(365 * 86_400)
        static let leaf: Duration = .seconds(7 * 86_400)
        /// How far certificates date back, for clocks that are behind.
        static let margin: Duration = .seconds(300)
        /// What it takes until pods have a new authority: kubelet renews files in a minute or two.
        static let propagation: Duration = .seconds(600)
        /// Renewal is due when two thirds of a life are over.
        static func renewal(of validity: CertificateAuthority.Validity) -> Timestamp {
            let seconds = validity.lowerBound + (validity.upperBound - validity.lowerBound) / 3 * 2
            return Timestamp(microseconds: seconds * 1_000_000)
        }
    }

    /// Write a new authority into the Secret.
    var replacesAuthority = false
    /// Issue a certificate for this replica by the stored authority, once the webhooks trust it.
    var issuesLeaf = false

    init(_ stored: StoredAuthority, leaf: ServingLeaf?, at now: Timestamp) {
        guard let authority = stored.current, now < Lifetime.renewal(of: authority.facts.validity) else {
            replacesAuthority = true
            return
        }
        guard let leaf, leaf.isValid(at: now), stored.holds(leaf.authority) else {
            issuesLeaf = true
            return
        }
        let isCurrent = leaf.authority == authority.facts.fingerprint
        let isSettled = now >= authority.start + Lifetime.propagation
        issuesLeaf = isSettled && (!isCurrent || now >= Lifetime.renewal(of: leaf.facts.validity))
    }

    /// When a certificate of this validity was made.
    static func start(of validity: CertificateAuthority.Validity) -> Timestamp {
        Timestamp(microseconds: validity.lowerBound * 1_000_000) + Lifetime.margin
    }

    /// From a little before now.
    static func validity(for lifetime: Duration, at now: Timestamp) -> CertificateAuthority.Validity {
        let seconds = now.microseconds / 1_000_000
        let start = seconds - Lifetime.margin.components.seconds
        return start...(seconds + lifetime.components.seconds)
    }
}

/// What this replica shows, and by whom it is signed.
struct ServingLeaf: Sendable, Equatable {
    var identity: TLSContext.Identity
    var facts: CertificateFacts
    /// The fingerprint of its authority.
    var authority: [UInt8]

    func isValid(at now: Timestamp) -> Bool { facts.validity.contains(now.microseconds / 1_000_000) }

    static func == (left: Self, right: Self) -> Bool { left.facts == right.facts }
}
