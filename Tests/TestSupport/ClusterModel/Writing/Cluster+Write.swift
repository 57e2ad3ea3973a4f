import Kubernetes

extension Cluster {
    /// The first half of a change: what the request makes of the object.
    mutating func write(_ target: Target, _ call: Call) throws(APIFault) -> Answer {
        switch target.subresource {
        case nil: break
        case "status" where target.type.hasStatus && call.method != "POST": break
        case "ephemeralcontainers"
        where call.method != "POST" && target.type.subresources.contains("ephemeralcontainers"):
            break
        case "scale" where call.method != "POST" && target.type.subresources.contains("scale"):
            var pending = try scaling(target, call)
            pending.beforeAdmission = pending.object
            pending.webhooks = try webhooks(for: pending)
            return .write(pending)
        case "token" where call.method == "POST" && target.type.subresources.contains("token"):
            return .response(try issueToken(target, call))
        case "eviction" where call.method == "POST" && target.type.subresources.contains("eviction"):
            return .response(try evict(target, call))
        default: return .response(Response(status: 404, text: "404 page not found\n"))
        }
        var pending: PendingWrite
        switch call.method {
        case "POST": pending = try creation(target, call)
        case "PUT": pending = try update(target, call)
        default: pending = try patch(target, call)
        }
        pending.beforeAdmission = pending.object
        pending.webhooks = try webhooks(for: pending)
        return .write(pending)
    }

    func body(_ call: Call) throws(APIFault) -> JSON {
        if call.contentType.hasPrefix(ProtobufBody.contentType) {
            guard let object = ProtobufBody.decode(call.body) else {
                throw APIFault(415, "UnsupportedMediaType", "the server does not know this kind in protobuf")
            }
            return object
        }
        do {
            return try JSON(parsing: call.body)
        } catch {
            throw .badRequest("the object provided is unrecognized (must be of type JSON): \(error)")
        }
    }

    private mutating func creation(_ target: Target, _ call: Call) throws(APIFault) -> PendingWrite {
        var (object, warnings) = try decoded(try body(call), target, call)
        if object["metadata", "name"]?.string == nil, let prefix = object["metadata", "generateName"]?.string
        {
            object["metadata", "name"] = .string(prefix + newSuffix())
        }
        guard let name = object["metadata", "name"]?.string, !name.isEmpty else {
            throw .invalid(
                target.type, "", [.required("metadata.name")])
        }
        let key = ObjectKey(namespace: target.namespace, name: name)
        guard store[.init(resource: target.type.identifier, key: key)] == nil else {
            throw .alreadyExists(target.type, name)
        }
        return try creation(of: object, key, target, call, warnings)
    }

    mutating func creation(
        of object: JSON, _ key: ObjectKey, _ target: Target, _ call: Call, _ warnings: [String]
    ) throws(APIFault) -> PendingWrite {
        try checkNamespace(key.namespace, target, call)
        var object = object
        object["metadata", "uid"] = .string(newUID())
        object["metadata", "creationTimestamp"] = .string(now.time)
        object["metadata", "resourceVersion"] = nil
        object["metadata", "deletionTimestamp"] = nil
        object["metadata", "generation"] = target.type.hasGeneration ? 1 : nil
        if target.type.isNamespaced { object["metadata", "namespace"] = .string(key.namespace) }
        if target.type.hasStatus, target.type.isCustom { object["status"] = nil }
        if target.type.identifier == ResourceType.namespaces {
            object["metadata", "labels", "kubernetes.io/metadata.name"] = .string(key.name)
            object["spec"] = ["finalizers": ["kubernetes"]]
            object["status"] = ["phase": "Active"]
        }
        return PendingWrite(
            call: call, type: target.type, key: key, operation: .create, object: object, warnings: warnings,
            code: 201)
    }

    private func checkNamespace(_ namespace: String, _ target: Target, _ call: Call) throws(APIFault) {
        guard target.type.isNamespaced else { return }
        guard let found = store[.init(resource: ResourceType.namespaces, key: ObjectKey(name: namespace))]
        else {
            throw APIFault(
                404, "NotFound", "namespaces \"\(namespace)\" not found",
                details: ["name": .string(namespace), "kind": "namespaces"])
        }
        if found["metadata", "deletionTimestamp"] != nil {
            throw APIFault(
                403, "Forbidden",
                "unable to create new content in namespace \(namespace) because it is being terminated")
        }
    }

    private func update(_ target: Target, _ call: Call) throws(APIFault) -> PendingWrite {
        let name = target.name ?? ""
        let (object, warnings) = try decoded(try body(call), target, call)
        guard let stored = store[.init(resource: target.type.identifier, key: target.key)] else {
            throw .notFound(target.type, name)
        }
        if target.type.isCustom, object["metadata", "resourceVersion"]?.string ?? "" == "" {
            throw .invalid(
                target.type, name,
                [.invalid("metadata.resourceVersion", 0, "must be specified for an update")])
        }
        return try change(stored, to: object, target, call, warnings)
    }

    private mutating func patch(_ target: Target, _ call: Call) throws(APIFault) -> PendingWrite {
        let stored = store[.init(resource: target.type.identifier, key: target.key)]
        let type = call.contentType.split(separator: ";").first.map { String($0).trimmingSpaces } ?? ""
        if type.hasPrefix("application/apply-patch") { return try apply(target, call, stored) }
        guard let stored else { throw .notFound(target.type, target.name ?? "") }
        let old = read(stored, target.type)
        let patch = try body(call)
        let patched: JSON
        switch type {
        case "application/json-patch+json": patched = try Self.applying(patch, to: old, target)
        case "application/merge-patch+json": patched = old.merging(patch)
        case "application/strategic-merge-patch+json" where !target.type.isCustom:
            patched = StrategicMerge.merge(patch, into: old) ?? old
        default:
            throw APIFault(
                415, "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
            )
        }
        let (object, warnings) = try decoded(patched, target, call)
        return try change(stored, to: object, target, call, warnings)
    }

    private static func applying(_ patch: JSON, to old: JSON, _ target: Target) throws(APIFault) -> JSON {
        do {
            return try old.applying(try JSONPatch(patch))
        } catch .malformed {
            throw .badRequest("error decoding patch")
        } catch {
            throw APIFault(
                422, "Invalid", "the server rejected our request due to an error in our request",
                details: APIFault.about(target.type, target.name ?? ""))
        }
    }

    /// An object of a request, pruned and with defaults, and what is to be said of fields it should not have.
    func decoded(_ object: JSON, _ target: Target, _ call: Call) throws(APIFault) -> (JSON, [String]) {
        let type = target.type
        guard object.object != nil, object["apiVersion"]?.string == type.apiVersion,
            object["kind"]?.string == type.kind
        else {
            throw .badRequest(
                "the API version in the data (\(object["apiVersion"]?.string ?? "")) does not match the expected API "
                    + "version (\(type.apiVersion)), or the kind is not \(type.kind)")
        }
        if let namespace = object["metadata", "namespace"]?.string, namespace != target.namespace,
            !namespace.isEmpty
        {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request")
        }
        if let name = target.name, let own = object["metadata", "name"]?.string, own != name {
            throw .badRequest("the name of the object (\(own)) does not match the name on the URL (\(name))")
        }
        try BuiltInRules.checkTimes(of: object, type)
        let object = type.identifier == ResourceType.secrets ? Self.withEncodedText(object) : object
        guard let schema = type.schema.map(Schema.init) else { return (object, []) }
        var unknown: [String] = []
        let pruned = schema.pruned(object, isRoot: true, unknown: &unknown)
        if !unknown.isEmpty, call.query["fieldValidation"] == "Strict" {
            let list = unknown.map { "unknown field \"\($0)\"" }.joined(separator: ", ")
            throw .badRequest(
                "\(type.kind) in version \"\(type.version)\" cannot be handled as a \(type.kind): "
                    + "strict decoding error: \(list)")
        }
        let isSilent = call.query["fieldValidation"] == "Ignore"
        return (schema.defaulted(pruned), isSilent ? [] : unknown.map { "unknown field \"\($0)\"" })
    }

    /// A Secret whose `stringData` is in `data`, where alone it is kept.
    private static func withEncodedText(_ secret: JSON) -> JSON {
        var secret = secret
        for (key, text) in secret["stringData"]?.stringMap ?? [:] {
            secret["data", key] = .string(Base64Text.encode(Array(text.utf8)[...]))
        }
        secret["stringData"] = nil
        return secret
    }

    /// What a request leaves of the old object as it is, and what it replaces.
    func change(
        _ stored: JSON, to object: JSON, _ target: Target, _ call: Call, _ warnings: [String]
    ) throws(APIFault) -> PendingWrite {
        let name = target.name ?? ""
        let old = read(stored, target.type)
        if let uid = object["metadata", "uid"]?.string, uid != old["metadata", "uid"]?.string {
            throw .conflict(
                target.type, name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: "
                    + "\(old["metadata", "uid"]?.string ?? "")")
        }
        if let version = object["metadata", "resourceVersion"]?.string, !version.isEmpty,
            version != old["metadata", "resourceVersion"]?.string
        {
            throw .conflict(target.type, name)
        }
        var next = object
        for field in [
            "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation",
            "namespace",
            "name", "resourceVersion",
        ] {
            next["metadata", field] = old["metadata", field]
        }
        var kept = old
        kept["metadata", "managedFields"] = next["metadata", "managedFields"]
        switch target.subresource {
        case "status":
            kept["status"] = next["status"]
            next = kept
        case "ephemeralcontainers":
            kept["spec", "ephemeralContainers"] = next["spec", "ephemeralContainers"]
            next = kept
        default: if target.type.hasStatus { next["status"] = old["status"] }
        }
        return PendingWrite(
            call: call, type: target.type, key: target.key, subresource: target.subresource,
            operation: .update,
            stored: stored, old: old, object: next, warnings: warnings)
    }
}
