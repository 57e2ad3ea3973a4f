import Testing

@testable import WireProtocols

struct ServerHandshakeTests {
    typealias Action = ServerHandshake.Action

    private let randomness = [UInt8](0..<18)

    private func options(
        _ user: String = "postgres", database: String = "postgres", password: String? = "secret",
        version: ProtocolVersion = .oldest, tls: ServerHandshake.Options.TLS = .disabled,
        minimumMethod: ServerAuthenticationMethod = .trust, allowsCleartextWithoutTLS: Bool = false
    ) -> ServerHandshake.Options {
        ServerHandshake.Options(
            user: Array(user.utf8), database: Array(database.utf8), password: password.map { Array($0.utf8) },
            parameters: [.init("application_name", "weir"), .init("client_encoding", "UTF8")],
            version: version, tls: tls, minimumMethod: minimumMethod,
            allowsCleartextWithoutTLS: allowsCleartextWithoutTLS)
    }

    /// Has the machine hear the recording's server in chunks; checks that it says what the client said.
    private func replay(
        _ recording: Recording, _ options: ServerHandshake.Options, chunk: Int = .max
    ) -> Action? {
        var machine = ServerHandshake(options, randomness: randomness)
        var actions = machine.start()
        for line in recording.lines {
            switch line {
            case .client(let bytes):
                #expect(actions == [.send(bytes)])
                actions = []
            case .server(let bytes):
                for start in stride(from: 0, to: bytes.count, by: min(chunk, bytes.count)) {
                    actions += machine.receive(Array(bytes[start...].prefix(chunk)))
                }
            }
        }
        #expect(actions.count == 1)
        return actions.first
    }

    @Test(arguments: [1, 2, 3, 7, 64, Int.max])
    func `chunk size does not change a login by SCRAM`(chunk: Int) throws {
        let action = replay(.scram, options("scram"), chunk: chunk)
        guard case .ready(let session) = action else {
            Issue.record("no session: \(String(describing: action))")
            return
        }
        #expect(session.method == .scramSHA256)
        #expect(session.version == .oldest)
        #expect(session.parameters.count == 13)
        #expect(session.parameters.first == .init("application_name", "weir"))
        #expect(session.parameters.last == .init("TimeZone", "Etc/UTC"))
        #expect(session.cancellation == CancelRequest(processID: 6_922, secretKey: [210, 158, 44, 106]))
        #expect(session.status == .idle)
        #expect(session.notices.isEmpty)
    }

    @Test
    func `md5, clear text and trust lead to a session where they are allowed`() {
        for (recording, options, method) in [
            (Recording.md5, options("md5user"), ServerAuthenticationMethod.md5),
            (.cleartext, options("plain", allowsCleartextWithoutTLS: true), .cleartext),
            (.trust, options(password: nil, version: .newest), .trust),
        ] {
            guard case .ready(let session) = replay(recording, options) else {
                Issue.record("no session by \(method)")
                continue
            }
            #expect(session.method == method)
        }
    }

    @Test
    func `a server's own refusal is kept as it is`() throws {
        for (recording, options) in [
            (Recording.wrongPassword, options("scram", password: "wrong")),
            (.missingDatabase, options(database: "nosuch", password: nil)),
        ] {
            let error = try messages(in: recording.server, of: BackendMessageType.errorResponse)
            #expect(replay(recording, options) == .fail(.refusedByServer(error[0])))
        }
    }

    // MARK: One message at a time

    /// What the machine says to `messages`, each its own chunk, after it has sent its startup message.
    private func answers(
        to messages: [[UInt8]], _ options: ServerHandshake.Options, channelBinding: [UInt8]? = nil
    ) -> [Action] {
        var machine = ServerHandshake(options, randomness: randomness)
        var actions = machine.start()
        if options.tls == .required {
            actions = machine.receive([UInt8(ascii: "S")])
            #expect(actions == [.startTLS])
            actions = machine.tlsStarted(channelBinding: channelBinding, applicationProtocol: nil)
        }
        #expect(actions.count == 1)
        actions = []
        for message in messages { actions += machine.receive(message) }
        return actions
    }

    private let sasl = Authentication.sasl(
        mechanisms: [Array("SCRAM-SHA-256-PLUS".utf8), Array("SCRAM-SHA-256".utf8)]).message

    @Test
    func `a weaker method than the minimum gets no password`() {
        let md5 = Authentication.md5Password(salt: [1, 2, 3, 4]).message
        let cleartext = Authentication.cleartextPassword.message
        let cases: [([UInt8], ServerAuthenticationMethod, ServerAuthenticationMethod)] = [
            (Authentication.ok.message, .cleartext, .trust), (cleartext, .md5, .cleartext),
            (md5, .scramSHA256, .md5), (sasl, .scramSHA256Plus, .scramSHA256),
        ]
        for (message, minimum, method) in cases {
            #expect(
                answers(to: [message], options(tls: .required, minimumMethod: minimum))
                    == [.fail(.methodTooWeak(method))])
            let allowed = answers(to: [message], options(tls: .required, minimumMethod: method))
            if case .fail? = allowed.first { Issue.record("\(method) refused where it is the minimum") }
        }
    }

    @Test
    func `a password in clear text needs TLS or leave`() {
        let request = Authentication.cleartextPassword.message
        #expect(answers(to: [request], options()) == [.fail(.cleartextWithoutTLS)])
        var reply: [UInt8] = []
        PasswordMessage.write("secret".utf8, to: &reply)
        #expect(answers(to: [request], options(allowsCleartextWithoutTLS: true)) == [.send(reply)])
        #expect(answers(to: [request], options(tls: .required)) == [.send(reply)])
    }

    @Test
    func `a password that is not there is not made up`() {
        for request in [
            Authentication.cleartextPassword.message, Authentication.md5Password(salt: [1, 2, 3, 4]).message,
            sasl,
        ] {
            #expect(
                answers(to: [request], options(password: nil, tls: .required)) == [.fail(.passwordMissing)])
        }
    }

    @Test
    func `a server is content only after it has proven itself`() throws {
        let ok = Authentication.ok.message
        #expect(answers(to: [sasl, ok], options()).last == .fail(.serverNotAuthenticated))
        let challenge = try #require(
            Recording.scram.lines.map(\.serverBytes).filter { !$0.isEmpty }.dropFirst().first)
        #expect(answers(to: [sasl, challenge, ok], options("scram")).last == .fail(.serverNotAuthenticated))
        let wrong = Authentication.saslFinal(Array("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".utf8))
            .message
        #expect(
            answers(to: [sasl, challenge, wrong], options("scram")).last == .fail(.serverNotAuthenticated))
    }

    @Test
    func `SCRAM is bound to the TLS connection where both can`() throws {
        func firstMessage(_ mechanisms: [String], _ binding: [UInt8]?) throws -> (String, String) {
            let request = Authentication.sasl(mechanisms: mechanisms.map { Array($0.utf8) }).message
            let actions = answers(to: [request], options(tls: .required), channelBinding: binding)
            guard case .send(let bytes)? = actions.first else { return ("", "") }
            let body = Array(bytes.dropFirst(5))
            let response = try SASLInitialResponse(body.span)
            return (
                body.text(response.mechanism), response.data.map { String(body.text($0).prefix(8)) } ?? ""
            )
        }
        let both = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]
        #expect(try firstMessage(both, [1]) == ("SCRAM-SHA-256-PLUS", "p=tls-se"))
        #expect(try firstMessage(both, nil) == ("SCRAM-SHA-256", "n,,n=,r="))
        #expect(try firstMessage(["SCRAM-SHA-256"], [1]) == ("SCRAM-SHA-256", "y,,n=,r="))
    }

    @Test(arguments: [2, 6, 7, 9, 99] as [UInt32])
    func `a method that is not spoken is refused by its code`(code: UInt32) {
        let request = Authentication.unsupported(code: code).message
        #expect(answers(to: [request], options()) == [.fail(.methodNotSupported(code: code))])
    }

    @Test
    func `SASL mechanisms that are not spoken are refused`() {
        for mechanisms in [[], ["OAUTHBEARER"], ["SCRAM-SHA-256-PLUS"]] {
            let request = Authentication.sasl(mechanisms: mechanisms.map { Array($0.utf8) }).message
            #expect(answers(to: [request], options()) == [.fail(.methodNotSupported(code: 10))])
        }
    }

    @Test
    func `a second request for a proof is refused`() {
        let md5 = Authentication.md5Password(salt: [1, 2, 3, 4]).message
        for second in [
            md5, sasl, Authentication.cleartextPassword.message, Authentication.saslContinue([]).message,
        ] {
            #expect(
                answers(to: [md5, second], options(tls: .required)).last
                    == .fail(.unexpectedMessage(BackendMessageType.authentication.rawValue)))
        }
    }

    // MARK: TLS

    @Test
    func `TLS is asked for before anything else is said`() throws {
        var machine = ServerHandshake(options(tls: .required), randomness: randomness)
        #expect(machine.start() == [.send([0, 0, 0, 8, 4, 210, 22, 47])])
        #expect(machine.receive([]) == [])
        #expect(machine.receive([UInt8(ascii: "S")]) == [.startTLS])
        guard case .send(let bytes)? = machine.tlsStarted(channelBinding: nil, applicationProtocol: nil).first
        else {
            Issue.record("no startup message")
            return
        }
        guard case .startup(let message) = try StartupPacket(bytes.span) else {
            Issue.record("not a startup message")
            return
        }
        #expect(message.value(of: "user") == Array("postgres".utf8))
    }

    @Test(arguments: [
        ("N", ServerHandshakeError.tlsNotOffered), ("E", .tlsNotOffered), ("X", .unexpectedMessage(0x58)),
        ("SR", .plainBytesBeforeTLS),
    ])
    func `without TLS there is no login`(answer: String, error: ServerHandshakeError) {
        var machine = ServerHandshake(options(tls: .required), randomness: randomness)
        _ = machine.start()
        #expect(machine.receive(Array(answer.utf8)) == [.fail(error)])
        #expect(machine.tlsStarted(channelBinding: nil, applicationProtocol: nil) == [])
    }

    @Test
    func `plain bytes during the TLS handshake are refused`() {
        var machine = ServerHandshake(options(tls: .required), randomness: randomness)
        _ = machine.start()
        _ = machine.receive([UInt8(ascii: "S")])
        #expect(machine.receive(Authentication.ok.message) == [.fail(.plainBytesBeforeTLS)])
        #expect(machine.tlsStarted(channelBinding: nil, applicationProtocol: nil) == [])
    }

    // MARK: The rest

    @Test
    func `the client's parameters follow unchanged, but for what is set here`() throws {
        let parameters: [StartupMessage.Parameter] = [
            .init("options", "-c a=b"), .init("user", "mallory"), .init("database", "other"),
            .init("replication", "true"), .init("_pq_.x", "1"), .init("options", "-c c=d"),
            .init("User", "x"),
        ]
        var machine = ServerHandshake(
            .init(
                user: Array("u".utf8), database: Array("d".utf8), password: nil, parameters: parameters,
                tls: .disabled), randomness: randomness)
        guard case .send(let bytes)? = machine.start().first else { return }
        #expect(
            try StartupPacket(bytes.span)
                == .startup(
                    StartupMessage(parameters: [
                        .init("user", "u"), .init("database", "d"), .init("options", "-c a=b"),
                        .init("options", "-c c=d"), .init("User", "x"),
                    ])))
    }

    @Test
    func `a replication session is asked for by the caller alone`() throws {
        var machine = ServerHandshake(
            .init(
                user: Array("u".utf8), database: Array("d".utf8), password: nil,
                replication: Array("true".utf8),
                tls: .disabled), randomness: randomness)
        guard case .send(let bytes)? = machine.start().first,
            case .startup(let message) = try StartupPacket(bytes.span)
        else {
            Issue.record("no startup message")
            return
        }
        #expect(message.value(of: "replication") == Array("true".utf8))
    }

    @Test
    func `a server may settle for an older version, once`() {
        func negotiate(_ version: ProtocolVersion, _ names: [[UInt8]] = []) -> [UInt8] {
            var message: [UInt8] = []
            NegotiateProtocolVersion.write(version, unrecognizedOptions: names, to: &message)
            return message
        }
        let older = negotiate(.oldest)
        #expect(answers(to: [older], options(version: .newest)) == [])
        for messages in [
            [older, older], [negotiate(.newest)], [negotiate(.init(major: 3, minor: 9))],
            [negotiate(.init(major: 2, minor: 0))], [negotiate(.oldest, [[0x78]])],
        ] {
            guard case .fail(.versionNotSupported)? = answers(to: messages, options(version: .newest)).last
            else {
                Issue.record("accepted \(messages)")
                continue
            }
        }
        #expect(answers(to: [older], options(version: .oldest)) == [.fail(.versionNotSupported(.oldest))])
    }

    @Test
    func `notices are kept, and bytes after readiness belong to the session`() {
        var notice: [UInt8] = []
        DiagnosticFields(.notice, sqlState: "00000", message: "hello").writeNoticeResponse(to: &notice)
        var ready: [UInt8] = []
        BackendKeyData.write(processID: 5, secretKey: [UInt8](repeating: 1, count: 32), to: &ready)
        ReadyForQuery.write(.failed, to: &ready)

        var machine = ServerHandshake(options(), randomness: randomness)
        _ = machine.start()
        let actions = machine.receive(notice + Authentication.ok.message + notice + ready + [0x4e, 0])
        var session = ServerSession(version: .oldest)
        let body = Array(notice.dropFirst(5))
        session.messages = [.notice(body), .notice(body), .key]
        session.cancellation = CancelRequest(processID: 5, secretKey: [UInt8](repeating: 1, count: 32))
        session.status = .failed
        #expect(actions == [.ready(session)])
        #expect(machine.unread == [0x4e, 0])
        #expect(machine.receive([1]) == [])
    }

    @Test
    func `messages that have no place before readiness are refused`() {
        for type in (0...UInt8.max).compactMap(BackendMessageType.init(rawValue:)) {
            var message: [UInt8] = []
            message.appendEmptyFrame(type)
            for before in [[], [Authentication.ok.message]] {
                guard case .fail? = answers(to: before + [message], options()).last else {
                    Issue.record("\(type) accepted")
                    continue
                }
            }
        }
    }

    @Test
    func `a server that is silent or gone is given up`() {
        var machine = ServerHandshake(options(), randomness: randomness)
        _ = machine.start()
        #expect(machine.deadlinePassed() == [.fail(.timedOut)])
        #expect(machine.closed() == [])
        machine = ServerHandshake(options(), randomness: randomness)
        _ = machine.start()
        #expect(machine.closed() == [.fail(.closed)])
        #expect(machine.deadlinePassed() == [])
    }

    @Test
    func `a server that speaks first is refused`() {
        var machine = ServerHandshake(options(), randomness: randomness)
        #expect(machine.receive([0x52]) == [.fail(.unexpectedMessage(0x52))])
        #expect(machine.start() == [])
    }

    // MARK: Limits

    private func status(_ length: Int) -> [UInt8] {
        var message: [UInt8] = []
        ParameterStatus.write(name: "n".utf8, value: [UInt8](repeating: 0x61, count: length), to: &message)
        return message
    }

    @Test
    func `a message may be so long and no longer`() {
        let ok = Authentication.ok.message
        let rest = 3  // name and two NULs
        #expect(answers(to: [ok, status(ServerHandshake.maximumBodyLength - rest)], options()) == [])
        let tooLong = ServerHandshake.maximumBodyLength + 1
        // The header alone tells; nothing is buffered towards the rest.
        let header = Array(status(tooLong - rest).prefix(5))
        #expect(
            answers(to: [ok, header], options()) == [
                .fail(.malformed(.lengthOutOfRange(tooLong, allowed: 0...ServerHandshake.maximumBodyLength)))
            ])
    }

    @Test
    func `there may be so many messages and no more`() {
        let ok = Authentication.ok.message
        let most = [[UInt8]](repeating: status(1), count: ServerHandshake.maximumMessageCount - 1)
        #expect(answers(to: [ok] + most, options()) == [])
        #expect(answers(to: [ok] + most + [status(1)], options()) == [.fail(.tooMuch)])
        #expect(answers(to: [ok + Array(most.joined()) + status(1)], options()) == [.fail(.tooMuch)])
    }

    @Test
    func `there may be so many bytes and no more`() {
        let ok = Authentication.ok.message
        let large = status(ServerHandshake.maximumBodyLength - 3)
        let count = ServerHandshake.maximumByteCount / large.count
        let last = ServerHandshake.maximumByteCount - ok.count - count * large.count
        let most = [[UInt8]](repeating: large, count: count)
        #expect(answers(to: [ok] + most + [status(last - 8)], options()) == [])
        #expect(answers(to: [ok] + most + [status(last - 7)], options()) == [.fail(.tooMuch)])
    }
}
