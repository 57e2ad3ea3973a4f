import API
import Policy
import StatementAnalysis
import WireProtocols

/// What the client sends, message by message.
extension QueryPhase {
    func receive(client bytes: Span<UInt8>, at now: Int64) {
        self.now = now
        guard !isClosing else { return }
        guard !mustEndReplication else { return fail(.replicationRefused, reason: "replication refused") }
        clientInput.append(bytes, 0..<bytes.count)
        processClient()
    }

    /// Judges the messages that have arrived whole, until one has to wait.
    func processClient() {
        guard pause == nil, !isClosing, !clientInput.isEmpty else { return }
        let input = clientInput
        clientInput = []
        var offset = 0
        do throws(WireError) {
            while pause == nil, !isClosing, offset < input.count {
                guard let consumed = try nextMessage(input.span, at: offset) else { break }
                offset += consumed
                lookup.hasReadCatalogue = false
                lookup.failure = nil
            }
        } catch {
            protocolViolation(error)
        }
        if offset < input.count, !isClosing { clientInput = offset == 0 ? input : Array(input[offset...]) }
    }

    /// Handles what stands at `offset`.
    /// - Returns: the bytes consumed; `nil` when more must arrive or the message has to wait.
    private func nextMessage(_ input: Span<UInt8>, at offset: Int) throws(WireError) -> Int? {
        switch clientPassage {
        case .none:
            break
        case .forward(let count):
            let passed = min(count, input.count - offset)
            output.toServer.append(input, offset..<offset + passed)
            clientPassage = passed == count ? .none : .forward(count - passed)
            return passed
        case .drop(let count):
            let passed = min(count, input.count - offset)
            clientPassage = passed == count ? .none : .drop(count - passed)
            return passed
        }
        guard let header = try FrontendHeader.next(in: input, at: offset) else { return nil }
        if header.type == .copyData {
            copyData(header, input, at: offset)
            return FrontendHeader.byteCount
        }
        guard let header = try FrontendHeader.nextWhole(in: input, at: offset) else { return nil }
        let frame = input.extracting(offset..<offset + header.frameLength)
        return try handle(header.type, frame) ? header.frameLength : nil
    }

    /// - Returns: whether the message is done with; `false`: it waits and comes again.
    private func handle(_ type: FrontendMessageType, _ frame: Span<UInt8>) throws(WireError) -> Bool {
        let body = frame.extracting(droppingFirst: FrontendHeader.byteCount)
        if isSkipping, type != .sync, type != .terminate { return true }
        switch type {
        case .query: return try query(Query(body), body, frame)
        case .parse: return try parse(Parse(body), body, frame)
        case .bind: return try bind(Bind(body), body, frame)
        case .describe: try describe(ObjectReference(body), body, frame)
        case .execute: return try execute(Execute(body), body, frame)
        case .close: try close(ObjectReference(body), body, frame)
        case .functionCall: return try functionCall(FunctionCall(body), frame)
        case .flush: forward(frame)
        case .sync:
            forward(frame)
            isSkipping = false
            if !isCopyingIn {
                isUnsynced = false
                expected.append(.sync)
                if lookup.mayRevert { pause = .transactionEnd }
            }
        case .copyDone, .copyFail:
            forward(frame)
            isCopyingIn = false
            expected.append(.copyEnd)
            if expected.holder?.holdsClient ?? false { pause = .barrier }
        case .terminate:
            forward(frame)
            end(reason: "client terminated")
        case .authentication:
            throw .unknownMessageType(type.rawValue)
        case .copyData:
            preconditionFailure("passed on piece by piece before")
        }
        return true
    }

    private func forward(_ frame: Span<UInt8>) {
        output.toServer.append(frame, 0..<frame.count)
    }

    private func copyData(_ header: FrontendHeader, _ input: Span<UInt8>, at offset: Int) {
        guard !isSkipping else {
            clientPassage = header.bodyLength == 0 ? .none : .drop(header.bodyLength)
            return
        }
        output.toServer.append(input, offset..<offset + FrontendHeader.byteCount)
        clientPassage = header.bodyLength == 0 ? .none : .forward(header.bodyLength)
        switch expected.first {
        case .query(let execution), .execute(let execution): execution.bytesIn += UInt64(header.bodyLength)
        default: break
        }
    }

    // MARK: - Simple query

    private func query(_ query: Query, _ body: Span<UInt8>, _ frame: Span<UInt8>) throws(WireError) -> Bool {
        let text = body.extracting(query.text)
        guard let plan = judge(text, in: currentScope()) else { return false }
        statementCount += 1
        recordIntent(.simple, plan, text, sentUnder: settings)
        if let refusal = plan.refusal {
            refuse(refusal, isSimple: true, parsing: plan.hasUnknownNames ? text : nil)
            return true
        }
        forward(frame)
        isUnsynced = false
        let execution = Execution(number: statementCount, plan: plan, startedAt: now)
        expected.append(.query(execution))
        wait(for: execution)
        return true
    }

    /// Has the server fail a message in place of the refused one, so that its transaction is aborted as by any
    /// other error and the answers stay in order; the error itself is replaced by the refusal.
    ///
    /// A statement refused because its names are not known is given to the server to parse, which runs nothing of
    /// it: if the server does not know them either, its own error is the client's.
    func refuse(
        _ diagnosis: Diagnosis, isSimple: Bool, parsing text: Span<UInt8>? = nil,
        parameterTypes: [UInt32] = []
    ) {
        let refusal = PendingRefusal(diagnosis, isSimple: isSimple, isProbed: text != nil)
        if !diagnosis.rule.isEmpty { refusal.diagnosis.requestID = requestID }
        let name = Array("refused by weir \(id)".utf8)
        if let text {
            Parse.write(
                statement: name, text: text.copy(0..<text.count), parameterTypes: parameterTypes,
                to: &output.toServer)
            Close.write(.statement, name, to: &output.toServer)
        }
        Describe.write(.statement, name, to: &output.toServer)
        expected.append(.refusal(refusal))
        if isSimple {
            output.toServer.appendSync()
            isUnsynced = false
        } else {
            output.toServer.appendFlush()
            isUnsynced = true
            isSkipping = true
        }
    }

    // MARK: - Extended query

    private func parse(_ parse: Parse, _ body: Span<UInt8>, _ frame: Span<UInt8>) throws(WireError) -> Bool {
        let text = body.extracting(parse.text)
        let name = Self.key(body.copy(parse.statement))
        guard let plan = judge(text, in: currentScope()) else { return false }
        if let refusal = plan.refusal {
            statementCount += 1
            recordIntent(.parse, plan, text, sentUnder: settings)
            refuse(
                refusal, isSimple: false, parsing: plan.hasUnknownNames ? text : nil,
                parameterTypes: parse.parameterTypes)
            return true
        }
        if refusesName(name) { return true }
        forward(frame)
        isUnsynced = true
        expected.append(.parse(.statement(name: name, previous: statements[name])))
        statements[name] = Prepared(text: body.copy(parse.text), settings: settings)
        if statements.count > Self.namedObjectLimit || isAmbiguous(name), !forgets(&statements, name) {
            fail(.tooManyObjects, reason: "limit exceeded")
        }
        return true
    }

    private func bind(_ bind: Bind, _ body: Span<UInt8>, _ frame: Span<UInt8>) throws(WireError) -> Bool {
        let statement = Self.key(body.copy(bind.statement))
        let name = Self.key(body.copy(bind.portal))
        if refusesName(statement) || refusesName(name) { return true }
        guard let prepared = statements[statement] ?? unknownPrepared() else {
            refuse(.noStatement(named: statement), isSimple: false)
            return true
        }
        guard let plan = judge(prepared, in: currentScope()) else { return false }
        if let refusal = plan.refusal {
            statementCount += 1
            recordIntent(.execute, plan, of: prepared)
            refuse(refusal, isSimple: false)
            return true
        }
        forward(frame)
        isUnsynced = true
        expected.append(.bind(.portal(name: name, previous: portals[name])))
        portals[name] = Portal(
            prepared: prepared, context: context, formats: bind.resultFormats,
            parameters: recorded(bind, body, plan))
        // `FETCH` of that name reads this portal now; the cursor that had it is gone.
        cursors[name] = nil
        if portals.count > Self.namedObjectLimit || isAmbiguous(name), !forgets(&portals, name) {
            fail(.tooManyObjects, reason: "limit exceeded")
        }
        return true
    }

    private func describe(
        _ reference: ObjectReference, _ body: Span<UInt8>, _ frame: Span<UInt8>
    ) throws(WireError) {
        let name = Self.key(body.copy(reference.name))
        if refusesName(name) { return }
        forward(frame)
        isUnsynced = true
        switch reference.object {
        case .statement:
            let prepared = statements[name]
            prepared?.isDescribed = true
            expected.append(.describe(.statement(prepared), isInjected: false))
        case .portal:
            let portal = portals[name]
            portal?.isDescribed = true
            expected.append(.describe(.portal(portal), isInjected: false))
        }
    }

    private func execute(
        _ execute: Execute, _ body: Span<UInt8>, _ frame: Span<UInt8>
    ) throws(WireError) -> Bool {
        let name = Self.key(body.copy(execute.portal))
        if refusesName(name) { return true }
        guard let portal = portals[name] ?? cursorPortal(name) else {
            refuse(.noPortal(named: name), isSimple: false)
            return true
        }
        let scope = scope(under: portal.context)
        guard let plan = judge(portal.prepared, in: scope) else { return false }
        statementCount += 1
        recordIntent(.execute, plan, of: portal.prepared, parameters: portal.parameters)
        if let refusal = plan.refusal {
            refuse(refusal, isSimple: false)
            return true
        }
        if plan.needsDescription, !portal.hasFields(in: scope) {
            Describe.write(.portal, name, to: &output.toServer)
            portal.isDescribed = true
            expected.append(.describe(.portal(portal), isInjected: true))
        }
        forward(frame)
        isUnsynced = true
        let execution = Execution(number: statementCount, plan: plan, startedAt: now, portal: portal)
        expected.append(.execute(execution))
        wait(for: execution)
        if execution.holdsClient { output.toServer.appendFlush() }
        return true
    }

    /// Stands in for a statement that the session does not know, where it may be one all the same.
    private func unknownPrepared() -> Prepared? {
        currentScope().knowsAllNames
            ? nil : Prepared(text: [], settings: settings, source: .facts(.unknown))
    }

    /// A name that could be mistaken for another one.
    private func refusesName(_ name: [UInt8]) -> Bool {
        guard isAmbiguous(name), !currentScope().isTransparent else { return false }
        refuse(.ambiguousName, isSimple: false)
        return true
    }

    /// Where no rule asks what it is, an object beyond the limit, or of an ambiguous name, is not kept.
    func forgets<Object>(_ objects: inout [[UInt8]: Object], _ name: [UInt8]) -> Bool {
        guard currentScope().isTransparent else { return false }
        objects[name] = nil
        return true
    }

    /// A cursor made by `DECLARE`, run by `Execute`.
    private func cursorPortal(_ name: [UInt8]) -> Portal? {
        guard let columns = cursors[name] else {
            return unknownPrepared().map {
                Portal(prepared: $0, context: context, formats: [], parameters: [])
            }
        }
        var facts = StatementFacts()
        facts.command = .fetch
        facts.effects = [.select]
        facts.complete(with: columns)
        return Portal(
            prepared: Prepared(text: [], settings: settings, source: .facts(facts)), context: context,
            formats: [], parameters: [])
    }

    private func close(
        _ reference: ObjectReference, _ body: Span<UInt8>, _ frame: Span<UInt8>
    ) throws(WireError) {
        let name = Self.key(body.copy(reference.name))
        if refusesName(name) { return }
        forward(frame)
        isUnsynced = true
        switch reference.object {
        case .statement:
            expected.append(.close(.statement(name: name, previous: statements.removeValue(forKey: name))))
        case .portal:
            expected.append(.close(.portal(name: name, previous: portals.removeValue(forKey: name))))
        }
    }

    // MARK: - Function call

    private func functionCall(_ call: FunctionCall, _ frame: Span<UInt8>) throws(WireError) -> Bool {
        var facts = StatementFacts()
        facts.effects = [.execute]
        facts.result = .unknown
        facts.functions = [.init(function: call.function, name: "", harm: .userDefined, arguments: .unknown)]
        let plan = currentScope().plan(key: [], facts: [facts], at: now)
        statementCount += 1
        recordIntent(
            .functionCall, plan, Array("function \(call.function)".utf8).span, sentUnder: settings)
        if let refusal = plan.refusal {
            refuse(refusal, isSimple: true)
            return true
        }
        forward(frame)
        isUnsynced = false
        let execution = Execution(number: statementCount, plan: plan, startedAt: now)
        expected.append(.functionCall(execution))
        wait(for: execution)
        return true
    }
}
