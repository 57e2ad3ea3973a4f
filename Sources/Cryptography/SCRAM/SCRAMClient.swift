/// The client's side of one exchange: proves that it knows a password, and has the server prove the same.
///
///     var client = SCRAMClient(password: password, nonce: nonce, channelBinding: .unsupported)
///     send(client.mechanism, client.firstMessage)
///     send(try client.finalMessage(answering: serverFirst))
///     try client.verify(serverFinal)  // only now is the server the right one
package struct SCRAMClient: Sendable {
    package enum ChannelBinding: Sendable, Equatable {
        /// There is no TLS.
        case unsupported
        /// There is, but the server does not offer to bind to it.
        case notOffered
        /// - Parameter data: of ``TLSConnection/serverEndPointBinding``.
        case serverEndPoint(_ data: [UInt8])
    }

    private enum Phase: Sendable {
        case started
        case proven(serverSignature: [UInt8])
        case finished
    }

    private let password: [UInt8]
    private let nonce: [UInt8]
    private let channelBinding: ChannelBinding
    private let bareFirstMessage: [UInt8]
    private var phase = Phase.started

    /// - Parameters:
    ///   - userName: without `,` and `=`; PostgreSQL ignores it, its own clients leave it empty.
    ///   - password: as it was typed; see ``SCRAM``.
    ///   - nonce: unpredictable, printable, without a comma: ``Base64/encodedBytes(_:)`` of 18 random bytes.
    ///   - channelBinding: what the transport can do and the server offers.
    package init(
        userName: String = "", password: [UInt8], nonce: [UInt8], channelBinding: ChannelBinding
    ) {
        precondition(SCRAM.isNonce(nonce), "a nonce is printable and has no comma")
        precondition(!userName.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "=") })
        self.password = password
        self.nonce = nonce
        self.channelBinding = channelBinding
        self.bareFirstMessage = Array("n=\(userName),r=".utf8) + nonce
    }

    package var mechanism: SCRAM.Mechanism {
        if case .serverEndPoint = channelBinding { .sha256Plus } else { .sha256 }
    }

    /// `client-first-message`.
    package var firstMessage: [UInt8] { header + bareFirstMessage }

    /// Takes `server-first-message`, returns `client-final-message`. Takes time: see ``PBKDF2``.
    package mutating func finalMessage(answering serverFirst: [UInt8]) throws(SCRAMError) -> [UInt8] {
        guard case .started = phase else { throw .outOfOrder }
        phase = .finished
        var attributes = try SCRAMAttributes(serverFirst)
        let bothNonces = try attributes.value(of: "r")
        let salt = try attributes.base64(of: "s")
        let iterations = try attributes.value(of: "i")
        try attributes.end()
        guard SCRAM.isNonce(bothNonces), bothNonces.starts(with: nonce), bothNonces.count > nonce.count else {
            throw .nonceMismatch
        }
        guard !salt.isEmpty else { throw .malformedMessage("s= is empty") }
        guard let count = Int(String(decoding: iterations, as: UTF8.self)) else {
            throw .malformedMessage("i= is no number")
        }
        guard SCRAM.clientIterationCounts.contains(count) else { throw .iterationCountOutOfRange(count) }

        let keys: SCRAMKeys
        do { keys = try SCRAMKeys(password: password, salt: salt, iterations: count) } catch {
            throw .cryptography(error)
        }
        let withoutProof =
            Array("c=".utf8) + Base64.encodedBytes(header + bindingData)
            + Array(",r=".utf8) + bothNonces
        let exchange = [bareFirstMessage, serverFirst, withoutProof]
        let authMessage = Array(exchange.joined(separator: [UInt8(ascii: ",")]))
        let proof = SCRAM.xor(keys.clientKey, SCRAM.authenticationCode(keys.storedKey, authMessage))
        phase = .proven(serverSignature: SCRAM.authenticationCode(keys.serverKey, authMessage))
        return withoutProof + Array(",p=".utf8) + Base64.encodedBytes(proof)
    }

    /// Takes `server-final-message`.
    /// - Throws: ``SCRAMError/wrongServerSignature`` when the server only pretends to know the password.
    package mutating func verify(_ serverFinal: [UInt8]) throws(SCRAMError) {
        guard case .proven(let expected) = phase else { throw .outOfOrder }
        phase = .finished
        var attributes = try SCRAMAttributes(serverFinal)
        guard !serverFinal.starts(with: "e=".utf8) else { throw .serverRefused }
        let signature = try attributes.base64(of: "v")
        try attributes.end()
        guard ConstantTime.isEqual(signature, expected) else { throw .wrongServerSignature }
    }

    /// `gs2-header`.
    private var header: [UInt8] {
        switch channelBinding {
        case .unsupported: Array("n,,".utf8)
        case .notOffered: Array("y,,".utf8)
        case .serverEndPoint: SCRAM.bindingFlag + Array(",,".utf8)
        }
    }

    private var bindingData: [UInt8] {
        if case .serverEndPoint(let data) = channelBinding { data } else { [] }
    }
}
