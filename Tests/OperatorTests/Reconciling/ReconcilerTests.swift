import Kubernetes
import Testing

@testable import Operator

/// From resources to objects and statuses, against the API server in memory.
struct ReconcilerTests {
    private func ready(_ play: ClusterPlay) async throws -> JSON? {
        let connection = try await play.get(.databaseConnections, "clinic", "clinic")
        return (connection["status", "conditions"]?.array ?? []).first { $0["type"]?.string == "Ready" }
    }

    @Test func `a connection gets a snapshot and a status, and then nothing more is written`() async throws {
        var play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        try await play.create(.maskingPolicies, Cast.policy(targets: ["connectionNames": ["clinic"]]))
        #expect(try await play.settle() > 0)
        let snapshot = try await play.get(.configMaps, "clinic", "weir-config-clinic")
        #expect(snapshot["data", "operator-ca.crt"]?.string == "PEM")
        #expect(snapshot["metadata", "ownerReferences"]?.array?.count == 1)
        #expect(try await ready(play)?["status"]?.string == "True")
        let policy = try await play.get(.maskingPolicies, "clinic", "ssn")
        #expect(policy["status", "connections"] == 1)
        #expect(policy["status", "observedGeneration"] == 1)

        #expect(try await play.settle() == 0)
        play.restart()
        #expect(try await play.settle() == 0)
    }

    @Test func `a bastion comes and goes as it is asked for`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection(bastion: true))
        try await play.settle()
        _ = try await play.get(.deployments, "clinic", "weir-bastion-clinic")
        _ = try await play.get(.services, "clinic", "weir-bastion-clinic")
        #expect(try await play.settle() == 0)
        try await play.patch(
            .databaseConnections, "clinic", "clinic", ["spec": ["bastion": ["enabled": false]]])
        try await play.settle()
        await #expect(throws: APIError.self) {
            try await play.get(.deployments, "clinic", "weir-bastion-clinic")
        }
        _ = try await play.get(.configMaps, "clinic", "weir-config-clinic")
    }

    @Test func `what somebody else changed is put right`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        try await play.settle()
        let right = try await play.get(.configMaps, "clinic", "weir-config-clinic")["data"]
        try await play.patch(.configMaps, "clinic", "weir-config-clinic", ["data": ["clinic.yaml": "{}"]])
        try await play.settle()
        #expect(try await play.get(.configMaps, "clinic", "weir-config-clinic")["data"] == right)
        #expect(try await play.settle() == 0)
    }

    @Test func `pods are counted as they are`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        try await play.create(.pods, Cast.pod("without"))
        try await play.create(.pods, Cast.pod("old", injectedWith: "of-another-version"))
        try await play.settle()
        let status = try await play.get(.databaseConnections, "clinic", "clinic")["status"]
        #expect(
            status?["pods"] == [
                "matched": 2, "injected": 1, "missing": 1, "outdated": 1, "ready": 1, "acked": 0,
            ])
        #expect(try await ready(play)?["reason"]?.string == "GatewaysMissing")
    }

    @Test func `a gateway counts as told once it has acknowledged what holds now`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        try await play.create(.pods, Cast.pod("api", injectedWith: "hash"))
        try await play.settle()
        func acked() async throws -> JSON? {
            try await play.settle()
            return try await play.get(.databaseConnections, "clinic", "clinic")["status", "pods", "acked"]
        }
        #expect(try await acked() == 0)
        let status = try await play.get(.databaseConnections, "clinic", "clinic")["status"]
        let revision = try #require(status?["configRevision"]?.string)
        let uid = try #require(
            try await play.get(.pods, "clinic", "api")["metadata", "uid"]?.string)
        let pod = PodIdentity(key: ObjectKey(namespace: "clinic", name: "api"), uid: uid)
        #expect(play.ledger.hear(.init(revision: revision), of: pod))
        #expect(try await acked() == 1)
        try await play.create(.maskingPolicies, Cast.policy(targets: ["connectionNames": ["clinic"]]))
        #expect(try await acked() == 0)
        #expect(play.ledger.hear(.init(revision: "other", faults: ["no such mask"]), of: pod))
        #expect(try await acked() == 0)
    }

    @Test func `a static pod that is selected is said to be without a gateway`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        var pod = Cast.pod("static")
        pod["metadata", "annotations", "kubernetes.io/config.mirror"] = "0123"
        try await play.create(.pods, pod)
        try await play.settle()
        let connection = try await play.get(.databaseConnections, "clinic", "clinic")
        #expect(connection["status", "pods", "missing"] == 1)
        #expect(try await ready(play)?["reason"] == "NotGoverned")
        let events = try await play.api.answer(to: .list(.events, Selection(namespace: "clinic")))
        #expect(
            (events["items"]?.array ?? []).contains {
                $0["involvedObject", "name"] == "static"
                    && $0["message"]?.string?.contains("past all admission") == true
            })
        #expect(try await play.settle() == 0)
    }

    @Test func `policies that disagree are named, and gateways are ready all the same`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        for (name, action) in [("strong", "Redact"), ("weak", "Null")] {
            var policy = Cast.policy(name, targets: ["connectionNames": ["clinic"]])
            let rule: JSON = [
                "name": "ssn", "match": ["columns": ["ssn"]], "action": ["type": .string(action)],
            ]
            policy["spec", "rules"] = [rule]
            if name == "weak" { policy["spec", "priority"] = 1000 }
            try await play.create(.maskingPolicies, policy)
        }
        try await play.settle()
        let connection = try await play.get(.databaseConnections, "clinic", "clinic")
        let overlapping = (connection["status", "conditions"]?.array ?? []).first {
            $0["type"] == "Overlapping"
        }
        #expect(overlapping?["message"] == "Redact of clinic/strong/ssn holds against clinic/weak/ssn")
        #expect(try await ready(play)?["status"] == "True")
        try await play.delete(.maskingPolicies, "clinic", "weak")
        try await play.settle()
        let after = try await play.get(.databaseConnections, "clinic", "clinic")
        #expect((after["status", "conditions"]?.array ?? []).allSatisfy { $0["type"] != "Overlapping" })
    }
}
