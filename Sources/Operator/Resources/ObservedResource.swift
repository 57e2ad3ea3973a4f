package import API
import Admission
package import Kubernetes

/// A resource of ours as the API server has it: what it says, or why it says nothing that can be used.
package struct ObservedResource<Object: Resource>: Sendable, Equatable {
    package var key: ObjectKey
    package var uid: String
    package var generation: Int64
    /// RFC 3339, so that earlier ones come first as texts.
    var createdAt: String
    /// By the API server's word; empty where nobody says.
    var changedBy: String
    /// `spec` as it was written.
    package var spec: JSON
    package var status: JSON
    /// `nil` when it has ``faults``.
    package var object: Object?
    /// Each in one line, with its field.
    package var faults: [String]
    /// What a policy is about, also where the rest of it cannot be read; `nil` when that cannot be read either.
    var targets: PolicyTargets?

    package init(_ observed: APIObject) {
        key = observed.key
        uid = observed.uid
        generation = observed.content["metadata", "generation"]?.integer ?? 0
        createdAt = observed.content["metadata", "creationTimestamp"]?.string ?? ""
        changedBy = observed.metadata.annotations[ObjectMetadata.changedByAnnotation] ?? ""
        spec = observed.content["spec"] ?? [:]
        status = observed.content["status"] ?? [:]
        let node = ManifestNode(object: observed)
        do {
            object = try Object(manifest: node, defaultNamespace: observed.key.namespace)
            faults = []
        } catch {
            object = nil
            faults = error.faults.map { $0.field.isEmpty ? $0.message : "\($0.field) \($0.message)" }
        }
        targets = Object.kind == .databaseConnection ? nil : Self.targets(of: node)
    }

    private static func targets(of node: ManifestNode) -> PolicyTargets? {
        guard let targets = node["spec"]?["targets"] else { return nil }
        let faults = FaultList()
        var fields = MappingReader(targets, faults: faults)
        let read = PolicyTargets(reading: &fields)
        fields.finish()
        return faults.faults.isEmpty ? read : nil
    }
}

extension ObservedResource<DatabaseConnection> {
    /// Whether it selects pods with these labels, also where the rest of it cannot be read. A selector that
    /// cannot be read may select any.
    func maySelect(_ labels: [String: String]) -> Bool {
        guard let selector = spec["podSelector"] else { return true }
        let faults = FaultList()
        let position = ManifestPosition(file: key.description, line: 0, column: 0)
        var fields = MappingReader(ManifestNode(json: selector, at: position), faults: faults)
        let read = LabelSelector(reading: &fields)
        fields.finish()
        return !faults.faults.isEmpty || read.selects(labels)
    }
}

/// What is kept of a resource of ours: of the metadata no more than is read.
enum ResourceProjection {
    static let paths = JSON.Projection([
        ["apiVersion"], ["kind"], ["spec"], ["status"], ["metadata", "labels"], ["metadata", "generation"],
        ["metadata", "creationTimestamp"], ["metadata", "annotations", ObjectMetadata.changedByAnnotation],
        ["metadata", "annotations", ApprovalRequest.podAnnotation],
    ])
}
