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
        /// How far certificates date back: they are good for clocks that are behind by no more, and what is made by one
        /// that runs ahead by no more is good for the others.
        static let margin: Duration = .seconds(86_400)
        /// What it takes until pods have a new authority: kubelet renews files in a minute or two.
        static let propagation: Duration = .seconds(600)
        /// Renewal is due when two thirds of a life are over.
        static func renewal(of validity: CertificateAuthority.Validity) -> Timestamp {
            let start = CertificatePlan.start(of: validity)
            let end = Timestamp(microseconds: validity.upperBound * 1_000_000)
            return start + (end - start) / 3 * 2
        }
    }

    /// Write a new authority into the Secret.
    var replacesAuthority = false
    /// Issue a certificate for this replica by the stored authority, once the webhooks trust it.
    var issuesLeaf = false

    init(_ stored: StoredAuthority, leaf: ServingLeaf?, at now: Timestamp) {
        // One that is not valid yet is of a clock that ran ahead: nobody accepts what it signs.
        guard let authority = stored.current, authority.facts.isValid(at: now),
            now < Lifetime.renewal(of: authority.facts.validity)
        else {
            replacesAuthority = true
            return
        }
        guard let leaf, leaf.isUsable(with: stored, at: now) else {
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

    /// From the margin before now.
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

    func isUsable(with stored: StoredAuthority, at now: Timestamp) -> Bool {
        validity(with: stored)?.contains(now.microseconds / 1_000_000) ?? false
    }

    /// When both it and its authority are good; `nil` where they never are, and once the authority is not known any more.
    func validity(with stored: StoredAuthority) -> CertificateAuthority.Validity? {
        guard let authority = stored.facts(of: authority)?.validity, authority.overlaps(facts.validity) else {
            return nil
        }
        return facts.validity.clamped(to: authority)
    }

    static func == (left: Self, right: Self) -> Bool { left.facts == right.facts }
}

extension CertificateFacts {
    func isValid(at now: Timestamp) -> Bool { validity.contains(now.microseconds / 1_000_000) }
}
