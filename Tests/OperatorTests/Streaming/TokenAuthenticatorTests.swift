import Kubernetes
import Synchronization
import Testing

@testable import Operator

/// What strangers can have the API server do by showing tokens.
struct TokenAuthenticatorTests {
    private let metrics = OperatorMetrics()
    private let time = Time()

    private func authenticator(_ server: any APIServer) -> TokenAuthenticator {
        TokenAuthenticator(server: server, metrics: metrics, steady: { [time] in time.now })
    }

    @Test func `a token that is refused is not judged again for some seconds`() async {
        let authenticator = authenticator(HostAPI())
        for _ in 0..<100 { #expect(await Self.isRefused("nonsense", by: authenticator)) }
        #expect(metrics[.tokenReviews] == 1)
        #expect(await Self.isRefused("other", by: authenticator))
        #expect(metrics[.tokenReviews] == 2)
        time.wait(TokenAuthenticator.refusalLifetime)
        #expect(await Self.isRefused("nonsense", by: authenticator))
        #expect(metrics[.tokenReviews] == 3)
    }

    @Test func `what the API server did not say is asked again`() async {
        let server = SeverableServer(HostAPI())
        let authenticator = authenticator(server)
        server.refuse("/tokenreviews")
        #expect(await authenticator.judge("nonsense") == .unknown)
        server.refuse(nil)
        #expect(await Self.isRefused("nonsense", by: authenticator))
    }

    private static func isRefused(_ token: String, by authenticator: TokenAuthenticator) async -> Bool {
        if case .refused = await authenticator.judge(token) { true } else { false }
    }
}

/// A steady clock that a test moves.
private final class Time: Sendable {
    private let value = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { value.withLock { $0 } }

    func wait(_ duration: Duration) { value.withLock { $0 += duration } }
}
