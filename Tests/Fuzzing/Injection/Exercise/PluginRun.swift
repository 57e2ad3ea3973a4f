import Kubernetes

/// A pod after admission plugins of the API server have been at its containers.
struct PluginRun {
    private(set) var pod: JSON

    init(over pod: JSON) {
        self.pod = pod
        for list in ["initContainers", "containers"] {
            guard let containers = pod["spec", list]?.array else { continue }
            self.pod["spec", list] = .array(containers.map { Self.changed($0) })
        }
    }

    private static func changed(_ container: JSON) -> JSON {
        var container = container
        container["imagePullPolicy"] = "Always"
        for kind in ["requests", "limits"] {
            container["resources", kind, "ephemeral-storage"] = "1Gi"
        }
        return container
    }
}
