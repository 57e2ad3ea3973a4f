import API
import Audit
import Hummingbird
import NIOCore

/// What auditors use. Every answer with evidence is itself a record of the log.
struct EvidenceRoutes: Sendable {
    let service: EvidenceService
    let readers: Readers

    func add(to router: Router<BasicRequestContext>) {
        router.get("/v1/sessions") { request, _ in
            let query = Query(request)
            let limit = try query.number("limit").map { Int(clamping: $0) } ?? 100
            let filter = SessionFilter(
                subject: query.text("subject"), since: try query.time("since"), limit: limit)
            return try Response.json(try await service.sessions(filter, for: try reader(request)))
        }
        router.get("/v1/sessions/:id") { request, context in
            let reader = try reader(request)
            guard let session = SessionID(hexadecimal: try context.parameters.require("id")),
                let summary = try await service.session(session, for: reader)
            else { return try Response.failure(.notFound, "NotFound", "there is no such session") }
            return try Response.json(summary)
        }
        router.get("/v1/sessions/:id/events") { request, context in
            let reader = try reader(request)
            guard let session = SessionID(hexadecimal: try context.parameters.require("id")) else {
                return try Response.failure(.notFound, "NotFound", "there is no such session")
            }
            let position = try Query(request).number("from") ?? 0
            let page = try await service.events(of: session, from: position, for: reader)
            return lines(page.entries.flatMap { $0.line + [0x0a] }, next: page.next)
        }
        router.get("/v1/export") { request, _ in try await export(request) }
    }

    /// `size` of the tree, `from` position, and `session` if only one is asked for.
    private func export(_ request: Request) async throws -> Response {
        let reader = try reader(request)
        let query = Query(request)
        let newest = await service.size
        guard
            let page = try await service.export(
                session: try query.session("session"), from: try query.number("from") ?? 0,
                size: try query.number("size") ?? newest, for: reader)
        else { return try .failure(.notFound, "NotFound", "there is no tree of this size") }
        return lines(page.lines, next: page.next)
    }

    private func lines(_ bytes: [UInt8], next: UInt64?) -> Response {
        var response = Response.bytes(bytes, type: "application/jsonl")
        if let next { response.headers[.weirNext] = "\(next)" }
        return response
    }

    private func reader(_ request: Request) throws(HTTPError) -> String {
        let authorization = request.headers[.authorization]
        let name = readers.reader(
            authorization: authorization, claimedName: request.headers[.weirReader])
        if let name { return name }
        let hasToken = authorization?.hasPrefix("Bearer ") == true
        throw HTTPError(
            .unauthorized, message: hasToken ? "this token is no reader's" : "a reader's token is needed")
    }
}
