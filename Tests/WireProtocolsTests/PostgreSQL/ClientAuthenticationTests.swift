import Cryptography
import Testing

@testable import WireProtocols

/// How a client proves who it is.
struct ClientAuthenticationTests: ClientHandshakeSamples {
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
        #expect(machine.tokenRefused("no", isToken: true) == [])

        machine = shown("d.e.f")
        #expect(
            machine.tokenRefused("it is old", isToken: true)
                == failure("28P01", "authentication failed: it is old"))
        #expect(machine.tokenAccepted() == [])
    }

    @Test
    func `a password in place of a token is refused as a wrong one is, and why is for the record`() {
        var machine = shown("guess")
        let actions = machine.tokenRefused("it is none", isToken: false)
        #expect(
            actions.first == failure("28P01", "password authentication failed for user \"alice\"").first)
        #expect(actions.last == failure("28P01", "authentication failed: it is none").last)
        #expect(actions.count == 2)
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
