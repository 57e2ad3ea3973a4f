import Hummingbird
import Logging
import NIOCore

/// `GET /v1/acknowledgements`: to another replica what gateways have told this one, and what they tell from then on; and that
/// this one has changed what is revoked.
struct ReplicaRoutes: Sendable {
    let identity: ReplicaIdentity
    let ledger: AcknowledgementLedger
    let identities: IdentityService
    /// Longest silence of a stream.
    let heartbeat: Duration
    let logger: Logger

    static let path = "/v1/acknowledgements"
    /// Within which news are told together.
    static let batchInterval = Duration.milliseconds(200)

    func add(to router: Router<ClientContext>) {
        router.get("\(Self.path)") { request, _ in try await stream(request) }
    }

    private func stream(_ request: Request) async throws -> Response {
        let authorization = request.headers[.authorization] ?? ""
        guard authorization.hasPrefix("Bearer ") else {
            throw HTTPError(.unauthorized, message: "a replica's token is needed")
        }
        switch await identity.judge(String(authorization.dropFirst("Bearer ".count))) {
        case .replica(let pod): logger.info("another replica listens", metadata: ["pod": "\(pod)"])
        case .stranger: throw HTTPError(.unauthorized, message: "this is for the operator's replicas")
        case .unknown: throw HTTPError(.serviceUnavailable, message: "the token cannot be judged now")
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json-seq"],
            body: ResponseBody { writer in try await send(&writer) })
    }

    /// Until the connection ends.
    @concurrent private func send(_ writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ByteBuffer(bytes: ReplicaLine.heartbeat.bytes))
        var lastWrite = ContinuousClock.now
        var told: UInt64 = 0
        var changes = identities.revocationChanges
        while true {
            let isRevoked = identities.revocationChanges
            if isRevoked != changes {
                try await writer.write(ByteBuffer(bytes: ReplicaLine.revocationsChanged.bytes))
                (changes, lastWrite) = (isRevoked, .now)
            }
            let (reports, number) = ledger.reports(after: told)
            for line in ReplicaLine.lines(of: reports) {
                try await writer.write(ByteBuffer(bytes: line.bytes))
                lastWrite = .now
            }
            told = number
            if lastWrite.duration(to: .now) >= heartbeat {
                try await writer.write(ByteBuffer(bytes: ReplicaLine.heartbeat.bytes))
                lastWrite = .now
            }
            try await Task.sleep(for: Self.batchInterval)
        }
    }
}
