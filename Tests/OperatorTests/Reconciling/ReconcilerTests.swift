import API
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

    @Test func `an edit is looked at although a status that was written after it was known before`()
        async throws
    {
        let play = try await ClusterPlay()
        let (policy, connection) = (Self.key("ssn"), Self.key("clinic"))
        try await play.create(.databaseConnections, Cast.connection())
        try await play.create(.maskingPolicies, Cast.policy(targets: ["connectionNames": ["clinic"]]))
        try await play.observe()
        try await play.patch(.maskingPolicies, "clinic", "ssn", ["spec": ["priority": 7]])
        try await play.patch(.databaseConnections, "clinic", "clinic", ["spec": ["listen": ["port": 15_433]]])
        try await play.reconciler.reconcile(.policy(.maskingPolicy, policy))
        try await play.reconciler.reconcile(.connection(connection))
        let requests = try await play.observe()
        #expect(requests.now.contains(.connection(connection)))
        #expect(requests.soon.contains(.policy(.maskingPolicy, policy)))
        try await play.settle()
        for resource in [APIResource.maskingPolicies, .databaseConnections] {
            let key = resource == .maskingPolicies ? policy : connection
            let object = try await play.get(resource, key.namespace, key.name)
            #expect(object["status", "observedGeneration"] == object["metadata", "generation"])
        }
        #expect(try await play.settle() == 0)
    }

    @Test func `a status that was written is known at once`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.maskingPolicies, Cast.policy(targets: ["connectionNames": ["clinic"]]))
        try await play.observe()
        try await play.reconciler.reconcile(.policy(.maskingPolicy, Self.key("ssn")))
        let known = play.state.withView { $0.maskingPolicy(Self.key("ssn"))?.status }
        #expect(known?["observedGeneration"] == 1)
        #expect(try await play.observe() == ReconcileRequests())
    }

    private static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "clinic", name: name) }

    @Test func `what passes by itself is no part of a status, and what stays is`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        try await play.observe()
        for (code, reason, told) in [
            (429, "TooManyRequests", nil), (503, "ServiceUnavailable", nil), (409, "Conflict", nil),
            (403, "Forbidden", "CannotRender"),
        ] as [(Int, String, JSON?)] {
            play.api.refuse("/weir-config-clinic", code, reason)
            await #expect(throws: APIError.self) {
                try await play.reconciler.reconcile(.connection(Self.key("clinic")))
            }
            #expect(try await ready(play)?["reason"] == told)
        }
    }

    @Test func `while there is no authority nothing is written`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        try await play.observe()
        let reconciler = Reconciler(
            state: play.state, server: play.api, settings: play.settings, identity: KeptIdentity(),
            ledger: play.ledger, injectionHash: { _, _ in "hash" }, metrics: OperatorMetrics(),
            logger: OperatorPlay.logger, now: { Timestamp(microseconds: 1_800_000_000_000_000) })
        let before = play.api.writeCount
        await #expect(throws: NotYet.self) { try await reconciler.reconcile(.connection(Self.key("clinic"))) }
        #expect(play.api.writeCount == before)
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

    @Test func `what somebody else adds stays, and nothing is written for it`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection(bastion: true))
        try await play.settle()
        let made = try await play.get(.deployments, "clinic", "weir-bastion-clinic")
        var containers = made["spec", "template", "spec", "containers"]?.array ?? []
        let added: JSON = ["name": "HTTPS_PROXY", "value": "http://proxy:3128"]
        containers[0]["env"] = .array((containers[0]["env"]?.array ?? []) + [added])
        try await play.patch(
            .deployments, "clinic", "weir-bastion-clinic",
            ["spec": ["template": ["spec": ["containers": .array(containers)]]]])
        #expect(try await play.settle() == 0)
        // Not where it is another value of what is there: the last one would hold.
        let other: JSON = ["name": "WEIR_SINK", "value": "http://elsewhere:9440"]
        containers[0]["env"] = .array((containers[0]["env"]?.array ?? []) + [other])
        try await play.patch(
            .deployments, "clinic", "weir-bastion-clinic",
            ["spec": ["template": ["spec": ["containers": .array(containers)]]]])
        #expect(try await play.settle() > 0)
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

    @Test(
        arguments: [
            (
                "credentials", ["type": "Central"],
                "spec.credentials.type is Central, which gateways cannot use yet"
            ),
            ("protocol", "mysql", "spec.protocol is mysql, which gateways cannot speak yet"),
            ("listen", ["port": 15_420], "its port 15420 is the gateway's own"),
            ("listen", ["port": 15_432], nil),
        ] as [(String, JSON, String?)])
    func `a connection that no gateway can serve is said to be so, and its pods are not made anew for it`(
        field: String, value: JSON, obstacle: String?
    ) async throws {
        let play = try await ClusterPlay()
        var connection = Cast.connection(bastion: true)
        connection["spec", field] = value
        try await play.create(.databaseConnections, connection)
        var pod = Cast.pod("api")
        pod["metadata", "ownerReferences"] = [
            [
                "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "api", "uid": "1", "controller": true,
            ]
        ]
        try await play.create(.pods, pod)
        try await play.settle()
        let condition = try await ready(play)
        #expect(condition?["reason"]?.string == (obstacle == nil ? "GatewaysMissing" : "NotServed"))
        if let obstacle { #expect(condition?["message"]?.string?.contains(obstacle) == true) }
        let isThere = try? await play.get(.deployments, "clinic", "weir-bastion-clinic")
        #expect((isThere == nil) == (obstacle != nil))
        let replaced = play.state.withView { view in
            var hashes = InjectionHashes { _, _ in "hash" }
            return view.rolloutPods(in: "clinic", image: "gateway:1", hashes: &hashes).count
        }
        #expect(replaced == (obstacle == nil ? 1 : 0))
    }

    @Test func `a policy that names what is not there says so until it is`() async throws {
        let play = try await ClusterPlay()
        try await play.create(.databaseConnections, Cast.connection())
        try await play.create(
            .maskingPolicies, Cast.policy(targets: ["connectionNames": ["clinic", "shop"]]))
        func told() async throws -> (reason: String?, message: String?) {
            try await play.settle()
            let policy = try await play.get(.maskingPolicies, "clinic", "ssn")
            let ready = (policy["status", "conditions"]?.array ?? []).first { $0["type"] == "Ready" }
            return (ready?["reason"]?.string, ready?["message"]?.string)
        }
        #expect(try await told() == ("ConnectionsMissing", "it binds 1 connection; there is no shop"))
        try await play.create(.databaseConnections, Cast.connection("shop"))
        #expect(try await told() == ("Binding", "it binds 2 connections"))
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
