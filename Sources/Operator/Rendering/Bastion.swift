import API
import Admission
import Kubernetes

/// A gateway that stands alone, for people and jobs outside of selected pods.
///
/// Whoever asks for one makes two Secrets, for which its pod waits: `weir-bastion-<connection>` of the type
/// `kubernetes.io/tls`, and `weir-bastion-<connection>-users`, whose keys are names of users and whose values are
/// their passwords.
struct Bastion {
    let bound: BoundConnection
    let settings: InstallationSettings

    /// Of user and group.
    private static let user: Int64 = 15_432
    /// As in pods: no connection can have it, and no mesh uses it.
    private static let healthPort: Int64 = 15_420
    private static let tokenLifetime: Int64 = 3600
    /// Readable by the gateway's group.
    private static let fileMode: Int64 = 0o440

    private var connection: ObjectMetadata { bound.connection.metadata }
    private var spec: DatabaseConnection.Spec { bound.connection.spec }
    private var name: String { OwnNames.bastion(of: connection.name) }
    private var labels: JSON {
        .object(
            .init([
                ("app.kubernetes.io/name", "weir-bastion"), (PodMark.bastion, .string(connection.name)),
            ]))
    }

    func objects(in frame: ObjectFrame) -> [DesiredObject] {
        [
            frame.object(.deployments, name: name, ["spec": deployment]),
            frame.object(
                .services, name: name,
                [
                    "spec": [
                        "selector": labels,
                        "ports": [
                            [
                                "name": "database", "port": .integer(Int64(spec.listen.port)),
                                "protocol": "TCP", "targetPort": "database",
                            ]
                        ],
                    ]
                ]),
        ]
    }

    private var deployment: JSON {
        [
            "replicas": 1, "selector": ["matchLabels": labels],
            "template": [
                // A bastion is a gateway already.
                "metadata": ["labels": labels.merging(JSON([PodNames.inject: PodNames.disabled]))],
                "spec": [
                    "automountServiceAccountToken": false, "containers": [container],
                    "securityContext": [
                        "fsGroup": .integer(Self.user), "runAsNonRoot": true,
                        "runAsUser": .integer(Self.user),
                        "runAsGroup": .integer(Self.user), "seccompProfile": ["type": "RuntimeDefault"],
                    ],
                    "terminationGracePeriodSeconds": .integer(
                        spec.sidecar.drainTimeout.components.seconds + 10),
                    "volumes": volumes,
                ],
            ],
        ]
    }

    private var container: JSON {
        [
            "name": "weir-gateway", "image": .string(settings.sidecarImage), "args": ["run"],
            "env": .array(environment),
            "ports": [
                ["name": "database", "containerPort": .integer(Int64(spec.listen.port)), "protocol": "TCP"],
                ["name": "health", "containerPort": .integer(Self.healthPort), "protocol": "TCP"],
            ],
            "readinessProbe": ["httpGet": ["path": "/readyz", "port": "health"], "periodSeconds": 5],
            "livenessProbe": ["httpGet": ["path": "/healthz", "port": "health"], "periodSeconds": 10],
            "resources": resources,
            "securityContext": [
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": ["drop": ["ALL"]],
            ],
            "volumeMounts": .array(
                [
                    ["name": "weir-config", "mountPath": "/etc/weir/config", "readOnly": true],
                    ["name": "weir-token", "mountPath": "/var/run/secrets/weir.dev", "readOnly": true],
                    ["name": "weir-data", "mountPath": "/var/lib/weir"],
                ]
                    + secrets.map {
                        [
                            "name": .string($0.volume), "mountPath": .string("/etc/weir/secrets/\($0.name)"),
                            "readOnly": true,
                        ]
                    }),
        ]
    }

    private var environment: [JSON] {
        let values = [
            ("WEIR_CONNECTIONS", connection.name), ("WEIR_DATA", "/var/lib/weir"),
            ("WEIR_DRAIN_TIMEOUT", "\(spec.sidecar.drainTimeout.components.seconds)s"),
            ("WEIR_HEALTH_ADDRESS", "[::]:\(Self.healthPort)"), ("WEIR_LISTEN_ADDRESS", "::"),
            ("WEIR_LOG_LEVEL", spec.sidecar.logLevel.rawValue), ("WEIR_MANIFESTS", "/etc/weir/config"),
            ("WEIR_NAMESPACE", connection.namespace), ("WEIR_OPERATOR", settings.configurationURL),
            ("WEIR_OPERATOR_CA", "/etc/weir/config/operator-ca.crt"), ("WEIR_REQUIRE_TLS", "true"),
            ("WEIR_SECRETS", "/etc/weir/secrets"), ("WEIR_SINK", settings.sink),
            ("WEIR_TLS_CERTIFICATE", "/etc/weir/secrets/\(name)/tls.crt"),
            ("WEIR_TLS_KEY", "/etc/weir/secrets/\(name)/tls.key"),
            ("WEIR_TOKEN", "/var/run/secrets/weir.dev/token"), ("WEIR_USERS", "\(name)-users"),
        ]
        let sinkAuthority =
            settings.isSinkCertified ? [("WEIR_SINK_CA", "/etc/weir/config/operator-ca.crt")] : []
        let pod: JSON = ["name": "WEIR_POD", "valueFrom": ["fieldRef": ["fieldPath": "metadata.name"]]]
        let identity: JSON = ["name": "WEIR_NAME", "value": .string("\(connection.namespace).$(WEIR_POD)")]
        let variables = (values + sinkAuthority).map { JSON(["name": $0.0, "value": $0.1]) }
        return [pod, identity] + variables
    }

    /// Where only one of request and limit is given it is both, so that no request exceeds its limit.
    private var resources: JSON {
        let given = spec.sidecar.resources
        let requests = ["cpu": "10m", "memory": "32Mi"].merging(given.limits) { $1 }
            .merging(given.requests) { $1 }
        let limits = ["memory": "128Mi"].merging(given.requests) { $1 }.merging(given.limits) { $1 }
        return ["requests": JSON(requests), "limits": JSON(limits)]
    }

    private var volumes: JSON {
        var volumes: [JSON] = [
            projected(
                "weir-config", [["configMap": ["name": .string(OwnNames.snapshot(of: connection.name))]]]),
            projected(
                "weir-token",
                [
                    [
                        "serviceAccountToken": [
                            "audience": "weir", "expirationSeconds": .integer(Self.tokenLifetime),
                            "path": "token",
                        ]
                    ]
                ]), ["name": "weir-data", "emptyDir": [:]],
        ]
        volumes += secrets.map { projected($0.volume, $0.sources) }
        return .array(volumes)
    }

    private func projected(_ name: String, _ sources: [JSON]) -> JSON {
        [
            "name": .string(name),
            "projected": ["defaultMode": .integer(Self.fileMode), "sources": .array(sources)],
        ]
    }

    // MARK: - What it reads beside its configuration

    private struct SecretVolume {
        var name: String
        var volume: String
        var sources: [JSON]
    }

    /// A folder for each Secret or ConfigMap that is named, with what is in them.
    private var secrets: [SecretVolume] {
        var names: [(kind: String, name: String)] = [("secret", name), ("secret", "\(name)-users")]
        if case .secret(let reference) = spec.credentials { names.append(("secret", reference.name)) }
        if let reference = spec.upstream.tls.clientCertificateSecretRef {
            names.append(("secret", reference.name))
        }
        for rule in bound.maskingPolicies.flatMap(\.spec.rules) {
            if let key = rule.action.keyReference { names.append(("secret", key.name)) }
        }
        if let reference = spec.upstream.tls.caConfigMapRef { names.append(("configMap", reference.name)) }
        let folders = Dictionary(grouping: names, by: \.name).sorted { $0.key < $1.key }
        return folders.enumerated().map { index, folder in
            SecretVolume(
                name: folder.key, volume: "weir-secrets-\(index)",
                sources: Set(folder.value.map(\.kind)).sorted().map { kind in
                    .object(.init([(kind, ["name": .string(folder.key)])]))
                })
        }
    }
}

extension MaskingAction {
    fileprivate var keyReference: SecretKeyReference? {
        switch self {
        case .hash(let key), .tokenize(let key), .dateShift(_, let key): key
        case .redact, .null, .partial, .generalize, .denyQuery: nil
        }
    }
}
