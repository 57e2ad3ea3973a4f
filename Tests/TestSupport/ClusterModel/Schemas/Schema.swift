import Kubernetes

/// A structural schema, `openAPIV3Schema` or a part of it.
struct Schema: Sendable, Equatable {
    var json: JSON

    init(_ json: JSON) { self.json = json }

    var type: String? { json["type"]?.string }
    var items: Schema? { json["items"].map(Schema.init) }
    var entries: Schema? { json["additionalProperties"].flatMap { $0.object == nil ? nil : Schema($0) } }
    var keepsUnknown: Bool { json["x-kubernetes-preserve-unknown-fields"]?.bool == true }
    var listType: String { json["x-kubernetes-list-type"]?.string ?? "atomic" }
    var listKeys: [String] { json["x-kubernetes-list-map-keys"]?.strings ?? [] }
    var isAtomicMap: Bool { json["x-kubernetes-map-type"]?.string == "atomic" }

    func property(_ name: String) -> Schema? { json["properties", name].map(Schema.init) }

    func child(_ name: String) -> Schema? { property(name) ?? entries }

    /// What an object of a kind has beside what its schema tells.
    static let metadata = "metadata"

    // MARK: - Pruning

    /// The value without fields that the schema does not know; their paths are appended.
    func pruned(_ value: JSON, at path: String = "", isRoot: Bool = false, unknown: inout [String]) -> JSON {
        switch value {
        case .object(let fields):
            guard json["properties"] != nil || entries != nil || !keepsUnknown else { return value }
            var kept = JSON.Object()
            for (name, item) in fields {
                let place = path.isEmpty ? name : "\(path).\(name)"
                if isRoot, ["apiVersion", "kind", Self.metadata].contains(name) {
                    kept[name] = item
                } else if let child = child(name) {
                    kept[name] = child.pruned(item, at: place, unknown: &unknown)
                } else if keepsUnknown {
                    kept[name] = item
                } else {
                    unknown.append(place)
                }
            }
            return .object(kept)
        case .array(let values):
            guard let items else { return value }
            var kept: [JSON] = []
            for (index, item) in values.enumerated() {
                kept.append(items.pruned(item, at: "\(path)[\(index)]", unknown: &unknown))
            }
            return .array(kept)
        case .null, .bool, .integer, .number, .string: return value
        }
    }

    // MARK: - Defaulting

    /// The value with what the schema gives to fields that are absent, or null where null is no value.
    func defaulted(_ value: JSON) -> JSON {
        switch value {
        case .object(var fields):
            for (name, property) in json["properties"]?.object ?? JSON.Object() {
                guard let fallback = property["default"] else { continue }
                let isNull = fields[name] == .null && property["nullable"]?.bool != true
                if fields[name] == nil || isNull { fields[name] = fallback }
            }
            for (name, item) in fields {
                if let child = child(name) { fields[name] = child.defaulted(item) }
            }
            return .object(fields)
        case .array(let values):
            return items.map { items in .array(values.map(items.defaulted)) } ?? value
        case .null, .bool, .integer, .number, .string: return value
        }
    }
}
