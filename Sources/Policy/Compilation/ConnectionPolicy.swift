package import API
package import StatementAnalysis

/// The policies and rules that bind one connection, whoever asks.
package struct ConnectionPolicy: Sendable, Equatable {
    private let maskingPolicies: [MaskingPolicy]
    private let approvalRules: [ApprovalRule]
    private let allowances: Allowances

    /// Picks from all policies and rules those that bind the connection. The labels of its namespace are `nil`
    /// where they are not known, as without a cluster; selectors of namespaces then count as met.
    package init(
        connection: DatabaseConnection, maskingPolicies: [MaskingPolicy], approvalRules: [ApprovalRule],
        namespaceLabels: [String: String]? = nil
    ) {
        let binds = { (metadata: ObjectMetadata, targets: PolicyTargets) in
            targets.bind(
                connection.metadata, policyNamespace: metadata.namespace, namespaceLabels: namespaceLabels)
        }
        self.maskingPolicies =
            maskingPolicies
            .filter { binds($0.metadata, $0.spec.targets) }
            .sorted { PolicyPrecedence(of: $0) < PolicyPrecedence(of: $1) }
        self.approvalRules =
            approvalRules
            .filter { binds($0.metadata, $0.spec.targets) }
            .sorted { PolicyPrecedence(of: $0) < PolicyPrecedence(of: $1) }
        allowances = Allowances(connection.spec)
    }

    /// What binds one subject, whose groups count as much as its name.
    package func scoped(to subject: Subject) -> SubjectPolicy {
        let masking = maskingPolicies.compactMap { policy -> ScopedMaskingPolicy? in
            guard policy.spec.subjects.isEmpty || policy.spec.subjects.names(subject) else { return nil }
            return ScopedMaskingPolicy(policy, for: subject)
        }
        let rules = approvalRules.filter { rule in
            rule.spec.subjects.isEmpty || rule.spec.subjects.names(subject)
        }
        return SubjectPolicy(
            masking: masking, rules: rules.map(CompiledApprovalRule.init), allowances: allowances)
    }

    /// Relations in which an enforced policy governs a column, for whomever.
    package func relationsGoverned(in catalogue: Catalogue) -> Set<ObjectID> {
        let anyone = Subject(name: "", groups: [], proof: .gatewayUser)
        let policies = maskingPolicies.compactMap { ScopedMaskingPolicy($0, for: anyone) }
        return GovernedColumns(
            of: policies.filter(\.isEnforced), over: catalogue, governsSystemColumns: false
        ).relations
    }
}
