import API
import Masking
import StatementAnalysis
import WireProtocols

/// Messages longer than what is held whole: decided and recorded by their beginning, then passed on, or dropped, piece
/// by piece.
///
/// Where a mask or rule may apply, a statement is held and read whole, or refused. Parameters decide nothing, so they may be
/// of any length; only the result's formats, which stand behind them, are not known.
extension QueryPhase {
    /// Bytes of a long message's body that are waited for: names, and as much of a text as is recorded.
    static let longMessageHead = 2 * MessageLimit.small + StatementIntent.maximumTextLength

    /// Whether a long message is held whole, as it has to be where something may apply to it and there is room for it.
    func mustHold(_ byteCount: Int) -> Bool {
        guard !isSkipping, heldByteCount == 0 else { return heldByteCount > 0 }
        guard !currentScope().enforcesNothing || representation.isInUse, byteCount <= MessageLimit.judged, environment.hold(byteCount)
        else { return false }
        heldByteCount = byteCount
        return true
    }

    /// It has been dealt with.
    func releaseMessage() {
        environment.release(heldByteCount)
        heldByteCount = 0
    }

    /// - Returns: the bytes consumed; `nil` when more must arrive or the message has to wait.
    func long(
        _ header: FrontendHeader, _ input: Span<UInt8>, at offset: Int
    ) throws(WireError) -> Int? {
        let body = offset + FrontendHeader.byteCount
        if !isSkipping {
            guard input.count - body >= Self.longMessageHead else { return nil }
            let head = input.extracting(body..<body + Self.longMessageHead)
            guard let isAccepted = try accepts(header.type, head) else { return nil }
            if isAccepted {
                output.toServer.append(input, offset..<body)
                clientPassage = .forward(header.bodyLength)
                return FrontendHeader.byteCount
            }
        }
        clientPassage = .drop(header.bodyLength)
        return FrontendHeader.byteCount
    }

    /// - Returns: whether the message goes to the server; if not, it has been refused. `nil`: it has to wait.
    private func accepts(_ type: FrontendMessageType, _ head: Span<UInt8>) throws(WireError) -> Bool? {
        var reader = ByteReader(head)
        switch type {
        case .query:
            let text = head.copy(beginning(of: head, from: 0))
            return acceptsQuery(
                Prepared(text: text, isWhole: false, settings: settings, source: .facts(.unknown)))
        case .parse:
            let name = Self.key(head.copy(try reader.readCString()))
            if refusesName(name) { return false }
            let text = head.copy(beginning(of: head, from: reader.offset))
            return acceptsParse(
                name, Prepared(text: text, isWhole: false, settings: settings, source: .facts(.unknown)))
        case .bind:
            let portal = Self.key(head.copy(try reader.readCString()))
            let statement = Self.key(head.copy(try reader.readCString()))
            if refusesName(portal) || refusesName(statement) { return false }
            return acceptsBind(portal, statement)
        case .functionCall:
            return accepts(callOf: try reader.readUInt32(), Self.standIn(isSimple: true).span)
        default:
            preconditionFailure("held whole, or COPY data")
        }
    }

    private func acceptsQuery(_ prepared: Prepared) -> Bool? {
        guard let plan = planOfLong(prepared) else { return nil }
        statementCount += 1
        recordIntent(.simple, plan, of: prepared)
        if let refusal = plan.refusal {
            refuse(refusal, Self.standIn(isSimple: true).span, isSimple: true)
            return false
        }
        expected.append(.query(Execution(number: statementCount, plan: plan, startedAt: now)))
        return true
    }

    private func acceptsParse(_ name: [UInt8], _ prepared: Prepared) -> Bool? {
        guard let plan = planOfLong(prepared) else { return nil }
        if let refusal = plan.refusal {
            statementCount += 1
            recordIntent(.parse, plan, of: prepared)
            refuse(refusal, Self.standIn(isSimple: false).span, isSimple: false)
            return false
        }
        keep(prepared, as: name)
        return true
    }

    private func acceptsBind(_ name: [UInt8], _ statement: [UInt8]) -> Bool? {
        if awaitsAnswers(about: .statement(statement)) { return nil }
        guard let prepared = statements[statement] ?? unknownPrepared() else {
            refuse(.noStatement(named: statement), Self.standIn(isSimple: false).span, isSimple: false)
            return false
        }
        guard var plan = judge(prepared, in: currentScope()) else { return nil }
        if !prepared.assignments.isEmpty || representation.isInUse {
            plan = Plan(key: [], unreadable: .messageTooLong)
        }
        let hasNoRows = plan.statements.allSatisfy { if case .none = $0.facts.result { true } else { false } }
        if plan.refusal == nil, !hasNoRows, !currentScope().enforcesNothing {
            plan = Plan(key: [], unreadable: .messageTooLong)
        }
        if let refusal = plan.refusal {
            statementCount += 1
            recordIntent(.execute, plan, of: prepared)
            refuse(refusal, Self.standIn(isSimple: false).span, isSimple: false)
            return false
        }
        // Under a policy that arrives before it is run, rows of unknown formats could not be masked.
        let bound =
            hasNoRows
            ? prepared
            : Prepared(
                text: prepared.text, isWhole: prepared.isWhole, settings: prepared.settings,
                source: .facts(.unknown))
        keep(Portal(prepared: bound, context: context, formats: [], parameters: []), as: name)
        return true
    }

    /// What a server whose transaction has failed refuses in place of the message, which is not there whole.
    static func standIn(isSimple: Bool) -> [UInt8] {
        var message: [UInt8] = []
        if isSimple {
            Query.write("SELECT".utf8, to: &message)
        } else {
            Parse.write(statement: [], text: "SELECT".utf8, parameterTypes: [], to: &message)
        }
        return message
    }

    /// The plan of a statement of which only the beginning is known.
    private func planOfLong(_ prepared: Prepared) -> Plan? {
        let scope = currentScope()
        let text = prepared.text
        if OnBehalfOf.isNamed(in: text.span) { return .withheld(.messageTooLong) }
        return scope.enforcesNothing && !representation.isInUse
            ? judge(prepared, in: scope) : Plan(key: [], unreadable: .messageTooLong)
    }

    /// The text that begins at `start`, as much of it as is recorded, not cut within a UTF-8 sequence.
    private func beginning(of head: Span<UInt8>, from start: Int) -> Range<Int> {
        var end = min(head.count, start + StatementIntent.maximumTextLength)
        guard settings.clientEncoding.kind == .utf8 else { return start..<end }
        var index = end
        while index > max(start, end - 4) {
            index -= 1
            if head[index] & 0xC0 != 0x80 { break }
        }
        if head[index] >= 0xC0 { end = index }
        return start..<end
    }
}
