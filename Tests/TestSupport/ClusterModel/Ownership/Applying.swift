import Kubernetes

/// Server-side apply: what becomes of an object when a manager says which fields it wants how.
struct Applying {
    var shape: Shape
    var owners: [FieldOwner]

    /// A field that somebody else has otherwise.
    struct Conflict {
        var owner: FieldOwner
        var fields: FieldSet
    }

    struct Conflicts: Error {
        var conflicts: [Conflict]
    }

    /// - Throws: ``Conflicts`` unless `isForced`.
    mutating func apply(
        _ configuration: JSON, to live: JSON?, by manager: FieldOwner, isForced: Bool
    ) throws(Conflicts) -> JSON {
        let wanted = FieldSet(of: FieldOwner.ownable(configuration), shape)
        var merged = live.map { Self.merge($0, configuration, shape) } ?? configuration
        let change = FieldSet.changes(
            from: live.map(FieldOwner.ownable), to: FieldOwner.ownable(merged), shape
        ).set
        let others = owners.indices.filter { !owners[$0].isSame(as: manager) }
        let conflicts = others.compactMap { index -> Conflict? in
            let fields = owners[index].fields.intersection(change)
            return fields.isEmpty ? nil : Conflict(owner: owners[index], fields: fields)
        }
        guard conflicts.isEmpty || isForced else { throw Conflicts(conflicts: conflicts) }
        for index in others { owners[index].fields = owners[index].fields.subtracting(change) }
        let mine = owners.firstIndex { $0.isSame(as: manager) }
        if let mine {
            let given = owners[mine].fields.subtracting(wanted)
            let kept = others.reduce(FieldSet()) { $0.union(owners[$1].fields) }.union(wanted)
            merged = Self.removing(given, keeping: kept, from: merged, shape) ?? merged
            if owners[mine].fields != wanted {
                owners[mine].fields = wanted
                owners[mine].time = manager.time
            }
            owners[mine].apiVersion = manager.apiVersion
        } else {
            var manager = manager
            manager.fields = wanted
            owners.append(manager)
        }
        return merged
    }

    /// The live value with what the configuration says of it.
    static func merge(_ live: JSON, _ configuration: JSON, _ shape: Shape) -> JSON {
        switch (live, configuration) {
        case (.object(var fields), .object(let wanted)) where shape.kind(of: configuration) == .map:
            for (name, value) in wanted {
                fields[name] = fields[name].map { merge($0, value, shape.child(name)) } ?? value
            }
            return .object(fields)
        case (.array(let items), .array(let wanted)):
            return mergeLists(items, wanted, configuration, shape)
        default: return configuration
        }
    }

    private static func mergeLists(_ items: [JSON], _ wanted: [JSON], _ configuration: JSON, _ shape: Shape)
        -> JSON
    {
        let kind = wanted.isEmpty ? shape.kind(of: .array(items)) : shape.kind(of: configuration)
        switch kind {
        case .list(let keys):
            var merged = items
            for item in wanted {
                let element = Shape.element(of: item, keys: keys)
                if let index = merged.firstIndex(where: { Shape.element(of: $0, keys: keys) == element }) {
                    merged[index] = merge(merged[index], item, shape.item)
                } else {
                    merged.append(item)
                }
            }
            return .array(merged)
        case .set: return .array(items + wanted.filter { !items.contains($0) })
        case .atomic, .map: return configuration
        }
    }

    /// Takes away what the manager does not want any more and nobody else has; `nil` where nothing is left.
    private static func removing(
        _ given: FieldSet, keeping kept: FieldSet, from value: JSON, _ shape: Shape
    ) -> JSON? {
        guard !given.isEmpty else { return value }
        if given.isMember, kept.isEmpty { return nil }
        switch (value, shape.kind(of: value)) {
        case (.object(var fields), .map):
            for (name, item) in fields {
                let element = "f:\(name)"
                fields[name] = removing(given[element], keeping: kept[element], from: item, shape.child(name))
            }
            return fields.isEmpty && kept.isEmpty ? nil : .object(fields)
        case (.array(let items), .list(let keys)):
            let left = items.compactMap { item in
                let element = Shape.element(of: item, keys: keys)
                return removing(given[element], keeping: kept[element], from: item, shape.item)
            }
            return left.isEmpty && kept.isEmpty ? nil : .array(left)
        case (.array(let items), .set):
            let left = items.filter { given["v:\($0)"].isEmpty || !kept["v:\($0)"].isEmpty }
            return left.isEmpty && kept.isEmpty ? nil : .array(left)
        default: return kept.isEmpty && given.isMember ? nil : value
        }
    }
}
