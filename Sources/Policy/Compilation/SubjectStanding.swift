package import API

/// Which policies and rules of a connection bind those who ask: all that policy tells subjects apart by.
package struct SubjectStanding: Sendable, Hashable {
    /// For each masking policy, which of its rules bind.
    let masking: [[Bool]]
    /// For each approval rule, whether it binds.
    let rules: [Bool]
}

extension ConnectionPolicy {
    /// Of several who ask together, as an application does with the person it acts on behalf of, each is bound by what
    /// binds any of them: a value is shown that all of them may see.
    package func standing(of subjects: [Subject]) -> SubjectStanding {
        SubjectStanding(
            masking: maskingPolicies.map { policy in
                let bound = subjects.filter {
                    policy.spec.subjects.isEmpty || policy.spec.subjects.names($0)
                }
                return policy.spec.rules.map { rule in
                    bound.contains { !rule.exceptSubjects.names($0) }
                }
            },
            rules: approvalRules.map { rule in
                rule.spec.subjects.isEmpty || subjects.contains { rule.spec.subjects.names($0) }
            })
    }
}
