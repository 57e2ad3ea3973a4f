import Hummingbird
import NIOCore

/// `GET /healthz`, `/readyz` and `/metrics`, without encryption and for everybody: they tell nothing of databases.
struct HealthRoutes: Sendable {
    let readiness: Readiness
    let metrics: OperatorMetrics

    func add(to router: Router<ClientContext>) {
        router.get("/healthz") { _, _ in Self.text("ok\n") }
        router.get("/readyz") { _, _ in
            let reasons = readiness.obstacles
            return reasons.isEmpty
                ? Self.text("ok\n") : Self.text(reasons.map { "\($0)\n" }.joined(), .serviceUnavailable)
        }
        router.get("/metrics") { _, _ in Self.text(metrics.exposition, type: OperatorMetrics.contentType) }
    }

    private static func text(
        _ text: String, _ status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
