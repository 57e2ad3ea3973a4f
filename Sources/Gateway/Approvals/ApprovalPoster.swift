import API
import Logging
import Manifests
import NIOCore
import Networking
import Synchronization

/// Brings the sessions' questions to the operator, one after the other, each until it has it.
struct ApprovalPoster: Sendable {
    let operatorAddress: GatewayConfiguration.ControlPlane
    let notices: AsyncStream<ApprovalDesk.Notice>
    /// Takes an answer to the session.
    let answered: @Sendable (ApprovalAnswer) async -> Void
    let loop: any EventLoop
    let logger: Logger
    /// After each attempt that fails.
    var retryDelay = Duration.seconds(1)

    /// Runs until the task is cancelled.
    func run() async {
        let outbox = Outbox()
        async let filling: Void = outbox.fill(with: notices)
        await empty(outbox)
        await filling
    }

    private func empty(_ outbox: Outbox) async {
        var client: HTTPClient?
        // Of an operator that is away is told once, and once of each question that one does not take.
        var isAway = false
        for await _ in outbox.news {
            while !Task.isCancelled, let (notice, isRepeated) = outbox.next() {
                do {
                    let connected = try client ?? operatorAddress.client(on: loop)
                    client = connected
                    let status = try await deliver(notice, by: connected)
                    isAway = false
                    guard let status else { continue }
                    if !isRepeated { warn("HTTP \(status)") }
                } catch {
                    if !isAway, !Task.isCancelled { warn("\(error)") }
                    isAway = true
                    await client?.close()
                    client = nil
                }
                outbox.postpone(notice)
                try? await Task.sleep(for: retryDelay)
            }
        }
        await client?.close()
    }

    private func warn(_ reason: String) {
        logger.warning("the operator does not take a question", metadata: ["reason": "\(reason)"])
    }

    /// - Returns: the status by which the operator puts it off; `nil`: it needs not be told again.
    /// - Throws: when there is no telling.
    private func deliver(_ notice: ApprovalDesk.Notice, by client: HTTPClient) async throws -> Int? {
        let authorization = try operatorAddress.authorization()
        switch notice {
        case .ask(let question):
            let response = try await client.send(
                HTTPRequest(
                    method: .post, path: "/v1/approvals",
                    headers: [authorization, ("Content-Type", "application/json")],
                    body: question.json.bytes))
            switch response.status {
            case 200: await answered(answer(to: question, in: response.body))
            case 400, 403, 404, 409, 413, 422: await refuse(question, response)
            case let status: return status
            }
        case .withdraw(let id):
            let response = try await client.send(
                HTTPRequest(method: .delete, path: "/v1/approvals/\(id)", headers: [authorization]))
            switch response.status {
            case 401, 403, 408, 425, 429, 500...: return response.status
            default: break  // nobody is asked any more, or never was
            }
        }
        return nil
    }

    private func answer(to question: ApprovalQuestion, in body: [UInt8]) -> ApprovalAnswer {
        do throws(ManifestFault) { return try ApprovalMessages.answer(body) } catch {
            logger.error(
                "an answer about an approval cannot be read",
                metadata: ["request": "\(question.id)", "reason": "\(error.brief)"])
            return .unreadable(question.id, error.brief)
        }
    }

    /// Asking again would not help, as where the question's name is that of another's request (409).
    private func refuse(_ question: ApprovalQuestion, _ response: HTTPResponse) async {
        let why = ApprovalMessages.refusal(response.body).map { ": \($0)" } ?? " (HTTP \(response.status))"
        let reason = "the operator does not take the question\(why)"
        if question.breakGlass != nil {
            logger.error(
                "a broken glass cannot be reviewed",
                metadata: ["request": "\(question.id)", "reason": "\(reason)"])
        }
        await answered(
            ApprovalAnswer(id: question.id, request: question.id, state: .refused, reason: reason))
    }
}

/// Filled by one task and emptied by another.
private final class Outbox: Sendable {
    /// One element for everything that was added since the last.
    let news: AsyncStream<Void>
    private let tell: AsyncStream<Void>.Continuation
    private let queue = Mutex(ApprovalQueue())

    init() {
        (news, tell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func fill(with notices: AsyncStream<ApprovalDesk.Notice>) async {
        for await notice in notices {
            queue.withLock { $0.add(notice) }
            tell.yield()
        }
        tell.finish()
    }

    func next() -> (notice: ApprovalDesk.Notice, isRepeated: Bool)? { queue.withLock { $0.next() } }

    func postpone(_ notice: ApprovalDesk.Notice) { queue.withLock { $0.postpone(notice) } }
}
