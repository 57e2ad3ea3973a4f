import Testing

@testable import WireProtocols

/// Which server is the one wanted, and how one is asked that does not tell.
struct ServerSuitabilityTests {
    private func machine(_ attributes: SessionAttributes) -> ServerHandshake {
        ServerHandshake(
            ServerHandshake.Options(
                user: Array("app".utf8), database: Array("db".utf8), password: nil, tls: .disabled,
                attributes: attributes), randomness: [UInt8](0..<18))
    }

    private func welcome(_ parameters: [(String, String)]) -> [UInt8] {
        var bytes = Authentication.ok.message
        for (name, value) in parameters {
            ParameterStatus.write(name: name.utf8, value: value.utf8, to: &bytes)
        }
        ReadyForQuery.write(.idle, to: &bytes)
        return bytes
    }

    /// The end of a log-in to a server that reports these parameters: the error, or `nil` for a session.
    private func end(_ attributes: SessionAttributes, _ parameters: [(String, String)])
        -> ServerHandshakeError??
    {
        var machine = machine(attributes)
        _ = machine.start()
        switch machine.receive(welcome(parameters)).last {
        case .ready: return .some(nil)
        case .fail(let error): return error
        default: return nil
        }
    }

    @Test(arguments: [
        (SessionAttributes.any, "on", "on", true), (.readWrite, "off", "off", true),
        (.readWrite, "off", "on", false), (.readWrite, "on", "off", false), (.readOnly, "off", "off", false),
        (.readOnly, "off", "on", true), (.readOnly, "on", "off", true), (.primary, "off", "on", true),
        (.primary, "on", "off", false), (.standby, "on", "off", true), (.standby, "off", "on", false),
    ])
    func `a server that tells is judged by what it tells`(
        attributes: SessionAttributes, isStandby: String, isReadOnly: String, isMet: Bool
    ) {
        let parameters = [("in_hot_standby", isStandby), ("default_transaction_read_only", isReadOnly)]
        #expect(end(attributes, parameters) == .some(isMet ? nil : .unsuitable(attributes)))
    }

    @Test func `a parameter reported twice counts as it was last`() {
        let parameters = [
            ("in_hot_standby", "off"), ("default_transaction_read_only", "on"),
            ("default_transaction_read_only", "off"),
        ]
        #expect(end(.readWrite, parameters) == .some(nil))
    }

    @Test(arguments: [
        (SessionAttributes.readWrite, "SHOW transaction_read_only", "off", "on"),
        (.readOnly, "SHOW transaction_read_only", "on", "off"),
        (.primary, "SELECT pg_catalog.pg_is_in_recovery()", "f", "t"),
        (.standby, "SELECT pg_catalog.pg_is_in_recovery()", "t", "f"),
    ])
    func `an older server is asked before the client sees it`(
        attributes: SessionAttributes, question: String, right: String, wrong: String
    ) {
        var query: [UInt8] = []
        Query.write(question.utf8, to: &query)
        for (answer, isMet) in [(right, true), (wrong, false), ("", false)] {
            var machine = machine(attributes)
            _ = machine.start()
            #expect(machine.receive(welcome([("server_version", "13.1")])) == [.send(query)])
            var reply: [UInt8] = []
            RowDescription.write([(Array("x".utf8), ColumnType(type: 25))], to: &reply)
            DataRow.write([Array(answer.utf8)], to: &reply)
            CommandComplete.write("SHOW".utf8, to: &reply)
            ReadyForQuery.write(.idle, to: &reply)
            let actions = reply.flatMap { machine.receive([$0]) }
            guard isMet else {
                #expect(actions == [.fail(.unsuitable(attributes))])
                continue
            }
            guard case .ready(let session) = actions.last, actions.count == 1 else {
                Issue.record("\(actions)")
                continue
            }
            #expect(session.parameters == [.init("server_version", "13.1")])
        }
    }

    @Test func `a server that refuses the question is not the one wanted`() {
        var machine = machine(.primary)
        _ = machine.start()
        _ = machine.receive(welcome([]))
        var reply: [UInt8] = []
        DiagnosticFields(.error, sqlState: "42601", message: "syntax error").writeErrorResponse(to: &reply)
        #expect(machine.receive(reply) == [.fail(.unsuitable(.primary))])
    }

    @Test(arguments: [[0x44, 0, 0, 0, 6, 0, 0], [0x44, 0, 0, 0, 5, 0], [0x56, 0, 0, 0, 4]] as [[UInt8]])
    func `an answer that is none ends the log-in`(reply: [UInt8]) {
        var machine = machine(.primary)
        _ = machine.start()
        _ = machine.receive(welcome([]))
        guard case .fail(let error) = machine.receive(reply).last else {
            Issue.record("accepted")
            return
        }
        #expect(error != .unsuitable(.primary))
    }

    // MARK: TLS

    @Test func `a direct connection begins with TLS, and asks for PostgreSQL in it`() {
        for (chosen, isAccepted) in [("postgresql", true), (nil, false), ("http/1.1", false)]
            as [(String?, Bool)]
        {
            var machine = ServerHandshake(
                ServerHandshake.Options(user: [1], database: [1], password: nil, tls: .direct),
                randomness: [UInt8](0..<18))
            #expect(machine.start() == [.startTLS])
            let actions = machine.tlsStarted(channelBinding: nil, applicationProtocol: chosen)
            if isAccepted {
                guard case .send? = actions.first else {
                    Issue.record("\(actions)")
                    continue
                }
            } else {
                #expect(actions == [.fail(.applicationProtocolNotAgreed)])
            }
        }
    }

    @Test func `a server that was asked in PostgreSQL's way need not choose, but not otherwise either`() {
        #expect(ServerHandshake.Options.TLS.required.accepts(nil))
        #expect(ServerHandshake.Options.TLS.required.accepts("postgresql"))
        #expect(!ServerHandshake.Options.TLS.required.accepts("http/1.1"))
    }

    @Test func `channel binding that is not wanted is not used`() {
        let sasl = Authentication.sasl(
            mechanisms: [Array("SCRAM-SHA-256-PLUS".utf8), Array("SCRAM-SHA-256".utf8)]).message
        var options = ServerHandshake.Options(user: [1], database: [1], password: [1], tls: .direct)
        for uses in [true, false] {
            options.usesChannelBinding = uses
            var machine = ServerHandshake(options, randomness: [UInt8](0..<18))
            _ = machine.start()
            _ = machine.tlsStarted(channelBinding: [1], applicationProtocol: "postgresql")
            guard case .send(let bytes)? = machine.receive(sasl).first else {
                Issue.record("no answer")
                continue
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("SCRAM-SHA-256-PLUS") == uses)
            #expect(text.contains("n,,n=") == !uses)
        }
    }
}
