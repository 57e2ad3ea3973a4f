import API

/// What of an object counts for others, read part by part, so that one part's faults do not hide another's.
struct ObjectOutline {
    let kind: ResourceKind
    let node: ManifestNode
    /// `nil` when it has faults.
    let metadata: ObjectMetadata?
    /// It came as an item of a `List`.
    let isListed: Bool

    init(_ kind: ResourceKind, _ node: ManifestNode, defaultNamespace: String, isListed: Bool) {
        self.kind = kind
        self.node = node
        self.isListed = isListed
        metadata = Self.read(node["metadata"]) {
            ObjectMetadata(reading: &$0, defaultNamespace: defaultNamespace)
        }
    }

    /// `namespace/name`.
    var name: String? { metadata?.qualifiedName }

    /// How often it had been written, where the operator says so of a listed one.
    var generation: UInt64? { isListed ? metadata.flatMap { UInt64($0.generation) } : nil }

    /// Of a DatabaseConnection; `nil` when it has faults.
    var listen: DatabaseConnection.Listen? {
        let absent = ManifestNode(.mapping([]), at: node.position)
        return Self.read(node["spec"]?["listen"] ?? absent) { DatabaseConnection.Listen(reading: &$0) }
    }

    /// Of a DatabaseConnection; `nil` when there is none of the name.
    var `protocol`: DatabaseProtocol? {
        guard case .string(let name) = node["spec"]?["protocol"]?.value else { return nil }
        return DatabaseProtocol(rawValue: name)
    }

    /// Of a DatabaseConnection; `nil` when they have faults.
    var credentials: DatabaseConnection.Credentials? {
        Self.read(node["spec"]?["credentials"]) { DatabaseConnection.Credentials(reading: &$0) }
    }

    /// Of a policy or rule; `nil` when they have faults.
    var targets: PolicyTargets? {
        Self.read(node["spec"]?["targets"]) { PolicyTargets(reading: &$0) }
    }

    func isSame(as other: Self) -> Bool {
        kind == other.kind && name != nil && name == other.name
    }

    /// Where the field was written, or the closest mapping around it.
    func position(of path: [String]) -> ManifestPosition {
        var node = node
        for name in path {
            guard let next = node[name] else { break }
            node = next
        }
        return node.position
    }

    private static func read<Part>(
        _ node: ManifestNode?, _ read: (inout MappingReader) -> Part
    ) -> Part? {
        guard let node else { return nil }
        let faults = FaultList()
        var fields = MappingReader(node, faults: faults)
        let part = read(&fields)
        fields.finish()
        return faults.faults.isEmpty ? part : nil
    }
}
