import ClusterModel
import ClusterServer
import Foundation
import Kubernetes
import KubernetesClient
import SeededRandomness
import Testing

@testable import Operator

/// An operator over an API server at fault: it ends up knowing what there is, and then writes nothing.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct FaultTests {
    /// Everything the operator knows is what the API server has, and nothing more is written.
    private static func expectRest(_ play: OperatorPlay, _ replica: RunningOperator) async throws {
        try await eventually("the operator knows what there is") {
            for (kind, scope) in replica.plane.state.withView(\.watches) {
                let response = try await play.api.send(
                    .list(kind.resource, Selection(namespace: scope, labelSelector: kind.labelSelector)))
                let there = try ListPage(response, keeping: kind.projection).objects
                    .map { "\($0.key) \($0.resourceVersion)" }
                let known = replica.plane.state.withView { view in
                    view.objects(of: kind).map { "\($0.key) \($0.resourceVersion)" }
                }
                guard there.sorted() == known.sorted() else { return false }
            }
            return true
        }
        // Until what was under way is written.
        var writes = replica.plane.metrics[.writes]
        try await eventually("it writes no more") {
            let before = writes
            try await Task.sleep(for: ReconcileDelay.counting * 2)
            writes = replica.plane.metrics[.writes]
            return before == writes
        }
        try await Task.sleep(for: .seconds(1))
        #expect(replica.plane.metrics[.writes] == writes)
    }

    /// Makes, changes and deletes policies and pods, by chance.
    private static func disturb(
        _ play: OperatorPlay, times: Int, seed: UInt64, meanwhile inject: (Int) -> Void
    ) async throws {
        var generator = SeededGenerator(seed: seed)
        for step in 0..<times {
            inject(step)
            let name = "p\(Int.random(in: 0..<5, using: &generator))"
            let resource: APIResource = Bool.random(using: &generator) ? .maskingPolicies : .pods
            let object =
                resource == .pods
                ? Cast.pod(name) : Cast.policy(name, targets: ["connectionNames": ["clinic"]])
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: _ = try? await play.create(resource, object)
            case 1:
                let label = "\(UInt32.random(in: 0...UInt32.max, using: &generator))"
                try? await play.patch(
                    resource, "clinic", name, ["metadata": ["labels": ["x": .string(label)]]])
            default: try? await play.delete(resource, "clinic", name)
            }
        }
    }

    private static func withOperator(
        validates: Bool = true, silence: Duration? = nil, bookmarkInterval: Duration = .seconds(60),
        _ body: @escaping @Sendable (OperatorPlay, RunningOperator) async throws -> Void
    ) async throws {
        try await OperatorPlay.run(validates: validates, bookmarkInterval: bookmarkInterval) { play in
            let replica = try await play.start(22, silence: silence)
            try await play.create(.databaseConnections, Cast.connection())
            try await body(play, replica)
        }
    }

    @Test(arguments: [Faults.WatchFault.duplicate, .stale, .truncated, .cut, .expired])
    func `watches that go wrong lose nothing`(fault: Faults.WatchFault) async throws {
        try await Self.withOperator { play, replica in
            try await Self.disturb(play, times: 40, seed: 1) { step in
                if step.isMultiple(of: 4) { play.host.inject { $0.watchFaults.append(fault) } }
            }
            play.host.inject { $0.watchFaults = [] }
            try await Self.expectRest(play, replica)
        }
    }

    @Test func `a watch of which nothing is heard any more is made anew`() async throws {
        try await Self.withOperator(silence: .seconds(3), bookmarkInterval: .seconds(1)) { play, replica in
            try await Self.disturb(play, times: 20, seed: 2) { step in
                if step.isMultiple(of: 5) { play.host.inject { $0.watchFaults.append(.halfOpen) } }
            }
            play.host.inject { $0.watchFaults = [] }
            try await Self.expectRest(play, replica)
        }
    }

    @Test func `history that is forgotten at any time is read anew`() async throws {
        try await Self.withOperator { play, replica in
            try await Self.disturb(play, times: 60, seed: 3) { step in
                guard step.isMultiple(of: 7) else { return }
                play.host.inject { $0.watchFaults.append(.cut) }
                play.host.change { cluster, _ in cluster.compact() }
            }
            play.host.inject { $0.watchFaults = [] }
            try await Self.expectRest(play, replica)
        }
    }

    @Test(arguments: ["PATCH", "POST", "DELETE", "GET"])
    func `a burst of refusals passes`(method: String) async throws {
        try await Self.withOperator { play, replica in
            play.host.inject {
                $0.failures = [
                    Faults.Failure(code: 429, reason: "TooManyRequests", count: 15, method: method),
                    Faults.Failure(code: 500, reason: "InternalError", count: 10, method: method),
                ]
                $0.watchFaults = Array(repeating: .cut, count: 8)
            }
            try await Self.disturb(play, times: 30, seed: 4) { _ in }
            play.host.inject { ($0.failures, $0.watchFaults) = ([], []) }
            try await Self.expectRest(play, replica)
        }
    }

    @Test func `clocks that jump change nothing`() async throws {
        try await Self.withOperator { play, replica in
            try await Self.expectRest(play, replica)
            let writes = replica.plane.metrics[.writes]
            for hours in [5.0, -9, 3] {
                play.host.advanceClock(by: Int64(hours * 3_600_000_000))
                replica.clock.move(by: hours * 3600)
                try await Task.sleep(for: .milliseconds(700))
            }
            #expect(replica.isLeading)
            #expect(replica.plane.metrics[.writes] == writes)
            try await Self.expectRest(play, replica)
        }
    }

    @Test func `while the webhook cannot be reached the operator goes on`() async throws {
        try await Self.withOperator { play, replica in
            play.reachWebhooks(at: nil)
            await #expect(throws: APIError.self) {
                try await play.create(
                    .maskingPolicies, Cast.policy(targets: ["connectionNames": ["clinic"]]))
            }
            try await play.create(.pods, Cast.pod("late"))
            try await eventually("the pod is counted") {
                try await play.status()["pods", "matched"]?.integer == 1
            }
            try await Self.expectRest(play, replica)
        }
    }

    @Test func `a lost authority is made anew, and snapshots have the new one`() async throws {
        try await Self.withOperator { play, replica in
            try await eventually("there is a snapshot") { try await play.snapshotAuthority() != "" }
            let before = try await play.snapshotAuthority()
            await replica.end()
            try await play.patch(
                APIResource(group: "", version: "v1", name: "secrets", kind: "Secret"), "weir-system",
                "weir-operator-ca", ["data": .null])
            let next = try await play.start(23)
            try await eventually("the snapshot has the new authority") {
                let now = try await play.snapshotAuthority()
                let made = try await play.authority()
                return now != before && now.contains(made)
            }
            try await Self.expectRest(play, next)
        }
    }

    @Test func `what the operator may not do is said in its readiness and in an Event`() async throws {
        try await OperatorPlay.run(validates: false) { play in
            try await play.grantAll(but: "pods/eviction")
            let replica = try await play.start(24, .rights)
            try await eventually("it says so") {
                replica.plane.readiness.obstacles.contains("not allowed: create pods/eviction")
            }
            try await eventually("there is an Event") {
                let list = try await play.api.answer(to: .list(.events, Selection(namespace: "weir-system")))
                return (list["items"]?.array ?? []).contains { event in
                    event["reason"] == "Forbidden" && event["involvedObject", "name"] == "weir-operator-24"
                        && event["message"]?.string?.contains("create pods/eviction") ?? false
                }
            }
        }
    }

    @Test func `a pod on its node's network is told of once`() async throws {
        try await Self.withOperator { play, replica in
            var pod = Cast.pod("host")
            pod["spec", "hostNetwork"] = true
            try await play.create(.pods, pod)
            try await eventually("there is an Event") {
                let list = try await play.api.answer(to: .list(.events, Selection(namespace: "clinic")))
                return (list["items"]?.array ?? []).contains { event in
                    event["reason"] == "NotGoverned" && event["involvedObject", "name"] == "host"
                }
            }
            try await Self.expectRest(play, replica)
            let writes = replica.plane.metrics[.writes]
            try await play.patch(.pods, "clinic", "host", ["metadata": ["labels": ["x": "y"]]])
            try await Task.sleep(for: .seconds(1))
            #expect(replica.plane.metrics[.writes] == writes)
        }
    }
}

extension OperatorPlay {
    func snapshotAuthority() async throws -> String {
        try await get(.configMaps, "clinic", "weir-config-clinic")["data", "operator-ca.crt"]?.string ?? ""
    }

    /// Gives the operator's account the rights to everything it uses, and to all subresources but one.
    func grantAll(but missing: String) async throws {
        let resources = [
            "databaseconnections", "maskingpolicies", "approvalrules", "pods", "configmaps", "services",
            "events", "deployments", "replicasets", "statefulsets", "daemonsets", "leases", "secrets",
            "tokenreviews", "selfsubjectaccessreviews", "namespaces", "nodes",
            "mutatingwebhookconfigurations", "validatingwebhookconfigurations",
        ]
        let subresources = [
            "databaseconnections/status", "maskingpolicies/status", "approvalrules/status", "pods/eviction",
        ]
        let metadata: JSON = ["name": "weir-operator"]
        let group = "rbac.authorization.k8s.io"
        try await api.create(
            group, "v1", "clusterroles",
            [
                "apiVersion": .string("\(group)/v1"), "kind": "ClusterRole", "metadata": metadata,
                "rules": [
                    [
                        "apiGroups": ["*"], "verbs": ["*"],
                        "resources": JSON(resources + subresources.filter { $0 != missing }),
                    ]
                ],
            ])
        try await api.create(
            group, "v1", "clusterrolebindings",
            [
                "apiVersion": .string("\(group)/v1"), "kind": "ClusterRoleBinding", "metadata": metadata,
                "roleRef": ["apiGroup": .string(group), "kind": "ClusterRole", "name": "weir-operator"],
                "subjects": [
                    ["kind": "ServiceAccount", "name": "weir-operator", "namespace": "weir-system"]
                ],
            ])
    }
}
