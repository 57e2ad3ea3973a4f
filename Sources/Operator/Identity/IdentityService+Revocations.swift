import API
import Identity
import Kubernetes
import Logging
import Synchronization

/// What is revoked: in a ConfigMap that any replica may have written, read again when one says so, and every few seconds.
extension IdentityService {
    /// How long revocations count as known when they cannot be read again.
    private static let revocationAge = Duration.seconds(60)

    func readRevocations() async throws {
        try await inTurn { [self] in try take(await stored.read()) }
    }

    /// One reading or change after the other: an answer from before a revocation is not to be taken after it.
    private func inTurn(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let task = turn.withLock { last in
            let earlier = last
            let task = Task {
                _ = await earlier?.result
                try await body()
            }
            last = task
            return task
        }
        try await task.value
    }

    /// Nothing is granted by what may have changed long since, and no gateway is told that it holds.
    func forgetOldRevocations() {
        let isForgotten = state.withLock { state in
            guard let read = state.read, steady() - read > Self.revocationAge else { return false }
            state.read = nil
            return true
        }
        if isForgotten { changed() }
    }

    private func take(_ document: JSON?) throws {
        guard let list = document.map(RevocationList.init) ?? RevocationList() else {
            throw StoredDocument.Malformed(name: ObjectKey(namespace: namespace, name: Self.revocationsName))
        }
        let isNews = state.withLock { state in
            let isNews = !state.areRevocationsKnown || state.revocations != list
            (state.revocations, state.read) = (list, steady())
            return isNews
        }
        if isNews { changed() }
    }

    /// `nil` while they have not been read: then nothing is granted.
    var revocations: RevocationList? {
        state.withLock { $0.areRevocationsKnown ? $0.revocations : nil }
    }

    enum RevocationFault: Error, CustomStringConvertible {
        case full
        case unreadable

        var description: String {
            switch self {
            case .full: "there is no room for more revocations; remove some"
            case .unreadable: "the revocation could not be read again"
            }
        }
    }

    /// Kept when it returns, and on its way to all gateways.
    func revoke(_ revocation: Revocation) async throws {
        guard revocation.isReadable else { throw RevocationFault.unreadable }
        let now = seconds
        try await changeRevocations { list in
            list.forgetExpired(at: now)
            guard list.insert(revocation) else { throw RevocationFault.full }
        }
        logger.notice("identity revoked", metadata: ["revocation": "\(revocation.json)"])
    }

    func restore(_ target: Revocation.Target, by author: String) async throws {
        try await changeRevocations { $0.remove(target) }
        if case .subject(let name) = target { ledger.restore(name, at: seconds) }
        logger.notice("revocation removed", metadata: ["target": "\(target)", "author": "\(author)"])
    }

    /// - Returns: whether that changed anything.
    @discardableResult
    private func changeRevocations(
        _ body: @escaping @Sendable (inout RevocationList) throws -> Void
    ) async throws -> Bool {
        let name = ObjectKey(namespace: namespace, name: Self.revocationsName)
        let isChanged = Mutex(false)
        try await inTurn { [self] in
            let document = try await stored.change { document in
                guard let list = document.map(RevocationList.init) ?? RevocationList() else {
                    throw StoredDocument.Malformed(name: name)
                }
                var next = list
                try body(&next)
                let isNew = next != list
                isChanged.withLock { $0 = isNew }
                return isNew ? try Self.document(next, after: list) : nil
            }
            try take(document)
            if isChanged.withLock({ $0 }) { state.withLock { $0.revocationChanges += 1 } }
        }
        return isChanged.withLock { $0 }
    }

    /// Nothing is written that could not be read again: it would shut everybody out.
    private static func document(
        _ list: RevocationList, after last: RevocationList
    ) throws(RevocationFault) -> JSON {
        let document = list.json
        let text = document.rendered
        guard text.count <= RevocationList.maximumLength || list.count < last.count else { throw .full }
        guard let read = try? JSON(parsing: text), RevocationList(read) == list else { throw .unreadable }
        return document
    }

    /// Grows with each change that this replica has made.
    var revocationChanges: UInt64 { state.withLock(\.revocationChanges) }
}

// MARK: - What an identity provider says

extension IdentityService {
    /// Why, of somebody who has left, and of a name that its user has another for.
    private static let disabled = "disabled by the identity provider"
    private static let givenUp = "given up for another name, says the identity provider"

    private static func revocation(_ subject: String, _ reason: String, at now: Int64) -> Revocation {
        Revocation(.subject(subject), reason: reason, author: Revocation.identityProvider, time: now)
    }

    /// Somebody has left: their identities are revoked for good. Kept when it returns.
    ///
    /// - Returns: what was revoked; `nil` where it was before.
    @discardableResult
    func disable(_ subject: String) async throws -> Revocation? {
        let revocation = Self.revocation(subject, Self.disabled, at: seconds)
        guard revocation.isReadable else { throw RevocationFault.unreadable }
        let isNew = try await changeRevocations { list in
            // By what is stored: another replica may have taken back what this one remembers.
            guard !Self.hasLeft(subject, by: list) else { return }
            list.forgetExpired(at: revocation.time)
            guard list.insert(revocation) else { throw RevocationFault.full }
        }
        guard isNew else { return nil }
        logger.notice("identity revoked", metadata: ["revocation": "\(revocation.json)"])
        return revocation
    }

    /// Somebody is there again. What people have revoked stays revoked.
    ///
    /// - Returns: whether the identity provider had revoked them.
    @discardableResult
    func enable(_ subject: String) async throws -> Bool {
        // By what is stored: another replica may have disabled them just now.
        let now = seconds
        let isNew = try await changeRevocations { try Self.release(subject, in: &$0, at: now) }
        guard isNew else { return false }
        ledger.restore(subject, at: seconds)
        logger.notice(
            "revocation removed",
            metadata: ["subject": "\(subject)", "author": "\(Revocation.identityProvider)"])
        return true
    }

    /// A name that was only given up is nobody's who has left.
    private static func hasLeft(_ subject: String, by list: RevocationList) -> Bool {
        list.all(of: .subject(subject)).contains {
            $0.author == Revocation.identityProvider && $0.reason != givenUp
        }
    }

    /// Longer than any token and the grants for it hold, in seconds.
    private static let longestValidity: Int64 = 8 * 86_400

    /// Takes back what the identity provider has revoked; of a name that was given up, not what was issued to whom it was.
    private static func release(
        _ subject: String, in list: inout RevocationList, at now: Int64
    ) throws(RevocationFault) {
        guard list.isDisabled(subject) else { return }
        var kept = list.all(of: .subject(subject)).filter {
            $0.author == Revocation.identityProvider && $0.issuedBefore != nil
        }
        if !hasLeft(subject, by: list) {
            var earlier = revocation(subject, givenUp, at: now)
            (earlier.issuedBefore, earlier.until) = (now, now + longestValidity)
            kept.append(earlier)
        }
        list.remove(.subject(subject), by: Revocation.identityProvider)
        for revocation in kept {
            guard list.insert(revocation) else { throw .full }
        }
    }

    /// Somebody has another name from now on. Whether they are active goes with them, and so does what people have revoked;
    /// the old name is nobody's until it is said that somebody of that name is active. Kept when it returns. `isActive` is
    /// `nil` for as they were.
    ///
    /// - Returns: what was revoked and restored by that, as the audit log tells it.
    func rename(_ old: String, to new: String, isActive: Bool?) async throws -> [String] {
        let now = seconds
        let changes = Mutex<[String]>([])
        try await changeRevocations { list in
            list.forgetExpired(at: now)
            var lines: [String] = []
            var wanted = list.all(of: .subject(old)).filter { $0.author != Revocation.identityProvider }
            for index in wanted.indices { wanted[index].target = .subject(new) }
            wanted.removeAll { list.isShortened(by: $0) }
            if isActive ?? !Self.hasLeft(old, by: list) {
                if list.isDisabled(new) {
                    try Self.release(new, in: &list, at: now)
                    lines.append(
                        Revocation.Target.subject(new).restoration(by: Revocation.identityProvider))
                }
            } else if !Self.hasLeft(new, by: list) {
                wanted.append(Self.revocation(new, Self.disabled, at: now))
            }
            if !list.isDisabled(old) { wanted.append(Self.revocation(old, Self.givenUp, at: now)) }
            for revocation in wanted {
                guard list.insert(revocation) else { throw RevocationFault.full }
                lines.append(revocation.change)
            }
            changes.withLock { $0 = lines }
        }
        let lines = changes.withLock(\.self)
        for line in lines { logger.notice("identity renamed", metadata: ["change": "\(line)"]) }
        return lines
    }
}

extension RevocationList {
    /// Whether that would take the place of one that holds as long, or longer.
    fileprivate func isShortened(by revocation: Revocation) -> Bool {
        all(of: revocation.target).contains {
            $0.key == revocation.key && $0.until ?? .max >= revocation.until ?? .max
        }
    }
}
