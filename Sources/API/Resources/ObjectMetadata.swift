/// The part of `metadata` that Weir reads.
package struct ObjectMetadata: Sendable, Hashable {
    package var name: String
    package var namespace: String
    package var labels: [String: String]

    package init(
        name: String, namespace: String, labels: [String: String] = [:]
    ) {
        self.name = name
        self.namespace = namespace
        self.labels = labels
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
        // Anything, kubectl's `last-applied-configuration` with the whole object among it.
        fields.ignore("annotations")
        for name in Self.writtenByServer { fields.ignore(name) }
    }
}
