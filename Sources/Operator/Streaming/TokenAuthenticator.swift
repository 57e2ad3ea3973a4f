import Cryptography
package import Kubernetes
import Synchronization

/// Who a gateway's pod is, by its projected token; the API server judges each token once a minute.
package final class TokenAuthenticator: Sendable {
    /// Whom gateways' tokens are for.
    static let audience = "weir"
    /// How long a judgement is believed.
    static let lifetime = Duration.seconds(60)
    /// Judgements kept at most; past it all are forgotten. Ours.
    private static let limit = 65_536
    /// Longest token, in bytes. Ours: those of service accounts have about 1.5 KB.
    private static let maximumTokenLength = 16 << 10

    /// A pod as its token proves it.
    package struct Workload: Sendable, Equatable {
        package var namespace: String
        package var serviceAccount: String
        package var pod: String
        package var uid: String
    }

    package enum Judgement: Sendable, Equatable {
        case workload(Workload)
        case refused(reason: String)
        /// The API server did not say.
        case unknown
    }

    private let server: any APIServer
    private let metrics: OperatorMetrics
    private let start = ContinuousClock.now
    private let known = Mutex<[[UInt8]: (workload: Workload, until: Duration)]>([:])

    package init(server: any APIServer, metrics: OperatorMetrics) {
        self.server = server
        self.metrics = metrics
    }

    package func judge(_ token: String) async -> Judgement {
        guard !token.isEmpty, token.utf8.count <= Self.maximumTokenLength else {
            return .refused(reason: "no token")
        }
        let digest = SHA256.digest(of: Array(token.utf8))
        let now = start.duration(to: .now)
        if let found = known.withLock({ $0[digest] }), found.until > now { return .workload(found.workload) }
        metrics.add(.tokenReviews)
        let review: JSON
        do {
            review = try await server.answer(to: .reviewToken(token, audiences: [Self.audience]))
        } catch {
            return .unknown
        }
        switch TokenReviewAnswer(review, audiences: [Self.audience]) {
        case .refused(let reason): return .refused(reason: reason)
        case .authenticated(let user):
            guard let workload = Workload(user) else { return .refused(reason: "the token is of no pod") }
            known.withLock { known in
                if known.count >= Self.limit { known = known.filter { $0.value.until > now } }
                if known.count >= Self.limit { known = [:] }
                known[digest] = (workload, now + Self.lifetime)
            }
            return .workload(workload)
        }
    }
}

extension TokenAuthenticator.Workload {
    /// - Returns: `nil` for a user that is no service account in a pod.
    fileprivate init?(_ user: UserInfo) {
        let parts = user.username.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount",
            let pod = user.extra["authentication.kubernetes.io/pod-name"]?.first, !pod.isEmpty,
            let uid = user.extra["authentication.kubernetes.io/pod-uid"]?.first, !uid.isEmpty
        else { return nil }
        self.init(namespace: parts[2], serviceAccount: parts[3], pod: pod, uid: uid)
    }
}
