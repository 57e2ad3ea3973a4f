import Kubernetes

/// A container of the application: its variables are pointed at the gateway, and the gateway's sockets put into it.
struct ApplicationContainer {
    /// What is to be done with it, while it stands at its place.
    private(set) var operations: [JSONPatch.Operation] = []
    private(set) var warnings: [String] = []
    let name: String
    private let json: JSON
    private let place: JSONPointer
    /// As messages call it.
    private let title: String
    /// Those that are for this container.
    private let bindings: [ApplicationBinding]

    /// - Throws: for lists that are none.
    init(
        _ json: JSON, at place: JSONPointer, _ bindings: [ApplicationBinding]
    ) throws(InjectionRefusal) {
        self.json = json
        self.place = place
        let name = json["name"]?.string ?? ""
        self.name = name
        title = "container \(name)"
        self.bindings = bindings.filter { $0.isMeant(for: name) }
        try pointVariables()
        try mountSockets()
    }

    // MARK: - Variables

    /// Points the variables the connections name at the gateway. Those that are missing are put first, so that others
    /// can refer to them and what comes with `envFrom` does not count.
    private mutating func pointVariables() throws(InjectionRefusal) {
        guard !bindings.isEmpty else { return }
        let list = PodList(json["env"], at: place.appending("env"))
        let variables = try list.items { "env of \(title)" }
        let targets = self.targets()
        let names = targets.map(\.variable.name)
        var isMissing = Array(repeating: true, count: targets.count)
        for index in variables.indices {
            guard let name = variables[index]["name"]?.string, let target = names.firstIndex(of: name) else {
                continue
            }
            isMissing[target] = false
            point(variables[index], at: list.place.appending("\(index)"), to: targets[target])
        }
        warn(ofSecretsIn: variables)
        operations += list.prepending(
            zip(targets, isMissing).filter(\.1).map { target, _ in
                ["name": .string(target.variable.name), "value": .string(target.variable.value)]
            })
    }

    private typealias Target = (variable: ApplicationBinding.Variable, port: Int, owner: String)

    /// In the order in which they are put into a container that has none; of two connections that name the same
    /// variable the first has it.
    private mutating func targets() -> [Target] {
        var targets: [Target] = []
        for binding in bindings {
            var place = 0
            for variable in binding.variables {
                if let other = targets.first(where: { $0.variable.name == variable.name }) {
                    warnings.append(
                        "variable \(variable.name) of \(title) is for DatabaseConnection \(other.owner) and "
                            + "not for \(binding.name)")
                } else {
                    targets.insert((variable, binding.port, binding.name), at: place)
                    place += 1
                }
            }
        }
        return targets
    }

    private mutating func point(_ entry: JSON, at place: JSONPointer, to target: Target) {
        var value = target.variable.value
        if target.variable.isURL, let text = entry["value"]?.string, !text.isEmpty {
            if let url = DatabaseURL.pointing(text, to: SidecarContainer.address, port: target.port) {
                value = url
            } else {
                warnings.append(
                    "variable \(target.variable.name) of \(title) is no plain URL and is replaced whole")
            }
        }
        if entry["value"] != .string(value) {
            operations.append(.add(place.appending("value"), .string(value)))
        }
        if entry["valueFrom"] != nil { operations.append(.remove(place.appending("valueFrom"))) }
    }

    private mutating func warn(ofSecretsIn variables: [JSON]) {
        let secrets = bindings.compactMap(\.secret)
        guard !secrets.isEmpty else { return }
        var read: [String] = []
        // Without closures: there are hundreds of variables, and few are references.
        for index in variables.indices {
            guard let source = variables[index]["valueFrom"] else { continue }
            if let name = source["secretKeyRef"]?["name"]?.string { read.append(name) }
        }
        read += (json["envFrom"]?.array ?? []).compactMap { $0["secretRef"]?["name"]?.string }
        for secret in secrets where read.contains(secret) {
            warnings.append("\(title) reads the database's credential itself, from Secret \(secret)")
        }
    }

    // MARK: - Sockets

    /// Mounts the folders of the sockets that are for this container.
    private mutating func mountSockets() throws(InjectionRefusal) {
        let list = PodList(json["volumeMounts"], at: place.appending("volumeMounts"))
        var wanted: [ApplicationBinding.Sockets] = []
        for sockets in bindings.compactMap(\.sockets)
        where !wanted.contains(where: { $0.folder == sockets.folder }) {
            wanted.append(sockets)
        }
        wanted.sort { $0.folder < $1.folder }
        var (mounts, stale): ([JSON], [Int]) = ([], [])
        for (index, mount) in try list.items({ "volumeMounts of \(title)" }).enumerated() {
            if let volume = mount["name"]?.string, volume.hasPrefix(PodNames.socketVolumePrefix),
                !wanted.contains(where: { $0.volume == volume && mount["mountPath"]?.string == $0.folder })
            {
                stale.append(index)
            } else {
                mounts.append(mount)
            }
        }
        operations += list.removing(stale)
        var missing: [JSON] = []
        for sockets in wanted {
            let folder = sockets.folder
            let there = mounts.first { $0["mountPath"]?.string.map { Self.leads($0, to: folder) } ?? false }
            if there == nil {
                missing.append(SidecarContainer.mount(sockets.volume, at: folder))
            } else if there?["name"]?.string != sockets.volume {
                warnings.append(
                    "\(title) mounts another volume at \(folder), where the gateway's sockets are")
            }
        }
        operations += list.appending(missing)
    }

    /// Whether a path is the folder's, however many slashes it is written with.
    private static func leads(_ path: String, to folder: String) -> Bool {
        let slash = UInt8(ascii: "/")
        guard let last = path.utf8.last, last == slash || last == folder.utf8.last else { return false }
        return path.utf8.split(separator: slash).elementsEqual(folder.utf8.split(separator: slash)) {
            $0.elementsEqual($1)
        }
    }
}
