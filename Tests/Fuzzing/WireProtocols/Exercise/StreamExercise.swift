import WireProtocols

/// Reads bytes as one side of a connection; how they are cut must not matter.
package enum StreamExercise: String, CaseIterable, Sendable {
    case frontendFrames, backendFrames, clientHandshake, serverHandshake, encryptedClient, encryptedServer

    /// - Throws: ``Violation`` when bytes one by one come to something else than all at once.
    package func run(_ bytes: [UInt8]) throws(Violation) {
        let whole = transcript(bytes, chunk: max(bytes.count, 1))
        for chunk in [1, 7] where transcript(bytes, chunk: chunk) != whole {
            throw Violation("\(self) depends on chunks of \(chunk)")
        }
    }

    /// What is read or said, as far as it goes.
    private func transcript(_ bytes: [UInt8], chunk: Int) -> [String] {
        let chunks = stride(from: 0, to: bytes.count, by: chunk).map { Array(bytes[$0...].prefix(chunk)) }
        switch self {
        case .frontendFrames: return frames(of: FrontendMessageType.self, chunks)
        case .backendFrames: return frames(of: BackendMessageType.self, chunks)
        case .clientHandshake: return client(chunks, isEncrypted: false)
        case .encryptedClient: return client(chunks, isEncrypted: true)
        case .serverHandshake: return server(chunks, isEncrypted: false)
        case .encryptedServer: return server(chunks, isEncrypted: true)
        }
    }

    private func frames<Type: MessageType>(of type: Type.Type, _ chunks: [[UInt8]]) -> [String] {
        var lines: [String] = []
        var unread: [UInt8] = []
        do throws(WireError) {
            for chunk in chunks {
                unread += chunk
                var offset = 0
                while let frame = try FrameHeader<Type>.nextWhole(in: unread.span, at: offset) {
                    lines.append("\(frame.type) \(Array(unread[frame.body(at: offset)]))")
                    offset += frame.frameLength
                }
                unread.removeFirst(offset)
                // A header that is refused is refused before its body is there.
                _ = try FrameHeader<Type>.next(in: unread.span, at: 0)
            }
        } catch {
            lines.append("\(error)")
        }
        return lines
    }

    private func client(_ chunks: [[UInt8]], isEncrypted: Bool) -> [String] {
        var machine = ClientHandshake(
            .init(tls: .unavailable, isLocal: true, allowsReplication: true, mockSecret: [1]))
        var lines: [String] = []
        if isEncrypted {
            let actions = machine.directTLSStarted(
                channelBinding: [1, 2, 3], applicationProtocol: ClientHandshake.applicationProtocol)
            lines += actions.map { "\($0)" }
        }
        for chunk in chunks {
            var actions = machine.receive(chunk)
            while !actions.isEmpty {
                let action = actions.removeFirst()
                lines.append("\(action)")
                guard case .lookUp(let startup) = action else { continue }
                let credential: ClientCredential =
                    startup.user.count.isMultiple(of: 2) ? .password(startup.database) : .unknown
                actions += machine.credentialFound(credential, randomness: [UInt8](0..<18))
            }
        }
        return lines
    }

    private func server(_ chunks: [[UInt8]], isEncrypted: Bool) -> [String] {
        var machine = ServerHandshake(
            .init(
                user: [0x75], database: [0x64], password: [0x70], version: .newest,
                tls: isEncrypted ? .required : .disabled), randomness: [UInt8](0..<18))
        var lines = machine.start().map { "\($0)" }
        if isEncrypted {
            lines += machine.receive([UInt8(ascii: "S")]).map { "\($0)" }
            lines += machine.tlsStarted(channelBinding: [1, 2, 3], applicationProtocol: nil).map { "\($0)" }
        }
        for chunk in chunks { lines += machine.receive(chunk).map { "\($0)" } }
        return lines
    }
}
