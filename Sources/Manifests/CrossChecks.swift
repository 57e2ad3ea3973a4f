import API

/// What is wrong between objects, each taken by itself.
struct CrossChecks {
    private(set) var faults: [ManifestFault] = []
    private(set) var warnings: [ManifestFault] = []
    private let connections: [ObjectOutline]
    private let platformNamespace: String

    /// The connections named `served` are served; `nil`: all.
    init(
        of collection: ManifestCollection, served: Set<String>?, origin: ManifestOrigin,
        platformNamespace: String
    ) {
        connections = collection.outlines.filter { $0.kind == .databaseConnection }
        self.platformNamespace = platformNamespace
        checkListeners(of: served)
        checkSupport()
        if origin == .written {
            for policy in collection.outlines where policy.kind != .databaseConnection {
                checkTargets(of: policy)
            }
        }
    }

    /// One gateway serves the connections of its namespace, so each needs a place of its own to listen at.
    private mutating func checkListeners(of served: Set<String>?) {
        let connections = connections.filter { connection in
            served.map { $0.contains(connection.metadata?.name ?? "") } ?? true
        }
        for (index, connection) in connections.enumerated() {
            guard let listen = connection.listen, let metadata = connection.metadata else { continue }
            let others = connections[..<index].filter {
                $0.metadata?.namespace == metadata.namespace && !$0.isSame(as: connection)
            }
            if let other = others.first(where: { $0.listen?.port == listen.port }) {
                clash(of: connection, with: other, at: "port", "\(listen.port)")
            }
            if let path = listen.unixSocket,
                let other = others.first(where: { $0.listen?.unixSocket == path })
            {
                clash(of: connection, with: other, at: "unixSocketPath", path)
            }
        }
    }

    private mutating func clash(
        of connection: ObjectOutline, with other: ObjectOutline, at field: String, _ value: String
    ) {
        let message = "is \(value), as is that of DatabaseConnection \(other.name ?? "")"
        let position = connection.position(of: ["spec", "listen", field])
        faults.append(.init(at: position, field: "spec.listen.\(field)", message))
    }

    private mutating func checkSupport() {
        for connection in connections {
            for what in [connection.protocol?.unsupported, connection.credentials?.unsupported] {
                guard let what else { continue }
                warnings.append(
                    ManifestFault(
                        at: connection.position(of: what.path), field: what.path.joined(separator: "."),
                        what.message))
            }
        }
    }

    private mutating func checkTargets(of policy: ObjectOutline) {
        guard let namespace = policy.metadata?.namespace, let targets = policy.targets else { return }
        let selectsNamespaces = targets.namespaceSelector != nil
        if selectsNamespaces, namespace != platformNamespace {
            let message = "is for policies of the namespace \(platformNamespace) only"
            faults.append(fault(of: policy, "namespaceSelector", message))
        }
        // A connection whose name cannot be read may be the one that is meant.
        guard connections.allSatisfy({ $0.metadata != nil }) else { return }
        // Which namespaces a selector chooses is not told by a folder of manifests.
        let reached = connections.compactMap(\.metadata).filter {
            selectsNamespaces || $0.namespace == namespace
        }
        let names = Set(reached.map(\.name))
        for (index, name) in targets.connectionNames.enumerated() where !names.contains(name) {
            var fault = fault(
                of: policy, "connectionNames", "names the DatabaseConnection \(name), which is not defined")
            fault.field += "[\(index)]"
            if case .sequence(let items) = policy.node["spec"]?["targets"]?["connectionNames"]?.value,
                items.indices.contains(index)
            {
                fault.position = items[index].position
            }
            faults.append(fault)
        }
        if let selector = targets.connectionSelector,
            !reached.contains(where: { selector.selects($0.labels) })
        {
            warnings.append(fault(of: policy, "connectionSelector", "selects no DatabaseConnection"))
        }
    }

    private func fault(of policy: ObjectOutline, _ field: String, _ message: String) -> ManifestFault {
        let path = ["spec", "targets", field]
        return ManifestFault(at: policy.position(of: path), field: path.joined(separator: "."), message)
    }
}
