package import Cryptography
package import NIOCore
import NIOHTTP1

/// Speaks HTTP/1.1 to one server; follows no redirects, keeps one connection open for the next request.
package actor HTTPClient {
    /// Largest body of a response, in bytes, unless told otherwise.
    package static let defaultResponseLimit = 16 << 20

    package let baseURL: BaseURL
    private let loop: any EventLoop
    private let context: TLSContext?
    private let timeout: TimeAmount
    private let responseLimit: Int
    /// Connected and without a request; taken out while it is used.
    private var idle: (any Channel)?

    /// - Parameters:
    ///   - baseURL: what the path of each request is appended to.
    ///   - certificateAuthoritiesPEM: whom to trust; `nil` for those the system trusts. The server's name is
    ///     always verified.
    ///   - serverName: the name its certificate must hold; `nil` for the URL's host.
    ///   - loop: of the connections.
    ///   - timeout: for connecting, and again for each response.
    ///   - responseLimit: of a response's body, in bytes.
    /// - Throws: `TLSError/configuration(_:)`.
    package init(
        baseURL: BaseURL, certificateAuthoritiesPEM: [UInt8]? = nil, serverName: String? = nil,
        on loop: any EventLoop, timeout: TimeAmount = .seconds(30),
        responseLimit: Int = HTTPClient.defaultResponseLimit
    ) throws(TLSError) {
        self.baseURL = baseURL
        self.loop = loop
        self.timeout = timeout
        self.responseLimit = responseLimit
        context =
            baseURL.isSecure
            ? try TLSContext.client(
                verification: .full(serverName: serverName ?? baseURL.host),
                certificateAuthoritiesPEM: certificateAuthoritiesPEM, applicationProtocol: "http/1.1") : nil
    }

    deinit {
        idle?.close(promise: nil)
    }

    /// Closes the connection kept, which has to be done before its event loop shuts down.
    package func close() async {
        try? await idle.take()?.close()
    }

    /// Sends one request and returns its response, whatever its status. A request that fails on a kept
    /// connection may or may not have been received; it is not sent again.
    /// - Throws: ``NetworkingError``, a `TLSError`, a ``SystemRefusal``, or a `CancellationError`.
    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let head = try head(of: request)
        let channel = try await connectedChannel()
        let promise = loop.makePromise(of: HTTPResponse.self)
        let exchange = HTTPExchange(
            head: head, body: request.body, timeout: timeout, response: promise)
        let response = try await withTaskCancellationHandler {
            channel.writeAndFlush(exchange).whenFailure { error in
                switch error {
                case is ChannelError: promise.fail(NetworkingError.connectionClosed)
                case is IOError: promise.fail(SystemRefusal(error))
                default: promise.fail(error)
                }
            }
            return try await promise.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
        keep(channel)
        return response
    }

    /// Sends one request on a connection of its own, for a response that is read as it comes.
    /// - Parameters:
    ///   - request: what to send.
    ///   - silenceLimit: longest time without a byte, once connected.
    /// - Returns: once the response's head is there.
    /// - Throws: as ``send(_:)`` does.
    package func open(_ request: HTTPRequest, silenceLimit: TimeAmount) async throws -> HTTPStream {
        let head = try head(of: request)
        let response = loop.makePromise(of: HTTPResponse.self)
        let channel: any Channel
        do {
            channel = try await connect { HTTPStreamHandler(head: response, silenceLimit: silenceLimit) }
        } catch {
            response.fail(error)
            throw error
        }
        return try await withTaskCancellationHandler {
            let handler: NIOLoopBound<HTTPStreamHandler>
            do {
                handler = try await channel.eventLoop.submit {
                    let handler = try channel.pipeline.syncOperations.handler(type: HTTPStreamHandler.self)
                    return NIOLoopBound(handler, eventLoop: channel.eventLoop)
                }.get()
            } catch {
                // Gone already: the handler knows why.
                _ = try await response.futureResult.get()
                throw error
            }
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            if !request.body.isEmpty {
                let body = channel.allocator.buffer(bytes: request.body)
                channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil)
            }
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            let head = try await response.futureResult.get()
            return HTTPStream(head: head, handler: handler, channel: channel)
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func connectedChannel() async throws -> any Channel {
        if let kept = idle.take(), kept.isActive { return kept }
        let responseLimit = responseLimit
        return try await connect { HTTPExchangeHandler(responseLimit: responseLimit) }
    }

    /// A new connection, on which requests can be sent.
    private func connect(
        _ makeHandler: @escaping @Sendable () -> any ChannelHandler
    ) async throws -> any Channel {
        let endpoint = Endpoint.tcp(host: baseURL.host, port: baseURL.port)
        let context = context
        let attempt = ConnectionAttempt()
        let connected = loop.makePromise(of: (any Channel).self)
        return try await withTaskCancellationHandler {
            // The handlers are added once connected: a handshake has one promise, a name may have many addresses.
            Connector.connect(to: endpoint, on: loop, timeout: timeout) { try attempt.add($0) }
                .flatMapWithEventLoop { channel, loop in
                    do {
                        return try Self.add(makeHandler(), to: channel, context).map { channel }
                    } catch {
                        channel.close(promise: nil)
                        return loop.makeFailedFuture(error)
                    }
                }
                .cascade(to: connected)
            return try await connected.futureResult.get()
        } onCancel: {
            connected.fail(CancellationError())
            attempt.giveUp()
        }
    }

    /// Completes when requests can be sent.
    private static func add(
        _ handler: any ChannelHandler, to channel: any Channel, _ context: TLSContext?
    ) throws -> EventLoopFuture<Void> {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHTTPClientHandlers()
        try pipeline.addHandler(handler)
        guard let context else { return channel.eventLoop.makeSucceededVoidFuture() }
        let handshake = channel.eventLoop.makePromise(of: TLSFacts.self)
        do {
            try pipeline.addHandler(TLSHandler(context: context, handshake: handshake), position: .first)
        } catch {
            handshake.fail(error)
            throw error
        }
        return handshake.futureResult.map { _ in }
    }

    private func keep(_ channel: any Channel) {
        guard channel.isActive else { return }
        idle?.close(promise: nil)
        idle = channel
    }

    private func head(of request: HTTPRequest) throws(NetworkingError) -> HTTPRequestHead {
        let isPath =
            request.path.hasPrefix("/") && request.path.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard isPath else { throw .malformedURL("a path is a slash and printable ASCII") }
        var headers = HTTPHeaders([("Host", baseURL.authority)])
        if request.method != .get || !request.body.isEmpty {
            headers.add(name: "Content-Length", value: "\(request.body.count)")
        }
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        return HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method.rawValue),
            uri: baseURL.path + request.path, headers: headers)
    }
}
