import API
package import Admission
package import Hummingbird
import NIOCore
import SecureServing
import Synchronization

/// Admission over HTTP: `POST /inject`, `/stamp`, `/validate`, `/remove` and `/decide`, as the API server calls webhooks.
package struct AdmissionRoutes<Lookup: ConnectionLookup>: Sendable {
    /// The API server's own limit of a webhook's `timeoutSeconds`, and what holds when it names none.
    static var maximumTimeout: Duration { .seconds(30) }
    /// Of reviews' bodies at once, in bytes: anybody may send some. Ours.
    package static var maximumHeldLength: Int { 32 << 20 }
    /// Of one address, in bytes: more than the longest review, and no more than a part of the room. Ours.
    private static var maximumHeldLengthOfClient: Int { 8 << 20 }
    /// Longest time a review takes to come. Ours: the API server sends it at once.
    private static var bodyTime: Duration { .seconds(5) }
    /// After which one that found no room is to come again, in seconds. Ours: a review takes far less.
    private static var retryAfter: String { "1" }

    private let bodies: BodyBudget
    private let reviewer: AdmissionReviewer
    private let lookup: Lookup
    private let nativeSidecars: @Sendable () -> Bool?
    private let decisions: DecisionReviewer?
    private let expectRemoval: @Sendable (Removal) -> Void

    /// Whether every node restarts init containers is asked for each pod: nodes come and go. `nil` while it is not known.
    /// `room` is for the bodies of all reviews at once, in bytes.
    package init(
        reviewer: AdmissionReviewer, lookup: Lookup, nativeSidecars: @escaping @Sendable () -> Bool?,
        room: Int = maximumHeldLength
    ) {
        self.init(
            reviewer: reviewer, lookup: lookup, nativeSidecars: nativeSidecars, room: room, decisions: nil,
            expectRemoval: { _ in })
    }

    init(
        reviewer: AdmissionReviewer, lookup: Lookup, nativeSidecars: @escaping @Sendable () -> Bool?,
        room: Int = maximumHeldLength, decisions: DecisionReviewer?,
        expectRemoval: @escaping @Sendable (Removal) -> Void
    ) {
        bodies = BodyBudget(limit: room, senderLimit: min(room, Self.maximumHeldLengthOfClient))
        self.expectRemoval = expectRemoval
        self.decisions = decisions
        self.reviewer = reviewer
        self.lookup = lookup
        self.nativeSidecars = nativeSidecars
    }

    package func add(to router: Router<ClientContext>) {
        router.post("/inject") { request, context in
            try await answer(request, of: context.client) {
                reviewer.inject($0, lookup, nativeSidecars: nativeSidecars())
            }
        }
        router.post("/stamp") { request, context in
            try await answer(request, of: context.client) { reviewer.stamp($0) }
        }
        router.post("/validate") { request, context in
            try await answer(request, of: context.client) { reviewer.validate($0) }
        }
        router.post("/remove") { request, context in
            try await answer(request, of: context.client) { body in
                let (reply, removal) = reviewer.remove(body)
                if let removal { expectRemoval(removal) }
                return reply
            }
        }
        guard let decisions else { return }
        router.post("/decide") { request, context in
            try await answer(request, of: context.client) { await decisions.review($0) }
        }
    }

    /// 408 when it has not come, or is not done, in time: nobody waits for the answer any more; 413 for a body that is too
    /// long, 503 while others, or others of its sender, take all the room. The API server calls again by itself
    /// after that, within the webhook's time, but only where `Retry-After` says so (client-go, `checkWait`).
    private func answer(
        _ request: Request, of client: String, _ review: @escaping @Sendable ([UInt8]) async -> AdmissionReply
    ) async throws -> Response {
        let limit = Self.timeout(of: request.uri.queryParameters["timeout"])
        let bodyTime = min(limit, Self.bodyTime)
        let arrival = Arrival()
        let reply = try await withThrowingTaskGroup(of: AdmissionReply?.self) { group in
            group.addTask { [bodies] in
                do {
                    return try await bodies.collect(
                        request.body, from: client, upTo: AdmissionRequest.maximumLength
                    ) { body in
                        arrival.isWhole.store(true, ordering: .relaxed)
                        return await review(Array(body.readableBytesView))
                    }
                } catch is NIOTooManyBytesError {
                    throw HTTPError(.contentTooLarge)
                } catch is BodyBudget.Exhausted {
                    throw HTTPError(.serviceUnavailable, headers: [.retryAfter: Self.retryAfter])
                }
            }
            group.addTask {
                try await Task.sleep(for: bodyTime)
                if arrival.isWhole.load(ordering: .relaxed) { try await Task.sleep(for: limit - bodyTime) }
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        // RFC 9110, 15.5.9: the rest of it is not waited for.
        guard let reply else { return Response(status: .requestTimeout, headers: [.connection: "close"]) }
        return Response(
            status: .init(code: reply.status), headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
    }

    /// As `5s`.
    private static func timeout(of text: Substring?) -> Duration {
        text.flatMap { Duration(manifest: String($0)) }.map { min($0, maximumTimeout) } ?? maximumTimeout
    }
}

/// How far a review has come.
private final class Arrival: Sendable {
    let isWhole = Atomic(false)
}
