import Kubernetes

/// Who makes pods anew.
package struct Workload: Sendable, Hashable {
    package var namespace: String
    /// `Deployment`, `ReplicaSet`, `StatefulSet` or `DaemonSet`.
    package var kind: String
    package var name: String
    /// Empty for a Deployment, of which its pods do not tell it.
    package var uid: String

    package init(namespace: String, kind: String, name: String, uid: String) {
        self.namespace = namespace
        self.kind = kind
        self.name = name
        self.uid = uid
    }

    /// Those controllers that have a pod that is evicted made anew, without harm.
    package static let controllers: Set = ["ReplicaSet", "StatefulSet", "DaemonSet"]
    /// Those of the controllers that make another pod only once the one before is gone.
    static let orderly: Set = ["StatefulSet", "DaemonSet"]
    /// Label that a Deployment puts on its pods, the end of their ReplicaSet's name.
    private static let templateHash = "pod-template-hash"

    /// Whose the pods with this controller and these labels are. A Deployment's ReplicaSets come and go with each
    /// restart, and what is remembered of it has to stay.
    init(of controller: Workload, labels: [String: String]) {
        self = controller
        guard kind == "ReplicaSet", let hash = labels[Self.templateHash], name.hasSuffix("-\(hash)") else {
            return
        }
        kind = "Deployment"
        name.removeLast(hash.count + 1)
        uid = ""
    }

    /// Where it is read; `nil` for kinds that are not known here.
    var resource: APIResource? {
        switch kind {
        case "Deployment": .deployments
        case "ReplicaSet": .replicaSets
        case "StatefulSet": .statefulSets
        case "DaemonSet": .daemonSets
        default: nil
        }
    }

    /// How many pods it wants, by what the API server has under its name. `nil` where that does not tell: it is
    /// another one, its controller has not seen its last change, or it is a ReplicaSet of somebody who may want more.
    func podCount(in object: APIObject) -> Int? {
        let metadata = object.metadata
        guard uid.isEmpty || uid == object.uid,
            kind != "ReplicaSet" || !metadata.ownerReferences.contains(where: \.isController),
            let observed = object.content["status", "observedGeneration"]?.integer,
            observed >= metadata.generation
        else { return nil }
        let isOfNodes = kind == "DaemonSet"
        let field =
            isOfNodes
            ? object.content["status", "desiredNumberScheduled"] : object.content["spec", "replicas"]
        guard let count = field?.integer else { return nil }
        return Int(count)
    }
}

extension Workload: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.kind, left.name, left.uid) < (
            right.namespace, right.kind, right.name, right.uid
        )
    }
}
