import Kubernetes

extension Cluster {
    private static let budgets = ResourceID(group: "policy", name: "poddisruptionbudgets")

    /// `pods/eviction`: a deletion that budgets may refuse.
    mutating func evict(_ target: Target, _ call: Call) throws(APIFault) -> Response {
        let place = Store.Place(resource: ResourceType.pods, key: target.key)
        guard let pod = store[place] else { throw .notFound(target.type, target.name ?? "") }
        let labels = pod["metadata", "labels"]?.stringMap ?? [:]
        let matching = store.objects(of: Self.budgets, in: target.namespace).filter { _, budget in
            budget["spec", "selector"].map { Selection($0).selects(labels: labels) } ?? false
        }
        guard matching.count < 2 else {
            throw APIFault(
                500, "InternalError",
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
            )
        }
        if let (key, budget) = matching.first {
            try checkBudget(budget, key)
            var budget = budget
            let allowed = budget["status", "disruptionsAllowed"]?.integer ?? 0
            budget["status", "disruptionsAllowed"] = .integer(allowed - 1)
            if !call.isDryRun { store.put(budget, at: .init(resource: Self.budgets, key: key)) }
        }
        if !call.isDryRun {
            remove(place)
            collectGarbage()
        }
        return Response(
            status: 201,
            ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201])
    }

    /// The controller that counts pods says what a budget allows; until it has looked, nothing is.
    private func checkBudget(_ budget: JSON, _ key: ObjectKey) throws(APIFault) {
        let message = "Cannot evict pod as it would violate the pod's disruption budget."
        var fault = APIFault(429, "TooManyRequests", message)
        let observed = budget["status", "observedGeneration"]?.integer ?? 0
        if observed < budget["metadata", "generation"]?.integer ?? 1 {
            fault.retryAfter = 10
            fault.details = [
                "causes": [
                    [
                        "reason": "DisruptionBudget",
                        "message": .string(
                            "The disruption budget \(key.name) is still being processed by the server."),
                    ]
                ]
            ]
            throw fault
        }
        guard budget["status", "disruptionsAllowed"]?.integer ?? 0 < 1 else { return }
        let healthy = budget["status", "currentHealthy"]?.integer ?? 0
        let desired = budget["status", "desiredHealthy"]?.integer ?? 0
        fault.details = [
            "causes": [
                [
                    "reason": "DisruptionBudget",
                    "message": .string(
                        "The disruption budget \(key.name) needs \(desired) healthy pods and has \(healthy) currently"
                    ),
                ]
            ]
        ]
        throw fault
    }
}
