import Kubernetes

/// A pod without anything that injection may add or change: the same before and after.
struct Remainder {
    private(set) var json: JSON

    init(of pod: JSON) {
        json = pod
        guard pod["spec"]?.object != nil, pod["metadata"]?.object != nil else { return }
        for list in ["initContainers", "containers"] { strip(list) { Self.container($0) } }
        strip("volumes") { volume in
            Self.isOurs(volume["name"]?.string ?? "") ? nil : volume
        }
        stripRequests()
        guard var annotations = pod["metadata", "annotations"]?.object else {
            if pod["metadata", "annotations"] == .null { json["metadata", "annotations"] = nil }
            return
        }
        for name in [
            "weir.dev/injection-hash", "weir.dev/connections", "weir.dev/injected-by",
            "kubectl.kubernetes.io/default-container",
        ] { annotations[name] = nil }
        json["metadata", "annotations"] = annotations.isEmpty ? nil : .object(annotations)
    }

    /// Takes away what the pod requests as a whole and limits to the same.
    private mutating func stripRequests() {
        let limits = json["spec", "resources", "limits"]
        switch json["spec", "resources", "requests"] {
        case .object(var requests):
            for name in requests.names where requests[name] == limits?[name] { requests[name] = nil }
            json["spec", "resources", "requests"] = requests.isEmpty ? nil : .object(requests)
        case .null: json["spec", "resources", "requests"] = nil
        case nil, .bool, .integer, .number, .string, .array: break
        }
    }

    private mutating func strip(_ list: String, _ change: (JSON) -> JSON?) {
        json["spec", list] = Self.stripped(json["spec", list], change)
    }

    /// Absent, `null` and empty lists are one.
    private static func stripped(_ list: JSON?, _ change: (JSON) -> JSON?) -> JSON? {
        guard let items = list?.array else { return list == .null ? nil : list }
        let kept = items.compactMap(change)
        return kept.isEmpty ? nil : .array(kept)
    }

    private static func isOurs(_ volume: String) -> Bool {
        ["weir-config", "weir-secrets", "weir-token", "weir-data"].contains(volume)
            || volume.hasPrefix("weir-sockets-")
    }

    private static func container(_ container: JSON) -> JSON? {
        guard container["name"] != "weir-gateway" else { return nil }
        guard container.object != nil else { return container }
        var container = container
        container["env"] = stripped(container["env"]) { variable in
            guard let name = variable["name"]?.string, InjectionExercise.variables.contains(name) else {
                return variable
            }
            var variable = variable
            variable["value"] = nil
            variable["valueFrom"] = nil
            return variable.object?.count == 1 ? nil : variable
        }
        container["volumeMounts"] = stripped(container["volumeMounts"]) { mount in
            mount["name"]?.string?.hasPrefix("weir-sockets-") == true ? nil : mount
        }
        return container
    }
}
