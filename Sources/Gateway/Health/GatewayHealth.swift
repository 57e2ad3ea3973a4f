import Networking
import Synchronization

/// Answers probes, and whoever reads metrics. It is there before the configuration is.
final class GatewayHealth: Sendable {
    /// What is asked for each answer; `nil` until there is something to serve.
    typealias Source = @Sendable () async -> (Readiness, GatewayMetrics)?

    private let source = Mutex<Source?>(nil)
    private let isStopping = Mutex(false)

    func use(_ source: @escaping Source) {
        self.source.withLock { $0 = source }
    }

    func stop() {
        isStopping.withLock { $0 = true }
    }

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        guard request.method == .get else { return Self.response(405, "") }
        if request.path == "/healthz" { return Self.response(200, "alive\n") }
        let source = source.withLock { $0 }
        var (readiness, metrics) = await source?() ?? (Readiness(), GatewayMetrics())
        readiness.isStopping = isStopping.withLock { $0 }
        metrics.isReady = readiness.obstacles.isEmpty
        switch request.path {
        case "/readyz":
            guard !readiness.obstacles.isEmpty else { return Self.response(200, "ready\n") }
            return Self.response(503, readiness.obstacles.map { $0 + "\n" }.joined())
        case "/startupz":
            return readiness.hasStarted ? Self.response(200, "started\n") : Self.response(503, "starting\n")
        case "/metrics":
            return Self.response(200, metrics.text, type: GatewayMetrics.contentType)
        default:
            return Self.response(404, "there are /healthz, /readyz, /startupz and /metrics\n")
        }
    }

    private static func response(
        _ status: Int, _ text: String, type: String = "text/plain; charset=utf-8"
    ) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": type], body: Array(text.utf8))
    }
}
