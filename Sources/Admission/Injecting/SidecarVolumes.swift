import Kubernetes

/// The volumes of the sidecar, with the very keys it reads and no others.
struct SidecarVolumes {
    static let tokenFile = "token"
    /// Whom the token is for.
    static let audience = "weir"
    /// In seconds; kubelet replaces it well before.
    private static let tokenLifetime: Int64 = 3600
    /// Readable by all in the only container that mounts it; its files belong to root.
    private static let mode: Int64 = 0o444

    var plan: SidecarPlan

    /// In a fixed order.
    var json: [JSON] {
        var volumes = [
            Self.projected(PodNames.configVolume, configuration),
            Self.projected(PodNames.secretsVolume, secrets),
            Self.projected(PodNames.tokenVolume, [Self.token]), Self.empty(PodNames.dataVolume),
        ]
        for index in plan.socketFolders.indices {
            volumes.append(Self.empty(PodNames.socketVolumePrefix + "\(index)"))
        }
        return volumes
    }

    /// None is optional: a pod waits until the operator has written them.
    private var configuration: [JSON] {
        plan.names.enumerated().map { index, name in
            let keys = ["\(name).yaml"] + (index == 0 ? [PodNames.authorityKey] : [])
            return Self.source("configMap", PodNames.configMap(of: name), keys.map { ($0, $0) })
        }
    }

    /// Each key below a folder of its object's name.
    private var secrets: [JSON] {
        let sources = [("secret", plan.secrets), ("configMap", plan.authorities)]
        return sources.flatMap { kind, objects in
            objects.sorted { $0.key < $1.key }.map { name, keys in
                Self.source(kind, name, keys.sorted().map { ($0, "\(name)/\($0)") })
            }
        }
    }

    private static let token: JSON = [
        "serviceAccountToken": [
            "audience": .string(audience), "expirationSeconds": .integer(tokenLifetime),
            "path": .string(tokenFile),
        ]
    ]

    private static func source(_ kind: String, _ name: String, _ items: [(key: String, path: String)]) -> JSON
    {
        let items = items.map { JSON(["key": $0.key, "path": $0.path]) }
        return .object(JSON.Object([(kind, ["name": .string(name), "items": .array(items)])]))
    }

    private static func projected(_ name: String, _ sources: [JSON]) -> JSON {
        [
            "name": .string(name),
            "projected": ["defaultMode": .integer(mode), "sources": .array(sources)],
        ]
    }

    private static func empty(_ name: String) -> JSON { ["name": .string(name), "emptyDir": [:]] }
}
