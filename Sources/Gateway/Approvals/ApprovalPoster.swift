import API
import Logging
import Manifests
import NIOCore
import Networking
import Shipping

/// Brings the sessions' questions to the operator, one after the other, each until it has it.
struct ApprovalPoster: Sendable {
    /// Between two attempts.
    private static let retryDelay = Duration.seconds(1)

    let operatorAddress: GatewayConfiguration.ControlPlane
    let notices: AsyncStream<ApprovalDesk.Notice>
    /// Takes an answer to the session.
    let answered: @Sendable (ApprovalAnswer) async -> Void
    let loop: any EventLoop
    let logger: Logger

    /// Runs until the task is cancelled.
    func run() async {
        var client: HTTPClient?
        for await notice in notices {
            var isDelivered = false
            while !isDelivered, !Task.isCancelled {
                do {
                    let connected = try client ?? operatorAddress.client(on: loop)
                    client = connected
                    try await deliver(notice, by: connected)
                    isDelivered = true
                } catch {
                    logger.warning("the operator does not take a question", metadata: ["reason": "\(error)"])
                    await client?.close()
                    client = nil
                    try? await Task.sleep(for: Self.retryDelay)
                }
            }
        }
        await client?.close()
    }

    /// - Throws: when it has to be tried again.
    private func deliver(_ notice: ApprovalDesk.Notice, by client: HTTPClient) async throws {
        let authorization = try operatorAddress.authorization()
        switch notice {
        case .ask(let question):
            let response = try await client.send(
                HTTPRequest(
                    method: .post, path: "/v1/approvals",
                    headers: [authorization, ("Content-Type", "application/json")],
                    body: question.json.bytes))
            switch response.status {
            case 200: await answered(try ApprovalMessages.answer(response.body))
            case 400, 403, 404, 409, 413, 422:
                // Asking again would not help.
                let reason = "the operator does not take the question (HTTP \(response.status))"
                if question.breakGlass != nil {
                    logger.error(
                        "a broken glass cannot be reviewed",
                        metadata: ["request": "\(question.id)", "reason": "\(reason)"])
                }
                await answered(
                    ApprovalAnswer(id: question.id, request: question.id, state: .refused, reason: reason))
            case let status: throw ShippingFault.refused(status: status)
            }
        case .withdraw(let id):
            let response = try await client.send(
                HTTPRequest(method: .delete, path: "/v1/approvals/\(id)", headers: [authorization]))
            guard response.status < 500 else { throw ShippingFault.refused(status: response.status) }
        }
    }
}
