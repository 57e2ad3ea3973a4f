package import API
package import Kubernetes

/// Answers whether an identity is revoked.
package struct RevocationList: Sendable, Equatable {
    /// Most entries. Ours: what fits a ConfigMap.
    package static let maximumCount = 4_000
    /// Longest text of the whole list, in bytes: what a ConfigMap holds.
    package static let maximumLength = 1 << 20

    private var entries: [Revocation.Key: Revocation] = [:]
    /// By what is looked for, ``Revocation/Target/caseFolded``.
    private var byTarget: [Revocation.Target: [Revocation]] = [:]

    package init() {}

    package static func == (left: Self, right: Self) -> Bool { left.entries == right.entries }

    /// The oldest first.
    package var all: [Revocation] {
        entries.values.map { ($0, $0.json.description) }
            .sorted { ($0.0.time, $0.1) < ($1.0.time, $1.1) }.map(\.0)
    }

    package var count: Int { entries.count }

    /// - Returns: whether it was taken: it can be read again, and there was room for it. One of the same
    ///   identities is replaced.
    package mutating func insert(_ revocation: Revocation) -> Bool {
        guard revocation.isReadable, entries[revocation.key] != nil || entries.count < Self.maximumCount
        else { return false }
        entries[revocation.key] = revocation
        let target = revocation.target.caseFolded
        byTarget[target, default: []].removeAll { $0.key == revocation.key }
        byTarget[target, default: []].append(revocation)
        return true
    }

    /// What is revoked of a target, in any spelling.
    package func all(of target: Revocation.Target) -> [Revocation] { byTarget[target.caseFolded] ?? [] }

    /// What was revoked of a target, in any spelling; by one author, where one is given.
    package mutating func remove(_ target: Revocation.Target, by author: String? = nil) {
        for revocation in all(of: target)
        where revocation.author == author ?? revocation.author {
            entries[revocation.key] = nil
        }
        index()
    }

    /// Whether an identity provider has revoked the subject, for good.
    package func isDisabled(_ subject: String) -> Bool {
        all(of: .subject(subject)).contains {
            $0.key.isByIdentityProvider && $0.issuedBefore == nil && $0.until == nil
        }
    }

    /// `now` counts seconds since 1970, here and below.
    package mutating func forgetExpired(at now: Int64) {
        entries = entries.filter { $0.value.holds(at: now) }
        index()
    }

    private mutating func index() {
        byTarget = Dictionary(grouping: entries.values, by: \.target.caseFolded)
    }

    package func isRevoked(_ identity: VerifiedIdentity, at now: Int64) -> Bool {
        isRevoked(identity.subject, identity.evidence, at: now)
    }

    /// Without evidence, as a workload has none, its name alone counts, and revocations of what was issued earlier do not.
    package func isRevoked(_ subject: Subject, _ evidence: IdentityEvidence?, at now: Int64) -> Bool {
        guard !entries.isEmpty else { return false }
        // With whoever answers for it, it has left.
        var targets: [Revocation.Target] = [subject.name, subject.owner].compactMap {
            $0.map { Revocation.Target.subject($0).caseFolded }
        }
        if let evidence {
            targets += [.everyone, .issuer(evidence.issuer)] + evidence.tokenIDs.map { .token($0) }
        }
        return targets.contains { target in
            (byTarget[target] ?? []).contains { revocation in
                guard revocation.holds(at: now) else { return false }
                return evidence.map { revocation.covers(issuedAt: $0.issuedAt) }
                    ?? (revocation.issuedBefore == nil)
            }
        }
    }

    package var json: JSON { .array(all.map(\.json)) }

    /// - Returns: `nil` unless all of it is well formed: what is left out could be what matters.
    package init?(_ json: JSON) {
        guard let items = json.array, items.count <= Self.maximumCount else { return nil }
        for item in items {
            guard let revocation = Revocation(item) else { return nil }
            entries[revocation.key] = revocation
        }
        index()
    }
}
