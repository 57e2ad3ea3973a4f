import Cryptography

/// From a client's first byte to its authentication; towards the client we are the server.
///
///     negotiating --SSLRequest--> startingTLS --tlsStarted--> negotiating
///          |--CancelRequest--> ended
///          '--StartupMessage--> lookingUp --credentialFound--> authenticating --> ended
///                                              verifying <--token--'   tokenAccepted --> ended
///
/// Whatever is not expected in a phase ends it: the client gets a fatal `ErrorResponse`, then `.fail`.
package struct ClientHandshake: ~Copyable, Sendable {
    private enum Phase: Sendable {
        case negotiating(StartupNegotiation)
        case startingTLS
        case lookingUp(ClientStartup)
        case authenticating(ClientAuthentication)
        case verifying(ClientAuthentication)
        case ended
    }

    /// As registered for ALPN.
    package static let applicationProtocol = "postgresql"

    /// Most bytes kept that the client sent before it was asked. Ours.
    package static let maximumUnreadLength = 1 << 17

    private let options: Options
    /// The TLS connection's `tls-server-end-point` data; `nil` without TLS or without a binding.
    private var channelBinding: [UInt8]?
    private var input = PartialInput()
    private var phase: Phase

    package init(_ options: Options) {
        self.options = options
        phase = .negotiating(StartupNegotiation(options))
    }

    /// After `.authenticated`: bytes that belong to the session.
    package var unread: [UInt8] { input.unread }

    package mutating func receive(_ bytes: [UInt8]) -> [Action] {
        if case .ended = phase { return [] }
        input.append(bytes)
        var actions: [Action] = []
        advance(&actions)
        return actions
    }

    /// The TLS handshake that `.startTLS` asked for is done.
    ///
    /// `channelBinding` is the connection's `tls-server-end-point` data; `nil` if there is none.
    package mutating func tlsStarted(channelBinding: [UInt8]?) {
        switch phase {
        case .startingTLS:
            precondition(input.isEmpty, "TLS starts before plain bytes")
            self.channelBinding = channelBinding
            phase = .negotiating(StartupNegotiation(options, isEncrypted: true))
        case .ended: return  // too late
        case .negotiating, .lookingUp, .authenticating, .verifying:
            preconditionFailure("TLS starts when asked for")
        }
    }

    /// The connection began with a TLS handshake, which is done; `applicationProtocol` was agreed on by ALPN.
    ///
    /// Without that the bytes may be meant for a server of another protocol (documentation, 54.2.11).
    package mutating func directTLSStarted(channelBinding: [UInt8]?, applicationProtocol: String?) -> [Action]
    {
        guard case .negotiating = phase else { return [] }  // too late
        precondition(input.isEmpty, "TLS starts before plain bytes")
        guard applicationProtocol == Self.applicationProtocol else {
            phase = .ended
            return [.fail(.protocolViolation("direct TLS without the application protocol of PostgreSQL"))]
        }
        self.channelBinding = channelBinding
        phase = .negotiating(StartupNegotiation(options, isEncrypted: true))
        return []
    }

    /// The answer to `.lookUp`, with at least 18 unpredictable bytes for this call alone.
    package mutating func credentialFound(_ credential: ClientCredential, randomness: [UInt8]) -> [Action] {
        guard case .lookingUp(let startup) = phase else { return [] }  // too late
        precondition(randomness.count >= 18, "a nonce has 18 bytes")
        var actions: [Action] = []
        do throws(DiagnosticFields) {
            try begin(credential, startup, nonce: Base64.encodedBytes(randomness), &actions)
            advance(&actions)
        } catch {
            fail(error, &actions)
        }
        return actions
    }

    /// The answer to `.verify`: the token is good.
    package mutating func tokenAccepted() -> [Action] {
        guard case .verifying = phase else { return [] }  // too late
        phase = .ended
        return [.send(Authentication.ok.message), .authenticated]
    }

    /// The answer to `.verify`: it is not. The client is told the reason; of what is no token at all, what it
    /// is told of a wrong password.
    package mutating func tokenRefused(_ reason: String, isToken: Bool) -> [Action] {
        guard case .verifying(let authentication) = phase else { return [] }  // too late
        phase = .ended
        let fault = DiagnosticFields(
            .fatal, sqlState: "28P01", message: "authentication failed: \(reason)")
        var reply: [UInt8] = []
        let told = isToken ? fault : authentication.refusal
        told.writeErrorResponse(to: &reply)
        return [.send(reply), .fail(fault)]
    }

    /// The time for all of this is over.
    package mutating func deadlinePassed() -> [Action] {
        if case .ended = phase { return [] }
        var actions: [Action] = []
        fail(
            DiagnosticFields(.fatal, sqlState: "57014", message: "canceling authentication due to timeout"),
            &actions)
        return actions
    }

    private mutating func advance(_ actions: inout [Action]) {
        do throws(DiagnosticFields) {
            while try takeNext(&actions) {}
            if case .ended = phase { return }
            guard input.count <= Self.maximumUnreadLength else {
                throw .protocolViolation("too many bytes before authentication")
            }
        } catch {
            fail(error, &actions)
        }
    }

    /// Takes one packet or message; returns `false` when there is none that is due.
    private mutating func takeNext(_ actions: inout [Action]) throws(DiagnosticFields) -> Bool {
        switch phase {
        case .negotiating(let negotiation):
            return try negotiate(negotiation, &actions)
        case .startingTLS:
            guard input.isEmpty else { throw .protocolViolation("plain bytes during the TLS handshake") }
            return false
        case .authenticating(let authentication):
            return try authenticate(authentication, &actions)
        case .lookingUp, .verifying, .ended:
            return false
        }
    }

    private mutating func negotiate(
        _ current: StartupNegotiation, _ actions: inout [Action]
    ) throws(DiagnosticFields) -> Bool {
        var negotiation = current
        let packet: StartupPacket?
        do { packet = try input.takeStartupPacket() } catch { throw DiagnosticFields(fatal: error) }
        guard let packet else { return false }
        switch try negotiation.receive(packet, isFollowed: !input.isEmpty) {
        case .decline:
            phase = .negotiating(negotiation)
            actions.append(.send([UInt8(ascii: "N")]))
        case .startTLS:
            phase = .startingTLS
            actions += [.send([UInt8(ascii: "S")]), .startTLS]
        case .cancel(let request):
            phase = .ended
            actions.append(.cancel(request))
        case .lookUp(let startup, let reply):
            phase = .lookingUp(startup)
            if !reply.isEmpty { actions.append(.send(reply)) }
            actions.append(.lookUp(startup))
        }
        return true
    }

    private mutating func begin(
        _ credential: ClientCredential, _ startup: ClientStartup, nonce: [UInt8], _ actions: inout [Action]
    ) throws(DiagnosticFields) {
        let context = ClientAuthentication.Context(
            startup: startup, allowsCleartext: options.isLocal || startup.isEncrypted,
            channelBinding: channelBinding, mockSecret: options.mockSecret, nonce: nonce)
        let (authentication, request) = try ClientAuthentication.begin(credential, context)
        actions.append(.send(request))
        if let authentication {
            phase = .authenticating(authentication)
        } else {
            phase = .ended
            actions.append(.authenticated)
        }
    }

    private mutating func authenticate(
        _ current: ClientAuthentication, _ actions: inout [Action]
    ) throws(DiagnosticFields) -> Bool {
        var authentication = current
        let message: (type: FrontendMessageType, body: [UInt8])?
        do {
            message = try input.takeMessage(limit: authentication.bodyLimit)
        } catch {
            throw DiagnosticFields(fatal: error)
        }
        guard let (type, body) = message else { return false }
        guard type == .authentication else {
            throw .protocolViolation("expected password response, got message type \(type.rawValue)")
        }
        if authentication.asksForToken {
            actions.append(.verify(token: try authentication.token(in: body)))
            phase = .verifying(authentication)
            return false
        }
        let (reply, isDone) = try authentication.receive(body)
        actions.append(.send(reply))
        if isDone {
            phase = .ended
            actions.append(.authenticated)
        } else {
            phase = .authenticating(authentication)
        }
        return !isDone
    }

    /// Ends it; during a TLS handshake nothing can be said in plain text.
    private mutating func fail(_ fields: DiagnosticFields, _ actions: inout [Action]) {
        if case .startingTLS = phase {
        } else {
            var reply: [UInt8] = []
            fields.writeErrorResponse(to: &reply)
            actions.append(.send(reply))
        }
        phase = .ended
        actions.append(.fail(fields))
    }
}
