import API
import Policy
import StatementAnalysis
import WireProtocols

/// What the client sends, message by message.
extension QueryPhase {
    func receive(client bytes: Span<UInt8>, at now: Int64) {
        self.now = now
        guard mayReceive else { return }
        guard !mustEndReplication else { return fail(.replicationRefused, reason: "replication refused") }
        guard clientInput.isEmpty else {
            clientInput.append(bytes, 0..<bytes.count)
            return processClient()
        }
        let consumed = process(bytes)
        if consumed < bytes.count, mayReceive { clientInput.append(bytes, consumed..<bytes.count) }
    }

    /// Goes on with what has been kept of the client, if it may.
    func processClient() {
        guard mayProceed, mayReceive, !clientInput.isEmpty else { return }
        let input = clientInput
        clientInput = []
        let consumed = process(input.span)
        if consumed < input.count, mayReceive {
            clientInput = consumed == 0 ? input : Array(input[consumed...])
        }
    }

    /// Judges the messages that have arrived whole, until one has to wait.
    /// - Returns: the bytes consumed.
    private func process(_ input: Span<UInt8>) -> Int {
        var offset = 0
        do throws(WireError) {
            while mayProceed, mayReceive, offset < input.count {
                guard let consumed = try nextMessage(input, at: offset) else { break }
                offset += consumed
                lookup.messageIsDone()
                approvals.messageIsDone()
                personIsDone()
                if heldByteCount > 0 { releaseMessage() }
            }
        } catch {
            protocolViolation(error)
        }
        return offset
    }

    /// Whether the client's bytes still matter.
    private var mayReceive: Bool { !isClosing && lastWord == nil }

    /// Whether the next message may be looked at. A statement that is a barrier and takes the client's `CopyData`
    /// is not answered before it has them.
    private var mayProceed: Bool { pause == nil || pause == .barrier && isCopyingIn }

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
        guard let header = try nextHeader(input, at: offset) else { return nil }
        if pause != nil, !header.type.isPartOfCopy { return nil }
        if header.type == .copyData {
            copyData(header, input, at: offset)
            return FrontendHeader.byteCount
        }
        if header.bodyLength > MessageLimit.held, !mustHold(header.bodyLength) {
            return try long(header, input, at: offset)
        }
        guard let header = try FrontendHeader.nextWhole(in: input, at: offset) else { return nil }
        let frame = input.extracting(offset..<offset + header.frameLength)
        do {
            return try handle(header.type, frame) ? header.frameLength : nil
        } catch {
            try leave(malformed: header.type, frame, error)
            return header.frameLength
        }
    }

    /// - Returns: whether the message is done with; `false`: it waits and comes again.
    private func handle(_ type: FrontendMessageType, _ frame: Span<UInt8>) throws(WireError) -> Bool {
        let body = frame.extracting(droppingFirst: FrontendHeader.byteCount)
        if isSkipping, type != .sync, type != .terminate { return true }
        switch type {
        case .query: return try query(Query(body), body, frame)
        case .parse: return try parse(Parse(body), body, frame)
        case .bind: return try bind(Bind(body), body, frame)
        case .describe: return try describe(ObjectReference(body), body, frame)
        case .execute: return try execute(Execute(body), body, frame)
        case .close: try close(ObjectReference(body), body, frame)
        case .functionCall: return try functionCall(body, frame)
        case .flush: forward(frame)
        case .sync:
            forward(frame)
            isSkipping = false
            if !isCopyingIn {
                isUnsynced = false
                expected.append(.sync)
                if lookup.mayRevert || representation.mayRevert { pause = .transactionEnd }
            }
        case .copyDone, .copyFail:
            forward(frame)
            isCopyingIn = false
            // The client's `Sync`, which would have the server answer, waits for the answer.
            if pause == .barrier, isUnsynced { output.toServer.appendFlush() }
            if expected.execution?.isCopyingIn ?? false {
                expected.execution?.isCopyingIn = false
            } else {
                expected.append(.copyEnd)
            }
        case .terminate:
            forward(frame)
            lastWord = "client terminated"
        case .authentication, .copyData:
            preconditionFailure("dealt with before")
        }
        return true
    }

    func forward(_ frame: Span<UInt8>) {
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
        guard let judged = judge(text, in: currentScope()) else { return false }
        guard judged.concernsPersons || representation.isInUse else { return run(judged, text, frame) }
        guard let represented = represented(judged, text) else { return false }
        guard let written = represented.text else {
            return run(represented.plan, text, frame, changes: represented.changes)
        }
        var message: [UInt8] = []
        Query.write(written, to: &message)
        return run(represented.plan, written.span, message.span, changes: represented.changes)
    }

    /// - Returns: `false` when the message waits and comes again.
    private func run(
        _ found: Plan, _ text: Span<UInt8>, _ frame: Span<UInt8>, changes: [[Representation.Change]] = []
    ) -> Bool {
        guard let judged = estimated(found, LookupState.Explained(text: text.copy(0..<text.count))),
            let allowed = judged.demand == nil
                ? judged
                : approved(judged, of: Prepared(text: text.copy(0..<text.count), settings: settings)),
            let plan = confirmed(allowed)
        else { return false }
        if plan.refusal == nil, let ceiling = judged.demand?.ceiling {
            return runs(plan, upTo: ceiling, text, frame, changes: changes)
        }
        statementCount += 1
        recordIntent(.simple, plan, text, sentUnder: settings)
        if let refusal = plan.refusal {
            refuse(refusal, frame, isSimple: true, parsing: plan.hasUnknownNames ? text : nil)
            return true
        }
        forward(frame)
        let execution = Execution(number: statementCount, plan: plan, startedAt: now, changes: changes)
        expected.append(.query(execution))
        wait(for: execution)
        return true
    }

    // MARK: - Extended query

    private func parse(_ parse: Parse, _ body: Span<UInt8>, _ frame: Span<UInt8>) throws(WireError) -> Bool {
        let text = body.extracting(parse.text)
        let name = Self.key(body.copy(parse.statement))
        guard let judged = judge(text, in: currentScope(), isRun: false) else { return false }
        let plan = judged.whenApproved
        guard judged.concernsPersons else { return prepare(plan, parse, name, text, frame) }
        switch resolve(judged, text) {
        case .waits: return false
        case .refused(let diagnosis): return prepare(.withheld(diagnosis), parse, name, text, frame)
        case .known(let resolved):
            let assignments = resolved.assignments.first ?? []
            guard let written = resolved.text else {
                return prepare(plan, parse, name, text, frame, assignments)
            }
            var message: [UInt8] = []
            Parse.write(
                statement: body.copy(parse.statement), text: written, parameterTypes: parse.parameterTypes,
                to: &message)
            return prepare(plan, parse, name, written.span, message.span, assignments)
        }
    }

    /// - Returns: `true`: the message is done with.
    private func prepare(
        _ plan: Plan, _ parse: Parse, _ name: [UInt8], _ text: Span<UInt8>, _ frame: Span<UInt8>,
        _ assignments: [Assignment] = []
    ) -> Bool {
        if let refusal = plan.refusal {
            statementCount += 1
            recordIntent(.parse, plan, text, sentUnder: settings)
            refuse(
                refusal, frame, isSimple: false, parsing: plan.hasUnknownNames ? text : nil,
                parameterTypes: parse.parameterTypes)
            return true
        }
        if refusesName(name) { return true }
        forward(frame)
        keep(
            Prepared(
                text: text.copy(0..<text.count), settings: settings, parameterTypes: parse.parameterTypes,
                assignments: assignments),
            as: name)
        return true
    }

    /// A `Parse` has been sent on.
    func keep(_ prepared: Prepared, as name: [UInt8]) {
        isUnsynced = true
        expected.append(.parse(.statement(name: name, previous: statements[name])))
        statements[name] = prepared
        if statements.count > Self.namedObjectLimit || isAmbiguous(name), !forgets(&statements, name) {
            fail(.tooManyObjects, reason: "limit exceeded")
        }
    }

    // MARK: - Function call

    /// Judged by its function alone, so that arguments at fault are the server's to find.
    private func functionCall(_ body: Span<UInt8>, _ frame: Span<UInt8>) throws(WireError) -> Bool {
        guard let isAccepted = accepts(callOf: try FunctionCall.function(in: body), frame) else {
            return false
        }
        if isAccepted { forward(frame) }
        return true
    }

    /// - Returns: whether the call goes to the server; if not, it has been refused. `nil`: it has to wait.
    func accepts(callOf function: UInt32, _ frame: Span<UInt8>) -> Bool? {
        var facts = StatementFacts()
        facts.effects = [.execute]
        facts.result = .unknown
        facts.functions = [.init(function: function, name: "", harm: .userDefined, arguments: .unknown)]
        let plan = mayCall(currentScope().plan(key: [], facts: [facts], at: now))
        guard let plan else { return nil }
        statementCount += 1
        recordIntent(
            .functionCall, plan, Array("function \(function)".utf8).span, sentUnder: settings)
        if let refusal = plan.refusal {
            refuse(refusal, frame, isSimple: true)
            return false
        }
        let execution = Execution(number: statementCount, plan: plan, startedAt: now)
        expected.append(.functionCall(execution))
        wait(for: execution)
        return true
    }
}

extension QueryPhase {
    /// - Returns: the plan, or one that refuses the call; `nil` when it has to wait.
    private func mayCall(_ plan: Plan) -> Plan? {
        guard let person = representation.current else { return plan }
        switch holds(person) {
        case .waits: return nil
        case .refused(let diagnosis): return Plan(key: [], unreadable: diagnosis)
        case .known: return plan
        }
    }
}

extension FrontendMessageType {
    /// What the server takes, or ignores, while it waits for the client's `CopyData`.
    fileprivate var isPartOfCopy: Bool {
        switch self {
        case .copyData, .copyDone, .copyFail, .flush, .sync: true
        default: false
        }
    }
}
