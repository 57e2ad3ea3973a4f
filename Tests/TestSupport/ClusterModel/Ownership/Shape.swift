import Kubernetes

/// How a value is merged: what of it is one thing, and by what the items of a list are told apart.
enum Shape: Sendable {
    /// By the schema of a custom resource.
    case custom(Schema)
    /// Of a kind the server has itself, by the name of the field.
    case builtIn(String)

    enum Kind: Equatable {
        /// Replaced as a whole.
        case atomic
        case map
        /// A list whose items these fields tell apart.
        case list(keys: [String])
        /// A list of values that occur once.
        case set
    }

    static func of(_ type: ResourceType) -> Shape {
        type.schema.map { .custom(Schema($0)) } ?? .builtIn("")
    }

    func child(_ name: String) -> Shape {
        switch self {
        case .custom(let schema):
            if name == Schema.metadata, schema.property("spec") != nil { return .builtIn(name) }
            return schema.child(name).map { .custom($0) } ?? .builtIn(name)
        case .builtIn: return .builtIn(name)
        }
    }

    var item: Shape {
        switch self {
        case .custom(let schema): schema.items.map { .custom($0) } ?? .builtIn("")
        case .builtIn: .builtIn("")
        }
    }

    func kind(of value: JSON) -> Kind {
        switch (self, value) {
        case (.custom(let schema), .array):
            switch schema.listType {
            case "map": .list(keys: schema.listKeys)
            case "set": .set
            default: .atomic
            }
        case (.custom(let schema), .object): schema.isAtomicMap ? .atomic : .map
        case (.builtIn(let name), .object): Self.atomicMaps.contains(name) ? .atomic : .map
        case (.builtIn(let name), .array(let items)): Self.builtInList(name, items)
        case (_, .null), (_, .bool), (_, .integer), (_, .number), (_, .string): .atomic
        }
    }

    private static let atomicMaps: Set = [
        "selector", "nodeSelector", "labelSelector", "secretKeyRef", "configMapKeyRef", "fieldRef",
        "resourceFieldRef", "roleRef", "namespaceSelector", "objectSelector", "podSelector",
    ]

    /// By the names that Kubernetes' own types have.
    static let listKeys: [String: [String]] = [
        "containers": ["name"], "initContainers": ["name"], "ephemeralContainers": ["name"],
        "volumes": ["name"],
        "env": ["name"], "imagePullSecrets": ["name"], "webhooks": ["name"], "matchConditions": ["name"],
        "volumeMounts": ["mountPath"], "volumeDevices": ["devicePath"], "conditions": ["type"],
        "ownerReferences": ["uid"], "hostAliases": ["ip"], "resourceClaims": ["name"],
        "topologySpreadConstraints": ["topologyKey", "whenUnsatisfiable"],
    ]

    private static func builtInList(_ name: String, _ items: [JSON]) -> Kind {
        if name == "finalizers" { return .set }
        if name == "ports" {
            let key = items.contains { $0["containerPort"] != nil } ? "containerPort" : "port"
            return items.allSatisfy { $0[key] != nil } ? .list(keys: [key, "protocol"]) : .atomic
        }
        guard let keys = listKeys[name], items.allSatisfy({ $0[keys[0]] != nil }) else { return .atomic }
        return .list(keys: keys)
    }

    /// How ``FieldSet`` names an item: `k:{"name":"app"}`.
    static func element(of item: JSON, keys: [String]) -> String {
        let fields = keys.compactMap { key in item[key].map { (key, $0) } }
        return "k:\(JSON.object(JSON.Object(fields)))"
    }
}
