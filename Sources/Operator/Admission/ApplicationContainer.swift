import API
import Kubernetes

/// A container of the application: its variables point at the gateway, and the gateway's sockets are in it.
struct ApplicationContainer {
    private(set) var json: JSON
    private(set) var warnings: [String] = []
    let name: String
    /// As messages call it.
    private let title: String
    /// Variables that a connection has set, with its name.
    private var owners: [String: String] = [:]

    init(_ json: JSON) {
        self.json = json
        name = json["name"]?.string ?? ""
        title = "container \(name)"
    }

    /// Whether the connection is for this container.
    private func isMeant(by listen: DatabaseConnection.Listen) -> Bool {
        listen.containers.isEmpty || listen.containers.contains(name)
    }

    // MARK: - Variables

    /// Points the variables the connection names at the gateway. Those that are missing are put first, so that others
    /// can refer to them and what comes with `envFrom` does not count.
    mutating func point(to connection: DatabaseConnection) throws(InjectionRefusal) {
        let listen = connection.spec.listen
        guard isMeant(by: listen) else { return }
        var variables = try PodList.items(of: json["env"]) { "env of \(title)" }
        let targets = Self.targets(of: listen)
        let names = targets.isEmpty ? [] : variables.map { $0["name"]?.string ?? "" }
        var missing: [JSON] = []
        for (variable, target) in targets {
            if let owner = owners[variable] {
                warnings.append(
                    "variable \(variable) of \(title) is for DatabaseConnection \(owner) and not for "
                        + connection.metadata.name)
                continue
            }
            owners[variable] = connection.metadata.name
            let places = names.indices.filter { names[$0] == variable }
            for place in places { point(&variables[place], variable, at: target, connection) }
            if places.isEmpty {
                missing.append(["name": .string(variable), "value": .string(target.value(for: connection))])
            }
        }
        warn(ofSecretsOf: connection, in: variables)
        if !targets.isEmpty { json["env"] = .array(missing + variables) }
    }

    private enum Target {
        case host
        case port
        case url

        func value(for connection: DatabaseConnection) -> String {
            switch self {
            case .host: SidecarContainer.address
            case .port: "\(connection.spec.listen.port)"
            case .url: DatabaseURL.made(for: connection, host: SidecarContainer.address)
            }
        }
    }

    private static func targets(of listen: DatabaseConnection.Listen) -> [(String, Target)] {
        [(listen.env.host, Target.host), (listen.env.port, .port), (listen.env.url, .url)].compactMap {
            variable, target in variable.map { ($0, target) }
        }
    }

    private mutating func point(
        _ entry: inout JSON, _ variable: String, at target: Target, _ connection: DatabaseConnection
    ) {
        var value = target.value(for: connection)
        if target == .url, let text = entry["value"]?.string, !text.isEmpty {
            let port = connection.spec.listen.port
            if let url = DatabaseURL.pointing(text, to: SidecarContainer.address, port: port) {
                value = url
            } else {
                warnings.append("variable \(variable) of \(title) is no plain URL and is replaced whole")
            }
        }
        entry["value"] = .string(value)
        entry["valueFrom"] = nil
    }

    private mutating func warn(ofSecretsOf connection: DatabaseConnection, in variables: [JSON]) {
        guard case .secret(let reference) = connection.spec.credentials else { return }
        let isRead =
            variables.contains { $0["valueFrom"]?["secretKeyRef"]?["name"]?.string == reference.name }
            || (json["envFrom"]?.array ?? []).contains { $0["secretRef"]?["name"]?.string == reference.name }
        if isRead {
            warnings.append("\(title) reads the database's credential itself, from Secret \(reference.name)")
        }
    }

    // MARK: - Sockets

    /// Mounts the folders of the sockets that are for this container; `volumes` are those of all folders.
    mutating func mountSockets(
        of plan: SidecarPlan, volumes: [String: String]
    ) throws(InjectionRefusal) {
        let old = try PodList.items(of: json["volumeMounts"]) { "volumeMounts of \(title)" }
        let wanted = Set(
            plan.specs.map(\.listen).filter(isMeant).compactMap(\.unixSocket).map(SocketFolder.containing))
        var mounts = old.filter { mount in
            guard let volume = mount["name"]?.string, volume.hasPrefix(PodNames.socketVolumePrefix) else {
                return true
            }
            return wanted.contains { volumes[$0] == volume && mount["mountPath"]?.string == $0 }
        }
        for folder in wanted.sorted() {
            guard let volume = volumes[folder] else { continue }
            let there = mounts.first { $0["mountPath"]?.string.map { Self.leads($0, to: folder) } ?? false }
            if there == nil {
                mounts.append(SidecarContainer.mount(volume, at: folder))
            } else if there?["name"]?.string != volume {
                warnings.append(
                    "\(title) mounts another volume at \(folder), where the gateway's sockets are")
            }
        }
        if mounts != old { json["volumeMounts"] = .array(mounts) }
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

/// Lists of a pod.
enum PodList {
    /// Its objects; none where it is absent or `null`.
    /// - Throws: for anything else, so that nothing is dropped for being odd.
    static func items(of list: JSON?, _ place: () -> String) throws(InjectionRefusal) -> [JSON] {
        switch list {
        case nil, .null: return []
        case .array(let items):
            guard items.allSatisfy(\.isObject) else { throw .malformed("an item of \(place())") }
            return items
        case .bool, .integer, .number, .string, .object: throw .malformed(place())
        }
    }
}
