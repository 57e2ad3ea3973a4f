/// Who leads, and since when (`Lease`, coordination.k8s.io/v1).
struct Lease: Equatable {
    /// What to write back: everything that was read, with the fields below.
    private(set) var content: JSON

    init(_ content: JSON) {
        self.content = content
    }

    init(named key: ObjectKey) {
        content = [
            "apiVersion": .string(APIResource.leases.apiVersion), "kind": "Lease",
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)],
        ]
    }

    /// Empty when nobody leads.
    var holder: String { content["spec", "holderIdentity"]?.string ?? "" }

    /// How long the holder may be silent; the default where there is none, or none that makes sense.
    func duration(default fallback: Duration) -> Duration {
        guard let seconds = content["spec", "leaseDurationSeconds"]?.integer, (1...86_400).contains(seconds)
        else {
            return fallback
        }
        return .seconds(seconds)
    }

    /// What changes with every sign of the holder's life.
    var record: JSON? { content["spec"] }

    mutating func take(for holder: String, at time: Timestamp, duration: Duration) {
        if self.holder != holder {
            let transitions = content["spec", "leaseTransitions"]?.integer ?? 0
            let isFirst = record == nil
            content["spec", "leaseTransitions"] = .integer(isFirst ? 0 : min(transitions, .max - 1) + 1)
            content["spec", "acquireTime"] = .string(time.microTime)
        }
        content["spec", "holderIdentity"] = .string(holder)
        content["spec", "leaseDurationSeconds"] = .integer(duration.components.seconds)
        content["spec", "renewTime"] = .string(time.microTime)
    }

    /// So that the next one need not wait.
    mutating func release(at time: Timestamp) {
        content["spec", "holderIdentity"] = ""
        content["spec", "leaseDurationSeconds"] = 1
        content["spec", "renewTime"] = .string(time.microTime)
    }
}
