/// What a server keeps in a password's place: enough to verify a proof, not enough to make one.
package struct SCRAMVerifier: Sendable, Equatable {
    package let salt: [UInt8]
    package let iterations: Int
    package let storedKey: [UInt8]
    package let serverKey: [UInt8]

    /// Takes time: see ``PBKDF2``.
    /// - Parameters:
    ///   - password: as it was typed; see ``SCRAM``.
    ///   - salt: random; PostgreSQL takes 16 bytes.
    ///   - iterations: the time an attacker needs for each guess, and the client for each session.
    /// - Throws: ``SCRAMError/iterationCountOutOfRange(_:)`` outside ``SCRAM/iterationCounts``.
    package init(
        password: [UInt8], salt: [UInt8], iterations: Int = SCRAM.serverIterations
    ) throws(SCRAMError) {
        guard SCRAM.iterationCounts.contains(iterations) else { throw .iterationCountOutOfRange(iterations) }
        guard !salt.isEmpty else { throw .malformedMessage("salt is empty") }
        do {
            let keys = try SCRAMKeys(password: password, salt: salt, iterations: iterations)
            self.salt = salt
            self.iterations = iterations
            self.storedKey = keys.storedKey
            self.serverKey = keys.serverKey
        } catch {
            throw .cryptography(error)
        }
    }

    /// Reads `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`, as in PostgreSQL's `pg_authid`.
    package init(_ text: String) throws(SCRAMError) {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0] == SCRAM.Mechanism.sha256.rawValue else {
            throw .malformedMessage("verifier does not begin with SCRAM-SHA-256$")
        }
        let head = fields[1].split(separator: ":", omittingEmptySubsequences: false)
        let keys = fields[2].split(separator: ":", omittingEmptySubsequences: false)
        guard head.count == 2, keys.count == 2, let iterations = Int(head[0]) else {
            throw .malformedMessage("verifier does not have its four values")
        }
        guard SCRAM.iterationCounts.contains(iterations) else { throw .iterationCountOutOfRange(iterations) }
        guard let salt = Base64.decode(head[1]), !salt.isEmpty else {
            throw .malformedMessage("verifier's salt is not Base64")
        }
        guard let storedKey = Base64.decode(keys[0]), storedKey.count == SHA256.digestLength,
            let serverKey = Base64.decode(keys[1]), serverKey.count == SHA256.digestLength
        else { throw .malformedMessage("verifier's keys are not 32 bytes in Base64") }
        self.salt = salt
        self.iterations = iterations
        self.storedKey = storedKey
        self.serverKey = serverKey
    }

    /// A stand-in for a user that does not exist: no password matches it, and to the client it looks like
    /// any other, with the same salt each time.
    /// - Parameters:
    ///   - userName: the one the client claimed.
    ///   - secret: random, the same for as long as clients may compare.
    ///   - iterations: those of the users that do exist.
    package init(mockFor userName: [UInt8], secret: [UInt8], iterations: Int = SCRAM.serverIterations) {
        var hmac = HMACSHA256(key: secret)
        salt = Array(hmac.authenticationCode(for: Array("salt:".utf8) + userName).prefix(16))
        // Nobody knows a key with this digest, and the signature made with the other is never sent.
        storedKey = hmac.authenticationCode(for: Array("stored:".utf8) + userName)
        serverKey = hmac.authenticationCode(for: Array("server:".utf8) + userName)
        self.iterations = iterations
    }

    /// As ``init(_:)`` reads it.
    package var text: String {
        "\(SCRAM.Mechanism.sha256.rawValue)$\(iterations):\(Base64.encode(salt))"
            + "$\(Base64.encode(storedKey)):\(Base64.encode(serverKey))"
    }
}
