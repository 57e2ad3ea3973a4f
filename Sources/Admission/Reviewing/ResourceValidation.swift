import API
import Kubernetes

/// Judges an object of ours by the very decoders that the gateways use.
struct ResourceValidation {
    /// Each with its field; empty for an object that can be used.
    let faults: [String]
    /// What is allowed but hardly meant, each with its field.
    let warnings: [String]

    /// Faults told at most. Ours: more help nobody.
    static let maximumFaults = 20

    /// - Returns: `nil` for what is not judged: other kinds, subresources, deletions, and a change that leaves the
    ///   spec as it is, which must stay possible also for an object that has become invalid.
    init?(_ request: AdmissionRequest, platformNamespace: String) {
        guard request.group == ResourceKind.group, request.subresource.isEmpty,
            request.operation == .create || request.operation == .update,
            let kind = ResourceKind(rawValue: request.kind), kind.isWrittenByPeople
        else { return nil }
        if request.operation == .update, let spec = request.object["spec"], spec == request.oldObject["spec"]
        {
            return nil
        }
        let position = ManifestPosition(file: request.kind, line: 0, column: 0)
        let node = ManifestNode(json: Self.withPlainMetadata(request.object), at: position)
        let (faults, warnings) = Self.judgement(of: kind, node, in: request.namespace, platformNamespace)
        let more = faults.count - Self.maximumFaults
        self.warnings = warnings
        self.faults = faults.prefix(Self.maximumFaults) + (more > 0 ? ["and \(more) more"] : [])
    }

    private static func judgement(
        of kind: ResourceKind, _ node: ManifestNode, in namespace: String, _ platformNamespace: String
    ) -> (faults: [String], warnings: [String]) {
        let targets: PolicyTargets?
        var warnings: [String] = []
        do {
            switch kind {
            case .databaseConnection:
                let connection = try DatabaseConnection(manifest: node, defaultNamespace: namespace)
                if let what = connection.spec.unsupported { warnings.append("\(what)") }
                targets = nil
            case .maskingPolicy:
                targets = try MaskingPolicy(manifest: node, defaultNamespace: namespace).spec.targets
            case .approvalRule:
                targets = try ApprovalRule(manifest: node, defaultNamespace: namespace).spec.targets
            case .approvalRequest:
                targets = nil
            }
        } catch {
            return (error.faults.map { $0.field.isEmpty ? $0.message : "\($0.field) \($0.message)" }, [])
        }
        guard targets?.namespaceSelector != nil, namespace != platformNamespace else { return ([], warnings) }
        return (
            ["spec.targets.namespaceSelector is for policies of the namespace \(platformNamespace) only"],
            warnings
        )
    }

    /// What else stands in `metadata` is the API server's business. A name that it has yet to make stands in for
    /// itself.
    private static func withPlainMetadata(_ object: JSON) -> JSON {
        guard let metadata = object["metadata"]?.object else { return object }
        var plain = JSON.Object()
        for name in ["name", "namespace", "labels", "annotations"] { plain[name] = metadata[name] }
        if plain["name"] == nil, metadata["generateName"] != nil { plain["name"] = "generated" }
        var object = object
        object["metadata"] = .object(plain)
        return object
    }
}
