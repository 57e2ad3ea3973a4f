import NIOCore
import Networking

/// The way to the audit sink: made anew after each failure, with the authorities that there are then.
actor SinkConnection {
    private let sink: String
    private let certificateAuthorities: String?
    private let controlPlane: GatewayConfiguration.ControlPlane?
    private let loop: any EventLoop
    private var client: HTTPClient?

    init(_ configuration: GatewayConfiguration, on loop: any EventLoop) {
        sink = configuration.sink
        certificateAuthorities = configuration.sinkCertificateAuthorities
        controlPlane = configuration.controlPlane
        self.loop = loop
    }

    /// Posts one batch; a sink that has not met the gateway yet asks the operator whose pod it is, by the pod's token.
    func post(_ batch: [UInt8], of gateway: String) async throws -> HTTPResponse {
        let client = try self.client ?? connect()
        self.client = client
        var headers = [("Content-Type", "application/x-ndjson")]
        // In clear it would be anybody's.
        if let controlPlane, sink.hasPrefix("https://") { headers.append(try controlPlane.authorization()) }
        do {
            return try await client.send(
                HTTPRequest(
                    method: .post, path: "/v1/gateways/\(gateway)/events", headers: headers, body: batch))
        } catch {
            self.client = nil
            throw error
        }
    }

    func close() async {
        await client?.close()
    }

    private func connect() throws -> HTTPClient {
        var authorities: [UInt8]?
        if let certificateAuthorities {
            authorities = SecretFolder.content(of: certificateAuthorities)
            guard authorities != nil else { throw GatewayFault.unreadableFile(certificateAuthorities) }
        }
        return try HTTPClient(
            baseURL: BaseURL(sink), certificateAuthoritiesPEM: authorities, on: loop)
    }
}
