import FoundationEssentials
import Networking

/// Requests for approval, as an operator without a cluster keeps them.
extension OperatorClient {
    private struct Decision: Encodable {
        var verdict: String
        var reason: String
    }

    func approvals(token: String) async throws -> ApprovalItems {
        try await answer(ApprovalItems.self, to: "/v1/approvals", token)
    }

    func approval(_ name: String, token: String) async throws -> ApprovalItem {
        try await answer(ApprovalItem.self, to: "/v1/approvals/" + SinkClient.percentEncoded(name), token)
    }

    func decide(_ name: String, verdict: String, reason: String, token: String) async throws -> ApprovalItem {
        try await answer(
            ApprovalItem.self, to: "/v1/approvals/\(SinkClient.percentEncoded(name))/decisions", token,
            json: Array(try JSONEncoder().encode(Decision(verdict: verdict, reason: reason))))
    }

    private func answer<Answer: Decodable>(
        _ type: Answer.Type, to path: String, _ token: String, json: [UInt8]? = nil
    ) async throws -> Answer {
        let response = try await web.send(url + path, headers: Self.bearer(token), json: json)
        guard response.status == 200 else {
            let refusal = refusal(response)
            guard case .refused(let who, 404, let detail) = refusal, !detail.isEmpty else { throw refusal }
            throw IdentityFault.refused(
                by: who, status: 404, detail: detail + "; see weirctl approvals list --all")
        }
        return try WebClient.decode(Answer.self, response, from: "the operator")
    }
}
