import API
import Cryptography
import YAML

/// An object and the tree it was read from.
struct Located<Object: Resource> {
    var object: Object
    var node: ManifestNode
}

/// Whose the objects are, which says what is checked between them.
package enum ManifestOrigin: Sendable {
    /// All there is: a policy may only name what is there.
    case written
    /// A part of a cluster's state, chosen and checked by the operator: what binds these connections may name others.
    case rendered
}

/// The objects of all files as they are read, and what is wrong with them.
struct ManifestCollection {
    private(set) var connections: [Located<DatabaseConnection>] = []
    private(set) var maskingPolicies: [Located<MaskingPolicy>] = []
    private(set) var approvalRules: [Located<ApprovalRule>] = []
    /// Every object of our kinds, also those that have faults.
    private(set) var outlines: [ObjectOutline] = []
    private(set) var faults: [ManifestFault] = []
    private let defaultNamespace: String
    private let origin: ManifestOrigin
    private static let whitespace: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]

    init(defaultNamespace: String, origin: ManifestOrigin) {
        self.defaultNamespace = defaultNamespace
        self.origin = origin
    }

    mutating func add(_ file: ManifestFile) {
        guard !file.bytes.allSatisfy(Self.whitespace.contains) else {
            // As an editor leaves it for a moment before it writes.
            faults.append(ManifestFault(at: .init(file: file.path, line: 1, column: 1), "is empty"))
            return
        }
        do {
            for document in try YAMLDocument.all(in: file.bytes, file: file.path) { add(document) }
        } catch {
            faults.append(error)
        }
    }

    private mutating func add(_ document: YAMLDocument) {
        if let items = listItems(of: document.root) {
            faults += document.faults
            for item in items { add(item, isListed: true) }
        } else if !isForeign(document.root) {
            faults += document.faults
            add(document.root, isListed: false)
        }
    }

    /// Takes the items of a `v1` `List`.
    mutating func add(list: ManifestNode) {
        guard let items = listItems(of: list) else {
            return faults.append(.init(at: list.position, "is no List of apiVersion v1 with items"))
        }
        for item in items { add(item, isListed: true) }
    }

    /// - Returns: `nil` for what is no list.
    private func listItems(of root: ManifestNode) -> [ManifestNode]? {
        guard root["apiVersion"]?.value == .string("v1"), root["kind"]?.value == .string("List"),
            case .sequence(let items) = root["items"]?.value
        else { return nil }
        return items
    }

    /// An object of a list that equals one of another is that one: each connection's snapshot has all that binds it. Of
    /// two states of one object the operator rendered the later holds, as one snapshot may be kept while others go on.
    private mutating func add(_ root: ManifestNode, isListed: Bool) {
        guard !isForeign(root) else { return }
        guard case .string(let kind) = root["kind"]?.value, let kind = ResourceKind(rawValue: kind) else {
            return addKindFault(root)
        }
        switch kind {
        case .databaseConnection: add(root, to: \.connections, isListed)
        case .maskingPolicy: add(root, to: \.maskingPolicies, isListed)
        case .approvalRule: add(root, to: \.approvalRules, isListed)
        case .approvalRequest: addKindFault(root)
        }
    }

    /// An object of another group is not ours to judge, unless it bears the name of one of our kinds: a
    /// policy that is not read because its group is misspelled would leave its columns open.
    private func isForeign(_ root: ManifestNode) -> Bool {
        guard case .mapping(let fields) = root.value else { return false }
        let versions = fields.filter { $0.key == "apiVersion" }.map(\.value.value)
        let kinds = fields.filter { $0.key == "kind" }.map(\.value.value)
        guard versions.count == 1, kinds.count == 1,
            case .string(let version) = versions[0], case .string(let kind) = kinds[0]
        else { return false }
        return version.split(separator: "/").first ?? "" != ResourceKind.group
            && ResourceKind(rawValue: kind) == nil
    }

    private mutating func add<Object>(
        _ node: ManifestNode, to list: WritableKeyPath<Self, [Located<Object>]>, _ isListed: Bool
    ) {
        let outline = ObjectOutline(Object.kind, node, defaultNamespace: defaultNamespace, isListed: isListed)
        if let name = outline.name, let index = outlines.firstIndex(where: { $0.isSame(as: outline) }) {
            let first = outlines[index]
            if first.isListed, isListed, first.node.canonicalForm == node.canonicalForm { return }
            if origin == .rendered, let known = first.generation, let new = outline.generation, known != new {
                guard known < new else { return }
                outlines.remove(at: index)
                self[keyPath: list].removeAll { $0.object.metadata.qualifiedName == name }
                return add(node, to: list, isListed)
            }
            let place = first.node.position
            let message = "\(Object.kind.rawValue) \(name) is already defined in \(place.file):\(place.line)"
            faults.append(
                .init(at: outline.position(of: ["metadata", "name"]), field: "metadata.name", message))
        }
        outlines.append(outline)
        do {
            let object = try Object(manifest: node, defaultNamespace: defaultNamespace)
            self[keyPath: list].append(Located(object: object, node: node))
        } catch {
            faults += error.faults
        }
    }

    private mutating func addKindFault(_ root: ManifestNode) {
        guard case .mapping = root.value else {
            faults.append(
                .init(at: root.position, "is \(root.typeName), not an object with apiVersion and kind"))
            return
        }
        for name in ["apiVersion", "kind"] where root[name] == nil {
            faults.append(.init(at: root.position, field: name, "is missing"))
        }
        guard let kind = root["kind"] else { return }
        let kinds = ResourceKind.allCases.filter(\.isWrittenByPeople).map(\.rawValue).joined(separator: ", ")
        let message = "is no kind of \(ResourceKind.group) that a folder may define: \(kinds)"
        faults.append(.init(at: kind.position, field: "kind", message))
    }

    // MARK: - The result

    /// With `names` only the connections of these names; `nil`: all.
    func manifests(
        of namespace: String?, connections names: Set<String>?, warnings: [ManifestFault]
    ) -> ManifestSet {
        let isWanted = { (metadata: ObjectMetadata, targets: PolicyTargets?) in
            namespace == nil || metadata.namespace == namespace || targets?.namespaceSelector != nil
        }
        let connections = sorted(connections) {
            isWanted($0.metadata, nil) && names?.contains($0.metadata.name) ?? true
        }
        let policies = sorted(maskingPolicies) { isWanted($0.metadata, $0.spec.targets) }
        let rules = sorted(approvalRules) { isWanted($0.metadata, $0.spec.targets) }
        let content = connections.map(canonicalForm) + policies.map(canonicalForm) + rules.map(canonicalForm)
        let items = connections.map(\.node) + policies.map(\.node) + rules.map(\.node)
        let digest = SHA256.digest(of: Array(content.joined(separator: "\n".utf8)))
        return ManifestSet(
            connections: connections.map(\.object), maskingPolicies: policies.map(\.object),
            approvalRules: rules.map(\.object), revision: Hexadecimal.encode(digest),
            list: Array(#"{"apiVersion":"v1","kind":"List","items":["#.utf8)
                + Array(items.map(\.canonicalForm).joined(separator: ",".utf8)) + Array("]}".utf8),
            warnings: warnings)
    }

    private func sorted<Object>(
        _ list: [Located<Object>], where isWanted: (Object) -> Bool
    ) -> [Located<Object>] {
        list.filter { isWanted($0.object) }
            .sorted { left, right in
                let (left, right) = (left.object.metadata, right.object.metadata)
                return (left.namespace, left.name) < (right.namespace, right.name)
            }
    }

    /// Kind, name and spec: a change of anything else changes no behaviour but that of selected labels.
    private func canonicalForm<Object>(_ located: Located<Object>) -> [UInt8] {
        let metadata = located.object.metadata
        let labels = located.node["metadata"]?["labels"]?.canonicalForm ?? []
        return Array("\(Object.kind.rawValue) \(metadata.qualifiedName) ".utf8) + labels
            + (located.node["spec"]?.canonicalForm ?? [])
    }
}
