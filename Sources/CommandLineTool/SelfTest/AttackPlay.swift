import WireProtocols

/// Everything a server said to an attack's statements.
struct AttackPlay {
    private var said: [ServerMessage] = []
    /// The last statement was answered, and not by an error.
    private(set) var isAnswered = false

    /// Plays it on a session of its own, which ends with it.
    init(_ attack: Attack, by path: AttackPath, on channel: ByteChannel) async throws {
        defer { channel.close() }
        for statement in attack.statements {
            let (answer, isWhole) = try await channel.answer(to: path.messages(statement))
            said += answer
            // A session that is ended has answered nothing.
            isAnswered = isWhole && !answer.contains { $0.type == .errorResponse }
            guard isWhole else { return }
        }
    }

    /// What of the canary came back, in no order; empty when nothing did.
    func finds(_ canary: Canary) -> String? {
        let tells = canary.tells
        for message in said where !message.isSilent {
            for tell in tells where message.body.contains(tell.bytes) { return tell.what }
        }
        return nil
    }
}

extension ServerMessage {
    /// Says nothing of data.
    fileprivate var isSilent: Bool { type == .readyForQuery || type == .parameterStatus }
}

extension [UInt8] {
    /// Whether the bytes stand in it in a row.
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard let first = part.first, part.count <= count else { return false }
        return indices.dropLast(part.count - 1).contains { start in
            self[start] == first && self[start..<start + part.count].elementsEqual(part)
        }
    }
}
