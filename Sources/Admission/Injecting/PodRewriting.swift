import API
import Kubernetes

/// One pod on its way to having a sidecar.
struct PodRewriting {
    private(set) var pod: JSON
    private(set) var warnings: [String] = []
    private let plan: SidecarPlan
    private let settings: InstallationSettings
    private let namespace: String
    private let isNative: Bool
    /// Of the sidecar.
    private let volumes: [JSON]

    private var initContainers: [JSON]
    private var containers: [JSON]
    private let annotations: [String: String]

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
        containers = try PodList.items(of: pod["spec", "containers"]) { "spec.containers" }
        initContainers = try PodList.items(of: pod["spec", "initContainers"]) { "spec.initContainers" }
        switch pod["metadata", "annotations"] {
        case nil, .null: annotations = [:]
        case .object(let fields): annotations = JSON.object(fields).stringMap
        case .bool, .integer, .number, .string, .array: throw .malformed("metadata.annotations")
        }
    }

    mutating func rewrite(injectionHash: String) throws(InjectionRefusal) {
        let isOurs = { (container: JSON) in container["name"]?.string == PodNames.container }
        try PodHazard.check(pod, containers: (initContainers + containers).filter { !isOurs($0) })
        // A gateway that is there already stays in its place, whatever others have put before it.
        let place = (isNative ? initContainers : containers).firstIndex(where: isOurs) ?? 0
        initContainers.removeAll(where: isOurs)
        containers.removeAll(where: isOurs)
        guard let application = containers.first else { throw .malformed("spec.containers") }

        try pointApplication()
        let sidecar = makeSidecar()
        if isNative {
            initContainers.insert(sidecar, at: min(place, initContainers.count))
        } else {
            containers.insert(sidecar, at: min(place, containers.count))
        }
        pod["spec", "containers"] = .array(containers)
        if !initContainers.isEmpty || pod["spec", "initContainers"]?.array != nil {
            pod["spec", "initContainers"] = .array(initContainers)
        }
        try addVolumes()
        annotate(injectionHash: injectionHash, application: application)
    }

    // MARK: - The application

    private mutating func pointApplication() throws(InjectionRefusal) {
        let bindings = plan.connections.map {
            ApplicationBinding($0.connection, socketFolders: plan.socketFolders)
        }
        initContainers = try pointed(initContainers, bindings)
        containers = try pointed(containers, bindings)
        if !isNative, !initContainers.isEmpty {
            warnings.append("init containers run before the gateway and cannot reach it")
        }
        let names = Set((initContainers + containers).compactMap { $0["name"]?.string })
        for binding in bindings {
            for missing in binding.containers.filter({ !names.contains($0) }) {
                warnings.append(
                    "DatabaseConnection \(binding.name) is for a container \(missing), which is not there")
            }
        }
        warnOfTakenPorts()
    }

    private mutating func pointed(
        _ list: [JSON], _ bindings: [ApplicationBinding]
    ) throws(InjectionRefusal) -> [JSON] {
        var pointed: [JSON] = []
        for container in list {
            let container = try ApplicationContainer(container, bindings)
            pointed.append(container.json)
            warnings += container.warnings
        }
        return pointed
    }

    private mutating func warnOfTakenPorts() {
        let ports = Set(plan.specs.map(\.listen.port) + [SidecarPlan.healthPort, SidecarPlan.shutdownPort])
        for container in initContainers + containers {
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
        var resources = SidecarResources(of: plan.specs)
        warnings += resources.override(by: annotations)
        var level = plan.logLevel
        if let text = annotations[PodNames.logLevel] {
            if let chosen = DatabaseConnection.Sidecar.LogLevel(rawValue: text) {
                level = chosen
            } else {
                warnings.append("annotation \(PodNames.logLevel) is no level, such as debug, and is ignored")
            }
        }
        let account = pod["spec", "serviceAccountName"]?.string ?? ""
        return SidecarContainer(
            plan: plan, settings: settings, namespace: namespace,
            serviceAccount: account.isEmpty ? "default" : account, isNative: isNative, resources: resources,
            logLevel: level
        ).json
    }

    private mutating func addVolumes() throws(InjectionRefusal) {
        let old = try PodList.items(of: pod["spec", "volumes"]) { "spec.volumes" }
        var missing = volumes
        var all: [JSON] = []
        for volume in old {
            let name = volume["name"]?.string ?? ""
            if let index = missing.firstIndex(where: { $0["name"]?.string == name }) {
                all.append(missing.remove(at: index))
            } else if !PodNames.sidecarVolumes.contains(name), !name.hasPrefix(PodNames.socketVolumePrefix) {
                all.append(volume)
            }
        }
        pod["spec", "volumes"] = .array(all + missing)
    }

    private mutating func annotate(injectionHash: String, application: JSON) {
        var all = pod["metadata", "annotations"]?.object ?? JSON.Object()
        all[PodNames.injectionHash] = .string(injectionHash)
        all[PodNames.connections] = .string(plan.names.joined(separator: ","))
        all[PodNames.injectedBy] = .string(settings.version)
        // kubectl's logs and exec are about the first container otherwise, which is the gateway.
        if !isNative, all[Self.defaultContainer] == nil, let name = application["name"]?.string {
            all[Self.defaultContainer] = .string(name)
        }
        pod["metadata", "annotations"] = .object(all)
    }

    private static let defaultContainer = "kubectl.kubernetes.io/default-container"
}
