import Cryptography

/// The exchange in which a client proves that it knows a user's password.
struct ClientAuthentication: Sendable {
    struct Context {
        let startup: ClientStartup
        let allowsCleartext: Bool
        /// See ``ClientHandshake/tlsStarted(channelBinding:)``.
        let channelBinding: [UInt8]?
        let mockSecret: [UInt8]
        let nonce: [UInt8]
    }

    private enum Step: Sendable {
        case password(expected: [UInt8])
        case token
        case choice(SCRAMServer)
        case proof(SCRAMServer)
    }

    private let user: [UInt8]
    private var step: Step

    /// - Returns: the exchange, unless none is needed, and what to send.
    static func begin(
        _ credential: ClientCredential, _ context: Context
    ) throws(DiagnosticFields) -> (Self?, request: [UInt8]) {
        switch credential {
        case .trusted:
            return (nil, Authentication.ok.message)
        case .password(let expected):
            return try cleartext(.password(expected: expected), context)
        case .token:
            return try cleartext(.token, context)
        case .scram(let verifier):
            return scram(verifier, context)
        case .unknown:
            // An exchange for show, which no proof passes.
            let verifier = SCRAMVerifier(mockFor: context.startup.user, secret: context.mockSecret)
            return scram(verifier, context)
        case .refused(var fields):
            fields.severity = .fatal
            throw fields
        }
    }

    private static func cleartext(
        _ step: Step, _ context: Context
    ) throws(DiagnosticFields) -> (Self?, request: [UInt8]) {
        guard context.allowsCleartext else {
            throw DiagnosticFields(
                .fatal, sqlState: "28000", message: "passwords and tokens are accepted with TLS only")
        }
        return (Self(user: context.startup.user, step: step), Authentication.cleartextPassword.message)
    }

    private static func scram(
        _ verifier: SCRAMVerifier, _ context: Context
    ) -> (Self?, request: [UInt8]) {
        let server = SCRAMServer(
            verifier: verifier, nonce: context.nonce, serverEndPointBinding: context.channelBinding)
        let mechanisms = server.mechanisms.map { Array($0.rawValue.utf8) }
        return (
            Self(user: context.startup.user, step: .choice(server)),
            Authentication.sasl(mechanisms: mechanisms).message
        )
    }

    /// The longest body of the message that is due, in bytes.
    var bodyLimit: Int {
        switch step {
        case .password, .token: PasswordMessage.maximumBodyLength
        case .choice, .proof: SASLMessage.maximumBodyLength
        }
    }

    /// - Returns: what to send, and whether the client has proven itself.
    mutating func receive(_ body: [UInt8]) throws(DiagnosticFields) -> (reply: [UInt8], isDone: Bool) {
        switch step {
        case .password(let expected):
            return (try accept(body, expected), true)
        case .token:
            throw .protocolViolation("a token is verified elsewhere")
        case .choice(let server):
            return (try challenge(body, server), false)
        case .proof(let server):
            return (try verify(body, server), true)
        }
    }

    var asksForToken: Bool { if case .token = step { true } else { false } }

    /// What the client has shown in place of a password.
    func token(in body: [UInt8]) throws(DiagnosticFields) -> [UInt8] {
        let message: PasswordMessage
        do { message = try PasswordMessage(body.span) } catch { throw DiagnosticFields(fatal: error) }
        return Array(body[message.password])
    }

    private func accept(_ body: [UInt8], _ expected: [UInt8]) throws(DiagnosticFields) -> [UInt8] {
        let message: PasswordMessage
        do { message = try PasswordMessage(body.span) } catch { throw DiagnosticFields(fatal: error) }
        let password = Array(body[message.password])
        guard !expected.isEmpty, ConstantTime.isEqual(password, expected) else { throw refusal }
        return Authentication.ok.message
    }

    private mutating func challenge(
        _ body: [UInt8], _ current: SCRAMServer
    ) throws(DiagnosticFields) -> [UInt8] {
        var server = current
        let message: SASLInitialResponse
        do { message = try SASLInitialResponse(body.span) } catch { throw DiagnosticFields(fatal: error) }
        let name = String(decoding: body[message.mechanism], as: UTF8.self)
        guard let mechanism = SCRAM.Mechanism(rawValue: name), server.mechanisms.contains(mechanism) else {
            throw .protocolViolation("client selected an invalid SASL authentication mechanism")
        }
        guard let data = message.data else { throw .protocolViolation("client sent no first SCRAM message") }
        let challenge: [UInt8]
        do {
            challenge = try server.firstMessage(answering: Array(body[data]), mechanism: mechanism)
        } catch {
            throw fields(for: error)
        }
        step = .proof(server)
        return Authentication.saslContinue(challenge).message
    }

    private func verify(_ body: [UInt8], _ current: SCRAMServer) throws(DiagnosticFields) -> [UInt8] {
        var server = current
        let signature: [UInt8]
        do { signature = try server.finalMessage(answering: body) } catch { throw fields(for: error) }
        return Authentication.saslFinal(signature).message + Authentication.ok.message
    }

    private func fields(for error: SCRAMError) -> DiagnosticFields {
        switch error {
        case .wrongProof: refusal
        case .messageTooLong, .malformedMessage, .outOfOrder, .nonceMismatch, .mechanismMismatch,
            .serverRefused,
            .iterationCountOutOfRange, .wrongServerSignature:
            .protocolViolation("malformed SCRAM message")
        case .channelBindingDowngraded, .channelBindingMismatch:
            DiagnosticFields(.fatal, sqlState: "28000", message: "SCRAM channel binding check failed")
        case .cryptography:
            DiagnosticFields(.fatal, sqlState: "XX000", message: "authentication is not possible")
        }
    }

    /// Of a wrong password.
    var refusal: DiagnosticFields {
        let user = String(decoding: user, as: UTF8.self)
        return DiagnosticFields(
            .fatal, sqlState: "28P01", message: "password authentication failed for user \"\(user)\"")
    }
}
