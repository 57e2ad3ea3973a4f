import Kubernetes

/// The subresource `scale`: how many pods a workload is to have, as `autoscaling/v1` tells of it.
extension Cluster {
    static func scale(of workload: JSON) -> JSON {
        var metadata: JSON = [:]
        for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[name] = workload["metadata", name]
        }
        let labels = workload["spec", "selector", "matchLabels"]?.stringMap ?? [:]
        let selector = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
            separator: ",")
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
            "spec": ["replicas": workload["spec", "replicas"] ?? 1],
            "status": ["replicas": workload["status", "replicas"] ?? 0, "selector": .string(selector)],
        ]
    }

    /// A change of the scale is one of `spec.replicas` alone.
    func scaling(_ target: Target, _ call: Call) throws(APIFault) -> PendingWrite {
        guard let stored = store[.init(resource: target.type.identifier, key: target.key)] else {
            throw .notFound(target.type, target.name ?? "")
        }
        let given = try body(call)
        let wanted = call.method == "PUT" ? given : Self.scale(of: stored).merging(given)
        guard wanted["kind"]?.string == "Scale", let replicas = wanted["spec", "replicas"]?.integer,
            replicas >= 0
        else {
            throw .badRequest("the object provided is no Scale with a number of replicas")
        }
        var next = read(stored, target.type)
        next["spec", "replicas"] = .integer(replicas)
        if let version = wanted["metadata", "resourceVersion"]?.string, !version.isEmpty {
            next["metadata", "resourceVersion"] = .string(version)
        }
        return try change(stored, to: next, target, call, [])
    }
}
