import Kubernetes
import Logging
import Testing

@testable import Operator

/// How many pods a workload wants, by what the API server tells of it.
struct WantedPodsTests {
    private func object(
        uid: String = "1", generation: Int64 = 2, observed: Int64? = 2, owner: JSON? = nil
    ) throws -> APIObject {
        var object: JSON = [
            "metadata": ["name": "api", "namespace": "clinic", "uid": .string(uid)],
            "spec": ["replicas": 3], "status": ["desiredNumberScheduled": 5],
        ]
        object["metadata", "generation"] = .integer(generation)
        object["status", "observedGeneration"] = observed.map { JSON.integer($0) }
        object["metadata", "ownerReferences"] = owner.map { JSON.array([$0]) }
        return try APIObject(object)
    }

    private func workload(_ kind: String, uid: String = "1") -> Workload {
        Workload(namespace: "clinic", kind: kind, name: "api", uid: uid)
    }

    @Test(arguments: [("Deployment", 3), ("ReplicaSet", 3), ("StatefulSet", 3), ("DaemonSet", 5)])
    func `each kind has its place for it`(kind: String, count: Int) throws {
        #expect(try workload(kind).podCount(in: object()) == count)
        #expect(workload(kind).resource?.kind == kind)
    }

    @Test func `what the controller has not seen does not tell`() throws {
        #expect(try workload("Deployment").podCount(in: object(observed: 1)) == nil)
        #expect(try workload("Deployment").podCount(in: object(observed: nil)) == nil)
    }

    @Test func `nor does another workload of the name`() throws {
        #expect(try workload("StatefulSet").podCount(in: object(uid: "2")) == nil)
        // Pods do not tell the uid of their Deployment.
        #expect(try workload("Deployment", uid: "").podCount(in: object(uid: "2")) == 3)
    }

    @Test func `nor does a ReplicaSet that something else scales`() throws {
        let owner: JSON = [
            "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "api", "uid": "3",
            "controller": true,
        ]
        #expect(try workload("ReplicaSet").podCount(in: object(owner: owner)) == nil)
    }

    @Test func `workloads are read, and those that cannot be are left out`() async throws {
        let play = try await ClusterPlay()
        let labels: JSON = ["app": "api"]
        try await play.create(
            .deployments,
            [
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": ["name": "api", "namespace": "clinic"],
                "spec": [
                    "replicas": 2, "selector": ["matchLabels": labels],
                    "template": [
                        "metadata": ["labels": labels],
                        "spec": ["containers": [["name": "app", "image": "app:1"]]],
                    ],
                ],
            ])
        let driver = RolloutDriver(
            state: play.state, server: play.api, settings: play.settings, injectionHash: { _, _ in "hash" },
            isWebhookHealthy: { true }, metrics: OperatorMetrics(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let known = workload("Deployment", uid: "")
        let workloads = [known, workload("StatefulSet"), workload("CloneSet")]
        #expect(await driver.podCounts(wantedBy: workloads).isEmpty)
        _ = try await play.api.answer(
            to: try .patch(
                .deployments, ObjectKey(namespace: "clinic", name: "api"),
                merging: ["status": ["observedGeneration": 1]], WriteOptions(fieldManager: "test"),
                subresource: "status"))
        #expect(await driver.podCounts(wantedBy: workloads) == [known: 2])
    }
}
