import Hummingbird
import NIOCore

/// What probes ask. A store that takes no records is no reason to start the sink anew, which empties no disk: it is
/// alive, and not ready.
struct HealthRoutes: Sendable {
    let service: EvidenceService
    let certificate: ServedCertificate?

    func add(to router: Router<BasicRequestContext>) {
        router.get("/healthz") { _, _ in Response.bytes(Array("ok\n".utf8), type: "text/plain") }
        router.get("/readyz") { _, _ in await readiness() }
    }

    private func readiness() async -> Response {
        var obstacles: [String] = []
        if await !service.takesRecords { obstacles.append("the store takes no records; the log says why") }
        if let certificate, (try? certificate.current()) == nil {
            obstacles.append("there is no certificate that can be served; the log says why")
        }
        let isReady = obstacles.isEmpty
        let text = (isReady ? ["ready"] : obstacles).map { $0 + "\n" }.joined()
        return Response.bytes(
            Array(text.utf8), type: "text/plain", status: isReady ? .ok : .serviceUnavailable)
    }
}
