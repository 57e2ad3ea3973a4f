package import Kubernetes

extension Cluster {
    package enum Ending: Sendable {
        case response(Response)
        /// The call is to be made anew: somebody else has changed the object in the meantime, or it was one of
        /// many.
        case again
    }

    /// The second half of a change, once admission has been asked.
    package mutating func finish(_ pending: PendingWrite, at time: Timestamp) -> Ending {
        now = time
        do throws(APIFault) {
            if pending.operation == .delete {
                if pending.isOfCollection, store[pending.place] == nil { return .again }
                let response = try finishDeletion(pending)
                return pending.isOfCollection ? .again : .response(response)
            }
            guard
                store[pending.place]?["metadata", "resourceVersion"]
                    == pending.stored?["metadata", "resourceVersion"]
            else {
                if pending.call.method == "PATCH" { return .again }
                throw pending.operation == .create
                    ? APIFault.alreadyExists(pending.type, pending.key.name)
                    : APIFault.conflict(pending.type, pending.key.name)
            }
            var response = try finishChange(pending)
            if pending.subresource == "scale", let workload = store[pending.place] {
                response = Response(Self.scale(of: workload))
            }
            return .response(response)
        } catch {
            return .response(error.response)
        }
    }

    private mutating func finishChange(_ pending: PendingWrite) throws(APIFault) -> Response {
        let type = pending.type
        var object = pending.object
        try validate(object, pending)
        try judge(object, pending)
        if let old = pending.old, type.hasGeneration, Self.isAskedOtherwise(old, object) {
            object["metadata", "generation"] = .integer((old["metadata", "generation"]?.integer ?? 0) + 1)
        }
        object = owned(object, pending)
        if let stored = pending.stored, Self.isSame(stored, object) {
            return Response(status: pending.code, read(stored, type), warnings: pending.warnings)
        }
        if pending.isDryRun {
            object["metadata", "resourceVersion"] = pending.old?["metadata", "resourceVersion"]
            return Response(status: pending.code, object, warnings: pending.warnings)
        }
        let result = commit(object, pending)
        return Response(status: pending.code, result, warnings: pending.warnings)
    }

    private mutating func commit(_ object: JSON, _ pending: PendingWrite) -> JSON {
        let isGoing = object["metadata", "deletionTimestamp"] != nil
        if isGoing, object["metadata", "finalizers"]?.array?.isEmpty ?? true,
            pending.type.identifier != ResourceType.namespaces
        {
            remove(pending.place)
            collectGarbage()
            return object
        }
        var object = object
        if pending.type.identifier == ResourceType.definitions { object = establish(object) }
        let stored = store.put(object, at: pending.place) ?? object
        if isGoing { collectGarbage() }
        return read(stored, pending.type)
    }

    /// Whether anything but `metadata` and `status` differs.
    private static func isAskedOtherwise(_ old: JSON, _ new: JSON) -> Bool {
        var (old, new) = (old, new)
        for name in ["metadata", "status"] {
            old[name] = nil
            new[name] = nil
        }
        return old != new
    }

    /// Whether nothing would be written. When a field changed hands is no change by itself.
    private static func isSame(_ stored: JSON, _ object: JSON) -> Bool {
        guard stored != object else { return true }
        func withoutTimes(_ object: JSON) -> JSON {
            var object = object
            let entries = (object["metadata", "managedFields"]?.array ?? []).map { entry in
                var entry = entry
                entry["time"] = nil
                return entry
            }
            object["metadata", "managedFields"] = entries.isEmpty ? nil : .array(entries)
            return object
        }
        return withoutTimes(stored) == withoutTimes(object)
    }

    /// The object with the owners of its fields.
    private func owned(_ object: JSON, _ pending: PendingWrite) -> JSON {
        let shape = Shape.of(pending.type)
        var writer = pending.writer
        writer.time = now.time
        let isGiven = object["metadata", "managedFields"] != nil
        let owners = FieldOwner.all(of: isGiven ? object : pending.old ?? [:])
        let start = pending.isApply ? pending.beforeAdmission : pending.old
        let updated = FieldOwner.updating(owners, by: writer, from: start, to: object, shape)
        return FieldOwner.stored(updated, in: object)
    }

    private func validate(_ object: JSON, _ pending: PendingWrite) throws(APIFault) {
        var faults = BuiltInRules.faults(
            in: object, old: pending.old, pending.type, subresource: pending.subresource)
        if let schema = pending.type.schema.map(Schema.init) {
            // A rule is asked about nothing whose shape is wrong.
            let shape = schema.faults(in: object, at: "")
            faults += shape
            if shape.isEmpty { faults += schema.brokenRules(in: object, old: pending.old, at: "") }
        }
        guard faults.isEmpty else { throw .invalid(pending.type, pending.key.name, faults) }
    }

    /// A definition as the server answers once it serves the kind.
    private mutating func establish(_ definition: JSON) -> JSON {
        var definition = definition
        let names = definition["spec", "names"] ?? [:]
        let kind = names["kind"]?.string ?? ""
        var accepted = names
        accepted["listKind"] = names["listKind"] ?? .string("\(kind)List")
        accepted["singular"] = names["singular"] ?? .string(kind.lowercased())
        definition["spec", "names"] = accepted
        definition["spec", "conversion"] = definition["spec", "conversion"] ?? ["strategy": "None"]
        definition["status"] = [
            "acceptedNames": accepted,
            "conditions": .array(
                [
                    ("NamesAccepted", "NoConflicts", "no conflicts found"),
                    ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
                ]
                .map { type, reason, message in
                    [
                        "type": .string(type), "status": "True", "reason": .string(reason),
                        "message": .string(message), "lastTransitionTime": .string(now.time),
                    ]
                }),
            "storedVersions": .array(
                (definition["spec", "versions"]?.array ?? []).filter { $0["storage"]?.bool == true }
                    .compactMap { $0["name"] }),
        ]
        if let type = ResourceType(definition: definition) {
            types.removeAll { $0.isCustom && $0.identifier == type.identifier }
            types.append(type)
        }
        return definition
    }

    /// Takes a definition's kind away, with its objects.
    mutating func abolish(_ definition: JSON) {
        let identifier = ResourceID(
            group: definition["spec", "group"]?.string ?? "",
            name: definition["spec", "names", "plural"]?.string ?? "")
        for (key, _) in store.objects(of: identifier, in: "") {
            store.put(nil, at: .init(resource: identifier, key: key))
        }
        types.removeAll { $0.isCustom && $0.identifier == identifier }
    }
}
