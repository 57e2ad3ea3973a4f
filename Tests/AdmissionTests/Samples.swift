import Admission
import Kubernetes
import Manifests

/// What the tests of admission have in common.
enum Samples {
    static let settings = InstallationSettings(
        namespace: "weir-system", sidecarImage: "registry.example/weir-gateway@sha256:0123",
        sink: "http://weir-audit-sink.weir-system.svc:9440",
        configurationURL: "https://weir-operator.weir-system.svc:8443", version: "0.1.0")

    static let injector = Injector(settings)

    static let clinic = connection("clinic")

    /// A connection for pods labelled `app: clinic-api`, with more lines of its spec.
    static func connection(_ name: String, _ spec: String = "", port: Int = 15_432) -> BoundConnection {
        bound(
            """
            apiVersion: weir.dev/v1alpha1
            kind: DatabaseConnection
            metadata: {name: \(name), namespace: clinic}
            spec:
              protocol: postgres
              upstream: {host: db.internal, database: clinic}
              credentials: {type: SecretRef, secretRef: {name: \(name)-db}}
              podSelector: {matchLabels: {app: clinic-api}}
              \(spec.isEmpty ? "listen: {port: \(port)}" : spec.replacing("\n", with: "\n  "))
            """)
    }

    /// The only connection of a manifest with every policy and rule in it.
    static func bound(_ yaml: String) -> BoundConnection {
        do {
            let set = try ManifestSet.read([ManifestFile(path: "test.yaml", bytes: Array(yaml.utf8))])
            return BoundConnection(
                connection: set.connections[0], maskingPolicies: set.maskingPolicies,
                approvalRules: set.approvalRules)
        } catch {
            fatalError("\(error)")
        }
    }

    static func json(_ text: String) -> JSON {
        do { return try JSON(parsing: Array(text.utf8)) } catch { fatalError("\(error)") }
    }

    static func pod(
        labels: [String: String] = ["app": "clinic-api"], annotations: [String: String] = [:],
        containers: String = #"[{"name": "api", "image": "clinic-api:1"}]"#, spec: String = "{}"
    ) -> JSON {
        var pod: JSON = [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": "clinic-api-0", "labels": JSON(labels)], "spec": json(spec),
        ]
        if !annotations.isEmpty { pod["metadata", "annotations"] = JSON(annotations) }
        pod["spec", "containers"] = json(containers)
        return pod
    }

    /// The pod as it is let in, and what was said of it.
    static func injected(
        _ pod: JSON, _ connections: [BoundConnection] = [clinic], native: Bool = true
    ) throws -> (pod: JSON, injection: Injection) {
        let injection = injector.inject(
            pod: pod, namespace: "clinic", connections: connections, nativeSidecars: native)
        return (try pod.applying(injection.patch), injection)
    }
}

extension JSON {
    /// The item of a list that has this name.
    func named(_ name: String) -> JSON? {
        array?.first { $0["name"]?.string == name }
    }

    /// Values by name of a container's environment.
    var variables: [String: String] {
        var values: [String: String] = [:]
        for variable in self["env"]?.array ?? [] {
            if let name = variable["name"]?.string {
                values[name] = variable["value"]?.string ?? "(reference)"
            }
        }
        return values
    }

    var names: [String] { (array ?? []).map { $0["name"]?.string ?? "" } }
}
