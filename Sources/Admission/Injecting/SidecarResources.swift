import API
import Kubernetes

/// What the sidecar asks of the node; requests and limits are always set.
struct SidecarResources: Equatable {
    struct Amount: Equatable {
        var request: String
        var limit: String
    }

    static let defaultCPU = Amount(request: "50m", limit: "1")
    static let defaultMemory = Amount(request: "64Mi", limit: "256Mi")

    private(set) var amounts = ["cpu": defaultCPU, "memory": defaultMemory]

    /// For each resource the first connection that says something of it counts. Where only one of request and limit
    /// is given it is both, so that no request exceeds its limit.
    init(of specs: [DatabaseConnection.Spec]) {
        for resources in specs.map(\.sidecar.resources).reversed() {
            for name in Set(resources.requests.keys).union(resources.limits.keys) {
                let (request, limit) = (resources.requests[name], resources.limits[name])
                guard let either = request ?? limit else { continue }
                amounts[name] = Amount(request: request ?? either, limit: limit ?? either)
            }
        }
    }

    /// Takes the pod's own wishes, and tells of those that are none.
    mutating func override(by annotations: [String: String]) -> [String] {
        var warnings: [String] = []
        for (annotation, name) in [(PodNames.cpu, "cpu"), (PodNames.memory, "memory")] {
            guard let text = annotations[annotation] else { continue }
            if Quantity.isNotNegative(text) {
                amounts[name] = Amount(request: text, limit: text)
            } else {
                warnings.append(
                    "annotation \(annotation) is no quantity, such as 100m or 128Mi, and is ignored")
            }
        }
        return warnings
    }

    /// Takes the place that a pod with resources of its own has for it.
    mutating func fit(into pod: PodResources) {
        for name in PodResources.shared { amounts[name] = amounts[name].map { pod.fitting($0, of: name) } }
    }

    var json: JSON {
        ["requests": JSON(amounts.mapValues(\.request)), "limits": JSON(amounts.mapValues(\.limit))]
    }
}
