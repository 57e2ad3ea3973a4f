import Kubernetes

/// An entry of `metadata.managedFields`.
struct FieldOwner: Sendable, Equatable {
    var manager: String
    /// Whether its fields were applied; otherwise they were written by other requests.
    var isApplied: Bool
    var apiVersion: String
    var subresource: String
    var time: String
    var fields: FieldSet

    var json: JSON {
        var json: JSON = [
            "manager": .string(manager), "operation": .string(isApplied ? "Apply" : "Update"),
            "apiVersion": .string(apiVersion), "time": .string(time), "fieldsType": "FieldsV1",
            "fieldsV1": fields.json,
        ]
        if !subresource.isEmpty { json["subresource"] = .string(subresource) }
        return json
    }

    static func all(of object: JSON) -> [FieldOwner] {
        (object["metadata", "managedFields"]?.array ?? []).map { entry in
            FieldOwner(
                manager: entry["manager"]?.string ?? "", isApplied: entry["operation"]?.string == "Apply",
                apiVersion: entry["apiVersion"]?.string ?? "",
                subresource: entry["subresource"]?.string ?? "",
                time: entry["time"]?.string ?? "", fields: FieldSet(entry["fieldsV1"] ?? [:]))
        }
    }

    func isSame(as other: FieldOwner) -> Bool {
        manager == other.manager && isApplied == other.isApplied && subresource == other.subresource
            && (isApplied || apiVersion == other.apiVersion)
    }

    /// What nobody owns: it names the object, or the server writes it.
    static func ownable(_ object: JSON) -> JSON {
        var object = object
        for name in ["apiVersion", "kind"] { object[name] = nil }
        for name in [
            "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields",
            "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink",
        ] {
            object["metadata", name] = nil
        }
        if object["metadata"]?.object?.isEmpty == true { object["metadata"] = nil }
        return object
    }

    static func stored(_ owners: [FieldOwner], in object: JSON) -> JSON {
        var object = object
        let entries = owners.filter { !$0.fields.isEmpty }
            .sorted {
                ($0.isApplied ? 0 : 1, $0.time, $0.manager) < ($1.isApplied ? 0 : 1, $1.time, $1.manager)
            }
        object["metadata", "managedFields"] = entries.isEmpty ? nil : .array(entries.map(\.json))
        return object
    }
}

extension FieldOwner {
    /// The owners after a request that was no apply: whoever changes a field owns it alone.
    static func updating(
        _ owners: [FieldOwner], by writer: FieldOwner, from old: JSON?, to new: JSON, _ shape: Shape
    ) -> [FieldOwner] {
        let change = FieldSet.changes(from: old.map(ownable), to: ownable(new), shape)
        guard !change.set.isEmpty || !change.removed.isEmpty else { return owners }
        var result = owners.map { owner in
            var owner = owner
            owner.fields = owner.fields.removing(change.removed)
            if !owner.isSame(as: writer) { owner.fields = owner.fields.subtracting(change.set) }
            return owner
        }
        if let index = result.firstIndex(where: { $0.isSame(as: writer) }) {
            result[index].fields = result[index].fields.union(change.set)
            if result[index].fields != owners[index].fields { result[index].time = writer.time }
        } else {
            var writer = writer
            writer.fields = change.set
            result.append(writer)
        }
        return result
    }
}
