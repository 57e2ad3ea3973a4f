import Cryptography
import Testing

@testable import WireProtocols

struct ClientHandshakeTests {
    typealias Action = ClientHandshake.Action

    private let randomness = [UInt8](0..<18)
    private let accept = UInt8(ascii: "S")
    private let decline = UInt8(ascii: "N")
    private let sslRequest: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 47]
    private let gssRequest: [UInt8] = [0, 0, 0, 8, 4, 210, 22, 48]

    private func machine(
        tls: ClientHandshake.Options.TLS = .offered, isLocal: Bool = false, allowsReplication: Bool = false
    ) -> ClientHandshake {
        ClientHandshake(
            .init(tls: tls, isLocal: isLocal, allowsReplication: allowsReplication, mockSecret: [1, 2, 3]))
    }

    private func startup(
        version: ProtocolVersion = .oldest,
        _ parameters: [StartupMessage.Parameter] = [.init("user", "alice")]
    ) -> [UInt8] {
        var output: [UInt8] = []
        StartupMessage(version: version, parameters: parameters).write(to: &output)
        return output
    }

    private func clientStartup(
        _ parameters: [StartupMessage.Parameter] = [], database: String = "alice", isEncrypted: Bool = false
    ) -> ClientStartup {
        ClientStartup(
            version: .oldest, user: Array("alice".utf8), database: Array(database.utf8), replication: nil,
            parameters: parameters, isEncrypted: isEncrypted)
    }

    /// What the client is told on failure, and the failure itself.
    private func failure(_ sqlState: String, _ message: String, hint: String? = nil) -> [Action] {
        let fields = DiagnosticFields(.fatal, sqlState: sqlState, message: message, hint: hint)
        var reply: [UInt8] = []
        fields.writeErrorResponse(to: &reply)
        return [.send(reply), .fail(fields)]
    }

    // MARK: Before the session

    @Test(arguments: [1, 2, 3, 5, 12, Int.max])
    func `chunk size does not change what a client asks for`(chunk: Int) {
        let wire =
            gssRequest + sslRequest
            + startup([
                .init("user", "alice"), .init("database", "clinic"), .init("options", "-c a=b"),
                .init("options", "-c c=d"),
            ])
        var machine = machine(tls: .unavailable)
        var actions: [Action] = []
        for start in stride(from: 0, to: wire.count, by: min(chunk, wire.count)) {
            actions += machine.receive(Array(wire[start...].prefix(chunk)))
        }
        let parameters: [StartupMessage.Parameter] = [.init("options", "-c a=b"), .init("options", "-c c=d")]
        #expect(
            actions == [
                .send([decline]), .send([decline]), .lookUp(clientStartup(parameters, database: "clinic")),
            ])
    }

    @Test
    func `TLS starts after its request, then the session`() {
        var machine = machine()
        #expect(machine.receive(sslRequest) == [.send([accept]), .startTLS])
        machine.tlsStarted(channelBinding: nil)
        #expect(machine.receive(startup()) == [.lookUp(clientStartup(isEncrypted: true))])
    }

    @Test
    func `a connection may begin with TLS`() {
        var machine = machine(tls: .required)
        #expect(machine.directTLSStarted(channelBinding: nil, applicationProtocol: "postgresql") == [])
        #expect(machine.receive(startup()) == [.lookUp(clientStartup(isEncrypted: true))])
    }

    @Test(arguments: [nil, "http/1.1"])
    func `a connection that begins with TLS for another protocol ends without a word`(name: String?) {
        var machine = machine()
        #expect(
            machine.directTLSStarted(channelBinding: nil, applicationProtocol: name) == [
                .fail(
                    DiagnosticFields(
                        .fatal, sqlState: "08P01",
                        message: "direct TLS without the application protocol of PostgreSQL"))
            ])
        #expect(machine.receive(startup()) == [])
    }

    @Test
    func `bytes ahead of the TLS handshake are refused, not taken for the client's`() {
        var machine = machine()
        #expect(
            machine.receive(sslRequest + startup())
                == failure("08P01", "received unencrypted data after SSL request"))
        #expect(machine.receive(startup()) == [])
    }

    @Test
    func `plain bytes during the TLS handshake are refused without a plain word`() {
        var machine = machine()
        _ = machine.receive(sslRequest)
        #expect(
            machine.receive(startup()) == [
                .fail(
                    DiagnosticFields(
                        .fatal, sqlState: "08P01", message: "plain bytes during the TLS handshake"))
            ])
        machine.tlsStarted(channelBinding: nil)
        #expect(machine.receive(startup()) == [])
    }

    @Test
    func `encryption is asked for once each way`() {
        let refusal = failure("08P01", "encryption was asked for already")
        var machine = machine(tls: .unavailable)
        _ = machine.receive(sslRequest)
        #expect(machine.receive(sslRequest) == refusal)

        machine = self.machine()
        #expect(machine.receive(gssRequest) == [.send([decline])])
        #expect(machine.receive(gssRequest) == refusal)

        machine = self.machine()
        _ = machine.receive(sslRequest)
        machine.tlsStarted(channelBinding: nil)
        #expect(machine.receive(sslRequest) == refusal)
    }

    @Test
    func `where TLS is required, no session starts without it`() {
        var machine = machine(tls: .required, isLocal: true)
        #expect(
            machine.receive(startup())
                == failure(
                    "28000", "connections are accepted with TLS only",
                    hint: "Set sslmode=require, or verify-full to know the server as well."))
    }

    @Test(arguments: [4, 32, 256])
    func `a cancel request ends the connection, TLS or not`(keyLength: Int) {
        let request = CancelRequest(processID: 99, secretKey: [UInt8](repeating: 7, count: keyLength))
        var packet: [UInt8] = []
        request.write(to: &packet)
        var machine = machine(tls: .required)
        #expect(machine.receive(packet) == [.cancel(request)])
        #expect(machine.receive(packet) == [])
    }

    @Test
    func `3.0 and 3.2 are spoken as they are`() {
        for version in [ProtocolVersion.oldest, .init(major: 3, minor: 1), .newest] {
            var machine = machine()
            guard case .lookUp(let client)? = machine.receive(startup(version: version)).first else {
                Issue.record("\(version) is not spoken")
                continue
            }
            #expect(client.version == version)
        }
    }

    @Test
    func `a newer version and protocol options are negotiated`() {
        var negotiation: [UInt8] = []
        NegotiateProtocolVersion.write(.newest, unrecognizedOptions: [Array("_pq_.x".utf8)], to: &negotiation)
        var client = clientStartup([.init("options", "-c a=b")])
        client.version = .newest
        var machine = machine()
        #expect(
            machine.receive(
                startup(
                    version: ProtocolVersion(major: 3, minor: 9999),
                    [.init("user", "alice"), .init("_pq_.x", "1"), .init("options", "-c a=b")]))
                == [.send(negotiation), .lookUp(client)])

        negotiation = []
        NegotiateProtocolVersion.write(.oldest, unrecognizedOptions: [Array("_pq_.x".utf8)], to: &negotiation)
        machine = self.machine()
        #expect(
            machine.receive(startup([.init("user", "alice"), .init("_pq_.x", "1")]))
                == [.send(negotiation), .lookUp(clientStartup())])
    }

    @Test
    func `another protocol is refused`() {
        var machine = machine()
        #expect(
            machine.receive(startup(version: ProtocolVersion(major: 2, minor: 0)))
                == failure("0A000", "unsupported frontend protocol 2.0: server supports 3.0 to 3.2"))
        machine = self.machine()
        #expect(
            machine.receive(Array("GET / HTTP/1.1\r\n".utf8)) == failure("08P01", "invalid message length"))
    }

    @Test
    func `there is no session without a user`() {
        let refusal = failure("28000", "no PostgreSQL user name specified in startup packet")
        for parameters in [[], [StartupMessage.Parameter("user", "")]] {
            var machine = machine()
            #expect(machine.receive(startup(parameters)) == refusal)
        }
    }

    @Test(arguments: ["true", "on", "1", "database", "DATABASE", "nonsense", ""])
    func `replication is refused unless it is allowed`(value: String) {
        let packet = startup([.init("user", "alice"), .init("replication", value)])
        var machine = machine()
        #expect(machine.receive(packet) == failure("28000", "replication connections are not allowed here"))
        machine = self.machine(allowsReplication: true)
        var client = clientStartup()
        client.replication = Array(value.utf8)
        #expect(machine.receive(packet) == [.lookUp(client)])
    }

    @Test(arguments: ["false", "off", "0", "NO", "f"])
    func `no replication is an ordinary session`(value: String) {
        var machine = machine()
        #expect(
            machine.receive(startup([.init("user", "alice"), .init("replication", value)]))
                == [.lookUp(clientStartup())])
    }

    // MARK: Authentication

    private let verifier = try? SCRAMVerifier(password: Array("secret".utf8), salt: [UInt8](0..<16))

    /// Ready for a credential.
    private func waiting(isLocal: Bool = false, channelBinding: [UInt8]? = nil, isEncrypted: Bool = false)
        -> ClientHandshake
    {
        var machine = machine(isLocal: isLocal)
        if isEncrypted {
            _ = machine.receive(sslRequest)
            machine.tlsStarted(channelBinding: channelBinding)
        }
        _ = machine.receive(startup())
        return machine
    }

    /// A client that logs in by SCRAM: what the machine does at its last message.
    private func login(
        _ machine: inout ClientHandshake, _ credential: ClientCredential, password: String,
        channelBinding: SCRAMClient.ChannelBinding = .unsupported
    ) throws -> [Action] {
        var client = SCRAMClient(
            password: Array(password.utf8), nonce: Array("abc".utf8), channelBinding: channelBinding)
        guard case .send(let offer)? = machine.credentialFound(credential, randomness: randomness).first
        else {
            return []
        }
        let names = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"].map { Array($0.utf8) }
        let offered = channelBinding == .unsupported ? Array(names.dropFirst()) : names
        #expect(offer == Authentication.sasl(mechanisms: offered).message)

        var first: [UInt8] = []
        SASLInitialResponse.write(
            mechanism: client.mechanism.rawValue.utf8, data: client.firstMessage, to: &first)
        let actions = machine.receive(first)
        guard case .send(let challenge)? = actions.first else { return [] }
        guard case .saslContinue(let data) = try Authentication(challenge.span.extracting(5...)) else {
            return actions
        }
        var proof: [UInt8] = []
        SASLResponse.write(try client.finalMessage(answering: data), to: &proof)
        return machine.receive(proof)
    }

    @Test
    func `a client that knows the password is authenticated, and told so`() throws {
        var machine = waiting()
        let actions = try login(&machine, .scram(try #require(verifier)), password: "secret")
        #expect(actions.count == 2)
        #expect(actions.last == .authenticated)
        guard case .send(let bytes)? = actions.first else { return }
        let header = try #require(try BackendHeader.next(in: bytes.span, at: 0))
        guard case .saslFinal = try Authentication(bytes.span.extracting(header.body(at: 0))) else {
            Issue.record("no signature")
            return
        }
        #expect(Array(bytes[header.frameLength...]) == Authentication.ok.message)
    }

    @Test
    func `a client may bind to its TLS connection`() throws {
        var machine = waiting(channelBinding: [7, 8], isEncrypted: true)
        let credential = ClientCredential.scram(try #require(verifier))
        let bound = try login(
            &machine, credential, password: "secret", channelBinding: .serverEndPoint([7, 8]))
        #expect(bound.last == .authenticated)

        machine = waiting(channelBinding: [7, 8], isEncrypted: true)
        #expect(
            try login(&machine, credential, password: "secret", channelBinding: .serverEndPoint([7, 9]))
                == failure("28000", "SCRAM channel binding check failed"))

        machine = waiting(channelBinding: [7, 8], isEncrypted: true)
        #expect(
            try login(&machine, credential, password: "secret", channelBinding: .notOffered)
                == failure("28000", "SCRAM channel binding check failed"))
    }

    @Test
    func `an unknown user and a wrong password look the same`() throws {
        let refusal = failure("28P01", "password authentication failed for user \"alice\"")
        var machine = waiting()
        #expect(try login(&machine, .scram(try #require(verifier)), password: "wrong") == refusal)
        machine = waiting()
        #expect(try login(&machine, .unknown, password: "secret") == refusal)
        #expect(machine.receive([0]) == [])
    }

    @Test
    func `a password in clear text is asked for only where nobody else reads it`() {
        let request = Authentication.cleartextPassword.message
        var machine = waiting()
        #expect(
            machine.credentialFound(.password([1]), randomness: randomness)
                == failure("28000", "passwords and tokens are accepted with TLS only"))
        machine = waiting(isLocal: true)
        #expect(machine.credentialFound(.password([1]), randomness: randomness) == [.send(request)])
        machine = waiting(isEncrypted: true)
        #expect(machine.credentialFound(.password([1]), randomness: randomness) == [.send(request)])
    }

    @Test(arguments: [
        ("secret", "secret", true), ("secret", "Secret", false), ("secret", "secret1", false),
        ("secret", "", false), ("", "", false),
    ])
    func `a password matches itself alone, and the empty one nothing`(
        expected: String, given: String, matches: Bool
    ) {
        var machine = waiting(isLocal: true)
        _ = machine.credentialFound(.password(Array(expected.utf8)), randomness: randomness)
        var message: [UInt8] = []
        PasswordMessage.write(given.utf8, to: &message)
        #expect(
            machine.receive(message)
                == (matches
                    ? [.send(Authentication.ok.message), .authenticated]
                    : failure("28P01", "password authentication failed for user \"alice\"")))
    }

    /// Asked for a token, which it has shown.
    private func shown(_ token: String) -> ClientHandshake {
        var machine = waiting(isLocal: true)
        #expect(
            machine.credentialFound(.token, randomness: randomness)
                == [.send(Authentication.cleartextPassword.message)])
        var message: [UInt8] = []
        PasswordMessage.write(token.utf8, to: &message)
        Query.write("select 1".utf8, to: &message)
        #expect(machine.receive(message) == [.verify(token: Array(token.utf8))])
        return machine
    }

    @Test
    func `a token is judged elsewhere, and nothing goes on before that`() {
        var machine = shown("a.b.c")
        #expect(machine.receive([1, 2, 3]) == [])
        #expect(machine.tokenAccepted() == [.send(Authentication.ok.message), .authenticated])
        #expect(machine.unread.prefix(1) == [UInt8(ascii: "Q")])
        #expect(machine.tokenAccepted() == [])
        #expect(machine.tokenRefused("no") == [])

        machine = shown("")
        #expect(machine.tokenRefused("it is none") == failure("28P01", "authentication failed: it is none"))
        #expect(machine.tokenAccepted() == [])
    }

    @Test
    func `a token is not asked for where others could read it`() {
        var machine = waiting()
        #expect(
            machine.credentialFound(.token, randomness: randomness)
                == failure("28000", "passwords and tokens are accepted with TLS only"))
        machine = waiting(isLocal: true)
        // Not asked for yet, and never after the time for it.
        #expect(machine.tokenAccepted() == [])
        _ = machine.credentialFound(.token, randomness: randomness)
        #expect(machine.tokenAccepted() == [])
        _ = machine.deadlinePassed()
        var message: [UInt8] = []
        PasswordMessage.write("a".utf8, to: &message)
        #expect(machine.receive(message) == [])
    }

    @Test
    func `a trusted client is told so at once`() {
        var machine = waiting()
        #expect(
            machine.credentialFound(.trusted, randomness: randomness)
                == [.send(Authentication.ok.message), .authenticated])
    }

    @Test
    func `a refusal is fatal and told`() {
        var machine = waiting()
        let fields = DiagnosticFields(.error, sqlState: "28000", message: "stale")
        #expect(
            machine.credentialFound(.refused(fields), randomness: randomness) == failure("28000", "stale"))
        #expect(machine.credentialFound(.trusted, randomness: randomness) == [])
    }

    @Test
    func `what a client sends ahead is read when it is due`() {
        var machine = machine(isLocal: true)
        var ahead: [UInt8] = []
        PasswordMessage.write("secret".utf8, to: &ahead)
        Query.write("select 1".utf8, to: &ahead)
        #expect(machine.receive(startup() + ahead) == [.lookUp(clientStartup())])
        #expect(
            machine.credentialFound(.password(Array("secret".utf8)), randomness: randomness) == [
                .send(Authentication.cleartextPassword.message), .send(Authentication.ok.message),
                .authenticated,
            ])
        var query: [UInt8] = []
        Query.write("select 1".utf8, to: &query)
        #expect(machine.unread == query)
    }

    @Test
    func `a client may send so much ahead and no more`() {
        var machine = waiting()
        #expect(machine.receive([UInt8](repeating: 0, count: ClientHandshake.maximumUnreadLength)) == [])
        #expect(machine.receive([0]) == failure("08P01", "too many bytes before authentication"))
    }

    @Test
    func `nothing but the proof is taken for one`() {
        var query: [UInt8] = []
        Query.write("select 1".utf8, to: &query)
        for credential in [ClientCredential.password([1]), .unknown] {
            var machine = waiting(isLocal: true)
            _ = machine.credentialFound(credential, randomness: randomness)
            #expect(
                machine.receive(query) == failure("08P01", "expected password response, got message type 81"))
        }
    }

    @Test(arguments: [
        ("SCRAM-SHA-1", "client selected an invalid SASL authentication mechanism"),
        ("SCRAM-SHA-256-PLUS", "client selected an invalid SASL authentication mechanism"),
        ("SCRAM-SHA-256", "malformed SCRAM message"),
    ])
    func `a mechanism that was not offered, or misused, is refused`(mechanism: String, message: String) {
        var machine = waiting()
        _ = machine.credentialFound(.unknown, randomness: randomness)
        var response: [UInt8] = []
        SASLInitialResponse.write(mechanism: mechanism.utf8, data: Array("n,,".utf8), to: &response)
        #expect(machine.receive(response) == failure("08P01", message))
    }

    @Test
    func `a SASL message may be so long and no longer`() {
        func actions(_ length: Int) -> [Action] {
            var machine = waiting()
            _ = machine.credentialFound(.unknown, randomness: randomness)
            var header = [FrontendMessageType.authentication.rawValue]
            header.appendInt32(Int32(length + 4))
            return machine.receive(header)
        }
        #expect(actions(SASLMessage.maximumBodyLength) == [])
        #expect(actions(SASLMessage.maximumBodyLength + 1) == failure("08P01", "invalid message length"))
    }

    @Test
    func `a password may be so long and no longer`() {
        func actions(_ length: Int) -> [Action] {
            var machine = waiting(isLocal: true)
            _ = machine.credentialFound(.password([1]), randomness: randomness)
            var header = [FrontendMessageType.authentication.rawValue]
            header.appendInt32(Int32(length + 4))
            return machine.receive(header)
        }
        #expect(actions(PasswordMessage.maximumBodyLength) == [])
        #expect(actions(PasswordMessage.maximumBodyLength + 1) == failure("08P01", "invalid message length"))
    }

    @Test
    func `a client that takes too long is told, unless TLS is in the way`() {
        let fields = DiagnosticFields(
            .fatal, sqlState: "57014", message: "canceling authentication due to timeout")
        var machine = waiting()
        #expect(machine.deadlinePassed() == failure(fields.sqlState, fields.message))
        #expect(machine.deadlinePassed() == [])
        machine = self.machine()
        _ = machine.receive(sslRequest)
        #expect(machine.deadlinePassed() == [.fail(fields)])
    }

    @Test
    func `a credential nobody asked for is ignored`() {
        var machine = machine()
        #expect(machine.credentialFound(.trusted, randomness: randomness) == [])
    }
}
