package import Kubernetes

/// What the operator watches. Secrets are not among it.
package enum WatchedKind: Sendable, Hashable, CaseIterable {
    case connections
    case maskingPolicies
    case approvalRules
    case approvalRequests
    case namespaces
    case pods
    case snapshots
    case bastions
    case bastionServices

    package var resource: APIResource {
        switch self {
        case .connections: .databaseConnections
        case .maskingPolicies: .maskingPolicies
        case .approvalRules: .approvalRules
        case .approvalRequests: .approvalRequests
        case .namespaces: .namespaces
        case .pods: .pods
        case .snapshots: .configMaps
        case .bastions: .deployments
        case .bastionServices: .services
        }
    }

    /// Of what the operator makes it looks at its own only.
    package var labelSelector: String? {
        switch self {
        case .snapshots, .bastions, .bastionServices: OwnNames.selector
        case .connections, .maskingPolicies, .approvalRules, .approvalRequests, .namespaces, .pods: nil
        }
    }

    package var projection: JSON.Projection {
        switch self {
        case .connections, .maskingPolicies, .approvalRules, .approvalRequests: ResourceProjection.paths
        case .namespaces: JSON.Projection([["metadata", "labels"]])
        case .pods: PodProjection.paths
        case .snapshots, .bastions, .bastionServices: AppliedDigest.projection
        }
    }

    /// Those that a connection owns.
    static let owned: [WatchedKind] = [.snapshots, .bastions, .bastionServices]
}
