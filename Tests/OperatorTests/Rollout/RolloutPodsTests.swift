import Kubernetes
import Testing

@testable import Operator

/// Which pods a rollout sees, and as what.
struct RolloutPodsTests {
    private func pod(_ kind: String, _ change: (inout JSON) -> Void = { _ in }) -> JSON {
        var pod = Cast.pod("api")
        pod["metadata", "ownerReferences"] = [
            [
                "apiVersion": "apps/v1", "kind": .string(kind), "name": "api", "uid": "1", "controller": true,
            ]
        ]
        change(&pod)
        return pod
    }

    private func states(
        of pods: [JSON], namespaceLabels: [String: String]? = nil,
        connections: [JSON] = [Cast.connection()]
    ) throws -> [RolloutPod.State] {
        var view = ClusterView(platformNamespace: "weir-system")
        if let namespaceLabels {
            let namespace: JSON = ["metadata": ["name": "clinic", "labels": JSON(namespaceLabels)]]
            _ = view.take(.all([try APIObject(namespace)]), of: .namespaces, scope: nil)
        }
        _ = view.take(.all(try connections.map { try APIObject($0) }), of: .connections, scope: nil)
        _ = view.take(.all(try pods.map { try APIObject($0) }), of: .pods, scope: nil)
        var hashes = InjectionHashes { _, _ in "hash" }
        return view.rolloutPods(in: "clinic", image: "gateway:1", hashes: &hashes).map(\.state)
    }

    @Test(arguments: [("StatefulSet", true), ("DaemonSet", true), ("ReplicaSet", false)])
    func `a pod that is ending is seen where another one waits for its end`(
        kind: String, isSeen: Bool
    ) throws {
        let ending = pod(kind) { $0["metadata", "deletionTimestamp"] = "2026-11-29T00:00:00Z" }
        #expect(try states(of: [ending]) == (isSeen ? [.ending] : []))
    }

    @Test(
        arguments: [
            (["weir.dev/inject": "enabled"], nil, .missing), ([:], nil, .kept),
            (["weir.dev/inject": "disabled"], nil, .kept), ([:], "enabled", .missing),
            (["weir.dev/inject": "disabled"], "enabled", .kept), (nil, nil, .kept),
            (nil, "enabled", .missing),
        ] as [([String: String]?, String?, RolloutPod.State)])
    func `a pod without a gateway is made anew where pod or namespace asks for one`(
        namespaceLabels: [String: String]?, label: String?, state: RolloutPod.State
    ) throws {
        let missing = pod("StatefulSet") {
            if let label { $0["metadata", "labels", "weir.dev/inject"] = .string(label) }
        }
        #expect(try states(of: [missing], namespaceLabels: namespaceLabels) == [state])
    }

    @Test func `a pod with an outdated gateway is left alone where it would get no other`() throws {
        let outdated = pod("StatefulSet") {
            $0["metadata", "annotations", "weir.dev/injection-hash"] = "old"
            $0["spec", "initContainers"] = [["name": "weir-gateway", "image": "gateway:1"]]
        }
        #expect(try states(of: [outdated], namespaceLabels: [:]) == [.kept])
        #expect(try states(of: [outdated], namespaceLabels: ["weir.dev/inject": "enabled"]) == [.outdated])
    }

    @Test func `gateways in a namespace show that it asks for them where its labels are not known`() throws {
        let missing = pod("StatefulSet")
        let governed = pod("StatefulSet") {
            $0["metadata", "name"] = "governed"
            $0["metadata", "annotations", "weir.dev/injection-hash"] = "hash"
            $0["spec", "initContainers"] = [["name": "weir-gateway", "image": "gateway:1"]]
        }
        #expect(try Set(states(of: [missing, governed])) == [.missing, .current])
        #expect(try Set(states(of: [missing, governed], namespaceLabels: [:])) == [.kept, .current])
    }

    @Test(
        arguments: [
            (["matchLabels": ["app": "clinic-api"]], []), (["matchLabels": ["app": "else"]], [.missing]),
            (["matchLabels": "clinic-api"], []), (nil, []),
        ] as [(JSON?, [RolloutPod.State])])
    func `a pod is not made anew while a connection that may select it cannot be read`(
        selector: JSON?, expected: [RolloutPod.State]
    ) throws {
        var unreadable = Cast.connection("ledger")
        unreadable["spec", "protocol"] = "carrier pigeon"
        unreadable["spec", "podSelector"] = selector
        let states = try states(
            of: [pod("StatefulSet")], namespaceLabels: ["weir.dev/inject": "enabled"],
            connections: [Cast.connection(), unreadable])
        #expect(states == expected)
    }

    @Test func `a pod on Windows is left alone, and said to be without a gateway`() throws {
        let windows = pod("StatefulSet") { $0["spec", "os", "name"] = "windows" }
        #expect(try states(of: [windows], namespaceLabels: ["weir.dev/inject": "enabled"]).isEmpty)
        let projected = try JSON(parsing: windows.rendered, keeping: PodProjection.paths)
        let kept = projected["spec", "os", "name"]
        #expect(kept == "windows")
        #expect(ObservedPod(try APIObject(windows)).obstacle == "runs on Windows and gets no gateway")
    }
}
