/// Whoever answers requests: the real server at the end of a connection, or another in a test.
package protocol APIServer: Sendable {
    /// The whole answer, of whatever status.
    func send(_ request: APIRequest) async throws(TransportFailure) -> APIResponse

    /// An answer that goes on, as of a watch, on a connection of its own.
    func open(_ request: APIRequest) async throws(TransportFailure) -> any ResponseStream
}

/// An answer while it is received. Letting go of it ends it.
package protocol ResponseStream: Sendable {
    /// Of HTTP.
    var status: Int { get }
    var headers: [APIResponse.Header] { get }

    /// The next bytes; `nil` once the answer is whole. One caller at a time.
    /// - Throws: ``TransportFailure/silent`` and ``TransportFailure/cutShort`` among others.
    func next() async throws(TransportFailure) -> [UInt8]?
}

extension APIServer {
    /// What a request that succeeded answered.
    package func answer(to request: APIRequest) async throws(APIError) -> JSON {
        let response: APIResponse
        do {
            response = try await send(request)
        } catch {
            throw .transport(error)
        }
        return try response.json()
    }
}
