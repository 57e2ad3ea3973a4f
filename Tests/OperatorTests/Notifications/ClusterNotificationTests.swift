import Cryptography
import Kubernetes
import Logging
import Networking
import Testing

@testable import API
@testable import Operator

/// A request in a cluster whose webhook nobody hears: what is kept of it, and said.
struct ClusterNotificationTests {
    private let place = WebhookReference(namespace: "clinic", secret: "chat", key: "url")

    /// Answers that it may not, to whoever reads Secrets.
    private struct Forbidding: APIServer {
        let server: any APIServer

        func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
            guard request.path.contains("/secrets/") else { return try await server.send(request) }
            return APIResponse(
                status: 403,
                body: Array(
                    #"{"kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403}"#.utf8))
        }

        func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
            try await server.open(request)
        }
    }

    private func ground(_ play: ClusterPlay, _ server: (any APIServer)? = nil) -> ClusterNotifications {
        ClusterNotifications(
            server: server ?? play.api, state: play.state, account: { "weir-system:weir-operator" },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { NotificationSamples.now })
    }

    private func play() async throws -> ClusterPlay {
        let play = try await ClusterPlay()
        try await play.create(
            .approvalRules,
            [
                "apiVersion": "weir.dev/v1alpha1", "kind": "ApprovalRule",
                "metadata": ["name": "destruction", "namespace": "clinic"],
                "spec": [
                    "targets": ["connectionNames": ["main"]], "match": ["statements": ["Drop"]],
                    "effect": "RequireApproval",
                    "approval": [
                        "approvers": ["users": ["ana"]], "notify": [["webhookSecretRef": ["name": "chat"]]],
                    ],
                ],
            ])
        var request = try ApprovalSamples.document()
        request["spec", "expiresAt"] = "2999-01-01T00:00:00Z"
        try await play.create(.approvalRequests, request)
        return play
    }

    private func notice(_ play: ClusterPlay) async throws -> Notice {
        try await play.settle()
        let standing = play.state.withView { view in
            view.approval(ObjectKey(namespace: "clinic", name: "5a3c-1")).map { found in
                let rule = view.rule(of: found.request.spec)
                return ApprovalStanding(
                    found.key, identity: found.uid, found.request.spec,
                    ApprovalJudgement(found.request.spec, rule: rule, now: ApprovalSamples.before),
                    rule?.approval, recorded: found.notifications)
            }
        }
        let told = try #require(standing)
        return Notice(standing: told, event: .reached(told.phase), webhook: told.webhooks[0])
    }

    @Test func `what was told is kept beside the status, and neither is lost by the other`() async throws {
        let play = try await play()
        let (ground, notice) = (ground(play), try await notice(play))
        let record = NotificationRecord(
            webhook: "chat/url", phase: "Pending", outcome: .delivered, time: ApprovalSamples.before)
        try await ground.keep([record], of: notice.standing.key, identity: notice.standing.identity)
        func status() async throws -> JSON? {
            try await play.get(.approvalRequests, "clinic", "5a3c-1")["status"]
        }
        #expect(try await status()?["phase"] == "Pending")
        try await play.settle()
        #expect(try await play.settle() == 0, "nothing is left to write")
        try await play.patch(
            .approvalRequests, "clinic", "5a3c-1",
            [
                "spec": ["decisions": [ApprovalSamples.decision("ana", "Deny", groups: [])]]
            ])
        try await play.settle()
        #expect(try await status()?["phase"] == "Denied")
        #expect(NotificationRecord.all(in: try await status()) == [record])
        #expect(try await self.notice(play).standing.recorded == [record])
    }

    @Test func `nothing is kept of a request that is gone, or another by now`() async throws {
        let play = try await play()
        let (ground, notice) = (ground(play), try await notice(play))
        try await ground.keep([], of: notice.standing.key, identity: "another")
        #expect(try await play.get(.approvalRequests, "clinic", "5a3c-1")["status", "notifications"] == nil)
        try await play.delete(.approvalRequests, "clinic", "5a3c-1")
        try await ground.keep([], of: notice.standing.key, identity: notice.standing.identity)
    }

    @Test func `a Secret is read when it is needed`() async throws {
        let play = try await play()
        let ground = ground(play)
        await #expect(throws: WebhookFault.missing(place)) { try await ground.contents(of: place) }
        try await play.create(
            .secrets,
            [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "chat", "namespace": "clinic"],
                "data": ["url": .string(Base64.encode(Array("https://a.example/".utf8))), "bad": "%"],
            ])
        #expect(try await ground.contents(of: place) == ["url": Array("https://a.example/".utf8)])
    }

    @Test func `who may not read it is told what to do, at the rule`() async throws {
        let play = try await play()
        let ground = ground(play, Forbidding(server: play.api))
        let notice = try await notice(play)
        await #expect(throws: WebhookFault.forbidden(place)) { try await ground.contents(of: place) }
        for _ in 0..<2 { await ground.tell(.secret(.forbidden(place)), of: notice) }
        await ground.tell(.status(500), of: notice)
        await ground.tell(.secret(.unavailable), of: notice)
        let list = try await play.api.answer(to: .list(.events, Selection(namespace: "clinic")))
        let events = (list["items"]?.array ?? []).filter {
            ["WebhookUnusable", "NotNotified"].contains($0["reason"]?.string)
        }
        let told = Set(
            events.map { "\($0["involvedObject", "kind"]?.string ?? "") \($0["message"]?.string ?? "")" })
        #expect(
            told == [
                "ApprovalRule "
                    + WebhookFault.forbidden(place).advice(account: "weir-system:weir-operator"),
                "ApprovalRequest chat/url was not told Pending: the webhook answers with status 500",
                "ApprovalRequest chat/url was not told Pending: the webhook's Secret cannot be read now",
            ])
        #expect(events.count == 3, "once each")
    }
}
