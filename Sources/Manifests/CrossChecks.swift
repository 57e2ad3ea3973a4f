import API

/// What is wrong between objects that are each right by themselves.
///
/// Objects with faults of their own are not among those looked at, so a reference to one of them would seem
/// to dangle; while there are such faults references are not judged.
struct CrossChecks {
    private(set) var faults: [ManifestFault] = []
    private(set) var warnings: [ManifestFault] = []
    private let connections: [Located<DatabaseConnection>]
    private let platformNamespace: String
    private let areReferencesJudged: Bool

    init(of collection: ManifestCollection, platformNamespace: String) {
        connections = collection.connections
        self.platformNamespace = platformNamespace
        areReferencesJudged = collection.faults.isEmpty
        checkListeners()
        for policy in collection.maskingPolicies { check(policy, policy.object.spec.targets) }
        for rule in collection.approvalRules {
            check(rule, rule.object.spec.targets)
            checkEstimate(rule)
        }
    }

    /// One gateway serves the connections of its namespace, so each needs a place of its own to listen at.
    private mutating func checkListeners() {
        for (index, connection) in connections.enumerated() {
            let others = connections[..<index].filter {
                $0.object.metadata.namespace == connection.object.metadata.namespace
            }
            let listen = connection.object.spec.listen
            if let other = others.first(where: { $0.object.spec.listen.port == listen.port }) {
                clash(of: connection, with: other, at: "port", "\(listen.port)")
            }
            if let path = listen.unixSocketPath,
                let other = others.first(where: { $0.object.spec.listen.unixSocketPath == path })
            {
                clash(of: connection, with: other, at: "unixSocketPath", path)
            }
        }
    }

    private mutating func clash(
        of connection: Located<DatabaseConnection>, with other: Located<DatabaseConnection>,
        at field: String, _ value: String
    ) {
        let name = other.object.metadata.qualifiedName
        let message = "is \(value), as is that of DatabaseConnection \(name)"
        let position = connection.position(of: ["spec", "listen", field])
        faults.append(.init(at: position, field: "spec.listen.\(field)", message))
    }

    private mutating func check<Object>(_ policy: Located<Object>, _ targets: PolicyTargets) {
        let namespace = policy.object.metadata.namespace
        if targets.namespaceSelector != nil, namespace != platformNamespace {
            let message = "is for policies of the namespace \(platformNamespace) only"
            let path = ["spec", "targets", "namespaceSelector"]
            faults.append(
                .init(at: policy.position(of: path), field: path.joined(separator: "."), message))
        }
        guard areReferencesJudged else { return }
        // Which namespaces a selector chooses is not told by a folder of manifests.
        let reached = connections.map(\.object.metadata).filter {
            targets.namespaceSelector != nil || $0.namespace == namespace
        }
        let names = Set(reached.map(\.name))
        for (index, name) in targets.connectionNames.enumerated() where !names.contains(name) {
            let position = policy.position(of: ["spec", "targets", "connectionNames"])
            let field = "spec.targets.connectionNames[\(index)]"
            let message = "names the DatabaseConnection \(name), which is not defined"
            faults.append(.init(at: itemPosition(position, index, policy), field: field, message))
        }
        if let selector = targets.connectionSelector,
            !reached.contains(where: { selector.selects($0.labels) })
        {
            let path = ["spec", "targets", "connectionSelector"]
            let message = "selects no DatabaseConnection"
            warnings.append(
                .init(at: policy.position(of: path), field: path.joined(separator: "."), message))
        }
    }

    private func itemPosition<Object>(
        _ list: ManifestPosition, _ index: Int, _ policy: Located<Object>
    ) -> ManifestPosition {
        guard case .sequence(let items) = policy.node["spec"]?["targets"]?["connectionNames"]?.value,
            items.indices.contains(index)
        else { return list }
        return items[index].position
    }

    private mutating func checkEstimate(_ rule: Located<ApprovalRule>) {
        guard rule.object.spec.match.estimatedRowsAtLeast != nil else { return }
        let path = ["spec", "match", "estimatedRowsAtLeast"]
        let message = "cannot be judged yet: every statement counts as reaching it"
        warnings.append(.init(at: rule.position(of: path), field: path.joined(separator: "."), message))
    }
}
