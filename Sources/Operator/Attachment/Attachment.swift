package import API
package import Admission
import Kubernetes
import Policy

/// A connection and what binds it, as the API server has them at one moment.
package struct Attachment: Sendable, Equatable {
    package var connection: ObservedResource<DatabaseConnection>
    /// `nil` when the connection cannot be read.
    package var bound: BoundConnection?
    /// Policies in the order in which they apply, then rules in theirs.
    var policies: [BoundPolicy]
    /// What would bind the connection and cannot be read. While there is any, its gateways keep what they have: to go
    /// on without it would open what it closes.
    var obstacles: [Obstacle]

    /// Pairs of rules that want the same columns hidden in different ways.
    var overlaps: [MaskingOverlap] { MaskingOverlap.overlaps(of: bound?.maskingPolicies ?? []) }

    struct Obstacle: Sendable, Equatable {
        var kind: ResourceKind
        var key: ObjectKey
        var fault: String

        var description: String { "\(kind.rawValue) \(key): \(fault)" }
    }
}

/// A policy or rule that binds a connection.
struct BoundPolicy: Sendable, Equatable {
    var kind: ResourceKind
    var key: ObjectKey
    var mode: PolicyMode
    var selectsNamespaces: Bool
    var generation: Int64
    var changedBy: String
    /// As it was written.
    var spec: JSON
}

/// The policies and rules that may bind connections of one namespace.
package struct PolicySet: Sendable {
    private let masking: [Candidate<MaskingPolicy>]
    private let approval: [Candidate<ApprovalRule>]

    /// The policies and rules are those of the namespace and of the platform's.
    package init(
        _ maskingPolicies: [ObservedResource<MaskingPolicy>],
        _ approvalRules: [ObservedResource<ApprovalRule>],
        platformNamespace: String
    ) {
        masking = maskingPolicies.map { Candidate($0, platformNamespace) }
            .sorted { Candidate.precedes($0, $1) { PolicyPrecedence(of: $0) } }
        approval = approvalRules.map { Candidate($0, platformNamespace) }
            .sorted { Candidate.precedes($0, $1) { PolicyPrecedence(of: $0) } }
    }

    /// What binds the connection. The labels of its namespace are `nil` where they are not known: what is asked of
    /// them then counts as met.
    package func attachment(
        of connection: ObservedResource<DatabaseConnection>, namespaceLabels: [String: String]?
    ) -> Attachment {
        guard let object = connection.object else {
            return Attachment(connection: connection, bound: nil, policies: [], obstacles: [])
        }
        let maskingPolicies = masking.filter { $0.binds(object.metadata, namespaceLabels) }
        let approvalRules = approval.filter { $0.binds(object.metadata, namespaceLabels) }
        return Attachment(
            connection: connection,
            bound: BoundConnection(
                connection: object, maskingPolicies: maskingPolicies.compactMap(\.policy.object),
                approvalRules: approvalRules.compactMap(\.policy.object), createdAt: connection.createdAt),
            policies: maskingPolicies.compactMap { $0.bound(mode: \.spec.mode) }
                + approvalRules.compactMap { $0.bound(mode: \.spec.mode) },
            obstacles: maskingPolicies.compactMap(\.obstacle) + approvalRules.compactMap(\.obstacle))
    }
}

/// A policy or rule that may bind, and may be at fault.
private struct Candidate<Policy: Resource>: Sendable {
    var policy: ObservedResource<Policy>
    /// Why it cannot be used; `nil` when it can.
    var fault: String?

    init(_ policy: ObservedResource<Policy>, _ platformNamespace: String) {
        self.policy = policy
        fault = policy.fault(platformNamespace: platformNamespace)
    }

    func binds(_ connection: ObjectMetadata, _ namespaceLabels: [String: String]?) -> Bool {
        guard var targets = policy.targets else { return true }
        // Of a policy that may not select namespaces, what it says of its own counts.
        if policy.object != nil, fault != nil { targets.namespaceSelector = nil }
        return targets.bind(
            connection, policyNamespace: policy.key.namespace, namespaceLabels: namespaceLabels)
    }

    func bound(mode: (Policy) -> PolicyMode) -> BoundPolicy? {
        guard fault == nil, let object = policy.object else { return nil }
        return BoundPolicy(
            kind: Policy.kind, key: policy.key, mode: mode(object),
            selectsNamespaces: policy.targets?.namespaceSelector != nil, generation: policy.generation,
            changedBy: policy.changedBy, spec: policy.spec)
    }

    var obstacle: Attachment.Obstacle? {
        fault.map { Attachment.Obstacle(kind: Policy.kind, key: policy.key, fault: $0) }
    }

    static func precedes(
        _ left: Self, _ right: Self, by precedence: (Policy) -> PolicyPrecedence
    ) -> Bool {
        switch (left.policy.object, right.policy.object) {
        case (let left?, let right?): precedence(left) < precedence(right)
        case (nil, nil): left.policy.key < right.policy.key
        case (nil, _): false
        case (_, nil): true
        }
    }
}

extension ObservedResource {
    /// Why a policy or rule cannot be used; `nil` when it can.
    func fault(platformNamespace: String) -> String? {
        if let fault = faults.first { return fault }
        guard targets?.namespaceSelector != nil, key.namespace != platformNamespace else { return nil }
        return "spec.targets.namespaceSelector is for policies of the namespace \(platformNamespace) only"
    }
}
