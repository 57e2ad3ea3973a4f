import API
import Kubernetes

/// The sidecar as a container of one pod: written with every field that the API server would add, so that a pod
/// that comes again is found as it should be.
struct SidecarContainer {
    /// Of user and group, which no image is likely to use.
    static let user: Int64 = 15_432

    enum Path {
        static let config = "/etc/weir/config"
        static let secrets = "/etc/weir/secrets"
        static let token = "/var/run/secrets/weir.dev"
        static let data = "/var/lib/weir"
        static let program = "/weir-gateway"
    }

    /// How long the application waits for the gateway at most.
    static let startLimit = Duration.seconds(60)
    static let address = "127.0.0.1"

    var plan: SidecarPlan
    var settings: InstallationSettings
    var namespace: String
    var serviceAccount: String
    var isNative: Bool
    var resources: SidecarResources
    var logLevel: DatabaseConnection.Sidecar.LogLevel

    var json: JSON {
        var container: JSON = [
            "name": .string(PodNames.container), "image": .string(settings.sidecarImage), "args": ["run"],
            "imagePullPolicy": "IfNotPresent", "env": .array(environment), "resources": resources.json,
            "ports": [
                [
                    "name": "weir-health", "containerPort": .integer(Int64(SidecarPlan.healthPort)),
                    "protocol": "TCP",
                ]
            ],
            "readinessProbe": Self.probe("/readyz", period: 5, failures: 3),
            "livenessProbe": Self.probe("/healthz", period: 10, failures: 3),
            "volumeMounts": .array(mounts), "securityContext": Self.securityContext,
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "FallbackToLogsOnError",
        ]
        if isNative { container["restartPolicy"] = "Always" }
        guard plan.holdsApplication else { return container }
        let seconds = Self.startLimit.components.seconds
        if isNative {
            container["startupProbe"] = Self.probe("/startupz", period: 1, failures: seconds)
        } else {
            // Kubelet starts the next container when this one's hook has ended.
            let command: JSON = [.string(Path.program), "wait", "--timeout", .string("\(seconds)s")]
            container["lifecycle"] = ["postStart": ["exec": ["command": command]]]
        }
        return container
    }

    /// As the restricted level of the Pod Security Standards asks, and more.
    private static let securityContext: JSON = [
        "allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]], "privileged": false,
        "readOnlyRootFilesystem": true, "runAsGroup": .integer(user), "runAsNonRoot": true,
        "runAsUser": .integer(user), "seccompProfile": ["type": "RuntimeDefault"],
    ]

    private static func probe(_ path: String, period: Int64, failures: Int64) -> JSON {
        let request: JSON = [
            "path": .string(path), "port": .integer(Int64(SidecarPlan.healthPort)), "scheme": "HTTP",
        ]
        return [
            "httpGet": request, "periodSeconds": .integer(period), "timeoutSeconds": 2, "successThreshold": 1,
            "failureThreshold": .integer(failures),
        ]
    }

    // MARK: - Environment

    private var environment: [JSON] {
        // First, for those after it name it.
        let pod: JSON = [
            "name": "WEIR_POD",
            "valueFrom": ["fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.name"]],
        ]
        var variables: [(String, String)] = [
            ("WEIR_CONNECTIONS", plan.names.joined(separator: ",")), ("WEIR_DATA", Path.data),
            ("WEIR_DRAIN_TIMEOUT", plan.drainTimeout.manifestText),
            ("WEIR_HEALTH_ADDRESS", "[::]:\(SidecarPlan.healthPort)"),
            ("WEIR_LISTEN_ADDRESS", Self.address),
            ("WEIR_LOG_LEVEL", logLevel.rawValue), ("WEIR_MANIFESTS", Path.config),
            ("WEIR_NAME", "\(namespace).$(WEIR_POD)"), ("WEIR_NAMESPACE", namespace),
            ("WEIR_OPERATOR", settings.configurationURL),
            ("WEIR_OPERATOR_CA", "\(Path.config)/\(PodNames.authorityKey)"), ("WEIR_SECRETS", Path.secrets),
        ]
        if !isNative { variables.append(("WEIR_SHUTDOWN_PORT", "\(SidecarPlan.shutdownPort)")) }
        variables.append(("WEIR_SINK", settings.sink))
        if settings.isSinkCertified {
            variables.append(("WEIR_SINK_CA", "\(Path.config)/\(PodNames.authorityKey)"))
        }
        variables += [
            ("WEIR_TOKEN", "\(Path.token)/\(SidecarVolumes.tokenFile)"),
            ("WEIR_WORKLOAD_GROUPS", "system:serviceaccounts,system:serviceaccounts:\(namespace)"),
            ("WEIR_WORKLOAD_IDENTITY", "system:serviceaccount:\(namespace):\(serviceAccount)"),
        ]
        return [pod] + variables.map { ["name": .string($0.0), "value": .string($0.1)] }
    }

    // MARK: - Volumes

    private var mounts: [JSON] {
        var mounts: [JSON] = [
            Self.mount(PodNames.configVolume, at: Path.config, isReadOnly: true),
            Self.mount(PodNames.secretsVolume, at: Path.secrets, isReadOnly: true),
            Self.mount(PodNames.tokenVolume, at: Path.token, isReadOnly: true),
            Self.mount(PodNames.dataVolume, at: Path.data),
        ]
        for (index, folder) in plan.socketFolders.enumerated() {
            mounts.append(Self.mount(PodNames.socketVolumePrefix + "\(index)", at: folder))
        }
        return mounts
    }

    static func mount(_ volume: String, at path: String, isReadOnly: Bool = false) -> JSON {
        var mount: JSON = ["name": .string(volume), "mountPath": .string(path)]
        if isReadOnly { mount["readOnly"] = true }
        return mount
    }
}
