extension LabelSelector {
    /// Whether an object with these labels is chosen, by Kubernetes' rules.
    package func selects(_ labels: [String: String]) -> Bool {
        matchLabels.allSatisfy { labels[$0.key] == $0.value }
            && matchExpressions.allSatisfy { $0.isMet(by: labels) }
    }
}

extension LabelSelector.Requirement {
    /// A label that is missing is not in a list, and so meets `NotIn`.
    package func isMet(by labels: [String: String]) -> Bool {
        let value = labels[key]
        return switch `operator` {
        case .isIn: value.map(values.contains) ?? false
        case .notIn: value.map { !values.contains($0) } ?? true
        case .exists: value != nil
        case .doesNotExist: value == nil
        }
    }
}
