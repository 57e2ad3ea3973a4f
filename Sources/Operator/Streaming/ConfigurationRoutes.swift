import API
import Hummingbird
import Kubernetes
import Logging
import NIOCore

/// `GET /v1/configuration`, a gateway's configuration and its changes, and
/// `POST /v1/configuration/acknowledgement`, what became of one.
struct ConfigurationRoutes: Sendable {
    let state: ClusterState
    let authenticator: TokenAuthenticator
    let hub: StreamHub
    let ledger: AcknowledgementLedger
    /// What a gateway verifies tokens by; `nil` while it is not known.
    let authority: @Sendable (ObservedPod) -> AuthorityLine?
    let metrics: OperatorMetrics
    let now: @Sendable () -> Timestamp
    /// Told of pods of which something new is known.
    let acknowledged: @Sendable (ObservedPod) -> Void
    /// Longest silence of a stream.
    let heartbeat: Duration
    let logger: Logger

    /// In bytes: some faults and a revision.
    private static let maximumBodyLength = 64 << 10

    func add(to router: Router<ClientContext>) {
        router.get("/v1/configuration") { request, _ in try await stream(request) }
        router.post("/v1/configuration/acknowledgement") { request, _ in
            let workload = try await gate.authenticate(request)
            let body = try await request.body.collect(upTo: Self.maximumBodyLength)
            try take(Array(body.readableBytesView), of: workload)
            return Response(status: .noContent)
        }
    }

    // MARK: - Who asks

    private var gate: GatewayGate {
        GatewayGate(state: state, authenticator: authenticator, logger: logger)
    }

    // MARK: - The stream

    private func stream(_ request: Request) async throws -> Response {
        let token = try gate.token(of: request)
        let workload = try await gate.authenticate(request)
        guard let pod = gate.pod(of: workload) else {
            throw HTTPError(.forbidden, message: "this pod is not known")
        }
        guard state.withView({ $0.serves(pod) }) else {
            throw HTTPError(.forbidden, message: "no connection selects this pod")
        }
        logger.debug("stream opened", metadata: ["pod": "\(pod.key)"])
        return Response(
            status: .ok, headers: [.contentType: "application/json-seq"],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(bytes: StreamLine.workload(workload, owner: pod.owner)))
                try await send(to: workload, of: pod.owner, with: token, &writer)
                try await writer.finish(nil)
            })
    }

    @concurrent private func send(
        to workload: TokenAuthenticator.Workload, of owner: String?, with token: String,
        _ writer: inout any ResponseBodyWriter
    ) async throws {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = Task { [hub] in
            for await _ in hub.wakes(for: workload.namespace, pod: workload.uid) { wake.yield() }
            wake.finish()
        }
        let beats = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: heartbeat)
                wake.yield()
            }
        }
        defer {
            changes.cancel()
            beats.cancel()
        }
        var owner = owner
        var sent = SentConfiguration()
        var sentAuthority: String?
        var answered: [String: ApprovalAnswer] = [:]
        var vouched = ContinuousClock.now
        var lastWrite = ContinuousClock.now
        for await _ in wakes {
            // Gone, or another of its name.
            guard let pod = gate.pod(of: workload) else { return }
            // Nobody would tell it of a change: what it has is confirmed no more.
            guard state.withView({ $0.goesOnServing(pod) }) else { return }
            // Judged anew once a minute: a token that holds no more ends the stream.
            if case .refused = await authenticator.judge(token) { return }
            if pod.owner != owner {
                owner = pod.owner
                try await writer.write(ByteBuffer(bytes: StreamLine.workload(workload, owner: owner)))
                lastWrite = .now
            }
            if let line = authority(pod) {
                let isNews = line.revision != sentAuthority
                if isNews || vouched.duration(to: .now) >= heartbeat * 0.9 {
                    let bytes = isNews ? line.bytes : StreamLine.authorityCurrent(line.revision)
                    try await writer.write(ByteBuffer(bytes: bytes))
                    (sentAuthority, vouched, lastWrite) = (line.revision, .now, .now)
                }
            }
            let answers = state.withView { $0.answers(for: pod, at: now().time) }
            for answer in answers where answered[answer.id] != answer {
                try await writer.write(ByteBuffer(bytes: StreamLine.approval(answer)))
                lastWrite = .now
            }
            answered = Dictionary(answers.map { ($0.id, $0) }) { first, _ in first }
            if let document = state.withView({ $0.configuration(of: pod) }),
                sent.isFollowed(by: document.revision, after: ledger[pod.uid], at: .now)
            {
                sent.note(document.revision, at: .now)
                guard let line = StreamLine.configuration(document) else {
                    logger.error("configuration too long", metadata: ["pod": "\(pod.key)"])
                    continue
                }
                try await writer.write(ByteBuffer(bytes: line))
                lastWrite = .now
                metrics.add(.configurationsSent)
            } else if lastWrite.duration(to: .now) >= heartbeat * 0.9 {
                try await writer.write(ByteBuffer(bytes: StreamLine.heartbeat))
                lastWrite = .now
            }
        }
    }

    // MARK: - Acknowledgements

    private func take(_ body: [UInt8], of workload: TokenAuthenticator.Workload) throws(HTTPError) {
        guard let pod = gate.pod(of: workload) else {
            throw HTTPError(.forbidden, message: "this pod is not known")
        }
        guard let json = try? JSON(parsing: body),
            let acknowledgement = Acknowledgement(json)
        else { throw HTTPError(.badRequest, message: "this is no acknowledgement") }
        metrics.add(acknowledgement.faults.isEmpty ? .acknowledgements : .refusals)
        let said = PodIdentity(key: pod.key, uid: pod.uid)
        guard ledger.hear(acknowledgement, of: said) else { return }
        acknowledged(pod)
        guard !acknowledgement.faults.isEmpty else { return }
        logger.warning(
            "configuration refused",
            metadata: ["pod": "\(pod.key)", "faults": "\(acknowledgement.faults.joined(separator: "; "))"])
    }
}
