import API
import Identity
import Kubernetes
import Logging
import Synchronization

/// What is revoked: in a ConfigMap, read again every few seconds, since any replica may have written it.
extension IdentityService {
    /// How long revocations count as known when they cannot be read again.
    private static let revocationAge = Duration.seconds(60)

    func readRevocations() async throws {
        try take(await stored.read())
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

        var description: String { "there are \(RevocationList.maximumCount) revocations; remove some" }
    }

    /// Kept when it returns, and on its way to all gateways.
    func revoke(_ revocation: Revocation) async throws {
        let now = seconds
        try await changeRevocations { list in
            list.forgetExpired(at: now)
            guard list.insert(revocation) else { throw RevocationFault.full }
        }
        logger.notice("identity revoked", metadata: ["revocation": "\(revocation.json)"])
    }

    func restore(_ target: Revocation.Target) async throws {
        try await changeRevocations { $0.remove(target) }
        if case .subject(let name) = target { ledger.restore(name, at: seconds) }
        logger.notice("revocation removed", metadata: ["target": "\(target)"])
    }

    private func changeRevocations(_ body: @escaping @Sendable (inout RevocationList) throws -> Void)
        async throws
    {
        let name = ObjectKey(namespace: namespace, name: Self.revocationsName)
        let document = try await stored.change { document in
            guard var list = document.map(RevocationList.init) ?? RevocationList() else {
                throw StoredDocument.Malformed(name: name)
            }
            try body(&list)
            return list.json
        }
        try take(document)
    }
}
