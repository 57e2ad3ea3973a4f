import Hummingbird
import Logging
import NIOCore

/// Tells of requests that end in an error no route has foreseen, and says to the client no more than that.
struct FailedRequests: RouterMiddleware {
    let log: FailureLog

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            throw error
        } catch let error as StoreError {
            tell(error, of: request, context)
            return try .failure(
                .internalServerError, "StoreFailed", "the sink's store failed; the sink's log says how")
        } catch {
            // Also a client that has gone, or whose body is no HTTP: Hummingbird answers it.
            if !Task.isCancelled { tell(error, of: request, context) }
            throw error
        }
    }

    private func tell(_ error: any Error, of request: Request, _ context: BasicRequestContext) {
        log.tell(
            "a request failed", kind: "\(error)",
            ["request": "\(request.method) \(context.endpointPath ?? "")", "error": "\(error)"],
            at: error is StoreError ? .error : .info)
    }
}
