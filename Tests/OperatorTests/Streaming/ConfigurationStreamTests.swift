import Kubernetes
import Networking
import Testing

@testable import Operator

/// The configuration stream as gateways have it: over TLS, from an operator over an API server.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ConfigurationStreamTests {
    /// One operator that leads, a connection and its snapshot, and a pod `api` with a gateway.
    private static func withOperator(
        validates: Bool = true,
        _ body: @escaping @Sendable (OperatorPlay, RunningOperator) async throws -> Void
    ) async throws {
        try await OperatorPlay.run(validates: validates) { play in
            let replica = try await play.start(12)
            try await play.create(.databaseConnections, Cast.connection())
            try await eventually("there is a snapshot") {
                _ = try await play.get(.configMaps, "clinic", "weir-config-clinic")
                return true
            }
            try await play.createInjectedPod("api", by: replica)
            try await body(play, replica)
        }
    }

    private static func reason(_ play: OperatorPlay) async throws -> String? {
        (try await play.status()["conditions"]?.array ?? [])
            .first { $0["type"]?.string == "Ready" }?["reason"]?.string
    }

    private static func status(
        of token: String, _ play: OperatorPlay, _ replica: RunningOperator
    ) async throws -> Int {
        let gateway = try PlayedGateway(to: replica, token: token, authority: try await play.authority())
        let status = try await gateway.open()
        await gateway.close()
        return status
    }

    // MARK: - Who may ask

    @Test func `a token that the API server does not know, or that is of no pod, is refused`() async throws {
        try await Self.withOperator { play, replica in
            let ofAccount = try await play.token(of: nil, in: "clinic", account: "default")
            let forServer = try await play.token(of: "api", in: "clinic", account: "default", audience: nil)
            for token in ["", "nonsense", "admin", ofAccount, forServer] {
                #expect(try await Self.status(of: token, play, replica) == 401, "\(token)")
            }
            let gateway = try await play.gateway(of: "api", at: replica)
            gateway.headers = []
            let status = try await gateway.open()
            #expect(status == 401)
            #expect(try await gateway.acknowledge("a") == 401)
            await gateway.close()
        }
    }

    @Test func `a pod vouches for its own log and for no other`() async throws {
        try await Self.withOperator { play, replica in
            let gateway = try await play.gateway(of: "api", at: replica)
            func status(of name: String) async throws -> Int {
                try await gateway.client.send(
                    HTTPRequest(path: "/v1/writers/\(name)", headers: gateway.headers)
                ).status
            }
            #expect(try await status(of: "clinic.api.0123abcd") == 204)
            for name in [
                "clinic.api", "clinic.api.", "clinic.api.0123abc", "clinic.api.0123abcg",
                "clinic.api2.0123abcd", "clinic.ap.0123abcd", "shop.api.0123abcd", "clinic-api.0123abcd",
                "clinic.api.x.0123abcd",
            ] {
                #expect(try await status(of: name) == 403, "\(name)")
            }
            gateway.headers = []
            #expect(try await status(of: "clinic.api.0123abcd") == 401)
            await gateway.close()
        }
    }

    @Test func `a pod that is gone, or that no connection selects, is forbidden`() async throws {
        try await Self.withOperator { play, replica in
            try await play.create(.pods, Cast.pod("gone"))
            let token = try await play.token(of: "gone", in: "clinic", account: "default")
            let uid = try await play.get(.pods, "clinic", "gone")["metadata", "uid"]?.string ?? ""
            try await play.delete(.pods, "clinic", "gone")
            try await eventually("the pod is not known") {
                replica.plane.state.withView { view in
                    view.uid(ofPod: ObjectKey(namespace: "clinic", name: "gone")) != uid
                }
            }
            #expect(try await Self.status(of: token, play, replica) == 403)

            var other = Cast.pod("other")
            other["metadata", "labels"] = ["app": "else"]
            try await play.create(.pods, other)
            try await play.awaitPod("other", by: replica)
            let unselected = try await play.token(of: "other", in: "clinic", account: "default")
            #expect(try await Self.status(of: unselected, play, replica) == 403)
        }
    }

    @Test func `before the resources are read nobody is told anything`() async throws {
        try await OperatorPlay.run(validates: false) { play in
            try await play.create(.databaseConnections, Cast.connection())
            try await play.create(.pods, Cast.pod("api", injectedWith: "hash"))
            let replica = try await play.start(12, .answers("/maskingpolicies"))
            try await eventually("there is an authority") { try await !play.authority().isEmpty }
            let token = try await play.token(of: "api", in: "clinic", account: "default")
            try await eventually("it is told to wait") {
                try await Self.status(of: token, play, replica) == 503
            }
            #expect(replica.plane.readiness.obstacles.contains("the resources have not been read yet"))
            replica.refuse(nil)
            try await eventually("it is told") { try await Self.status(of: token, play, replica) == 200 }
        }
    }

    // MARK: - What is told

    @Test func `a gateway is told who it is, and then its configuration`() async throws {
        try await Self.withOperator { play, replica in
            let gateway = try await play.gateway(of: "api", at: replica)
            let status = try await gateway.open()
            #expect(status == 200)
            let uid = try await play.get(.pods, "clinic", "api")["metadata", "uid"]
            let workload = try await gateway.line()
            #expect(
                workload == [
                    "type": "Workload", "namespace": "clinic", "serviceAccount": "default", "pod": "api",
                    "uid": uid ?? .null,
                ])
            var configuration = try await gateway.line()
            // What it verifies identities by may come first.
            if configuration?["type"] == "Authority" { configuration = try await gateway.line() }
            #expect(configuration?["type"] == "Configuration")
            #expect(configuration?["revision"] == (try await play.status()["configRevision"]))
            let snapshot = try await play.get(.configMaps, "clinic", "weir-config-clinic")
            let told = try #require(configuration?["manifests"]?.rendered)
            #expect(snapshot["data", "clinic.yaml"]?.string == String(decoding: told, as: UTF8.self))
            await gateway.close()
        }
    }

    @Test func `each change goes to every stream that it concerns, and to no other`() async throws {
        try await Self.withOperator { play, replica in
            let one = try await play.gateway(of: "api", at: replica)
            let two = try await play.gateway(of: "api", at: replica)
            _ = try await (one.open(), two.open())
            let first = try await one.revision()
            #expect(try await two.revision() == first)
            try await eventually("there are two streams") { replica.plane.metrics[.streams] == 2 }

            // Of another namespace: nobody here is told.
            let sent = replica.plane.metrics[.configurationsSent]
            try await play.create(
                .maskingPolicies, Cast.policy(in: "shop", targets: ["connectionNames": ["clinic"]]))
            try await eventually("the policy is known") {
                replica.plane.state.withView { view in
                    view.maskingPolicy(ObjectKey(namespace: "shop", name: "ssn")) != nil
                }
            }
            try await play.create(.maskingPolicies, Cast.policy(targets: ["connectionNames": ["clinic"]]))
            let second = try await one.revision()
            #expect(second != first)
            #expect(try await two.revision() == second)
            #expect(replica.plane.metrics[.configurationsSent] == sent + 2)

            // One goes; the other is told of what comes then.
            await one.close()
            try await eventually("there is one stream") { replica.plane.metrics[.streams] == 1 }
            try await play.delete(.maskingPolicies, "clinic", "ssn")
            #expect(try await two.revision() == first)
            await two.close()
        }
    }

    @Test func `whoever connects again is told the same revision`() async throws {
        try await Self.withOperator { play, replica in
            var revisions: [String?] = []
            for _ in 0..<3 {
                let gateway = try await play.gateway(of: "api", at: replica)
                _ = try await gateway.open()
                revisions.append(try await gateway.revision())
                await gateway.close()
            }
            #expect(Set(revisions).count == 1 && revisions[0] != nil)
        }
    }

    @Test func `a policy that cannot be read leaves gateways what they have`() async throws {
        try await Self.withOperator(validates: false) { play, replica in
            let gateway = try await play.gateway(of: "api", at: replica)
            _ = try await gateway.open()
            let first = try await gateway.revision()
            try await play.create(
                .maskingPolicies,
                Cast.policy(
                    targets: [
                        "connectionNames": ["clinic"], "namespaceSelector": ["matchLabels": ["a": "b"]],
                    ]))
            try await eventually("the status says so") { try await Self.reason(play) == "PolicyInvalid" }
            #expect(replica.plane.metrics[.configurationsSent] == 1)
            try await play.delete(.maskingPolicies, "clinic", "ssn")
            try await eventually("the status says so") { try await Self.reason(play) != "PolicyInvalid" }
            let again = try await play.gateway(of: "api", at: replica)
            _ = try await again.open()
            #expect(try await again.revision() == first)
            await gateway.close()
            await again.close()
        }
    }

    @Test func `a silent stream shows that it lives`() async throws {
        try await Self.withOperator { play, replica in
            let gateway = try await play.gateway(of: "api", at: replica)
            _ = try await gateway.open()
            _ = try await gateway.revision()
            for _ in 0..<3 {
                let type = try await gateway.line()?["type"]
                #expect(type == "Heartbeat" || type == "AuthorityCurrent")
            }
            await gateway.close()
        }
    }

    @Test func `a stream ends with its pod`() async throws {
        try await Self.withOperator { play, replica in
            let gateway = try await play.gateway(of: "api", at: replica)
            _ = try await gateway.open()
            _ = try await gateway.revision()
            try await play.delete(.pods, "clinic", "api")
            let last = try await gateway.revision()
            #expect(last == nil)
            await gateway.close()
        }
    }

    @Test(arguments: [true, false])
    func `a stream ends once no connection selects its pod any more`(isDeleted: Bool) async throws {
        try await Self.withOperator { play, replica in
            let gateway = try await play.gateway(of: "api", at: replica)
            _ = try await gateway.open()
            _ = try await gateway.revision()
            if isDeleted {
                try await play.delete(.databaseConnections, "clinic", "clinic")
            } else {
                try await play.patch(.pods, "clinic", "api", ["metadata": ["labels": ["app": "else"]]])
            }
            let last = try await gateway.revision()
            #expect(last == nil)
            let status = try await gateway.open()
            #expect(status == 403)
            await gateway.close()
        }
    }

    @Test func `an operator that is told to end ends its streams first`() async throws {
        try await Self.withOperator { play, replica in
            let gateway = try await play.gateway(of: "api", at: replica)
            _ = try await gateway.open()
            _ = try await gateway.revision()
            async let end: Void = replica.end()
            let last = try await gateway.revision()
            #expect(last == nil)
            #expect(replica.plane.readiness.obstacles == ["ending"])
            await end
            await gateway.close()
        }
    }

    // MARK: - Acknowledgements

    @Test func `what gateways make of a configuration is in the status`() async throws {
        try await Self.withOperator { play, replica in
            let gateway = try await play.gateway(of: "api", at: replica)
            _ = try await gateway.open()
            let revision = try #require(try await gateway.revision())
            #expect(try await gateway.acknowledge("another") == 204)
            try await eventually("it waits") { try await Self.reason(play) == "ConfigurationPending" }
            #expect(try await gateway.acknowledge(revision, faults: ["no such mask"]) == 204)
            try await eventually("it is refused") { try await Self.reason(play) == "Refused" }
            #expect(try await gateway.acknowledge(revision) == 204)
            try await eventually("it is in force") { try await Self.reason(play) == "InForce" }
            let metrics = replica.plane.metrics
            #expect((metrics[.acknowledgements], metrics[.refusals]) == (2, 1))
            await gateway.close()
        }
    }

    @Test func `what is no acknowledgement is refused`() async throws {
        try await Self.withOperator { play, replica in
            let gateway = try await play.gateway(of: "api", at: replica)
            for body in ["", "{", "[]", "{}", #"{"revision":"","accepted":true}"#, #"{"revision":"a"}"#] {
                #expect(try await gateway.post(Array(body.utf8)) == 400, "\(body)")
            }
            let long = #"{"revision":""# + String(repeating: "a", count: 129) + #"","accepted":true}"#
            #expect(try await gateway.post(Array(long.utf8)) == 400)
            #expect(try await gateway.post([UInt8](repeating: 0x20, count: 70_000)) == 413)
            await gateway.close()
        }
    }
}
