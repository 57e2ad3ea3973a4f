import Kubernetes
import Synchronization

/// An API server whose answer to one request, made at once, arrives late.
final class LateAnswer: APIServer {
    private let server: any APIServer
    /// The end of its path; `nil` once it was made.
    private let awaited: Mutex<String?>
    private let (made, making) = AsyncStream.makeStream(of: Void.self)
    private let (released, releasing) = AsyncStream.makeStream(of: Void.self)

    init(_ server: any APIServer, to path: String) {
        self.server = server
        awaited = Mutex(path)
    }

    func isMade() async { for await _ in made { return } }

    func arrive() { releasing.finish() }

    func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse {
        let response = try await server.send(request)
        let isLate = awaited.withLock { awaited in
            guard let path = awaited, request.path.hasSuffix(path) else { return false }
            awaited = nil
            return true
        }
        if isLate {
            making.finish()
            for await _ in released {}
        }
        return response
    }

    func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream {
        try await server.open(request)
    }
}
