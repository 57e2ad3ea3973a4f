import FoundationEssentials

/// Where requests for approval are kept, and decided for whoever asks.
protocol ApprovalRegister: Sendable {
    func all() async throws -> ApprovalItems
    func request(_ name: String) async throws -> ApprovalItem
    /// - Returns: the request with the decision.
    func decide(_ name: String, verdict: String, reason: String) async throws -> ApprovalItem
}

/// An operator without a cluster, which knows people by their tokens.
struct LocalRegister: ApprovalRegister {
    let client: OperatorClient
    let token: String

    func all() async throws -> ApprovalItems { try await client.approvals(token: token) }

    func request(_ name: String) async throws -> ApprovalItem {
        try await client.approval(name, token: token)
    }

    func decide(_ name: String, verdict: String, reason: String) async throws -> ApprovalItem {
        try await client.decide(name, verdict: verdict, reason: reason, token: token)
    }
}
