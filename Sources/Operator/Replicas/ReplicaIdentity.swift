import Synchronization

/// Who this replica is, and who is another of the same operator: by tokens for the gateways' audience.
package final class ReplicaIdentity: Sendable {
    private let token: @Sendable () -> String?
    private let authenticator: TokenAuthenticator
    private let known = Mutex<TokenAuthenticator.Workload?>(nil)

    /// `token` is this pod's own, as it is now; `nil` where there is none, outside of a cluster.
    package init(token: @escaping @Sendable () -> String?, authenticator: TokenAuthenticator) {
        self.token = token
        self.authenticator = authenticator
    }

    var bearer: String? { token() }

    /// `nil` until the API server has judged the token.
    func own() async -> TokenAuthenticator.Workload? {
        if let known = known.withLock({ $0 }) { return known }
        guard let token = token(), case .workload(let own) = await authenticator.judge(token) else {
            return nil
        }
        known.withLock { $0 = own }
        return own
    }

    package enum Judgement: Sendable, Equatable {
        case replica(pod: String)
        case stranger
        /// The API server did not say.
        case unknown
    }

    /// A pod of the same service account is another replica.
    package func judge(_ token: String) async -> Judgement {
        guard let own = await own() else { return .unknown }
        switch await authenticator.judge(token) {
        case .workload(let other):
            let isSame = other.namespace == own.namespace && other.serviceAccount == own.serviceAccount
            return isSame ? .replica(pod: other.pod) : .stranger
        case .refused: return .stranger
        case .unknown: return .unknown
        }
    }
}
