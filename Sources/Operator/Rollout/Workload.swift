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
}

extension Workload: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.kind, left.name, left.uid) < (
            right.namespace, right.kind, right.name, right.uid
        )
    }
}
