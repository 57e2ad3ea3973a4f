package import API

extension PolicyTargets {
    /// The label Kubernetes gives every namespace.
    private static let namespaceNameLabel = "kubernetes.io/metadata.name"

    /// Whether a policy of the given namespace binds the connection.
    ///
    /// Where the labels of the connection's namespace are not known (`nil`), what a selector asks of them
    /// counts as met: a policy binds rather than not.
    package func bind(
        _ connection: ObjectMetadata, policyNamespace: String, namespaceLabels: [String: String]?
    ) -> Bool {
        if let namespaceSelector {
            let isChosen = namespaceSelector.requirements.allSatisfy { requirement in
                if requirement.key == Self.namespaceNameLabel {
                    return requirement.isMet(by: [requirement.key: connection.namespace])
                }
                return namespaceLabels.map(requirement.isMet) ?? true
            }
            guard isChosen else { return false }
        } else if policyNamespace != connection.namespace {
            return false
        }
        if let connectionSelector { return connectionSelector.selects(connection.labels) }
        return connectionNames.contains(connection.name)
    }
}

extension LabelSelector {
    fileprivate var requirements: [Requirement] {
        matchExpressions + matchLabels.map { Requirement(key: $0.key, operator: .isIn, values: [$0.value]) }
    }
}
