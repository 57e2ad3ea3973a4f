import WireProtocols

/// What the server is made to fail, so that its transaction is aborted as by any other error and the answers stay
/// in order.
extension QueryPhase {
    /// Has the server fail a message in place of the refused one; the error itself is replaced by the refusal.
    ///
    /// A statement refused because its names are not known is given to the server to parse, which runs nothing of
    /// it: if the server does not know them either, its own error is the client's. In a transaction that has failed,
    /// the server refuses the message itself.
    func refuse(
        _ diagnosis: Diagnosis, _ frame: Span<UInt8>, isSimple: Bool, parsing text: Span<UInt8>? = nil,
        parameterTypes: [UInt32] = []
    ) {
        guard diagnosis != .transactionAborted else { return leave(frame, isSimple: isSimple) }
        // A `Sync` of ours would end what the client has not ended.
        let text = isSimple && isUnsynced ? nil : text
        let refusal = PendingRefusal(diagnosis, isSimple: isSimple, isProbed: text != nil)
        if !diagnosis.rule.isEmpty { refusal.diagnosis?.requestID = requestID }
        let name = "refused by weir \(id)"
        if let text {
            let name = Array(name.utf8)
            Parse.write(
                statement: name, text: text.copy(0..<text.count), parameterTypes: parameterTypes,
                to: &output.toServer)
            Close.write(.statement, name, to: &output.toServer)
        }
        if isSimple, text == nil {
            Query.write("EXECUTE \"\(name)\"".utf8, to: &output.toServer)
        } else {
            Describe.write(.statement, name.utf8, to: &output.toServer)
            if isSimple { output.toServer.appendSync() }
        }
        expect(refusal)
    }

    /// Leaves to the server what it is certain to fail; should it not, the session ends before anything comes of it.
    private func leave(_ frame: Span<UInt8>, isSimple: Bool) {
        forward(frame)
        expect(PendingRefusal(nil, isSimple: isSimple))
    }

    private func expect(_ refusal: PendingRefusal) {
        expected.append(.refusal(refusal))
        guard !refusal.isSimple else { return }
        output.toServer.appendFlush()
        isUnsynced = true
        isSkipping = true
    }

    // MARK: - Against the protocol

    /// The header of the next message; `nil` until it is there, or when there can be none.
    func nextHeader(_ input: Span<UInt8>, at offset: Int) throws(WireError) -> FrontendHeader? {
        let type = offset < input.count ? input[offset] : 0
        if offset < input.count, FrontendMessageType(rawValue: type) ?? .authentication == .authentication {
            // The server says what it thinks of the type before it reads any further.
            output.toServer.append(type)
            lastWord = "protocol violation"
            return nil
        }
        do {
            return try FrontendHeader.next(in: input, at: offset)
        } catch .lengthOutOfRange(let length, _) where !Self.isWithinServersLimit(length, input[offset]) {
            // The server ends such a session without a word.
            output.toServer.appendTerminate()
            lastWord = "protocol violation"
            return nil
        }
    }

    /// Whether the server itself would take a body of that length; limits of ours are below.
    private static func isWithinServersLimit(_ length: Int, _ type: UInt8) -> Bool {
        guard length >= 0, let type = FrontendMessageType(rawValue: type) else { return false }
        return length
            <= (type.maximumBodyLength > MessageLimit.small ? MessageLimit.streamed : MessageLimit.small)
    }

    /// A body that breaks off or goes on too long is left to the server's own complaint. Where the server might see
    /// something to run in it, a body without anything to run that has the same fault goes in its place.
    func leave(
        malformed type: FrontendMessageType, _ frame: Span<UInt8>, _ error: WireError
    ) throws(WireError) {
        let standIn: [UInt8]
        switch (type, error) {
        case (.parse, _), (.bind, _), (.describe, _), (.close, _): return leave(frame, isSimple: false)
        case (.query, .trailingBytes): standIn = [0, 0]
        case (.execute, .trailingBytes): standIn = [UInt8](repeating: 0, count: 6)
        case (.execute, .truncated): standIn = [0]
        case (.query, _), (.execute, _), (.functionCall, _): standIn = []
        default: throw error
        }
        var message: [UInt8] = []
        let start = message.beginFrame(type)
        message += standIn
        message.endFrame(start)
        leave(message.span, isSimple: type != .execute)
    }
}
