import API
package import Admission
package import Hummingbird
import NIOCore

/// Admission over HTTP: `POST /inject`, `/stamp`, `/validate` and `/decide`, as the API server calls webhooks.
package struct AdmissionRoutes<Lookup: ConnectionLookup>: Sendable {
    /// The API server's own limit of a webhook's `timeoutSeconds`, and what holds when it names none.
    static var maximumTimeout: Duration { .seconds(30) }

    private let reviewer: AdmissionReviewer
    private let lookup: Lookup
    private let nativeSidecars: @Sendable () -> Bool
    private let decisions: DecisionReviewer?

    /// Whether every node restarts init containers is asked for each pod: nodes come and go.
    package init(
        reviewer: AdmissionReviewer, lookup: Lookup, nativeSidecars: @escaping @Sendable () -> Bool
    ) {
        self.init(reviewer: reviewer, lookup: lookup, nativeSidecars: nativeSidecars, decisions: nil)
    }

    init(
        reviewer: AdmissionReviewer, lookup: Lookup, nativeSidecars: @escaping @Sendable () -> Bool,
        decisions: DecisionReviewer?
    ) {
        self.decisions = decisions
        self.reviewer = reviewer
        self.lookup = lookup
        self.nativeSidecars = nativeSidecars
    }

    package func add<Context: RequestContext>(to router: Router<Context>) {
        router.post("/inject") { request, _ in
            try await answer(request) { reviewer.inject($0, lookup, nativeSidecars: nativeSidecars()) }
        }
        router.post("/stamp") { request, _ in
            try await answer(request) { reviewer.stamp($0) }
        }
        router.post("/validate") { request, _ in
            try await answer(request) { reviewer.validate($0) }
        }
        guard let decisions else { return }
        router.post("/decide") { request, _ in
            try await answer(request) { await decisions.review($0) }
        }
    }

    private func answer(
        _ request: Request, _ review: @Sendable ([UInt8]) async -> AdmissionReply
    ) async throws -> Response {
        guard
            let body = try await body(
                of: request, within: Self.timeout(of: request.uri.queryParameters["timeout"]))
        else { return Response(status: .requestTimeout) }
        let reply = await review(body)
        return Response(
            status: .init(code: reply.status), headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
    }

    /// As `5s`.
    private static func timeout(of text: Substring?) -> Duration {
        text.flatMap { Duration(manifest: String($0)) }.map { min($0, maximumTimeout) } ?? maximumTimeout
    }

    /// - Returns: `nil` when it has not come in time: nobody waits for the answer any more.
    /// - Throws: 413 for one that is too long.
    private func body(of request: Request, within limit: Duration) async throws -> [UInt8]? {
        try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask {
                do {
                    let buffer = try await request.body.collect(upTo: AdmissionRequest.maximumLength)
                    return Array(buffer.readableBytesView)
                } catch is NIOTooManyBytesError {
                    throw HTTPError(.contentTooLarge)
                }
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
