import API
import Kubernetes

/// What the API server's own admission plugins put into a gateway's container that is there already. They do
/// so after it was injected and before the injector is asked again, and refuse a pod without it.
enum PluginAdditions {
    /// What LimitRanger's defaults may be of. Not devices: their plugins put variables and mounts into the
    /// container that asks for one.
    private static let resources = ["ephemeral-storage"]

    /// The sidecar with these of a container that is called as it is, and with nothing else of that: whoever
    /// writes the pod may have brought it along.
    static func kept(of container: JSON?, in sidecar: JSON) -> JSON {
        guard let container else { return sidecar }
        var sidecar = sidecar
        // AlwaysPullImages.
        if container["imagePullPolicy"] == "Always" { sidecar["imagePullPolicy"] = "Always" }
        for name in resources where !asks(sidecar, for: name) {
            for kind in ["requests", "limits"] {
                guard let amount = container["resources", kind, name]?.string,
                    Quantity.isNotNegative(amount)
                else { continue }
                sidecar["resources", kind, name] = .string(amount)
            }
        }
        return sidecar
    }

    private static func asks(_ sidecar: JSON, for name: String) -> Bool {
        ["requests", "limits"].contains { sidecar["resources", $0, name] != nil }
    }
}
