/// The part of `metadata` that Weir reads.
package struct ObjectMetadata: Sendable, Hashable {
    package var name: String
    package var namespace: String
    package var labels: [String: String]
    /// Who wrote it, by the API server's word, and how often it had been written then; empty where nobody says.
    package var changedBy: String
    package var generation: String

    /// Annotations of objects in a cluster: the first stamped at admission, the second on what gateways are told.
    package static let changedByAnnotation = "weir.dev/changed-by"
    package static let generationAnnotation = "weir.dev/generation"

    package init(
        name: String, namespace: String, labels: [String: String] = [:]
    ) {
        self.name = name
        self.namespace = namespace
        self.labels = labels
        changedBy = ""
        generation = ""
    }

    /// `namespace/name`.
    package var qualifiedName: String { "\(namespace)/\(name)" }

    /// Fields the API server writes, which a manifest taken from a cluster brings along.
    private static let writtenByServer = [
        "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "managedFields", "ownerReferences", "finalizers", "selfLink",
    ]

    /// An object that names no namespace is in `defaultNamespace`.
    package init(reading fields: inout MappingReader, defaultNamespace: String) {
        name = fields.string("name", .objectName)
        namespace = fields.string("namespace", .label, default: defaultNamespace)
        labels = fields.stringMap("labels")
        // Anything may be among them, as kubectl's `last-applied-configuration` with the whole object.
        changedBy = fields.text(at: Self.changedByAnnotation, in: "annotations")
        generation = fields.text(at: Self.generationAnnotation, in: "annotations")
        for name in Self.writtenByServer { fields.ignore(name) }
    }
}
