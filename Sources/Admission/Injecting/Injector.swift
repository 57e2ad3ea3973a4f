import API
import Cryptography
package import Kubernetes

/// Puts a gateway into the pods that connections select.
///
/// A pure function of the pod and the connections: the same pod comes out the same however often it is put in, and
/// of what it does not know it drops nothing. Total on any JSON.
package struct Injector: Sendable {
    package var settings: InstallationSettings

    package init(_ settings: InstallationSettings) {
        self.settings = settings
    }

    /// Those whose selector chooses a pod with these labels (one that opts out is chosen by none), by name.
    package func connections(
        selecting labels: [String: String], from connections: [BoundConnection]
    ) -> [BoundConnection] {
        guard !OptIn.isRefused(by: labels) else { return [] }
        return connections.filter { $0.connection.spec.podSelector.selects(labels) }
    }

    /// The patch for a pod about to be created in the namespace, whose connections are given.
    ///
    /// - Parameters:
    ///   - pod: a Pod, v1; at least what ``PodReading`` keeps of it.
    ///   - namespace: the pod's, which it need not name itself.
    ///   - connections: of that namespace.
    ///   - nativeSidecars: whether every node of the cluster restarts init containers.
    /// - Returns: also for what is no pod, with a refusal.
    package func inject(
        pod: JSON, namespace: String, connections: [BoundConnection], nativeSidecars: Bool
    ) -> Injection {
        do {
            return try injection(pod, namespace, connections, nativeSidecars)
        } catch {
            return Injection(refusal: error)
        }
    }

    private func injection(
        _ pod: JSON, _ namespace: String, _ connections: [BoundConnection], _ nativeSidecars: Bool
    ) throws(InjectionRefusal) -> Injection {
        guard pod.object != nil else { throw .malformed("the object") }
        guard pod["metadata"]?.object != nil else { throw .malformed("metadata") }
        let labels = pod["metadata", "labels"]?.stringMap ?? [:]
        guard !OptIn.isRefused(by: labels) else { return Injection() }
        let matching = self.connections(selecting: labels, from: connections)
        guard !matching.isEmpty else {
            return Injection(warnings: [
                "no DatabaseConnection of namespace \(namespace) selects this pod: it gets no gateway"
            ])
        }
        if let reason = PodHazard.reasonToSkip(pod) {
            return Injection(warnings: ["this pod gets no gateway: \(reason)"])
        }
        let plan = SidecarPlan(serving: matching)
        guard !plan.connections.isEmpty else { return Injection(warnings: plan.warnings) }
        let volumes = SidecarVolumes(plan: plan).json
        var rewriting = try PodRewriting(pod, plan, volumes: volumes, settings, namespace, nativeSidecars)
        let hash = injectionHash(of: plan, volumes)
        try rewriting.rewrite(injectionHash: hash)
        return Injection(
            patch: JSONPatch(rewriting.operations), warnings: plan.warnings + rewriting.warnings,
            injectionHash: hash, connections: plan.names)
    }

    // MARK: - What needs another pod

    /// Stands for everything of a sidecar that cannot change while its pod lives: image, ports, variables, resources,
    /// volumes. Policies, addresses and limits are not among them, nor is the version of this program.
    ///
    /// - Parameter connections: those that select the pod, in any order.
    /// - Returns: hexadecimal digits.
    package func injectionHash(for connections: [BoundConnection]) -> String {
        let plan = SidecarPlan(serving: connections)
        return injectionHash(of: plan, SidecarVolumes(plan: plan).json)
    }

    private func injectionHash(of plan: SidecarPlan, _ volumes: [JSON]) -> String {
        var content: JSON = [
            "image": .string(settings.sidecarImage), "sink": .string(settings.sink),
            "configuration": .string(settings.configurationURL),
            "resources": SidecarResources(of: plan.specs).json,
            "volumes": .array(volumes), "holds": .bool(plan.holdsApplication),
            "connections": .array(plan.connections.map { Self.identity(of: $0.connection) }),
        ]
        if settings.isSinkCertified { content["sinkIsCertified"] = true }
        return Hexadecimal.encode(Array(SHA256.digest(of: content.rendered).prefix(Self.hashLength)))
    }

    /// In bytes. Ours: enough to tell pods apart, short enough to read.
    private static let hashLength = 16

    private static func identity(of connection: DatabaseConnection) -> JSON {
        let listen = connection.spec.listen
        var identity: JSON = [
            "name": .string(connection.metadata.name), "port": .integer(Int64(listen.port)),
            "containers": JSON(listen.containers.sorted()),
            "mode": .string(connection.spec.sidecar.mode.rawValue),
        ]
        identity["socket"] = listen.unixSocket.map { .string($0) }
        identity["host"] = listen.env.host.map { .string($0) }
        identity["portVariable"] = listen.env.port.map { .string($0) }
        identity["url"] = listen.env.url.map { .string($0) }
        return identity
    }
}
