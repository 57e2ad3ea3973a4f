package import API

/// A connection with everything that binds it: what its sidecars are told, and what their pods need.
package struct BoundConnection: Sendable, Equatable {
    package var connection: DatabaseConnection
    /// In the order in which they apply; those of the platform namespace included.
    package var maskingPolicies: [MaskingPolicy]
    package var approvalRules: [ApprovalRule]
    /// RFC 3339; empty where it is not known. Of two connections the younger yields.
    package var createdAt: String

    package init(
        connection: DatabaseConnection, maskingPolicies: [MaskingPolicy] = [],
        approvalRules: [ApprovalRule] = [], createdAt: String = ""
    ) {
        self.connection = connection
        self.maskingPolicies = maskingPolicies
        self.approvalRules = approvalRules
        self.createdAt = createdAt
    }

    /// Whether it was there before the other; by name where both were made at once.
    package func isOlder(than other: Self) -> Bool {
        createdAt != other.createdAt
            ? createdAt < other.createdAt : connection.metadata.name < other.connection.metadata.name
    }
}

/// Where admission, the configuration stream and the rollout look: the last whole state of the caches.
package protocol ConnectionLookup: Sendable {
    /// Sorted by name; `nil` until the caches have been filled once.
    func connections(in namespace: String) -> [BoundConnection]?
}
