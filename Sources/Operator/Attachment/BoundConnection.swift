package import API

/// A connection with everything that binds it: what its sidecars are told, and what their pods need.
package struct BoundConnection: Sendable, Equatable {
    package var connection: DatabaseConnection
    /// In the order in which they apply; those of the platform namespace included.
    package var maskingPolicies: [MaskingPolicy]
    package var approvalRules: [ApprovalRule]

    package init(
        connection: DatabaseConnection, maskingPolicies: [MaskingPolicy] = [],
        approvalRules: [ApprovalRule] = []
    ) {
        self.connection = connection
        self.maskingPolicies = maskingPolicies
        self.approvalRules = approvalRules
    }
}

/// Where admission, the configuration stream and the rollout look: the last whole state of the caches.
package protocol ConnectionLookup: Sendable {
    /// Sorted by name; `nil` until the caches have been filled once.
    func connections(in namespace: String) -> [BoundConnection]?
}
