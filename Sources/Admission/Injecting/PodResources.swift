import API
import Kubernetes

/// What a pod asks of its node as a whole (`spec.resources`), for all of its containers together.
struct PodResources {
    /// Resources that a sidecar shares with the others. Of huge pages, the third that a pod may name, a
    /// container requests what its limit is.
    static let shared = ["cpu", "memory"]

    private let json: JSON?
    /// Quantities by resource name; what is none is not among them.
    private let requests: [String: String]
    private let limits: [String: String]

    init(of pod: JSON) {
        let json = pod["spec", "resources"]
        self.json = json
        requests = Self.quantities(json?["requests"])
        limits = Self.quantities(json?["limits"])
    }

    private static func quantities(_ json: JSON?) -> [String: String] {
        (json?.stringMap ?? [:]).filter { Quantity.isNotNegative($0.value) }
    }

    /// The sidecar's part. The API server refuses a pod whose containers together request more than it does,
    /// and one of whose containers has a higher limit than it has; its own request may be used up by the
    /// others.
    func fitting(_ amount: SidecarResources.Amount, of name: String) -> SidecarResources.Amount {
        var amount = amount
        if requests[name] != nil || limits[name] != nil { amount.request = "0" }
        if let limit = limits[name], let most = QuantityAmount(limit),
            let own = QuantityAmount(amount.limit), own > most
        {
            amount.limit = limit
        }
        return amount
    }

    /// Writes down what the API server takes for the pod's request where there is no sidecar: the limit, of a
    /// resource that the pod limits and no container asks for. Some API servers have done so before
    /// admission, others do it after it.
    func requestingLimits(beside containers: [JSON]) -> [JSONPatch.Operation] {
        let missing = Self.shared.compactMap { name in
            limits[name].flatMap { isRequested(name, by: containers) ? nil : (name, JSON.string($0)) }
        }
        guard !missing.isEmpty else { return [] }
        let place = JSONPointer(["spec", "resources", "requests"])
        switch json?["requests"] {
        case nil, .null: return [.add(place, .object(JSON.Object(missing)))]
        case .object: return missing.map { .add(place.appending($0.0), $0.1) }
        case .bool, .integer, .number, .string, .array: return []
        }
    }

    private func isRequested(_ name: String, by containers: [JSON]) -> Bool {
        guard json?["requests", name] == nil else { return true }
        return containers.contains { container in
            // What a container limits it requests, too.
            container["resources", "requests", name] != nil || container["resources", "limits", name] != nil
        }
    }
}
