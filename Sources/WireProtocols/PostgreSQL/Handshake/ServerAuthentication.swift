import Cryptography

/// The exchange in which we prove to a server that we know a user's password, and with SCRAM it to us.
struct ServerAuthentication: Sendable {
    enum Answer: Equatable {
        case send([UInt8])
        /// Nothing to say; the server's next message decides.
        case wait
        case accepted(ServerAuthenticationMethod)
    }

    private enum Step: Sendable {
        case unasked
        case passwordSent(ServerAuthenticationMethod)
        case scramStarted(SCRAMClient)
        case scramProven(SCRAMClient)
        /// The server has shown that it knows the password.
        case scramVerified(ServerAuthenticationMethod)
    }

    private let options: ServerHandshake.Options
    private let channelBinding: [UInt8]?
    private let isEncrypted: Bool
    private let randomness: [UInt8]
    private var step = Step.unasked

    init(
        _ options: ServerHandshake.Options, channelBinding: [UInt8]?, isEncrypted: Bool, randomness: [UInt8]
    ) {
        self.options = options
        self.channelBinding = channelBinding
        self.isEncrypted = isEncrypted
        self.randomness = randomness
    }

    mutating func receive(_ request: Authentication) throws(ServerHandshakeError) -> Answer {
        switch (step, request) {
        case (.unasked, .ok):
            try allow(.trust)
            return .accepted(.trust)
        case (.passwordSent(let method), .ok), (.scramVerified(let method), .ok):
            return .accepted(method)
        case (.unasked, .cleartextPassword):
            try allow(.cleartext)
            guard isEncrypted || options.allowsCleartextWithoutTLS else { throw .cleartextWithoutTLS }
            return try send(try password(), as: .cleartext)
        case (.unasked, .md5Password(let salt)):
            try allow(.md5)
            return try send(try md5(salt), as: .md5)
        case (.unasked, .sasl(let mechanisms)):
            return try choose(among: mechanisms)
        case (.scramStarted(var client), .saslContinue(let challenge)):
            let proof: [UInt8]
            do { proof = try client.finalMessage(answering: challenge) } catch {
                throw .serverNotAuthenticated
            }
            step = .scramProven(client)
            var message: [UInt8] = []
            SASLResponse.write(proof, to: &message)
            return .send(message)
        case (.scramProven(var client), .saslFinal(let signature)):
            do { try client.verify(signature) } catch { throw .serverNotAuthenticated }
            step = .scramVerified(client.mechanism == .sha256Plus ? .scramSHA256Plus : .scramSHA256)
            return .wait
        case (_, .unsupported(let code)):
            throw .methodNotSupported(code: code)
        case (.scramStarted, .ok), (.scramProven, .ok):
            // Content before it has proven itself: the point of SCRAM would be lost.
            throw .serverNotAuthenticated
        case (_, _):
            throw .unexpectedMessage(BackendMessageType.authentication.rawValue)
        }
    }

    private func allow(_ method: ServerAuthenticationMethod) throws(ServerHandshakeError) {
        guard method >= options.minimumMethod else { throw .methodTooWeak(method) }
    }

    private func password() throws(ServerHandshakeError) -> [UInt8] {
        guard let password = options.password else { throw .passwordMissing }
        return password
    }

    private mutating func send(
        _ password: [UInt8], as method: ServerAuthenticationMethod
    ) throws(ServerHandshakeError) -> Answer {
        step = .passwordSent(method)
        var message: [UInt8] = []
        PasswordMessage.write(password, to: &message)
        return .send(message)
    }

    /// `md5` and the digest of the salt and the digest of password and user name.
    private func md5(_ salt: [UInt8]) throws(ServerHandshakeError) -> [UInt8] {
        let password = try password()
        do {
            let inner = try MD5.hexDigest(of: password + options.user)
            let outer = try MD5.hexDigest(of: Array(inner.utf8) + salt)
            return Array("md5\(outer)".utf8)
        } catch {
            throw .methodUnavailable(.md5)
        }
    }

    /// The strongest mechanism that both have.
    private mutating func choose(among mechanisms: [[UInt8]]) throws(ServerHandshakeError) -> Answer {
        let offered = mechanisms.compactMap { SCRAM.Mechanism(rawValue: String(decoding: $0, as: UTF8.self)) }
        let binding: SCRAMClient.ChannelBinding
        if offered.contains(.sha256Plus), let channelBinding {
            binding = .serverEndPoint(channelBinding)
        } else if offered.contains(.sha256) {
            // Says that we could, so that a server that offered binding sees its offer was removed.
            binding = channelBinding == nil ? .unsupported : .notOffered
        } else {
            throw .methodNotSupported(code: 10)
        }
        let client = SCRAMClient(
            password: try password(), nonce: Base64.encodedBytes(randomness), channelBinding: binding)
        try allow(client.mechanism == .sha256Plus ? .scramSHA256Plus : .scramSHA256)
        step = .scramStarted(client)
        var message: [UInt8] = []
        SASLInitialResponse.write(
            mechanism: client.mechanism.rawValue.utf8, data: client.firstMessage, to: &message)
        return .send(message)
    }
}
