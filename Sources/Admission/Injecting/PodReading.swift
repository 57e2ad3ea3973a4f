import API
package import Kubernetes
import Synchronization

/// What is read of a pod that is about to be created: most of one is variables, and most of those are nobody's concern.
package struct PodReading: Sendable {
    /// Names of those that connections govern.
    private let variables: Set<String>
    package let projection: JSON.Projection

    /// With everything that ``Injector/inject(pod:namespace:connections:nativeSidecars:)`` looks at where connections
    /// govern these variables and no others: of it comes the same injection as of the whole pod.
    package init(variables: Set<String>) {
        self.variables = variables
        let variable = JSON.Projection([["valueFrom", "secretKeyRef", "name"]]).choosing(variables.sorted())
        let container =
            JSON.Projection(Self.containerPaths) + variable.nested(under: Self.any).nested(under: "env")
        let containers = container.choosing([PodNames.container]).nested(under: Self.any)
        let spec = containers.nested(under: "initContainers") + containers.nested(under: "containers")
        projection = JSON.Projection(Self.podPaths) + spec.nested(under: "spec")
    }

    private static let any = JSON.Projection.any

    private static let podPaths =
        [
            ["metadata", "labels"], ["spec", "hostNetwork"], ["spec", "hostPID"], ["spec", "os", "name"],
            ["spec", "resources"], ["spec", "securityContext", "runAsUser"], ["spec", "serviceAccountName"],
            ["spec", "shareProcessNamespace"], ["spec", "volumes"],
        ] + PodNames.annotations.map { ["metadata", "annotations", $0] }

    private static let containerPaths = [
        ["name"], ["envFrom", any, "secretRef", "name"], ["ports", any, "containerPort"],
        ["resources", "requests"], ["resources", "limits"],
        ["securityContext", "runAsUser"], ["securityContext", "privileged"],
        ["securityContext", "capabilities", "add"], ["volumeMounts", any, "name"],
        ["volumeMounts", any, "mountPath"],
    ]

    /// What mattered so far. Which connections select a pod is known once it has been read, and with them what should have
    /// been read: where that is more, it is read again, and the next one right at once.
    final class Habit: Sendable {
        /// Variables that are kept in mind. Ours.
        private static let limit = 64

        private let reading = Mutex(PodReading(variables: []))

        var current: PodReading { reading.withLock(\.self) }

        /// - Returns: with what to read the pod again; `nil` where it was read with what is enough for the connections.
        func reading(for connections: [BoundConnection], after first: PodReading) -> PodReading? {
            var needed: Set<String> = []
            for env in connections.map(\.connection.spec.listen.env) {
                needed.formUnion([env.host, env.port, env.url].compactMap(\.self))
            }
            guard !needed.isSubset(of: first.variables) else { return nil }
            let all = first.variables.union(needed)
            let next = PodReading(variables: all.count > Self.limit ? needed : all)
            reading.withLock { $0 = next }
            return next
        }
    }
}
