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

    /// Why no gateway serves it, whichever pod it is for; `nil` for most.
    package var obstacle: String? {
        if let what = connection.spec.unsupported { return "\(what)" }
        let listen = connection.spec.listen
        if [SidecarPlan.healthPort, SidecarPlan.shutdownPort].contains(listen.port) {
            return "its port \(listen.port) is the gateway's own"
        }
        return listen.unixSocket.flatMap(SocketFolder.fault)
    }

    /// Why it is left out by a gateway that is to serve all of these, itself among them; `nil` when it is served.
    package func obstacle(among all: [BoundConnection]) -> String? {
        SidecarPlan(serving: all).exclusions.first { $0.name == connection.metadata.name }?.reason
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

    /// Names of those that cannot be read, and so are not among them, and may select a pod with these labels.
    func unreadable(selecting labels: [String: String], in namespace: String) -> [String]
}

extension ConnectionLookup {
    /// None, where what cannot be read is not let in.
    package func unreadable(selecting labels: [String: String], in namespace: String) -> [String] { [] }
}
