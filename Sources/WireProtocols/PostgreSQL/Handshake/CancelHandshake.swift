/// A cancel request's own connection to a server, which is encrypted as its session's is.
///
///     start --plain--> sent        start --SSLRequest, S--> startingTLS --tlsStarted--> sent
///
/// Nothing is sent to a server that does not come to TLS: the key lets whoever reads it cancel.
package struct CancelHandshake: ~Copyable, Sendable {
    package enum Action: Equatable, Sendable {
        case send([UInt8])
        /// Do the TLS handshake as the client, then call ``CancelHandshake/tlsStarted(applicationProtocol:)``.
        case startTLS
        /// Close; the server answers nothing, and closes when it has done what was asked.
        case fail(ServerHandshakeError)
    }

    private enum Phase {
        case initial
        case negotiatingTLS
        case startingTLS
        case sent
        case failed
    }

    private let request: CancelRequest
    private let tls: ServerHandshake.Options.TLS
    private var phase = Phase.initial

    /// Whether the request is among what has been sent.
    package var hasSent: Bool {
        if case .sent = phase { true } else { false }
    }

    package init(_ request: CancelRequest, tls: ServerHandshake.Options.TLS) {
        self.request = request
        self.tls = tls
    }

    /// The connection is there.
    package mutating func start() -> [Action] {
        switch tls {
        case .disabled:
            return [send()]
        case .direct:
            phase = .startingTLS
            return [.startTLS]
        case .required:
            phase = .negotiatingTLS
            var bytes: [UInt8] = []
            StartupPacket.writeSSLRequest(to: &bytes)
            return [.send(bytes)]
        }
    }

    package mutating func receive(_ bytes: [UInt8]) -> [Action] {
        guard let answer = bytes.first else { return [] }
        switch phase {
        case .negotiatingTLS:
            guard answer == UInt8(ascii: "S") else { return fail(.tlsNotOffered) }
            guard bytes.count == 1 else { return fail(.plainBytesBeforeTLS) }
            phase = .startingTLS
            return [.startTLS]
        case .startingTLS: return fail(.plainBytesBeforeTLS)
        case .initial, .sent: return fail(.unexpectedMessage(answer))
        case .failed: return []
        }
    }

    package mutating func tlsStarted(applicationProtocol: String?) -> [Action] {
        guard case .startingTLS = phase else { return [] }
        guard tls.accepts(applicationProtocol) else { return fail(.applicationProtocolNotAgreed) }
        return [send()]
    }

    private mutating func send() -> Action {
        phase = .sent
        var bytes: [UInt8] = []
        request.write(to: &bytes)
        return .send(bytes)
    }

    private mutating func fail(_ error: ServerHandshakeError) -> [Action] {
        phase = .failed
        return [.fail(error)]
    }
}
