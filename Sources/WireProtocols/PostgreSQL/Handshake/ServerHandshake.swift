/// From connecting to a server to its first `ReadyForQuery`; towards the server we are the client.
///
///     initial --start--> negotiatingTLS --S--> startingTLS --tlsStarted--> authenticating
///        '--start, without TLS--> authenticating --AuthenticationOk--> settingUp --ReadyForQuery--> ended
///                                                                          '--attributes unknown--> asking --> ended
///
/// A direct TLS connection goes from initial to startingTLS.
/// Whatever is not expected in a phase ends it with `.fail`.
package struct ServerHandshake: ~Copyable, Sendable {
    private enum Phase: Sendable {
        case initial
        case negotiatingTLS
        case startingTLS
        case authenticating(ServerAuthentication)
        case settingUp
        /// Whether the server is the one wanted; its answer, once there.
        case asking(answer: [UInt8])
        case ended
    }

    /// Limits on what a server may send before it is ready. Ours; a server of its own accord sends about
    /// twenty messages in one kilobyte.
    package static let maximumMessageCount = 1_000
    package static let maximumBodyLength = 1 << 16
    package static let maximumByteCount = 1 << 20

    private let options: Options
    private let randomness: [UInt8]
    private var session: ServerSession
    private var input = PartialInput()
    private var messageCount = 0
    private var byteCount = 0
    private var isVersionSettled = false
    private var phase = Phase.initial

    /// Takes at least 18 unpredictable bytes, for this connection alone.
    package init(_ options: Options, randomness: [UInt8]) {
        precondition(randomness.count >= 18, "a nonce has 18 bytes")
        self.options = options
        self.randomness = randomness
        session = ServerSession(version: options.version)
    }

    /// After `.ready`: bytes that belong to the session.
    package var unread: [UInt8] { input.unread }

    /// The connection is there.
    package mutating func start() -> [Action] {
        guard case .initial = phase else { return [] }
        switch options.tls {
        case .disabled:
            return [startSession(channelBinding: nil, isEncrypted: false)]
        case .required:
            phase = .negotiatingTLS
            var request: [UInt8] = []
            StartupPacket.writeSSLRequest(to: &request)
            return [.send(request)]
        case .direct:
            phase = .startingTLS
            return [.startTLS]
        }
    }

    /// The TLS handshake that `.startTLS` asked for is done and the server's certificate accepted.
    ///
    /// `channelBinding` is the connection's `tls-server-end-point` data; `nil` if there is none.
    /// `applicationProtocol` is what the server chose by ALPN.
    package mutating func tlsStarted(channelBinding: [UInt8]?, applicationProtocol: String?) -> [Action] {
        guard case .startingTLS = phase else { return [] }
        guard options.tls.accepts(applicationProtocol) else { return fail(.applicationProtocolNotAgreed) }
        return [startSession(channelBinding: channelBinding, isEncrypted: true)]
    }

    package mutating func receive(_ bytes: [UInt8]) -> [Action] {
        if case .ended = phase { return [] }
        input.append(bytes)
        var actions: [Action] = []
        do throws(ServerHandshakeError) {
            while try takeNext(&actions) {}
        } catch {
            phase = .ended
            actions.append(.fail(error))
        }
        return actions
    }

    /// The server closed the connection.
    package mutating func closed() -> [Action] { fail(.closed) }

    /// The time for all of this is over.
    package mutating func deadlinePassed() -> [Action] { fail(.timedOut) }

    private mutating func fail(_ error: ServerHandshakeError) -> [Action] {
        if case .ended = phase { return [] }
        phase = .ended
        return [.fail(error)]
    }

    private mutating func startSession(channelBinding: [UInt8]?, isEncrypted: Bool) -> Action {
        phase = .authenticating(
            ServerAuthentication(
                options, channelBinding: options.usesChannelBinding ? channelBinding : nil,
                isEncrypted: isEncrypted, randomness: randomness))
        var message: [UInt8] = []
        options.startupMessage.write(to: &message)
        return .send(message)
    }

    /// Takes one byte or message; returns `false` when none is there or due.
    private mutating func takeNext(_ actions: inout [Action]) throws(ServerHandshakeError) -> Bool {
        switch phase {
        case .initial:
            if input.isEmpty { return false }
            throw .unexpectedMessage(input.takeByte() ?? 0)
        case .negotiatingTLS:
            guard let answer = input.takeByte() else { return false }
            try negotiateTLS(answer)
            actions.append(.startTLS)
            return true
        case .startingTLS:
            if input.isEmpty { return false }
            throw .plainBytesBeforeTLS
        case .authenticating(let authentication):
            guard let (type, body) = try takeMessage() else { return false }
            try authenticate(authentication, type, body, &actions)
            return true
        case .settingUp:
            guard let (type, body) = try takeMessage() else { return false }
            try setUp(type, body, &actions)
            return true
        case .asking(let answer):
            guard let (type, body) = try takeMessage() else { return false }
            try receive(answer, type, body, &actions)
            return true
        case .ended:
            return false
        }
    }

    private mutating func negotiateTLS(_ answer: UInt8) throws(ServerHandshakeError) {
        switch answer {
        case UInt8(ascii: "S"):
            guard input.isEmpty else { throw .plainBytesBeforeTLS }
            phase = .startingTLS
        // An error at this point is anybody's, so it is not handed on.
        case UInt8(ascii: "N"), UInt8(ascii: "E"): throw .tlsNotOffered
        default: throw .unexpectedMessage(answer)
        }
    }

    private mutating func takeMessage() throws(ServerHandshakeError) -> (BackendMessageType, [UInt8])? {
        let message: (type: BackendMessageType, body: [UInt8])?
        do { message = try input.takeMessage(limit: Self.maximumBodyLength) } catch {
            throw .malformed(error)
        }
        guard let (type, body) = message else { return nil }
        messageCount += 1
        byteCount += BackendHeader.byteCount + body.count
        guard messageCount <= Self.maximumMessageCount, byteCount <= Self.maximumByteCount else {
            throw .tooMuch
        }
        return (type, body)
    }

    private mutating func authenticate(
        _ current: ServerAuthentication, _ type: BackendMessageType, _ body: [UInt8],
        _ actions: inout [Action]
    ) throws(ServerHandshakeError) {
        var authentication = current
        switch type {
        case .authentication:
            switch try authentication.receive(try wellFormed(try Authentication(body.span))) {
            case .send(let reply):
                phase = .authenticating(authentication)
                actions.append(.send(reply))
            case .wait:
                phase = .authenticating(authentication)
            case .accepted(let method):
                session.method = method
                phase = .settingUp
            }
        case .negotiateProtocolVersion: try settleVersion(body)
        case .noticeResponse, .errorResponse: try keepReport(type, body)
        default: throw .unexpectedMessage(type.rawValue)
        }
    }

    private mutating func setUp(
        _ type: BackendMessageType, _ body: [UInt8], _ actions: inout [Action]
    ) throws(ServerHandshakeError) {
        switch type {
        case .parameterStatus:
            let status = try wellFormed(try ParameterStatus(body.span))
            session.messages.append(
                .parameter(
                    StartupMessage.Parameter(
                        name: Array(body[status.name]), value: Array(body[status.value]))))
        case .backendKeyData:
            let key = try wellFormed(try BackendKeyData(body.span))
            session.cancellation = CancelRequest(
                processID: key.processID, secretKey: Array(body[key.secretKey]))
            session.messages.append(.key)
        case .readyForQuery:
            session.status = try wellFormed(try ReadyForQuery.status(in: body.span))
            if let isMet = options.attributes.isMet(by: session.parameters) {
                try settle(isMet, &actions)
            } else {
                phase = .asking(answer: [])
                var query: [UInt8] = []
                Query.write(options.attributes.question.utf8, to: &query)
                actions.append(.send(query))
            }
        case .negotiateProtocolVersion: try settleVersion(body)
        case .noticeResponse, .errorResponse: try keepReport(type, body)
        default: throw .unexpectedMessage(type.rawValue)
        }
    }

    /// The server's answer to ``SessionAttributes/question``.
    private mutating func receive(
        _ answer: [UInt8], _ type: BackendMessageType, _ body: [UInt8], _ actions: inout [Action]
    ) throws(ServerHandshakeError) {
        switch type {
        case .rowDescription, .commandComplete: break
        case .dataRow: phase = .asking(answer: try firstValue(of: body))
        case .readyForQuery:
            session.status = try wellFormed(try ReadyForQuery.status(in: body.span))
            try settle(options.attributes.isMet(byAnswer: answer), &actions)
        case .errorResponse: throw .unsuitable(options.attributes)
        case .noticeResponse: try keepReport(type, body)
        default: throw .unexpectedMessage(type.rawValue)
        }
    }

    private func firstValue(of row: [UInt8]) throws(ServerHandshakeError) -> [UInt8] {
        do {
            var values = try DataRow(row.span)
            return try values.next().map { Array(row[$0]) } ?? []
        } catch {
            throw .malformed(error)
        }
    }

    private mutating func settle(_ isMet: Bool, _ actions: inout [Action]) throws(ServerHandshakeError) {
        guard isMet else { throw .unsuitable(options.attributes) }
        phase = .ended
        actions.append(.ready(session))
    }

    /// The server may settle for an older minor version, once; protocol options it cannot object to, as none is sent.
    private mutating func settleVersion(_ body: [UInt8]) throws(ServerHandshakeError) {
        let answer = try wellFormed(try NegotiateProtocolVersion(body.span))
        guard !isVersionSettled, answer.unrecognizedOptions.isEmpty, answer.version < options.version,
            answer.version >= .oldest
        else { throw .versionNotSupported(answer.version) }
        isVersionSettled = true
        session.version = answer.version
    }

    private mutating func keepReport(
        _ type: BackendMessageType, _ body: [UInt8]
    ) throws(ServerHandshakeError) {
        _ = try wellFormed(try DiagnosticReport(body.span))
        guard type == .noticeResponse else { throw .refusedByServer(body) }
        session.messages.append(.notice(body))
    }

    private func wellFormed<Message>(
        _ message: @autoclosure () throws(WireError) -> Message
    ) throws(ServerHandshakeError) -> Message {
        do { return try message() } catch { throw .malformed(error) }
    }
}
