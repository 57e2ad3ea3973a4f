import ClusterModel
import Kubernetes
import NIOCore
import NIOPosix
import Networking

/// Shows changes to webhooks, over TLS.
struct WebhookCaller: Sendable {
    private static let answerLimit = 3 << 20

    /// Takes a change through all of its webhooks; those that want to see it again after others are asked twice.
    func admit(_ pending: PendingWrite) async throws(APIFault) -> PendingWrite {
        var pending = pending
        var seen: [(webhook: Webhook, seen: JSON)] = []
        for webhook in pending.webhooks where webhook.isMutating {
            pending = try await ask(webhook, about: pending)
            seen.append((webhook, pending.current))
        }
        for webhook in pending.reinvoked(since: seen) { pending = try await ask(webhook, about: pending) }
        for webhook in pending.webhooks where !webhook.isMutating {
            pending = try await ask(webhook, about: pending)
        }
        return pending
    }

    private func ask(_ webhook: Webhook, about pending: PendingWrite) async throws(APIFault) -> PendingWrite {
        if let refusal = pending.refusal(of: webhook) { throw refusal }
        var pending = pending
        let uid = "\(UInt64.random(in: 0...UInt64.max))"
        var (answer, failure): (JSON?, String) = (nil, "it answered no AdmissionReview")
        do {
            answer = try await send(pending.review(uid: uid), to: webhook)
        } catch {
            failure = "\(error)"
        }
        try pending.take(answer, of: webhook, uid: uid, failure: failure)
        return pending
    }

    private func send(_ review: JSON, to webhook: Webhook) async throws -> JSON? {
        let authorities = Base64Text.decode(webhook.caBundle) ?? []
        let client = try HTTPClient(
            baseURL: try BaseURL(webhook.address),
            certificateAuthoritiesPEM: authorities.isEmpty ? nil : authorities,
            serverName: webhook.serverName, on: MultiThreadedEventLoopGroup.singleton.next(),
            timeout: .seconds(webhook.timeoutSeconds))
        let request = HTTPRequest(
            method: .post, path: "\(webhook.path)?timeout=\(webhook.timeoutSeconds)s",
            headers: [("Content-Type", "application/json"), ("Accept", "application/json")],
            body: review.rendered)
        let response: HTTPResponse
        do {
            response = try await client.send(request)
            await client.close()
        } catch {
            await client.close()
            throw error
        }
        guard response.status == 200 else { return nil }
        return try? JSON(parsing: response.body, limits: .init(length: Self.answerLimit))
    }
}
