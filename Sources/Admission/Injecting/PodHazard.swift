import Kubernetes

/// What in a pod keeps a sidecar from keeping anything from the application.
enum PodHazard {
    /// Why a pod is left as it is, which is no danger: without a gateway it has no credential.
    static func reasonToSkip(_ pod: JSON) -> String? {
        if pod["spec", "hostNetwork"]?.bool == true {
            return "it is on the node's network, where every pod of the node could reach the gateway"
        }
        if pod["spec", "os", "name"]?.string == "windows" { return "there is no gateway for Windows" }
        if pod["metadata", "annotations", PodNames.mirror] != nil {
            return "it only shows a pod that the node itself runs"
        }
        return nil
    }

    /// - Throws: where a container could read the sidecar's memory or files.
    static func check(_ pod: JSON, containers: [JSON]) throws(InjectionRefusal) {
        let sharesProcesses =
            pod["spec", "shareProcessNamespace"]?.bool == true || pod["spec", "hostPID"]?.bool == true
        for container in containers {
            let name = container["name"]?.string ?? ""
            for mount in container["volumeMounts"]?.array ?? [] {
                if let volume = mount["name"]?.string, PodNames.sidecarVolumes.contains(volume) {
                    throw InjectionRefusal(
                        "container \(name) mounts \(volume), which is for the gateway only")
                }
            }
            guard sharesProcesses, let reason = wayIntoProcesses(container, of: pod) else { continue }
            throw InjectionRefusal(
                "container \(name) sees the gateway's process and \(reason), so it could read its memory")
        }
    }

    /// What lets a container look into another's process that it can see.
    private static func wayIntoProcesses(_ container: JSON, of pod: JSON) -> String? {
        let context = container["securityContext"]
        let user = context?["runAsUser"] ?? pod["spec", "securityContext", "runAsUser"]
        if user == .integer(SidecarContainer.user) { return "runs as the same user" }
        if context?["privileged"]?.bool == true { return "is privileged" }
        let capabilities = context?["capabilities", "add"]?.strings ?? []
        let dangerous = capabilities.map { $0.uppercased().trimmingPrefix("CAP_") }
            .first { ["ALL", "SYS_PTRACE", "SYS_ADMIN"].contains($0) }
        return dangerous.map { "has the capability \($0)" }
    }
}
