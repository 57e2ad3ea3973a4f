import API
import Foundation
import Kubernetes
import Synchronization
import Testing

@testable import Operator

/// What becomes of a request whose gateway's pod is gone, against the API server in memory.
struct GatewayGoneTests {
    private typealias Samples = ApprovalSamples

    private static let request = ObjectKey(namespace: "clinic", name: "5a3c-1")
    /// A request this old may be withdrawn.
    private static let age = Reconciler.withdrawalAge + .seconds(5)

    /// What a reconciler asks for and tells.
    private final class Told: Sendable {
        private let kept = Mutex<(delays: [Duration], records: [ApprovalRecorded])>(([], []))

        var delays: [Duration] { kept.withLock { $0.delays } }
        var records: [ApprovalRecorded] { kept.withLock { $0.records } }

        func note(_ delay: Duration) { kept.withLock { $0.delays.append(delay) } }
        func note(_ record: ApprovalRecorded) { kept.withLock { $0.records.append(record) } }
    }

    /// Answers who reads a pod with the status, and passes on all else.
    private struct WithoutPods: APIServer {
        let server: any APIServer
        let status: Int

        func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
            guard request.method == .get, request.path.contains("/pods/") else {
                return try await server.send(request)
            }
            return APIResponse(
                status: status,
                body: Array(#"{"kind": "Status", "status": "Failure", "code": \#(status)}"#.utf8))
        }

        func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
            try await server.open(request)
        }
    }

    /// A cluster with the pod `api` and a request that its gateway has made, which are known.
    private func cluster(
        _ decisions: [JSON] = [], breakGlass: String? = nil, change: (inout JSON) -> Void = { _ in }
    ) async throws -> ClusterPlay {
        let play = try await ClusterPlay()
        try await play.create(.approvalRules, Samples.ruleDocument())
        try await play.create(.pods, Cast.pod("api"))
        let uid = try await play.get(.pods, "clinic", "api")["metadata", "uid"]?.string
        var document = ApprovalRequest.document(
            of: Samples.question(breakGlass: breakGlass), namespace: "clinic", by: try #require(uid),
            pod: "api", rule: try Samples.rule(), until: "2126-01-01T00:00:00Z")
        document["spec", "decisions"] = .array(decisions)
        change(&document)
        try await play.create(.approvalRequests, document)
        try await play.observe()
        return play
    }

    /// Looks at the request when it is so old.
    private func look(
        _ play: ClusterPlay, at age: Duration = GatewayGoneTests.age, by server: (any APIServer)? = nil,
        state: ClusterState? = nil, telling told: Told = Told()
    ) async throws {
        var reconciler = Reconciler(
            state: state ?? play.state, server: server ?? play.api, settings: play.settings,
            identity: KeptIdentity(), ledger: play.ledger, injectionHash: { _, _ in "hash" },
            metrics: OperatorMetrics(), logger: OperatorPlay.logger,
            now: { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) + age },
            again: { _, delay in told.note(delay) })
        reconciler.record = { told.note($0) }
        try await reconciler.reconcile(.approval(Self.request))
    }

    private func isThere(_ play: ClusterPlay) async throws -> Bool {
        let list = try await play.api.answer(to: .list(.approvalRequests, Selection(namespace: "clinic")))
        return list["items"]?.array?.isEmpty == false
    }

    private func events(_ play: ClusterPlay) async throws -> [String] {
        let list = try await play.api.answer(to: .list(.events, Selection(namespace: "clinic")))
        return (list["items"]?.array ?? []).filter { $0["reason"] == "GatewayGone" }
            .compactMap { $0["message"]?.string }
    }

    @Test func `a request is withdrawn once its gateway's pod is gone, and that is told`() async throws {
        let play = try await cluster()
        try await look(play)
        #expect(try await isThere(play))
        try await play.delete(.pods, "clinic", "api")
        let requests = try await play.observe()
        #expect(requests.soon.contains(.approval(Self.request)))
        let told = Told()
        try await look(play, telling: told)
        #expect(try await isThere(play) == false)
        let reason = "the gateway in pod api is gone, and nobody waits for it any more"
        #expect(try await events(play) == [reason])
        #expect(
            told.records == [
                ApprovalRecorded(
                    number: 0, request: "5a3c-1", rule: "ApprovalRule/destruction", state: "Withdrawn",
                    decisions: [reason])
            ])
        // The watch has not told of that yet.
        try await look(play, telling: told)
        #expect(try await events(play).count == 1)
        #expect(told.records.count == 1)
    }

    @Test func `another pod of that name is not the gateway's`() async throws {
        let play = try await cluster()
        try await play.delete(.pods, "clinic", "api")
        try await play.create(.pods, Cast.pod("api"))
        let requests = try await play.observe()
        #expect(requests.soon.contains(.approval(Self.request)))
        try await look(play)
        #expect(try await isThere(play) == false)
    }

    @Test(arguments: ["Succeeded", "Failed", "Running", "Pending", "Unknown"])
    func `a pod that has ended is gone, and one that may run is not`(phase: String) async throws {
        let play = try await cluster()
        let status: JSON = [
            "status": ["phase": .string(phase), "conditions": [["type": "Ready", "status": "False"]]]
        ]
        _ = try await play.api.answer(
            to: .patch(
                .pods, ObjectKey(namespace: "clinic", name: "api"), merging: status,
                WriteOptions(fieldManager: "test"), subresource: "status"))
        let hasEnded = ["Succeeded", "Failed"].contains(phase)
        let requests = try await play.observe()
        #expect(requests.soon.contains(.approval(Self.request)) == hasEnded)
        try await look(play)
        #expect(try await isThere(play) != hasEnded)
    }

    @Test func `a pod that is being deleted is not gone yet`() async throws {
        let play = try await cluster()
        try await play.patch(.pods, "clinic", "api", ["metadata": ["finalizers": ["example.com/held"]]])
        try await play.delete(.pods, "clinic", "api")
        try await play.observe()
        try await look(play)
        #expect(try await isThere(play))
    }

    @Test func `what is decided, to be reviewed, sent again or of nobody known stays`() async throws {
        let unheld: [(inout JSON) -> Void] = [
            { $0["metadata", "labels", ApprovalRequest.comesAgainLabel] = "true" },
            { $0["metadata", "labels", ApprovalRequest.gatewayLabel] = nil },
            { $0["metadata", "annotations"] = nil },
        ]
        var plays = [
            try await cluster([Samples.decision("ana"), Samples.decision("ben")]),
            try await cluster(breakGlass: "ward 3 is down"),
        ]
        for change in unheld { plays.append(try await cluster(change: change)) }
        for play in plays {
            try await play.delete(.pods, "clinic", "api")
            try await play.observe()
            try await look(play)
            #expect(try await isThere(play))
            #expect(try await events(play) == [])
        }
    }

    @Test func `a request that is younger than a minute is looked at again`() async throws {
        let play = try await cluster()
        try await play.delete(.pods, "clinic", "api")
        try await play.observe()
        let told = Told()
        try await look(play, at: .seconds(0), telling: told)
        #expect(try await isThere(play))
        #expect(told.delays.contains { $0 <= Reconciler.withdrawalAge + .seconds(2) })
    }

    @Test func `a pod that only the watch lacks is not gone`() async throws {
        let play = try await cluster()
        play.state.withView { _ = $0.take(.all([]), of: .pods, scope: nil) }
        let told = Told()
        try await look(play, telling: told)
        #expect(try await isThere(play))
        #expect(told.delays.contains(Reconciler.withdrawalAge))
    }

    @Test func `before everything has been read no pod is gone`() async throws {
        let play = try await cluster()
        try await play.delete(.pods, "clinic", "api")
        let state = ClusterState(ClusterView(platformNamespace: "weir-system"))
        for kind in [WatchedKind.approvalRules, .approvalRequests] {
            let page = try ListPage(
                try await play.api.send(.list(kind.resource, Selection())), keeping: kind.projection)
            let objects = page.objects
            state.withView { _ = $0.take(.all(objects), of: kind, scope: nil) }
        }
        try await look(play, state: state)
        #expect(try await isThere(play))
    }

    @Test(arguments: [401, 403, 429, 500, 503])
    func `a pod that the API server does not tell of is not gone`(status: Int) async throws {
        let play = try await cluster()
        try await play.delete(.pods, "clinic", "api")
        try await play.observe()
        await #expect(throws: APIError.self) {
            try await look(play, by: WithoutPods(server: play.api, status: status))
        }
        #expect(try await isThere(play))
    }

    @Test func `an Event and a deletion that the API server was too busy for are made up for`() async throws {
        let play = try await cluster()
        try await play.delete(.pods, "clinic", "api")
        try await play.observe()
        let told = Told()
        for path in ["/events", "/5a3c-1"] {
            play.api.refuse(path)
            await #expect(throws: APIError.self) { try await look(play, telling: told) }
            #expect(try await isThere(play))
        }
        try await look(play, telling: told)
        #expect(try await isThere(play) == false)
        #expect(try await events(play).count == 1)
        #expect(told.records.count == 1)
    }
}
