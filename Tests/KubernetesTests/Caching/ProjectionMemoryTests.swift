import CMalloc
import Kubernetes
import Testing

/// What the operator's cache of pods costs.
struct ProjectionMemoryTests {
    /// A pod of about 40 kB as the API server tells it, most of it fields nobody here reads.
    static func pod(_ index: Int) -> JSON {
        var pod = template
        pod["metadata", "name"] = "clinic-api-7d9c5b6f4-\(index)"
        pod["metadata", "namespace"] = "clinic-\(index % 50)"
        pod["metadata", "uid"] = "0d3c9a66-8f5e-4a43-9d43-\(100_000_000_000 + index)"
        pod["metadata", "resourceVersion"] = "\(90_000_000 + index)"
        pod["spec", "nodeName"] = "node-\(index % 100)"
        return pod
    }

    private static let template: JSON = {
        let managed: JSON = .array(
            (0..<4).map { manager in
                [
                    "manager": "manager-\(manager)", "operation": "Update", "apiVersion": "v1",
                    "fieldsV1": .object(
                        JSON.Object(
                            (0..<120).map { ("f:some-field-of-a-pod-\($0)", ["f:value": [:], ".": [:]]) })),
                ]
            })
        let container: JSON = [
            "name": "app", "image": "registry.example/clinic/api@sha256:0123456789abcdef",
            "ports": [["containerPort": 8080]],
            "env": .array(
                (0..<60).map { ["name": "VARIABLE_\($0)", "value": "a value of some length, number \($0)"] }),
        ]
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "creationTimestamp": "2026-11-28T09:30:00Z",
                "labels": [
                    "app": "clinic-api", "pod-template-hash": "7d9c5b6f4",
                    "app.kubernetes.io/part-of": "clinic",
                ],
                "annotations": [
                    "weir.dev/injection-hash": "0123456789abcdef0123456789abcdef",
                    "weir.dev/status": "injected",
                    "kubectl.kubernetes.io/last-applied-configuration": .string(
                        String(repeating: "x", count: 8000)),
                ],
                "ownerReferences": [
                    [
                        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "clinic-api-7d9c5b6f4",
                        "uid": "6d0f7f1e-1111-4a43-9d43-000000000000", "controller": true,
                    ]
                ], "managedFields": managed,
            ],
            "spec": [
                "initContainers": [["name": "weir", "image": "weir/gateway:1"]],
                "containers": [container, container],
            ],
            "status": [
                "phase": "Running", "podIP": "10.0.0.1",
                "conditions": .array(
                    ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map {
                        ["type": $0, "status": "True", "lastTransitionTime": "2026-11-28T09:30:00Z"]
                    }),
                "initContainerStatuses": [
                    [
                        "name": "weir", "ready": true, "restartCount": 0, "imageID": "sha256:abc",
                        "image": "weir/gateway:1",
                    ]
                ],
            ],
        ]
    }()

    static let projection = JSON.Projection([
        ["metadata", "labels"], ["metadata", "annotations", "weir.dev/injection-hash"],
        ["metadata", "annotations", "weir.dev/status"], ["metadata", "ownerReferences"],
        ["metadata", "deletionTimestamp"], ["spec", "nodeName"], ["spec", "initContainers", "*", "name"],
        ["spec", "initContainers", "*", "image"], ["status", "phase"], ["status", "conditions", "*", "type"],
        ["status", "conditions", "*", "status"], ["status", "initContainerStatuses", "*", "name"],
        ["status", "initContainerStatuses", "*", "ready"], ["status", "initContainerStatuses", "*", "image"],
    ])

    /// In a process of its own, where nothing else allocates.
    @Test func `a cached pod costs at most 4 kB`() async {
        await #expect(processExitsWith: .success) {
            let cost = try ProjectionMemoryTests.cost(of: 300)
            precondition(cost > 500 && cost <= 4096, "\(cost) bytes")
        }
    }

    private static func cost(of count: Int) throws -> Int {
        let texts = (0..<count).map { index in
            Array(#"{"type":"ADDED","object":\#(Self.pod(index))}"#.utf8)
        }
        precondition(texts[0].count > 30_000)
        var cache = Cache()
        let before = Int(mallinfo2().uordblks)
        for text in texts { _ = cache.apply(try WatchEvent(line: text, keeping: Self.projection)) }
        let cost = (Int(mallinfo2().uordblks) - before) / count
        precondition(cache.count == count)
        precondition(
            cache.objects().allSatisfy {
                $0.metadata.annotations.count == 2 && $0.content["status", "phase"] == "Running"
            })
        return cost
    }
}
