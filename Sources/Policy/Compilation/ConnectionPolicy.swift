package import API
package import StatementAnalysis

/// The policies and rules that bind one connection, whoever asks.
package struct ConnectionPolicy: Sendable, Equatable {
    let maskingPolicies: [MaskingPolicy]
    let approvalRules: [ApprovalRule]
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

    /// What binds one subject, whose groups and attributes count as much as its name.
    package func scoped(to subject: Subject) -> SubjectPolicy { scoped(to: standing(of: [subject])) }

    package func scoped(to standing: SubjectStanding) -> SubjectPolicy {
        let masking = zip(maskingPolicies, standing.masking).compactMap { ScopedMaskingPolicy($0, binding: $1) }
        let rules = zip(approvalRules, standing.rules).filter(\.1).map { CompiledApprovalRule($0.0) }
        return SubjectPolicy(masking: masking, rules: rules, allowances: allowances)
    }

    /// Relations in which an enforced policy governs a column, for whomever.
    package func relationsGoverned(in catalogue: Catalogue) -> Set<ObjectID> {
        let policies = maskingPolicies.compactMap { policy in
            ScopedMaskingPolicy(policy, binding: policy.spec.rules.map { _ in true })
        }
        return GovernedColumns(
            of: policies.filter(\.isEnforced), over: catalogue, governsSystemColumns: false
        ).relations
    }
}
