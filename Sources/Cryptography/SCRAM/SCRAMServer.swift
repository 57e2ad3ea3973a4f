/// The server's side of one exchange: has a client prove that it knows the password of a verifier.
///
///     var server = SCRAMServer(verifier: verifier, nonce: nonce, serverEndPointBinding: binding)
///     offer(server.mechanisms)
///     send(try server.firstMessage(answering: clientFirst, mechanism: chosen))
///     send(try server.finalMessage(answering: clientFinal))  // the client is who it says
package struct SCRAMServer: Sendable {
    private enum Phase: Sendable {
        case started
        /// `binding` is what the client's `c=` must hold.
        case challenged(bothNonces: [UInt8], binding: [UInt8], authMessagePrefix: [UInt8])
        case finished
    }

    private let verifier: SCRAMVerifier
    private let nonce: [UInt8]
    private let serverEndPointBinding: [UInt8]?
    private var phase = Phase.started

    /// - Parameters:
    ///   - verifier: of the user, or a mock.
    ///   - nonce: unpredictable, printable, without a comma: ``Base64/encodedBytes(_:)`` of 18 random bytes.
    ///   - serverEndPointBinding: of ``TLSConnection/serverEndPointBinding``; `nil` without TLS.
    package init(verifier: SCRAMVerifier, nonce: [UInt8], serverEndPointBinding: [UInt8]?) {
        precondition(SCRAM.isNonce(nonce), "a nonce is printable and has no comma")
        self.verifier = verifier
        self.nonce = nonce
        self.serverEndPointBinding = serverEndPointBinding
    }

    /// What to offer the client, the preferred one first.
    package var mechanisms: [SCRAM.Mechanism] {
        serverEndPointBinding == nil ? [.sha256] : [.sha256Plus, .sha256]
    }

    /// Takes `client-first-message`, returns `server-first-message`.
    /// - Throws: ``SCRAMError/channelBindingDowngraded`` when something between the two removed the offer of
    ///   channel binding.
    package mutating func firstMessage(
        answering clientFirst: [UInt8], mechanism: SCRAM.Mechanism
    ) throws(SCRAMError) -> [UInt8] {
        guard case .started = phase else { throw .outOfOrder }
        phase = .finished
        var attributes = try SCRAMAttributes(clientFirst)
        let flag = try attributes.next("channel binding flag")
        try check(flag, mechanism)
        guard try attributes.next("authorization identity").isEmpty else {
            throw .malformedMessage("authorization identities are not supported")
        }
        let header = flag + Array(",,".utf8)
        let bareFirstMessage = Array(clientFirst.dropFirst(header.count))
        // The user is the one of the startup packet.
        _ = try attributes.value(of: "n")
        let clientNonce = try attributes.value(of: "r")
        try attributes.end()
        guard SCRAM.isNonce(clientNonce) else { throw .malformedMessage("r= is not printable") }

        let bothNonces = clientNonce + nonce
        let message =
            Array("r=".utf8) + bothNonces
            + Array(",s=\(Base64.encode(verifier.salt)),i=\(verifier.iterations)".utf8)
        phase = .challenged(
            bothNonces: bothNonces,
            binding: header + (mechanism == .sha256Plus ? serverEndPointBinding ?? [] : []),
            authMessagePrefix: bareFirstMessage + Array(",".utf8) + message + Array(",".utf8))
        return message
    }

    /// Takes `client-final-message`, returns `server-final-message`.
    /// - Throws: ``SCRAMError/wrongProof`` for a wrong password.
    package mutating func finalMessage(answering clientFinal: [UInt8]) throws(SCRAMError) -> [UInt8] {
        guard case .challenged(let bothNonces, let binding, let prefix) = phase else { throw .outOfOrder }
        phase = .finished
        var attributes = try SCRAMAttributes(clientFinal)
        let clientBinding = try attributes.base64(of: "c")
        let nonces = try attributes.value(of: "r")
        let withoutProof = Array(clientFinal.prefix(attributes.position - 1))
        let proof = try attributes.base64(of: "p")
        try attributes.end()
        guard ConstantTime.isEqual(clientBinding, binding) else { throw .channelBindingMismatch }
        guard ConstantTime.isEqual(nonces, bothNonces) else { throw .nonceMismatch }
        guard proof.count == SHA256.digestLength else { throw .malformedMessage("p= is not 32 bytes") }

        let authMessage = prefix + withoutProof
        let clientKey = SCRAM.xor(proof, SCRAM.authenticationCode(verifier.storedKey, authMessage))
        guard ConstantTime.isEqual(SHA256.digest(of: clientKey), verifier.storedKey) else {
            throw .wrongProof
        }
        let signature = SCRAM.authenticationCode(verifier.serverKey, authMessage)
        return Array("v=".utf8) + Base64.encodedBytes(signature)
    }

    private func check(_ flag: [UInt8], _ mechanism: SCRAM.Mechanism) throws(SCRAMError) {
        switch (flag, mechanism) {
        case (SCRAM.bindingFlag, .sha256Plus):
            guard serverEndPointBinding != nil else { throw .mechanismMismatch }
        case (Array("n".utf8), .sha256): return
        case (Array("y".utf8), .sha256):
            guard serverEndPointBinding == nil else { throw .channelBindingDowngraded }
        default: throw .mechanismMismatch
        }
    }
}
