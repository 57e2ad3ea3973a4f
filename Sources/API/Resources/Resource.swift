/// A kind of the group `weir.dev`.
package protocol Resource: Sendable, Equatable {
    static var kind: ResourceKind { get }
    var metadata: ObjectMetadata { get }

    init(metadata: ObjectMetadata, readingSpec fields: inout MappingReader)
}

package enum ResourceKind: String, Sendable, CaseIterable {
    case databaseConnection = "DatabaseConnection"
    case maskingPolicy = "MaskingPolicy"
    case approvalRule = "ApprovalRule"
    case approvalRequest = "ApprovalRequest"

    /// Whether manifests define it; the operator writes the others.
    package var isWrittenByPeople: Bool { self != .approvalRequest }

    package static let group = "weir.dev"
    package static let apiVersion = "weir.dev/v1alpha1"
}

extension Resource {
    /// Reads a whole object: `apiVersion`, `kind`, `metadata`, `spec`; a `status` is skipped.
    ///
    /// An object that names no namespace is in `defaultNamespace`. Throws every fault of the object at once.
    package init(manifest node: ManifestNode, defaultNamespace: String) throws(ManifestFaults) {
        let list = FaultList()
        var fields = MappingReader(node, faults: list)
        let resource = Self.read(&fields, defaultNamespace: defaultNamespace)
        fields.finish()
        guard list.faults.isEmpty else { throw ManifestFaults(list.faults) }
        self = resource
    }

    static func read(_ fields: inout MappingReader, defaultNamespace: String) -> Self {
        if fields.string("apiVersion") != ResourceKind.apiVersion, fields.has("apiVersion") {
            fields.fault(at: "apiVersion", "is not \(ResourceKind.apiVersion)")
        }
        if fields.string("kind") != Self.kind.rawValue, fields.has("kind") {
            fields.fault(at: "kind", "is not \(Self.kind.rawValue)")
        }
        let metadata = fields.object("metadata") {
            ObjectMetadata(reading: &$0, defaultNamespace: defaultNamespace)
        }
        fields.ignore("status")
        return fields.object("spec") { Self(metadata: metadata, readingSpec: &$0) }
    }
}
