import API
import Kubernetes
import Synchronization
import Testing

@testable import Operator

/// What becomes of a request for what ran by a broken glass, against the API server in memory.
struct ReviewTests {
    typealias Samples = ApprovalSamples

    private static let request = ReconcileKey.approval(ObjectKey(namespace: "clinic", name: "5a3c-1"))
    private static let past = "2026-01-01T00:00:00Z"

    /// A cluster with the request, which had to be decided by then.
    private func cluster(_ decisions: [JSON] = [], breakGlass: String?, until end: String) async throws
        -> ClusterPlay
    {
        let play = try await ClusterPlay()
        try await play.create(.approvalRules, Samples.ruleDocument())
        var request = try Samples.document(decisions, breakGlass: breakGlass)
        request["spec", "expiresAt"] = .string(end)
        try await play.create(.approvalRequests, request)
        try await play.settle()
        return play
    }

    private func phase(_ play: ClusterPlay) async throws -> String? {
        try await play.get(.approvalRequests, "clinic", "5a3c-1")["status", "phase"]?.string
    }

    @Test func `a broken glass is told of`() async throws {
        let play = try await cluster(breakGlass: "ward 3 is down", until: "2126-01-01T00:00:00Z")
        #expect(try await phase(play) == "AwaitingReview")
        #expect(try await play.warnings() == ["BrokeGlass"])
        #expect(play.reconciler.metrics[.reviewsOverdue] == 0)
        #expect(try await play.settle() == 0)
    }

    @Test func `a broken glass is told of although the API server was busy`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.approvalRules, Samples.ruleDocument())
        var request = try Samples.document(breakGlass: "ward 3 is down")
        request["spec", "expiresAt"] = "2126-01-01T00:00:00Z"
        try await play.create(.approvalRequests, request)
        try await play.observe()
        play.api.refuse("/events")
        await #expect(throws: APIError.self) { try await play.reconciler.reconcile(Self.request) }
        try await play.reconciler.reconcile(Self.request)
        #expect(try await play.warnings() == ["BrokeGlass"])
    }

    @Test func `what nobody reviews in time is told of, and stays until somebody does`() async throws {
        let play = try await cluster(breakGlass: "ward 3 is down", until: Self.past)
        #expect(try await phase(play) == "Overdue")
        #expect(try await play.warnings() == ["ReviewOverdue"])
        #expect(play.reconciler.metrics[.reviewsOverdue] == 1)
        #expect(try await play.settle() == 0)
    }

    @Test func `a request that people did not decide is gone a day later`() async throws {
        let play = try await cluster(breakGlass: nil, until: Self.past)
        await #expect(throws: APIError.self) { try await phase(play) }
    }

    @Test func `a review is recorded when it is over, and once`() async throws {
        var play = try await ClusterPlay()
        let recorded = Mutex<[ApprovalRecorded]>([])
        let keep: @Sendable (ApprovalRecorded) async -> Void = { review in
            recorded.withLock { $0.append(review) }
        }
        play.hear(keep)
        try await play.create(.approvalRules, Samples.ruleDocument())
        var request = try Samples.document([Samples.decision("ana")], breakGlass: "ward 3 is down")
        request["spec", "expiresAt"] = "2126-01-01T00:00:00Z"
        try await play.create(.approvalRequests, request)
        try await play.settle()
        let before = recorded.withLock { $0 }
        #expect(before.isEmpty)
        let decisions: JSON = .array([
            Samples.decision("ana"), Samples.decision("ben", "Deny", reason: "a drill"),
        ])
        try await play.patch(.approvalRequests, "clinic", "5a3c-1", ["spec": ["decisions": decisions]])
        try await play.settle()
        try await play.settle()
        let reviews = recorded.withLock { $0 }
        #expect(reviews.map(\.state) == ["Disputed"])
        #expect(reviews.first?.decisions.last == "Deny by ben at \(Samples.before): a drill")
    }

    @Test func `a review is recorded once although its status cannot be written at first`() async throws {
        var cluster = try await ClusterPlay()
        let recorded = Mutex(0)
        let count: @Sendable (ApprovalRecorded) async -> Void = { _ in recorded.withLock { $0 += 1 } }
        cluster.hear(count)
        let play = cluster
        try await play.create(.approvalRules, Samples.ruleDocument())
        var request = try Samples.document(
            [Samples.decision("ana"), Samples.decision("ben")], breakGlass: "ward 3 is down")
        request["spec", "expiresAt"] = "2126-01-01T00:00:00Z"
        try await play.create(.approvalRequests, request)
        try await play.observe()
        play.api.refuse("/5a3c-1/status", times: 8)
        for _ in 0..<8 {
            await #expect(throws: APIError.self) { try await play.reconciler.reconcile(Self.request) }
        }
        try await play.reconciler.reconcile(Self.request)
        #expect(try await phase(play) == "Reviewed")
        let times = recorded.withLock { $0 }
        #expect(times == 1)
    }

    @Test func `no more reviews are kept in mind than there is room for`() {
        let reviews = RecordedReviews()
        for number in 0...RecordedReviews.limit { #expect(reviews.isNew(of: "\(number)", .reviewed)) }
        #expect(!reviews.isNew(of: "1", .reviewed) && reviews.isNew(of: "1", .disputed))
        #expect(reviews.isNew(of: "0", .reviewed))
    }

    @Test func `a review that is over stays so when the rule goes`() async throws {
        let decisions = [Samples.decision("ana"), Samples.decision("ben")]
        let play = try await cluster(decisions, breakGlass: "ward 3 is down", until: "2126-01-01T00:00:00Z")
        #expect(try await phase(play) == "Reviewed")
        try await play.delete(.approvalRules, "clinic", "destruction")
        try await play.settle()
        #expect(try await phase(play) == "Reviewed")
    }
}
