import NIOCore
import Networking

/// Waits until a program of Weir's answers that it is ready; for a container's postStart command.
package struct ReadinessProbe: Sendable {
    static let interval = Duration.milliseconds(250)
    /// For one answer.
    static let answerSeconds: Int64 = 2

    private let url: String
    private let path: String

    /// - Parameters:
    ///   - address: where its health listener was told to be.
    ///   - path: what is asked there.
    /// - Throws: ``GatewayFault/malformedAddress(_:)``.
    package init(address: String, path: String) throws(GatewayFault) {
        self.path = path
        guard let endpoint = GatewayConfiguration.endpoint(address) else { throw .malformedAddress(address) }
        guard case .tcp(let host, let port) = endpoint else { throw .malformedAddress(address) }
        let reachable =
            switch host {
            case "0.0.0.0", "::": "127.0.0.1"
            default: host
            }
        url = "http://\(Endpoint.tcp(host: reachable, port: port))"
    }

    /// - Returns: what keeps it from being ready after this time; `nil` once it is.
    package func wait(for timeout: Duration) async throws -> String? {
        let loops = EventLoops.start(count: 1)
        let client = try HTTPClient(
            baseURL: BaseURL(url), on: loops.next(), timeout: .seconds(Self.answerSeconds))
        let end = ContinuousClock.now + timeout
        var obstacle: String?
        repeat {
            do {
                let response = try await client.send(HTTPRequest(path: path))
                obstacle = response.status == 200 ? nil : String(decoding: response.body, as: UTF8.self)
            } catch {
                obstacle = "\(error)"
            }
            guard obstacle != nil, .now < end else { break }
            try await Task.sleep(for: Self.interval)
        } while true
        await client.close()
        try await loops.shutdownGracefully()
        return obstacle
    }
}
