import Kubernetes
import Testing

@testable import Operator

/// What a person must know is an Event, whatever befalls the first attempt to say so.
struct ToldEventTests {
    private static let connection = ReconcileKey.connection(ObjectKey(namespace: "clinic", name: "clinic"))

    private func settled() async throws -> ClusterPlay {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        try await play.settle()
        return play
    }

    private func createInvalidPolicy(_ play: ClusterPlay) async throws {
        let targets: JSON = [
            "connectionSelector": [:], "namespaceSelector": ["matchLabels": ["phi": "true"]],
        ]
        try await play.create(.maskingPolicies, Cast.policy(targets: targets))
        try await play.observe()
    }

    @Test func `a status that stalls is told of although the API server was busy`() async throws {
        let play = try await settled()
        try await createInvalidPolicy(play)
        play.api.refuse("/events")
        await #expect(throws: APIError.self) { try await play.reconciler.reconcile(Self.connection) }
        #expect(try await play.warnings() == [])
        try await play.reconciler.reconcile(Self.connection)
        #expect(try await play.warnings() == ["PolicyInvalid"])
    }

    @Test func `an Event that is refused for good holds up no status`() async throws {
        let play = try await settled()
        try await createInvalidPolicy(play)
        play.api.refuse("/events", 403, "Forbidden")
        try await play.reconciler.reconcile(Self.connection)
        let conditions = try await play.get(.databaseConnections, "clinic", "clinic")["status", "conditions"]
        #expect(conditions?.array?.first?["reason"] == "PolicyInvalid")
        #expect(try await play.warnings() == [])
    }

    @Test(arguments: 0..<3)
    func `every pod without a gateway is told of once, however often that was refused`(refused: Int)
        async throws
    {
        let play = try await settled()
        for name in ["a", "b", "c"] {
            var pod = Cast.pod(name)
            pod["spec", "hostNetwork"] = true
            try await play.create(.pods, pod)
        }
        try await play.observe()
        for _ in 0..<refused {
            play.api.refuse("/events")
            await #expect(throws: APIError.self) { try await play.reconciler.reconcile(Self.connection) }
        }
        try await play.reconciler.reconcile(Self.connection)
        #expect(try await play.warnings() == ["NotGoverned", "NotGoverned", "NotGoverned"])
        let before = play.api.writeCount
        try await play.reconciler.reconcile(Self.connection)
        #expect(play.api.writeCount == before)
    }
}
