import Identity
import Kubernetes
import NIOCore
import NIOPosix
import Networking
import Testing

@testable import Operator

/// Two operators over one API server: what gateways tell one of them is what the status says.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ReplicasTests {
    /// Two replicas of which the first leads, a connection, and a pod of each name with a gateway.
    private static func withReplicas(
        pods: [String],
        _ body: @escaping @Sendable (OperatorPlay, RunningOperator, RunningOperator) async throws -> Void
    ) async throws {
        try await OperatorPlay.run { play in
            let first = try await play.start(2)
            try await eventually("the first leads") { first.isLeading }
            let second = try await play.start(3)
            try await play.create(.databaseConnections, Cast.connection())
            try await eventually("the connection has a status") {
                try await play.status()["conditions"] != nil
            }
            for pod in pods {
                try await play.createInjectedPod(pod, by: second)
                try await play.awaitPod(pod, by: first)
            }
            try await eventually("each hears the other") {
                first.plane.metrics[.replicasHeard] == 1 && second.plane.metrics[.replicasHeard] == 1
            }
            try await body(play, first, second)
        }
    }

    /// Opens a stream and acknowledges what comes.
    private static func connect(
        _ pod: String, to replica: RunningOperator, in play: OperatorPlay, faults: [String] = []
    ) async throws -> PlayedGateway {
        let gateway = try await play.gateway(of: pod, at: replica)
        let status = try await gateway.open()
        #expect(status == 200)
        let revision = try #require(try await gateway.revision())
        #expect(try await gateway.acknowledge(revision, faults: faults) == 204)
        return gateway
    }

    private static func acked(_ play: OperatorPlay, _ count: Int64) async throws {
        try await eventually("\(count) gateways count as told") {
            try await play.status()["pods", "acked"]?.integer == count
        }
    }

    private static func reason(_ play: OperatorPlay) async throws -> String? {
        (try await play.status()["conditions"]?.array ?? [])
            .first { $0["type"]?.string == "Ready" }?["reason"]?.string
    }

    @Test func `acknowledgements count whichever replica has heard them`() async throws {
        try await Self.withReplicas(pods: ["a", "b"]) { play, first, second in
            let one = try await Self.connect("a", to: first, in: play)
            let two = try await Self.connect("b", to: second, in: play)
            try await Self.acked(play, 2)
            try await eventually("it is in force") { try await Self.reason(play) == "InForce" }
            await one.close()
            await two.close()
        }
    }

    @Test func `what a gateway refuses is in the status whichever replica has heard it`() async throws {
        try await Self.withReplicas(pods: ["a"]) { play, _, second in
            let gateway = try await Self.connect("a", to: second, in: play, faults: ["no such mask"])
            try await eventually("the status says so") {
                let message = try await play.status()["conditions"]?.array?.first?["message"]?.string
                return try await Self.reason(play) == "Refused" && message == "1 gateways: no such mask"
            }
            await gateway.close()
        }
    }

    @Test func `what one replica has revoked the others know at once`() async throws {
        try await Self.withReplicas(pods: []) { _, first, second in
            let revocation = Revocation(.subject("eve"), reason: "left", author: "ann", time: 1)
            try await second.plane.identities.revoke(revocation)
            try await eventually("the first knows") { first.plane.identities.revocations?.count == 1 }
            try await first.plane.identities.restore(.subject("eve"), by: "ann")
            try await eventually("the second knows") { second.plane.identities.revocations?.count == 0 }
        }
    }

    @Test func `after the leader was killed the other knows what both have heard`() async throws {
        try await Self.withReplicas(pods: ["a", "b"]) { play, first, second in
            let one = try await Self.connect("a", to: first, in: play)
            let two = try await Self.connect("b", to: second, in: play)
            try await Self.acked(play, 2)
            await first.kill()
            try await eventually("the second leads") { second.isLeading }
            // The count moves with the new leader, and from what was there.
            try await play.create(.pods, Cast.pod("c", injectedWith: "x"))
            try await eventually("the new pod is counted") {
                try await play.status()["pods", "matched"]?.integer == 3
            }
            try await Self.acked(play, 2)
            await one.close()
            await two.close()
        }
    }

    @Test func `after the leader ended another replica, new, hears everything`() async throws {
        try await Self.withReplicas(pods: ["a"]) { play, first, second in
            let gateway = try await Self.connect("a", to: second, in: play)
            try await Self.acked(play, 1)
            await first.end()
            try await eventually(within: .seconds(8), "the second leads") { second.isLeading }
            try await play.delete(.pods, "weir-system", first.pod)
            let third = try await play.start(4)
            try await eventually("the third has heard it") {
                let uid = try await play.get(.pods, "clinic", "a")["metadata", "uid"]?.string
                return third.plane.ledger[uid ?? ""] != nil
            }
            await gateway.close()
        }
    }

    @Test func `a replica whose lease is stolen ends, and the status is right with the thief`() async throws {
        try await Self.withReplicas(pods: ["a"]) { play, first, second in
            let gateway = try await Self.connect("a", to: first, in: play)
            try await Self.acked(play, 1)
            try await play.patch(
                .leases, "weir-system", "weir-operator", ["spec": ["holderIdentity": "thief"]])
            guard case .failure(let error) = await first.result(), error is ControlPlane.LeaseLost else {
                Issue.record("the first goes on without the lease")
                return
            }
            try await eventually("the second leads") { second.isLeading }
            try await play.create(.pods, Cast.pod("b", injectedWith: "x"))
            try await eventually("the new pod is counted") {
                try await play.status()["pods", "matched"]?.integer == 2
            }
            try await Self.acked(play, 1)
            await gateway.close()
        }
    }

    @Test func `a pod that is gone is forgotten everywhere`() async throws {
        try await Self.withReplicas(pods: ["a"]) { play, first, second in
            let gateway = try await Self.connect("a", to: second, in: play)
            try await Self.acked(play, 1)
            let uid = try await play.get(.pods, "clinic", "a")["metadata", "uid"]?.string ?? ""
            try await play.delete(.pods, "clinic", "a")
            try await eventually("it is forgotten") {
                first.plane.ledger[uid] == nil && second.plane.ledger[uid] == nil
            }
            await gateway.close()
        }
    }

    @Test func `only replicas are told what gateways have said`() async throws {
        try await Self.withReplicas(pods: ["a"]) { play, first, _ in
            let token = try await play.token(of: "a", in: "clinic", account: "default")
            let own = try await play.token(of: first.pod, in: "weir-system", account: "weir-operator")
            for (bearer, status) in [(token, 401), ("nonsense", 401), ("", 401), (own, 200)] {
                let client = try HTTPClient(
                    baseURL: try BaseURL("https://\(first.address):\(RunningOperator.port)"),
                    certificateAuthoritiesPEM: Array(try await play.authority().utf8),
                    serverName: "weir-operator.weir-system.svc",
                    on: MultiThreadedEventLoopGroup.singleton.next())
                let headers = bearer.isEmpty ? [] : [("Authorization", "Bearer \(bearer)")]
                let stream = try await client.open(
                    HTTPRequest(path: "/v1/acknowledgements", headers: headers), silenceLimit: .seconds(5))
                #expect(stream.status == status)
                stream.close()
                await client.close()
            }
        }
    }
}
