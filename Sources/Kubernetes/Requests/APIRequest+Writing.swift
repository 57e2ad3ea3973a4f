/// What holds for every write.
package struct WriteOptions: Sendable, Equatable {
    /// What becomes of fields the server does not know.
    package enum FieldValidation: String, Sendable {
        case strict = "Strict"
        case warn = "Warn"
        case ignore = "Ignore"
    }

    /// Who writes, in `managedFields`.
    package var fieldManager: String
    package var fieldValidation: FieldValidation
    /// The server judges the write and does not make it.
    package var isDryRun: Bool

    /// `strict`, so that a misspelled field is an error and not a warning nobody reads.
    package init(
        fieldManager: String, fieldValidation: FieldValidation = .strict, isDryRun: Bool = false
    ) {
        self.fieldManager = fieldManager
        self.fieldValidation = fieldValidation
        self.isDryRun = isDryRun
    }

    fileprivate var queryItems: [APIRequest.QueryItem] {
        let items: [APIRequest.QueryItem] = [
            .init("fieldManager", fieldManager), .init("fieldValidation", fieldValidation.rawValue),
        ]
        return isDryRun ? items + [.init("dryRun", "All")] : items
    }
}

/// When and how an object is deleted (`DeleteOptions`, meta/v1).
package struct DeleteOptions: Sendable, Equatable {
    package enum Propagation: String, Sendable {
        case foreground = "Foreground"
        case background = "Background"
        case orphan = "Orphan"
    }

    /// Only the object that has it, not another of its name.
    package var uid: String?
    /// Only while the object has it.
    package var resourceVersion: String?
    package var propagation: Propagation?
    /// In seconds.
    package var gracePeriod: Int64?
    package var isDryRun: Bool

    package init(
        uid: String? = nil, resourceVersion: String? = nil, propagation: Propagation? = nil,
        gracePeriod: Int64? = nil, isDryRun: Bool = false
    ) {
        self.uid = uid
        self.resourceVersion = resourceVersion
        self.propagation = propagation
        self.gracePeriod = gracePeriod
        self.isDryRun = isDryRun
    }

    var json: JSON {
        var options: JSON = [:]
        options["preconditions", "uid"] = uid.map { .string($0) }
        options["preconditions", "resourceVersion"] = resourceVersion.map { .string($0) }
        options["propagationPolicy"] = propagation.map { .string($0.rawValue) }
        options["gracePeriodSeconds"] = gracePeriod.map { .integer($0) }
        options["dryRun"] = isDryRun ? ["All"] : nil
        return options
    }
}

extension APIRequest {
    /// Where the object stands is said by its own metadata.
    package static func create(
        _ resource: APIResource, _ object: JSON, _ options: WriteOptions
    ) throws(RequestError) -> Self {
        let namespace = object["metadata", "namespace"]?.string ?? ""
        let path = try resource.collectionPath(for: ObjectKey(namespace: namespace, name: ""))
        return Self(.post, path: path, query: options.queryItems, body: Body(object))
    }

    /// Replaces the object; with the resource version in its metadata only while it has that.
    package static func update(
        _ resource: APIResource, _ object: JSON, _ options: WriteOptions, subresource: String? = nil
    ) throws(RequestError) -> Self {
        Self(
            .put, path: try resource.path(of: key(of: object), subresource: subresource),
            query: options.queryItems, body: Body(object))
    }

    /// Server-side apply: the fields of `object` become the manager's, and those it left out and had are gone.
    ///
    /// The server answers a field it does not know with 500 and no reason, so trying again is no cure.
    /// When it is forced it takes fields from other managers; otherwise that is a 409 that names them.
    package static func apply(
        _ resource: APIResource, _ object: JSON, _ options: WriteOptions, isForced: Bool = true,
        subresource: String? = nil
    ) throws(RequestError) -> Self {
        Self(
            .patch, path: try resource.path(of: key(of: object), subresource: subresource),
            query: options.queryItems + [.init("force", isForced ? "true" : "false")],
            // JSON is YAML.
            body: Body(object, as: "application/apply-patch+yaml"))
    }

    /// A merge patch (RFC 7386). Strategic merge patches are for built-in kinds only and not made.
    package static func patch(
        _ resource: APIResource, _ key: ObjectKey, merging change: JSON, _ options: WriteOptions,
        subresource: String? = nil
    ) throws(RequestError) -> Self {
        Self(
            .patch, path: try resource.path(of: key, subresource: subresource), query: options.queryItems,
            body: Body(change, as: "application/merge-patch+json"))
    }

    package static func patch(
        _ resource: APIResource, _ key: ObjectKey, _ patch: JSONPatch, _ options: WriteOptions,
        subresource: String? = nil
    ) throws(RequestError) -> Self {
        Self(
            .patch, path: try resource.path(of: key, subresource: subresource), query: options.queryItems,
            body: Body(patch.json, as: "application/json-patch+json"))
    }

    package static func delete(
        _ resource: APIResource, _ key: ObjectKey, _ options: DeleteOptions = DeleteOptions()
    ) throws(RequestError) -> Self {
        Self(.delete, path: try resource.path(of: key), body: Body(options.json))
    }

    /// Asks for a pod's removal, which its disruption budget may refuse; see ``APIFailure/Kind``.
    package static func evict(
        pod key: ObjectKey, _ options: DeleteOptions = DeleteOptions()
    ) throws(RequestError) -> Self {
        let eviction: JSON = [
            "apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)],
            "deleteOptions": options.json,
        ]
        let path = try APIResource.pods.path(of: key, subresource: "eviction")
        return Self(.post, path: path, body: Body(eviction))
    }

    private static func key(of object: JSON) -> ObjectKey {
        let metadata = object["metadata"]
        return ObjectKey(
            namespace: metadata?["namespace"]?.string ?? "", name: metadata?["name"]?.string ?? "")
    }
}
