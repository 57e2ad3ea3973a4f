import Kubernetes

/// `application/strategic-merge-patch+json`, for kinds the server has itself.
enum StrategicMerge {
    static func merge(_ patch: JSON, into value: JSON?, at name: String = "") -> JSON? {
        switch patch {
        case .object(let changes): return mergeMaps(changes, into: value)
        case .array(let changes): return mergeLists(changes, into: value?.array ?? [], at: name)
        case .null: return nil
        case .bool, .integer, .number, .string: return patch
        }
    }

    private static func mergeMaps(_ changes: JSON.Object, into value: JSON?) -> JSON? {
        switch changes["$patch"]?.string {
        case "delete": return nil
        case "replace":
            var replacement = changes
            replacement["$patch"] = nil
            return .object(replacement)
        default: break
        }
        var fields = value?.object ?? JSON.Object()
        if let kept = changes["$retainKeys"]?.strings {
            for name in fields.names where !kept.contains(name) { fields[name] = nil }
        }
        for (name, change) in changes where !name.hasPrefix("$") {
            fields[name] = merge(change, into: fields[name], at: name)
        }
        for (name, change) in changes where name.hasPrefix("$deleteFromPrimitiveList/") {
            let field = String(name.split(separator: "/", maxSplits: 1)[1])
            let gone = change.array ?? []
            fields[field] = fields[field]?.array.map { items in .array(items.filter { !gone.contains($0) }) }
        }
        for (name, order) in changes where name.hasPrefix("$setElementOrder/") {
            let field = String(name.split(separator: "/", maxSplits: 1)[1])
            fields[field] = fields[field].map { sorted($0, by: order.array ?? [], at: field) }
        }
        return .object(fields)
    }

    private static func mergeLists(_ changes: [JSON], into items: [JSON], at name: String) -> JSON {
        if changes.contains(where: { $0["$patch"]?.string == "replace" }) {
            return .array(changes.filter { $0["$patch"] == nil })
        }
        if name == "finalizers" { return .array(items + changes.filter { !items.contains($0) }) }
        guard let key = key(of: name, changes + items) else { return .array(changes) }
        var merged = items
        for change in changes {
            let index = merged.firstIndex { $0[key] == change[key] }
            if change["$patch"]?.string == "delete" {
                merged.removeAll { $0[key] == change[key] }
            } else if let index {
                merged[index] = merge(change, into: merged[index]) ?? merged[index]
            } else {
                merged.append(merge(change, into: nil) ?? change)
            }
        }
        return .array(merged)
    }

    private static func sorted(_ list: JSON, by order: [JSON], at name: String) -> JSON {
        guard let items = list.array else { return list }
        let key = key(of: name, items)
        func place(_ item: JSON) -> Int {
            order.firstIndex { entry in key.map { entry[$0] == item[$0] } ?? (entry == item) } ?? order.count
        }
        let ordered = items.enumerated().sorted {
            (place($0.element), $0.offset) < (place($1.element), $1.offset)
        }
        return .array(ordered.map(\.element))
    }

    /// The field by which items are the same, as Kubernetes' own types have it.
    private static func key(of name: String, _ items: [JSON]) -> String? {
        guard items.allSatisfy({ $0.object != nil }) else { return nil }
        if name == "ports" { return items.contains { $0["containerPort"] != nil } ? "containerPort" : "port" }
        return Shape.listKeys[name]?.first
    }
}
