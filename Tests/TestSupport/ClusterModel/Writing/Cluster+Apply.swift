import Kubernetes

extension Cluster {
    /// Server-side apply: the object of a manager, merged into what is there.
    mutating func apply(_ target: Target, _ call: Call, _ stored: JSON?) throws(APIFault)
        -> PendingWrite
    {
        guard call.query["fieldManager"] != nil else {
            throw .invalid(
                target.type, target.name ?? "",
                [
                    FieldFault(
                        reason: "FieldValueRequired", field: "fieldManager",
                        message: "Required value: is required for apply patch")
                ])
        }
        let configuration = try body(call)
        guard configuration["metadata", "managedFields"] == nil else {
            throw .badRequest("metadata.managedFields must be nil")
        }
        if let schema = target.type.schema.map(Schema.init) {
            var unknown: [String] = []
            _ = schema.pruned(configuration, isRoot: true, unknown: &unknown)
            if let field = unknown.first {
                throw APIFault(
                    500, "",
                    "failed to create typed patch object (\(target.key); \(target.type.apiVersion), Kind=\(target.type.kind)): "
                        + ".\(field): field not declared in schema")
            }
        }
        if stored == nil, let uid = configuration["metadata", "uid"]?.string {
            throw .conflict(
                target.type, target.name ?? "",
                "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
        }
        let old = stored.map { read($0, target.type) }
        var applying = Applying(shape: .of(target.type), owners: old.map(FieldOwner.all) ?? [])
        let manager = FieldOwner(
            manager: call.fieldManager, isApplied: true, apiVersion: target.type.apiVersion,
            subresource: target.subresource ?? "", time: now.time, fields: FieldSet())
        var merged: JSON
        do {
            merged = try applying.apply(
                configuration, to: old, by: manager, isForced: call.query["force"] == "true")
        } catch {
            throw Self.fault(of: error, target)
        }
        merged["metadata", "name"] = merged["metadata", "name"] ?? .string(target.name ?? "")
        let (object, warnings) = try decoded(merged, target, call)
        let owned = FieldOwner.stored(applying.owners, in: object)
        var pending =
            if let stored {
                try change(stored, to: owned, target, call, warnings)
            } else {
                try creation(of: owned, target.key, target, call, warnings)
            }
        pending.isApply = true
        return pending
    }

    private static func fault(of conflicts: Applying.Conflicts, _ target: Target) -> APIFault {
        let causes = conflicts.conflicts.flatMap { conflict in
            conflict.fields.paths.map { path in
                let owner = conflict.owner
                let using = owner.isApplied ? "" : " using \(owner.apiVersion)"
                return (field: path, message: "conflict with \"\(owner.manager)\"\(using)")
            }
        }
        let count = causes.count == 1 ? "1 conflict" : "\(causes.count) conflicts"
        let list =
            causes.count == 1
            ? "\(causes[0].message): \(causes[0].field)"
            : "conflicts with "
                + causes.map { "\($0.message.dropFirst("conflict with ".count)):\n- \($0.field)" }.joined(
                    separator: "\n")
        var fault = APIFault(409, "Conflict", "Apply failed with \(count): \(list)")
        fault.details = [
            "causes": .array(
                causes.map {
                    [
                        "reason": "FieldManagerConflict", "message": .string($0.message),
                        "field": .string($0.field),
                    ]
                })
        ]
        return fault
    }
}
