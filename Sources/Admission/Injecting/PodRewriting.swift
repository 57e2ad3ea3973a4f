import API
import Kubernetes

/// How one pod comes to have a sidecar.
struct PodRewriting {
    private(set) var operations: [JSONPatch.Operation] = []
    private(set) var warnings: [String] = []
    private let pod: JSON
    private let plan: SidecarPlan
    private let settings: InstallationSettings
    private let namespace: String
    private let isNative: Bool
    /// Of the sidecar.
    private let volumes: [JSON]

    private let initContainers: Containers
    private let containers: Containers
    private let annotations: [String: String]

    /// A list of containers, with their indices.
    private struct Containers {
        let list: PodList
        var application: [(index: Int, json: JSON)] = []
        /// Those that are called as the gateway is.
        var ours: [(index: Int, json: JSON)] = []

        init(_ name: String, of pod: JSON) throws(InjectionRefusal) {
            list = PodList(pod["spec", name], at: JSONPointer(["spec", name]))
            for (index, json) in try list.items({ "spec.\(name)" }).enumerated() {
                if json["name"]?.string == PodNames.container {
                    ours.append((index, json))
                } else {
                    application.append((index, json))
                }
            }
        }
    }

    /// - Throws: for lists that are none.
    init(
        _ pod: JSON, _ plan: SidecarPlan, volumes: [JSON], _ settings: InstallationSettings,
        _ namespace: String, _ nativeSidecars: Bool
    ) throws(InjectionRefusal) {
        self.pod = pod
        self.plan = plan
        self.volumes = volumes
        self.settings = settings
        self.namespace = namespace
        isNative = plan.isNative(whereAutomatic: nativeSidecars)
        guard pod["spec"]?.object != nil else { throw .malformed("spec") }
        containers = try Containers("containers", of: pod)
        initContainers = try Containers("initContainers", of: pod)
        switch pod["metadata", "annotations"] {
        case nil, .null: annotations = [:]
        case .object(let fields): annotations = JSON.object(fields).stringMap
        case .bool, .integer, .number, .string, .array: throw .malformed("metadata.annotations")
        }
    }

    mutating func rewrite(injectionHash: String) throws(InjectionRefusal) {
        let application = initContainers.application + containers.application
        try PodHazard.check(pod, containers: application.map(\.json))
        guard let first = containers.application.first?.json else { throw .malformed("spec.containers") }
        try pointApplication()
        let sidecar = makeSidecar()
        // While the application's are where they were.
        put(sidecar, into: initContainers, if: isNative)
        put(sidecar, into: containers, if: !isNative)
        try putVolumes()
        annotate(injectionHash: injectionHash, application: first)
    }

    /// A gateway that is there already stays in its place, whatever others have put before it.
    private mutating func put(_ sidecar: JSON, into containers: Containers, if isItsList: Bool) {
        let (list, ours) = (containers.list, containers.ours)
        if isItsList, let first = ours.first, first.json != sidecar {
            operations.append(list.replacing(first.index, with: sidecar))
        }
        operations += list.removing(ours.dropFirst(isItsList ? 1 : 0).map(\.index))
        if isItsList, ours.isEmpty { operations += list.prepending([sidecar]) }
    }

    // MARK: - The application

    /// Variables and sockets that are put into all containers together, at most. Ours: an object with more of
    /// them is too long for the API server's store, and the patch would take the memory that others' pods need.
    private static let maximumAdditions = 1 << 15

    private mutating func pointApplication() throws(InjectionRefusal) {
        let bindings = plan.connections.map {
            ApplicationBinding($0.connection, socketFolders: plan.socketFolders)
        }
        let count = initContainers.application.count + containers.application.count
        guard count * bindings.reduce(0, { $0 + $1.variables.count + 1 }) <= Self.maximumAdditions else {
            throw InjectionRefusal("its \(count) containers are too many for \(bindings.count) connections")
        }
        var names: Set<String> = []
        for list in [initContainers, containers] {
            for (index, json) in list.application {
                let place = list.list.place.appending("\(index)")
                let container = try ApplicationContainer(json, at: place, bindings)
                operations += container.operations
                warnings += container.warnings
                names.insert(container.name)
            }
        }
        if !isNative, !initContainers.application.isEmpty {
            warnings.append("init containers run before the gateway and cannot reach it")
        }
        for binding in bindings {
            for missing in binding.containers.filter({ !names.contains($0) }) {
                warnings.append(
                    "DatabaseConnection \(binding.name) is for a container \(missing), which is not there")
            }
        }
        warnOfTakenPorts()
    }

    private mutating func warnOfTakenPorts() {
        let ports = Set(plan.specs.map(\.listen.port) + [SidecarPlan.healthPort, SidecarPlan.shutdownPort])
        for (_, container) in initContainers.application + containers.application {
            for port in container["ports"]?.array ?? [] {
                guard let number = port["containerPort"]?.integer, ports.contains(Int(number)) else {
                    continue
                }
                let name = container["name"]?.string ?? ""
                warnings.append("container \(name) has the port \(number), which the gateway needs")
            }
        }
    }

    // MARK: - The sidecar

    private mutating func makeSidecar() -> JSON {
        let resources = sidecarResources()
        var level = plan.logLevel
        if let text = annotations[PodNames.logLevel] {
            if let chosen = DatabaseConnection.Sidecar.LogLevel(rawValue: text) {
                level = chosen
            } else {
                warnings.append("annotation \(PodNames.logLevel) is no level, such as debug, and is ignored")
            }
        }
        let account = pod["spec", "serviceAccountName"]?.string ?? ""
        let sidecar = SidecarContainer(
            plan: plan, settings: settings, namespace: namespace,
            serviceAccount: account.isEmpty ? "default" : account, isNative: isNative, resources: resources,
            logLevel: level
        ).json
        let list = isNative ? initContainers : containers
        return PluginAdditions.kept(of: list.ours.first?.json, in: sidecar)
    }

    private mutating func sidecarResources() -> SidecarResources {
        var resources = SidecarResources(of: plan.specs)
        warnings += resources.override(by: annotations)
        let podResources = PodResources(of: pod)
        let others = (initContainers.application + containers.application).map(\.json)
        operations += podResources.requestingLimits(beside: others)
        resources.fit(into: podResources)
        return resources
    }

    private mutating func putVolumes() throws(InjectionRefusal) {
        let list = PodList(pod["spec", "volumes"], at: JSONPointer(["spec", "volumes"]))
        var missing = volumes
        var stale: [Int] = []
        for (index, volume) in try list.items({ "spec.volumes" }).enumerated() {
            let name = volume["name"]?.string ?? ""
            if let place = missing.firstIndex(where: { $0["name"]?.string == name }) {
                let wanted = missing.remove(at: place)
                if volume != wanted { operations.append(list.replacing(index, with: wanted)) }
            } else if PodNames.sidecarVolumes.contains(name) || name.hasPrefix(PodNames.socketVolumePrefix) {
                stale.append(index)
            }
        }
        operations += list.removing(stale) + list.appending(missing)
    }

    private mutating func annotate(injectionHash: String, application: JSON) {
        var wanted = [
            (PodNames.connections, plan.names.joined(separator: ",")),
            (PodNames.injectedBy, settings.version), (PodNames.injectionHash, injectionHash),
        ]
        let old = pod["metadata", "annotations"]?.object
        // kubectl's logs and exec are about the first container otherwise, which is the gateway.
        if !isNative, old?[PodNames.defaultContainer] == nil, let name = application["name"]?.string {
            wanted.append((PodNames.defaultContainer, name))
        }
        let place = JSONPointer(["metadata", "annotations"])
        guard let old else {
            let all = JSON.Object(wanted.map { ($0.0, .string($0.1)) })
            return operations.append(.add(place, .object(all)))
        }
        for (name, value) in wanted where old[name] != .string(value) {
            operations.append(.add(place.appending(name), .string(value)))
        }
    }
}
