package import Kubernetes

/// What admission does to one pod.
package struct Injection: Sendable, Equatable {
    /// Empty for a pod that stays as it is.
    package var patch: JSONPatch
    /// For whoever creates the pod; each a sentence.
    package var warnings: [String]
    /// Of the sidecar the pod gets; `nil` where it gets none.
    package var injectionHash: String?
    /// Those the sidecar serves, by name.
    package var connections: [String]
    /// Why the pod may not be created; `nil` for one that may.
    package var refusal: InjectionRefusal?

    package init(
        patch: JSONPatch = JSONPatch([]), warnings: [String] = [], injectionHash: String? = nil,
        connections: [String] = [], refusal: InjectionRefusal? = nil
    ) {
        self.patch = patch
        self.warnings = warnings
        self.injectionHash = injectionHash
        self.connections = connections
        self.refusal = refusal
    }
}

/// Why a selected pod is not created: a sidecar in it would keep nothing from the application, or cannot be put
/// into it at all.
package struct InjectionRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }

    /// The API server sends no such pod.
    static func malformed(_ place: String) -> Self {
        Self("\(place) is not what it is in a pod")
    }
}

/// Names that a pod and its sidecar share with the chart and the gateway's image.
package enum PodNames {
    /// Of the sidecar; no other container of a selected pod can have it.
    package static let container = "weir-gateway"

    /// Label: `enabled` on a namespace or a pod opts in, `disabled` on a pod opts out.
    package static let inject = "weir.dev/inject"
    package static let enabled = "enabled"
    package static let disabled = "disabled"

    /// Annotations written at admission.
    package static let injectionHash = "weir.dev/injection-hash"
    package static let connections = "weir.dev/connections"
    package static let injectedBy = "weir.dev/injected-by"

    /// Annotations read at admission: a quantity that is both request and limit, and a level of the log.
    package static let cpu = "weir.dev/sidecar-cpu"
    package static let memory = "weir.dev/sidecar-memory"
    package static let logLevel = "weir.dev/log-level"

    /// Annotations of others: what a pod that only shows a node's own has, and which container kubectl is about.
    static let mirror = "kubernetes.io/config.mirror"
    static let defaultContainer = "kubectl.kubernetes.io/default-container"

    /// All that admission looks at.
    static let annotations = [
        injectionHash, connections, injectedBy, cpu, memory, logLevel, mirror, defaultContainer,
    ]

    /// Volumes that only the sidecar mounts.
    package static let configVolume = "weir-config"
    package static let secretsVolume = "weir-secrets"
    package static let tokenVolume = "weir-token"
    package static let dataVolume = "weir-data"
    static let sidecarVolumes: Set = [configVolume, secretsVolume, tokenVolume, dataVolume]
    /// Volumes of unix sockets, which applications mount too; a number follows.
    static let socketVolumePrefix = "weir-sockets-"

    /// The ConfigMap with a connection's configuration, and the key of the operator's authority in each of them.
    package static func configMap(of connection: String) -> String { "weir-config-\(connection)" }
    package static let authorityKey = "operator-ca.crt"
}
