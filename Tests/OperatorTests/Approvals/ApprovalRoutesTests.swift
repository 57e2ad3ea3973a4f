import API
import Foundation
import Hummingbird
import Kubernetes
import LogCapture
import Logging
import Testing

@testable import Operator

/// What becomes of a gateway's question, against the API server in memory.
struct ApprovalRoutesTests {
    private typealias Samples = ApprovalSamples

    /// Answers whoever creates a request as it was told to, and passes on all else.
    private struct Refusing: APIServer {
        let server: any APIServer
        let response: APIResponse

        func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
            guard request.method == .post else { return try await server.send(request) }
            return response
        }

        func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
            try await server.open(request)
        }
    }

    private static func failure(_ status: Int, _ reason: String, _ message: String = "why") -> APIResponse {
        let json: JSON = [
            "kind": "Status", "status": "Failure", "reason": .string(reason), "message": .string(message),
            "code": .integer(Int64(status)),
        ]
        return APIResponse(status: status, body: json.rendered)
    }

    /// A connection `main`, the rule that asks, and a pod of its own.
    private func play() async throws -> (ClusterPlay, ObservedPod) {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection("main"))
        try await play.create(.approvalRules, Samples.ruleDocument())
        try await play.create(.pods, Cast.pod("api"))
        try await play.settle()
        let pod = try await play.get(.pods, "clinic", "api")
        return (play, ObservedPod(try APIObject(pod)))
    }

    private static func pod(_ uid: String) throws -> ObservedPod {
        var pod = Cast.pod("api")
        pod["metadata", "uid"] = .string(uid)
        return ObservedPod(try APIObject(pod))
    }

    private func routes(
        _ play: ClusterPlay, _ server: (any APIServer)? = nil,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    ) -> ApprovalRoutes {
        let authenticator = TokenAuthenticator(server: play.api, metrics: OperatorMetrics())
        return ApprovalRoutes(
            gate: GatewayGate(state: play.state, authenticator: authenticator, logger: logger),
            server: server ?? play.api,
            now: { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }, logger: logger)
    }

    private func question(
        _ id: String, by name: String = "job", breakGlass: String? = nil
    ) -> ApprovalQuestion {
        Samples.question(id, by: name, digest: Samples.digest(id), breakGlass: breakGlass)
    }

    @Test func `who asks for too much is refused, and nobody else`() async throws {
        let (play, pod) = try await play()
        let routes = routes(play)
        for number in 1...ApprovalLimit.ofRequester {
            #expect(try await routes.ask(question("a-\(number)"), by: pod).state == .pending)
        }
        try await play.settle()
        let fault = "too many of your statements wait for approval: 256; have them decided or withdrawn"
        await #expect(throws: ApprovalRoutes.Refusal.tooMany(fault)) {
            try await routes.ask(question("b-1"), by: pod)
        }
        #expect(try await routes.ask(question("a-1"), by: pod).state == .pending)
        #expect(try await routes.ask(question("b-2", by: "other"), by: pod).state == .pending)
        #expect(try await routes.ask(question("b-3", breakGlass: "ward 3"), by: pod).state == .approved)
        try await play.patch(
            .approvalRequests, "clinic", "a-2",
            ["spec": ["decisions": .array([Samples.decision("ana", "Deny")])]])
        // The decision, and then what the status says of it.
        try await play.settle()
        try await play.settle()
        #expect(try await routes.ask(question("b-1"), by: pod).state == .pending)
    }

    @Test(
        arguments: [
            (403, "Forbidden", true), (422, "Invalid", true), (400, "BadRequest", true),
            (413, "RequestEntityTooLarge", true), (401, "Unauthorized", false), (409, "Conflict", false),
            (429, "TooManyRequests", false), (500, "InternalError", false),
            (503, "ServiceUnavailable", false), (504, "Timeout", false),
        ])
    func `what the API server will not take is refused, and all else is tried again`(
        status: Int, reason: String, isFinal: Bool
    ) async throws {
        let (play, pod) = try await play()
        let routes = routes(play, Refusing(server: play.api, response: Self.failure(status, reason)))
        let refusal: ApprovalRoutes.Refusal = isFinal ? .notTaken : .unavailable
        await #expect(throws: refusal) {
            try await routes.ask(question("a-1"), by: pod)
        }
    }

    @Test func `the API server's words are in the log, and not in what the client is told`() async throws {
        let (play, pod) = try await play()
        let words = "user system:serviceaccount:weir-system:weir-operator cannot create approvalrequests"
        let server = Refusing(server: play.api, response: Self.failure(403, "Forbidden", words))
        let log = CapturedLog()
        let refusal = await #expect(throws: ApprovalRoutes.Refusal.self) {
            try await routes(play, server, logger: log.logger).ask(question("a-1"), by: pod)
        }
        #expect(
            refusal?.response.body == "the cluster does not take the request; the operator's log tells why")
        let told = log.lines.filter { $0.contains(" error=") }
        #expect(told.count == 1)
        #expect(told.first?.contains(words) == true)
    }

    @Test func `a request says whose gateway waits`() async throws {
        let (play, pod) = try await play()
        _ = try await routes(play).ask(question("a-1"), by: pod)
        try await play.observe()
        let holder = play.state.withView { view in
            view.approval(ObjectKey(namespace: "clinic", name: "a-1"))?.holder
        }
        #expect(holder == PodIdentity(key: pod.key, uid: pod.uid))
    }

    @Test(arguments: [false, true])
    func `a question is not answered by another's request of the same name`(isKnown: Bool) async throws {
        let (play, pod) = try await play()
        let routes = routes(play)
        #expect(try await routes.ask(question("a-1"), by: pod).state == .pending)
        if isKnown { try await play.settle() }
        #expect(try await routes.ask(question("a-1"), by: pod).state == .pending)
        let others = [
            Samples.question("a-1", digest: Samples.digest("b-1")),
            Samples.question("a-1", by: "other", digest: Samples.digest("a-1")),
        ]
        for other in others {
            await #expect(throws: ApprovalRoutes.Refusal.isAnother) { try await routes.ask(other, by: pod) }
        }
        let stranger = try Self.pod("uid-2")
        await #expect(throws: ApprovalRoutes.Refusal.isAnother) {
            try await routes.ask(question("a-1"), by: stranger)
        }
    }

    @Test func `a gateway that would allow something else than approvers are told waits`() async throws {
        let (play, pod) = try await play()
        let routes = routes(play)
        let wider = try Samples.rule(grant: #"{"type": "TimeBox"}"#)
        let other = Samples.question("a-1", allowance: wider.allowance)
        let fault = await #expect(throws: HTTPError.self) { try await routes.ask(other, by: pod) }
        #expect(fault?.status == .serviceUnavailable)
        let same = Samples.question("a-1", allowance: try Samples.rule().allowance)
        #expect(try await routes.ask(same, by: pod).state == .pending)
    }

    @Test func `what ran by a broken glass waits for a quota`() async throws {
        let (play, pod) = try await play()
        let server = Refusing(server: play.api, response: Self.failure(403, "Forbidden", "exceeded quota"))
        await #expect(throws: ApprovalRoutes.Refusal.unavailable) {
            try await routes(play, server).ask(question("a-1", breakGlass: "ward 3"), by: pod)
        }
    }
}
