import Cryptography
package import Kubernetes
import Synchronization

/// Who a gateway's pod is, by its projected token; the API server judges each token once a minute.
///
/// Anybody can show tokens: one that is refused is not judged again for some seconds, and no judgement is waited for
/// longer than that. How many are under way at once is the client's limit, which keeps them apart from other requests.
package final class TokenAuthenticator: Sendable {
    /// Whom gateways' tokens are for.
    static let audience = "weir"
    /// How long a judgement is believed.
    static let lifetime = Duration.seconds(60)
    /// How long a refusal is. Ours: a token that was shown too early is soon tried again.
    static let refusalLifetime = Duration.seconds(5)
    /// How long a judgement is waited for. Ours.
    static let patience = Duration.seconds(5)
    /// Judgements kept at most, and refusals. Ours.
    private static let limit = 65_536
    private static let refusalLimit = 4096
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
    private let steady: @Sendable () -> ContinuousClock.Instant
    private let workloads = Mutex(Judged<Workload>(lifetime: lifetime, limit: limit))
    /// Why, each.
    private let refusals = Mutex(Judged<String>(lifetime: refusalLifetime, limit: refusalLimit))

    package init(
        server: any APIServer, metrics: OperatorMetrics,
        steady: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.server = server
        self.metrics = metrics
        self.steady = steady
    }

    package func judge(_ token: String) async -> Judgement {
        guard !token.isEmpty, token.utf8.count <= Self.maximumTokenLength else {
            return .refused(reason: "no token")
        }
        let digest = SHA256.digest(of: Array(token.utf8))
        let now = steady()
        if let workload = workloads.withLock({ $0.judgement(of: digest, at: now) }) {
            return .workload(workload)
        }
        if let reason = refusals.withLock({ $0.judgement(of: digest, at: now) }) {
            return .refused(reason: reason)
        }
        metrics.add(.tokenReviews)
        var request = APIRequest.reviewToken(token, audiences: [Self.audience])
        request.timeLimit = Self.patience
        let review: JSON
        do {
            review = try await server.answer(to: request)
        } catch {
            return .unknown
        }
        switch TokenReviewAnswer(review, audiences: [Self.audience]) {
        case .refused(let reason): return refuse(digest, reason, at: now)
        case .authenticated(let user):
            guard let workload = Workload(user) else {
                return refuse(digest, "the token is of no pod", at: now)
            }
            workloads.withLock { $0.keep(workload, of: digest, at: now) }
            return .workload(workload)
        }
    }

    private func refuse(
        _ digest: [UInt8], _ reason: String, at now: ContinuousClock.Instant
    ) -> Judgement {
        refusals.withLock { $0.keep(reason, of: digest, at: now) }
        return .refused(reason: reason)
    }

    /// What was judged of tokens, by their digests, each for a while; past the limit all is forgotten.
    private struct Judged<Judgement: Sendable> {
        let lifetime: Duration
        let limit: Int
        private var known: [[UInt8]: (judgement: Judgement, until: ContinuousClock.Instant)] = [:]

        init(lifetime: Duration, limit: Int) {
            self.lifetime = lifetime
            self.limit = limit
        }

        func judgement(of digest: [UInt8], at now: ContinuousClock.Instant) -> Judgement? {
            known[digest].flatMap { $0.until > now ? $0.judgement : nil }
        }

        mutating func keep(_ judgement: Judgement, of digest: [UInt8], at now: ContinuousClock.Instant) {
            if known.count >= limit { known = known.filter { $0.value.until > now } }
            if known.count >= limit { known = [:] }
            known[digest] = (judgement, now + lifetime)
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
