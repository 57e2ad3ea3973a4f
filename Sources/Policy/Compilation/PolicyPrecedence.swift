package import API

/// The order in which policies and rules are read: higher priority first, then by name, so that the same set is always
/// read in the same order.
package struct PolicyPrecedence: Comparable, Sendable {
    private let priority: Int
    private let namespace: String
    private let name: String

    package init(of policy: MaskingPolicy) {
        self.init(policy.metadata, policy.spec.priority)
    }

    package init(of rule: ApprovalRule) {
        self.init(rule.metadata, rule.spec.priority)
    }

    private init(_ metadata: ObjectMetadata, _ priority: Int) {
        self.priority = priority
        namespace = metadata.namespace
        name = metadata.name
    }

    package static func < (left: Self, right: Self) -> Bool {
        if left.priority != right.priority { return left.priority > right.priority }
        return (left.namespace, left.name) < (right.namespace, right.name)
    }
}
