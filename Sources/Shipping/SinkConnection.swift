package import NIOCore
package import Networking

/// The audit sink, as a log's writer reaches it.
package struct SinkAddress: Sendable {
    package typealias Header = (name: String, value: String)

    /// Base URL.
    let url: String
    /// PEM of whom to trust, `nil` for those the system trusts; asked for each connection, as they may have been renewed.
    let authorities: @Sendable () throws -> [UInt8]?
    /// By what the writer proves who it is, to a sink that has not met it; asked for each batch.
    let authorization: @Sendable () throws -> Header?

    package init(
        url: String, authorities: @escaping @Sendable () throws -> [UInt8]?,
        authorization: @escaping @Sendable () throws -> Header?
    ) {
        self.url = url
        self.authorities = authorities
        self.authorization = authorization
    }
}

/// The way to the audit sink: made anew after each failure, with the authorities that there are then.
package actor SinkConnection {
    private let address: SinkAddress
    private let loop: any EventLoop
    private var client: HTTPClient?

    package init(_ address: SinkAddress, on loop: any EventLoop) {
        self.address = address
        self.loop = loop
    }

    /// Base URL of the sink.
    nonisolated var url: String { address.url }

    /// Posts one batch; a sink that has not met the writer yet asks the operator whose pod it is, by the pod's token.
    package func post(_ batch: [UInt8], of writer: String) async throws -> HTTPResponse {
        let client = try self.client ?? connect()
        self.client = client
        var headers = [("Content-Type", "application/x-ndjson")]
        // In clear it would be anybody's.
        if address.url.hasPrefix("https://"), let header = try address.authorization() {
            headers.append(header)
        }
        do {
            return try await client.send(
                HTTPRequest(
                    method: .post, path: "/v1/gateways/\(writer)/events", headers: headers, body: batch))
        } catch {
            self.client = nil
            throw error
        }
    }

    /// Has to be done before the event loop shuts down.
    package func close() async {
        await client?.close()
    }

    private func connect() throws -> HTTPClient {
        try HTTPClient(
            baseURL: BaseURL(address.url), certificateAuthoritiesPEM: try address.authorities(), on: loop)
    }
}
