package import API

/// Everything a folder of manifests defines for one namespace, or for all.
package struct ManifestSet: Sendable, Equatable {
    /// Sorted by namespace and name, as are the others.
    package var connections: [DatabaseConnection]
    /// With those of the platform namespace that select other namespaces.
    package var maskingPolicies: [MaskingPolicy]
    package var approvalRules: [ApprovalRule]
    /// SHA-256 of the objects in canonical form, hexadecimal; unchanged by comments, order and file names.
    package var revision: String
    /// The objects as a `v1` `List`, JSON.
    package var list: [UInt8]
    /// What is allowed but hardly meant, such as a policy that selects nothing.
    package var warnings: [ManifestFault]

    /// Where policies may select namespaces.
    package static let defaultPlatformNamespace = "weir-system"
    /// The namespace of objects that name none, unless one is asked for.
    package static let defaultNamespace = "default"

    /// Reads every `*.yaml` and `*.yml` below a folder. With a `namespace` only its objects are returned, and
    /// objects that name none belong to it; with `connections` only those of these names. Throws every fault of
    /// every file, also in objects of other namespaces.
    package static func load(
        folder: String, namespace: String? = nil, connections: Set<String>? = nil,
        origin: ManifestOrigin = .written, platformNamespace: String = defaultPlatformNamespace
    ) throws(ManifestFaults) -> Self {
        let walk = FolderWalk(folder)
        var faults = walk.faults
        var files: [ManifestFile] = []
        for path in walk.files {
            do { files.append(try ManifestFile(reading: path)) } catch { faults.append(error) }
        }
        if walk.files.isEmpty, faults.isEmpty {
            faults.append(
                .init(at: .init(file: folder, line: 0, column: 0), "holds no *.yaml or *.yml files"))
        }
        return try read(
            files, faults: faults, namespace: namespace, connections: connections, origin: origin,
            platformNamespace: platformNamespace)
    }

    /// Reads files that were loaded already; `faults` of loading them are told together with theirs.
    package static func read(
        _ files: [ManifestFile], faults: [ManifestFault] = [], namespace: String? = nil,
        connections: Set<String>? = nil, origin: ManifestOrigin = .written,
        platformNamespace: String = defaultPlatformNamespace
    ) throws(ManifestFaults) -> Self {
        var collection = ManifestCollection(
            defaultNamespace: namespace ?? defaultNamespace, origin: origin)
        for file in files { collection.add(file) }
        let checks = CrossChecks(
            of: collection, served: connections, origin: origin, platformNamespace: platformNamespace)
        let all = faults + collection.faults + checks.faults
        guard all.isEmpty else { throw ManifestFaults(inReadingOrder: all) }
        return collection.manifests(of: namespace, connections: connections, warnings: checks.warnings)
    }

    /// Reads a `v1` `List` that the operator made for one pod.
    package static func read(
        rendered list: ManifestNode, namespace: String, connections: Set<String>? = nil
    ) throws(ManifestFaults) -> Self {
        var collection = ManifestCollection(defaultNamespace: namespace, origin: .rendered)
        collection.add(list: list)
        let checks = CrossChecks(
            of: collection, served: connections, origin: .rendered,
            platformNamespace: defaultPlatformNamespace)
        let all = collection.faults + checks.faults
        guard all.isEmpty else { throw ManifestFaults(inReadingOrder: all) }
        return collection.manifests(of: namespace, connections: connections, warnings: checks.warnings)
    }
}
