import API
import Networking
import Testing

@testable import Gateway

struct HealthTests {
    private let ready = Readiness(connectionCount: 1, canRecord: true)

    private func status(_ path: String, of health: GatewayHealth) async -> Int {
        await health.answer(HTTPRequest(path: path)).status
    }

    private func health(_ readiness: Readiness?) -> GatewayHealth {
        let health = GatewayHealth()
        if let readiness { health.use { (readiness, GatewayMetrics()) } }
        return health
    }

    @Test func `before there is a configuration it is alive and no more`() async {
        let health = health(nil)
        #expect(await status("/healthz", of: health) == 200)
        #expect(await status("/startupz", of: health) == 503)
        #expect(await status("/readyz", of: health) == 503)
        #expect(await status("/metrics", of: health) == 200)
        #expect(await status("/", of: health) == 404)
        #expect(await health.answer(HTTPRequest(method: .post, path: "/readyz")).status == 405)
    }

    @Test func `ready is what serves clients`() async {
        #expect(await status("/readyz", of: health(ready)) == 200)
        #expect(await status("/startupz", of: health(ready)) == 200)
    }

    @Test(arguments: [
        (Readiness(connectionCount: 1, missingListenerCount: 1, canRecord: true), 503),
        (Readiness(connectionCount: 1, canRecord: false), 200),
        (Readiness(connectionCount: 1, staleConnectionCount: 1, canRecord: true), 200),
        (Readiness(canRecord: true), 503),
    ])
    func `each obstacle keeps clients away`(readiness: Readiness, startupStatus: Int) async {
        #expect(await status("/readyz", of: health(readiness)) == 503)
        #expect(await status("/startupz", of: health(readiness)) == startupStatus)
    }

    @Test(arguments: [
        (Readiness(connectionCount: 1, isWorkloadKnown: false, canRecord: true), [503, 503]),
        (Readiness(connectionCount: 1, isAuthorityKnown: false, canRecord: true), [503, 503]),
        (
            Readiness(
                connectionCount: 1, isWorkloadKnown: false, hasWaitedForOperator: true, canRecord: true),
            [200, 503]
        ),
        (
            Readiness(
                connectionCount: 1, isAuthorityKnown: false, hasWaitedForOperator: true, canRecord: true),
            [200, 200]
        ),
    ])
    func `the first clients wait a while for the operator`(readiness: Readiness, statuses: [Int]) async {
        let health = health(readiness)
        #expect(await [status("/startupz", of: health), status("/readyz", of: health)] == statuses)
    }

    @Test func `a gateway that stops is not ready, and has started`() async {
        let health = health(ready)
        health.stop()
        #expect(await status("/readyz", of: health) == 503)
        #expect(await status("/startupz", of: health) == 200)
    }

    @Test func `metrics are in Prometheus' format`() {
        var counts = SessionCounts()
        let statement = StatementSummary(effects: [], relations: [], masks: [])
        for verdict in [StatementIntent.Verdict.allow, .mask, .refuse] {
            counts.count(
                AuditEvent(
                    session: .gateway,
                    body: .statement(
                        StatementIntent(
                            number: 1, channel: .simple, text: [], isTextRedacted: false, encoding: "",
                            digest: [], summary: statement, verdict: verdict, rule: "", requestID: "",
                            parameters: []))))
        }
        let metrics = GatewayMetrics(
            connections: ["a", "b"].map { .init(name: "x/\($0)", sessionCount: 2, counts: counts) },
            unconfirmedSeconds: 1.5, stream: .init(isConnected: true))
        let lines = metrics.text.split(separator: "\n")
        #expect(lines.contains(#"weir_gateway_statements_total{connection="x/b",verdict="mask"} 1"#))
        #expect(lines.contains("weir_gateway_configuration_unconfirmed_seconds 1.5"))
        #expect(lines.contains("weir_gateway_stream_connected 1"))
        let headings = lines.filter { $0.hasPrefix("# TYPE ") }
        #expect(Set(headings).count == headings.count)
        #expect(metrics.text.hasSuffix("\n"))
    }

    @Test(arguments: [
        ("0.0.0.0:15020", Endpoint.tcp(host: "0.0.0.0", port: 15020)),
        ("[::]:15020", .tcp(host: "::", port: 15020)),
        ("::15020", nil), ("15020", nil), ("a:0", nil), ("a:70000", nil), (":80", nil), ("[::1:80", nil),
        ("", nil),
    ])
    func `an address is one with its port`(text: String, endpoint: Endpoint?) {
        #expect(GatewayConfiguration.endpoint(text) == endpoint)
    }
}

struct DrainTests {
    @Test func `it is over with the last session, or at its limit`() {
        let drain = Drain(limit: .seconds(20), after: .signal, besideApplication: false)
        #expect(!drain.keepsListening)
        #expect(drain.isOver(after: .zero, sessionCount: 0))
        #expect(!drain.isOver(after: .seconds(19), sessionCount: 1))
        #expect(drain.isOver(after: .seconds(20), sessionCount: 1))
    }

    @Test func `beside a container it waits for sessions that are yet to come`() {
        let drain = Drain(limit: .seconds(20), after: .signal, besideApplication: true)
        #expect(drain.keepsListening)
        #expect(!drain.isOver(after: .seconds(4), sessionCount: 0))
        #expect(drain.isOver(after: .seconds(5), sessionCount: 0))
        #expect(!Drain(limit: .seconds(20), after: .quit, besideApplication: true).keepsListening)
        #expect(
            Drain(limit: .seconds(1), after: .signal, besideApplication: true)
                .isOver(after: .seconds(1), sessionCount: 0))
    }

    @Test func `a connection's sessions have its time, and the gateway's at most`() {
        let drain = Drain(limit: .seconds(20), after: .signal, besideApplication: false)
        #expect(!drain.isOver(after: .seconds(4), forConnectionWith: .seconds(5)))
        #expect(drain.isOver(after: .seconds(5), forConnectionWith: .seconds(5)))
        #expect(drain.isOver(after: .seconds(20), forConnectionWith: .seconds(60)))
    }
}
