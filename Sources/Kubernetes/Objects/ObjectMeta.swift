/// What every object says of itself (`ObjectMeta`, meta/v1); what is absent or of another type is empty.
package struct ObjectMeta: Sendable, Equatable {
    package struct OwnerReference: Sendable, Equatable {
        package var apiVersion: String
        package var kind: String
        package var name: String
        package var uid: String
        package var isController: Bool
    }

    package var name: String
    package var namespace: String
    package var uid: String
    package var resourceVersion: String
    /// Of the spec; 0 where the server counts none.
    package var generation: Int64
    package var creationTimestamp: Timestamp?
    /// When the object may go; it stays until its finalizers are gone.
    package var deletionTimestamp: Timestamp?
    package var labels: [String: String]
    package var annotations: [String: String]
    package var ownerReferences: [OwnerReference]
    package var finalizers: [String]

    package init(_ metadata: JSON?) {
        let fields = metadata?.object ?? JSON.Object()
        name = fields["name"]?.string ?? ""
        namespace = fields["namespace"]?.string ?? ""
        uid = fields["uid"]?.string ?? ""
        resourceVersion = fields["resourceVersion"]?.string ?? ""
        generation = fields["generation"]?.integer ?? 0
        creationTimestamp = fields["creationTimestamp"]?.string.flatMap { Timestamp($0) }
        deletionTimestamp = fields["deletionTimestamp"]?.string.flatMap { Timestamp($0) }
        labels = fields["labels"]?.stringMap ?? [:]
        annotations = fields["annotations"]?.stringMap ?? [:]
        ownerReferences = (fields["ownerReferences"]?.array ?? []).map { reference in
            OwnerReference(
                apiVersion: reference["apiVersion"]?.string ?? "", kind: reference["kind"]?.string ?? "",
                name: reference["name"]?.string ?? "", uid: reference["uid"]?.string ?? "",
                isController: reference["controller"]?.bool ?? false)
        }
        finalizers = fields["finalizers"]?.strings ?? []
    }
}
