import API
import Hummingbird
import Identity
import Kubernetes
import Logging
import Manifests
import NIOCore

/// What an operator without a cluster serves: to gateways the configuration stream and approvals, to people the requests.
struct LocalRoutes: Sendable {
    let configuration: LocalConfiguration
    let approvals: LocalApprovals
    let tokens: LocalTokens
    let identities: IdentityService
    let log: OperatorLog
    let hub: StreamHub
    let namespace: String
    let logger: Logger
    private let ledger = AcknowledgementLedger()

    /// Between two looks at what may have expired.
    static let heartbeatInterval = Duration.seconds(5)
    private static let maximumBodyLength = ApprovalMessages.maximumLength

    func add(to router: Router<ClientContext>) {
        router.get("/v1/configuration") { request, _ in try stream(to: try gateway(request)) }
        router.post("/v1/configuration/acknowledgement") { request, _ in
            let gateway = try gateway(request)
            let body = try await Self.body(of: request)
            guard let json = try? JSON(parsing: body),
                let acknowledgement = Acknowledgement(json)
            else { throw HTTPError(.badRequest, message: "this is no acknowledgement") }
            let isNews = ledger.hear(
                acknowledgement,
                of: PodIdentity(key: ObjectKey(namespace: namespace, name: gateway), uid: gateway))
            for fault in acknowledgement.faults where isNews {
                logger.error(
                    "configuration refused", metadata: ["gateway": "\(gateway)", "fault": "\(fault)"])
            }
            return Response(status: .noContent)
        }
        router.post("/v1/approvals") { request, _ in
            let gateway = try gateway(request)
            let body = try await Self.body(of: request)
            let question: ApprovalQuestion
            do throws(ManifestFault) { question = try ApprovalMessages.question(body) } catch {
                throw HTTPError(.badRequest, message: error.brief)
            }
            let answer = try told { () throws(LocalApprovals.Fault) in
                try approvals.ask(question, by: gateway)
            }
            logger.notice(
                "approval asked for",
                metadata: [
                    "request": "\(answer.request)", "rule": "\(question.rule.name)",
                    "requester": "\(question.requester.subject.name)",
                ])
            return Self.json(answer.json.bytes)
        }
        router.delete("/v1/approvals/:id") { request, context in
            approvals.withdraw(try context.parameters.require("id"), by: try gateway(request))
            return Response(status: .noContent)
        }
        IdentityUseRoutes(service: identities) { request in
            _ = try gateway(request)
            return Set((configuration.current?.connections ?? []).map(\.metadata.qualifiedName))
        }.add(to: router)
        addPeople(to: router)
    }

    private func addPeople(to router: Router<ClientContext>) {
        router.get("/v1/approvals") { request, _ in
            _ = try person(request)
            let list: JSON = ["apiVersion": "v1", "kind": "List", "items": .array(approvals.all())]
            return Self.json(list.rendered)
        }
        router.get("/v1/approvals/:id") { request, context in
            _ = try person(request)
            guard let found = approvals.request(try context.parameters.require("id")) else {
                throw HTTPError(.notFound, message: "there is no such request")
            }
            return Self.json(found.rendered)
        }
        router.post("/v1/approvals/:id/decisions") { request, context in
            let person = try person(request)
            let name = try context.parameters.require("id")
            guard let body = try? JSON(parsing: try await Self.body(of: request)),
                let verdict = body["verdict"]?.string.flatMap(
                    ApprovalRequest.Decision.Verdict.init(rawValue:)),
                let reason = body["reason"].map({ $0.string }) ?? ""
            else {
                throw HTTPError(
                    .badRequest, message: "a decision has a verdict, Approve or Deny, and a reason")
            }
            if let fault = ApprovalRequest.Decision.reasonFormat.fault(in: reason) {
                throw HTTPError(.badRequest, message: "the reason \(fault)")
            }
            let (decided, review) = try told { () throws(LocalApprovals.Fault) in
                try approvals.decide(name, verdict, reason: reason, by: person)
            }
            if let review { await log.note(review) }
            logger.notice(
                "decided",
                metadata: [
                    "request": "\(name)", "verdict": "\(verdict.rawValue)", "approver": "\(person.username)",
                ])
            return Self.json(decided.rendered)
        }
    }

    // MARK: - Who asks

    private func token(_ request: Request) throws(HTTPError) -> String {
        let authorization = request.headers[.authorization] ?? ""
        guard authorization.hasPrefix("Bearer ") else {
            throw HTTPError(.unauthorized, message: "a token is needed")
        }
        return String(authorization.dropFirst("Bearer ".count))
    }

    private func gateway(_ request: Request) throws(HTTPError) -> String {
        guard let gateway = tokens.gateway(try token(request)) else {
            throw HTTPError(.unauthorized, message: "the token is no gateway's")
        }
        return gateway
    }

    private func person(_ request: Request) throws(HTTPError) -> ApprovalRequest.Approver {
        guard let person = tokens.person(try token(request)) else {
            throw HTTPError(.unauthorized, message: "the token is nobody's")
        }
        return person
    }

    // MARK: - The stream

    private func stream(to gateway: String) throws(HTTPError) -> Response {
        let workload = TokenAuthenticator.Workload(
            namespace: namespace, serviceAccount: gateway, pod: gateway, uid: gateway)
        return Response(
            status: .ok, headers: [.contentType: "application/json-seq"],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(bytes: StreamLine.workload(workload, owner: nil)))
                try await send(to: gateway, &writer)
                try await writer.finish(nil)
            })
    }

    @concurrent private func send(to gateway: String, _ writer: inout any ResponseBodyWriter) async throws {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let changes = Task { [hub] in
            for await _ in hub.wakes(for: namespace, pod: gateway) { wake.yield() }
            wake.finish()
        }
        let beats = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: Self.heartbeatInterval)
                wake.yield()
            }
        }
        defer {
            changes.cancel()
            beats.cancel()
        }
        var sent = SentConfiguration()
        var sentAuthority: String?
        var answered: [String: ApprovalAnswer] = [:]
        for await _ in wakes {
            // Before the connections, so that a gateway that begins to serve can verify.
            if let line = identities.authority(for: authoritySources) {
                let isNews = line.revision != sentAuthority
                sentAuthority = line.revision
                let bytes = isNews ? line.bytes : StreamLine.authorityCurrent(line.revision)
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            if let current = configuration.current,
                sent.isFollowed(by: current.revision, after: ledger[gateway], at: .now)
            {
                sent.note(current.revision, at: .now)
                try await writer.write(ByteBuffer(bytes: current.line))
            }
            let answers = approvals.answers(for: gateway)
            for answer in answers where answered[answer.id] != answer {
                try await writer.write(ByteBuffer(bytes: StreamLine.approval(answer)))
            }
            answered = Dictionary(answers.map { ($0.id, $0) }) { first, _ in first }
            try await writer.write(ByteBuffer(bytes: StreamLine.heartbeat))
        }
    }

    /// Of all connections, which all gateways serve.
    private var authoritySources: [IssuerKeys.Source] {
        configuration.sources.sorted()
    }

    // MARK: - Bodies

    private static func body(of request: Request) async throws -> [UInt8] {
        Array(try await request.body.collect(upTo: maximumBodyLength).readableBytesView)
    }

    private static func json(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes + [0x0A])))
    }

    private func told<Result>(_ body: () throws(LocalApprovals.Fault) -> Result) throws(HTTPError) -> Result {
        do throws(LocalApprovals.Fault) {
            return try body()
        } catch {
            throw error.response
        }
    }
}

extension LocalApprovals.Fault {
    fileprivate var response: HTTPError {
        switch self {
        case .unknownRule: HTTPError(.unprocessableContent, message: "no such rule asks for approval")
        case .unknownRequest: HTTPError(.notFound, message: "there is no such request")
        case .tooMany(let why): HTTPError(.unprocessableContent, message: why)
        case .isAnother:
            HTTPError(
                .conflict, message: "a request of that name is about something else, or has been used")
        case .otherRule:
            HTTPError(.serviceUnavailable, message: "the gateway has another version of the rule")
        case .isOver(let phase):
            HTTPError(.conflict, message: "the request is \(phase.rawValue.lowercased()) already")
        case .decided: HTTPError(.conflict, message: "you have decided this request already")
        case .notCounted(let why):
            HTTPError(.forbidden, message: "your decision would not count: who decides \(why)")
        case .unreadable(let why):
            HTTPError(.unprocessableContent, message: "the request could not be read again: \(why)")
        case .notKept: HTTPError(.internalServerError, message: "the request could not be kept")
        }
    }
}
