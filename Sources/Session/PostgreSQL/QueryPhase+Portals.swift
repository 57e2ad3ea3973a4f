import API
import StatementAnalysis
import WireProtocols

/// What the client does with prepared statements and portals: `Bind`, `Describe`, `Execute` and `Close`.
extension QueryPhase {
    func bind(_ bind: Bind, _ body: Span<UInt8>, _ frame: Span<UInt8>) throws(WireError) -> Bool {
        let statement = Self.key(body.copy(bind.statement))
        let name = Self.key(body.copy(bind.portal))
        if refusesName(statement) || refusesName(name) { return true }
        if awaitsAnswers(about: .statement(statement)) { return false }
        guard let prepared = statements[statement] ?? unknownPrepared() else {
            refuse(.noStatement(named: statement), frame, isSimple: false)
            return true
        }
        guard !prepared.assignments.isEmpty else { return portal(of: prepared, name, bind, body, frame) }
        switch changes(by: prepared, bind, body) {
        case .waits: return false
        case .refused(let diagnosis):
            statementCount += 1
            recordIntent(.execute, .withheld(diagnosis), of: prepared)
            refuse(diagnosis, frame, isSimple: false)
            return true
        case .known(let (changes, names)):
            var message: [UInt8] = []
            Bind.write(
                portal: body.copy(bind.portal), statement: body.copy(bind.statement),
                parameterFormats: bind.parameterFormats,
                parameters: bind.parameters.enumerated().map { index, value in
                    names[index] ?? value.map { body.copy($0) }
                },
                resultFormats: bind.resultFormats, to: &message)
            let frame = message.span
            let body = frame.extracting(droppingFirst: FrontendHeader.byteCount)
            return portal(of: prepared, name, try Bind(body), body, frame, changes)
        }
    }

    /// - Returns: `false` when the message waits and comes again.
    private func portal(
        of prepared: Prepared, _ name: [UInt8], _ bind: Bind, _ body: Span<UInt8>, _ frame: Span<UInt8>,
        _ changes: [Representation.Change] = []
    ) -> Bool {
        let arguments = body.copy(bind.statement.upperBound..<body.count)
        // `FETCH` and `MOVE` run a portal that has a name, whatever it does: it is judged before there is one.
        guard let found = judge(prepared, in: currentScope(), isRun: false),
            let judged = name.isEmpty ? found : estimated(found, .init(prepared, arguments))
        else { return false }
        if !name.isEmpty, let ceiling = judged.demand?.ceiling {
            statementCount += 1
            let refused = Plan(key: [], unreadable: .rowsUncountable(ceiling))
            recordIntent(.execute, refused, of: prepared)
            refuse(.rowsUncountable(ceiling), frame, isSimple: false)
            return true
        }
        let binding = currentScope().mayAsk || currentScope().asksForEstimates ? arguments : []
        guard
            let plan = name.isEmpty
                ? judged.whenApproved
                : approved(judged, of: prepared, parameters: binding)
        else { return false }
        if let refusal = plan.refusal {
            statementCount += 1
            recordIntent(.execute, plan, of: prepared)
            refuse(refusal, frame, isSimple: false)
            return true
        }
        forward(frame)
        let portal = Portal(
            prepared: prepared, context: context, formats: bind.resultFormats,
            parameters: recorded(bind, body, plan), binding: binding, changes: changes)
        portal.approvals = name.isEmpty ? [:] : approvalsToBind(judged)
        portal.requester = requester
        portal.generation = environment.generation
        keep(portal, as: name)
        return true
    }

    /// A `Bind` has been sent on.
    func keep(_ portal: Portal, as name: [UInt8]) {
        isUnsynced = true
        expected.append(.bind(.portal(name: name, previous: portals[name])))
        portals[name] = portal
        // `FETCH` of that name reads this portal now; the cursor that had it is gone.
        cursors[name] = nil
        if portals.count > Self.namedObjectLimit || isAmbiguous(name), !forgets(&portals, name) {
            fail(.tooManyObjects, reason: "limit exceeded")
        }
    }

    func describe(
        _ reference: ObjectReference, _ body: Span<UInt8>, _ frame: Span<UInt8>
    ) throws(WireError) -> Bool {
        let name = Self.key(body.copy(reference.name))
        if refusesName(name) { return true }
        if awaitsAnswers(about: reference.object == .statement ? .statement(name) : .portal(name)) {
            return false
        }
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
        return true
    }

    func execute(
        _ execute: Execute, _ body: Span<UInt8>, _ frame: Span<UInt8>
    ) throws(WireError) -> Bool {
        let name = Self.key(body.copy(execute.portal))
        if refusesName(name) { return true }
        if awaitsAnswers(about: .portal(name)) { return false }
        guard let portal = portals[name] ?? cursorPortal(name) else {
            refuse(.noPortal(named: name), frame, isSimple: false)
            return true
        }
        switch act(by: portal) {
        case .waits: return false
        case .refused(let diagnosis):
            statementCount += 1
            recordIntent(
                .execute, Plan(key: [], unreadable: diagnosis), of: portal.prepared,
                parameters: portal.parameters)
            refuse(diagnosis, frame, isSimple: false)
            return true
        case .known: break
        }
        let scope = scope(under: portal.context)
        guard let found = judge(portal.prepared, in: scope) else { return false }
        if found.resolvesNamesWhenRun, portal.context != context, !scope.enforcesNothing,
            transactionStatus != .failed
        {
            statementCount += 1
            recordIntent(
                .execute, Plan(key: [], unreadable: .portalMeansAnother), of: portal.prepared,
                parameters: portal.parameters)
            refuse(.portalMeansAnother, frame, isSimple: false)
            return true
        }
        guard let judged = estimated(found, .init(portal.prepared, portal.binding)),
            let allowed = approved(
                judged, of: portal.prepared, parameters: portal.binding, portal: portal),
            let plan = portal.isConfirmed ? allowed : confirmed(allowed, isPlanned: true)
        else { return false }
        portal.isConfirmed = true
        let terms = plan.refusal == nil ? judged.demand?.ceiling : nil
        guard terms == nil || awaitsNothing() else { return false }
        statementCount += 1
        recordIntent(.execute, plan, of: portal.prepared, parameters: portal.parameters)
        if let refusal = plan.refusal {
            refuse(refusal, frame, isSimple: false)
            return true
        }
        if plan.needsDescription, !portal.hasFields(in: scope) {
            Describe.write(.portal, name, to: &output.toServer)
            portal.isDescribed = true
            expected.append(.describe(.portal(portal), isInjected: true))
        }
        let ceiling = terms.map { RowCeiling($0, returnedBefore: portal.returnedCount) }
        let execution = Execution(
            number: statementCount, plan: plan, startedAt: now, portal: portal, changes: [portal.changes],
            ceiling: ceiling)
        count(before: execution)
        forward(frame)
        portal.hasBegun = true
        isUnsynced = true
        expected.append(.execute(execution))
        wait(for: execution)
        if ceiling != nil { holdClient(for: execution) }
        if execution.holdsClient { output.toServer.appendFlush() }
        return true
    }

    /// Has the message wait that names what may not be what it is assumed to be.
    func awaitsAnswers(about object: Expected.Undo.Object) -> Bool {
        guard expected.isUncertain(object), !currentScope().enforcesNothing else { return false }
        if isUnsynced { output.toServer.appendFlush() }
        pause = .answers
        return true
    }

    /// Stands in for a statement that the session does not know, where it may be one all the same.
    func unknownPrepared() -> Prepared? {
        currentScope().knowsAllNames
            ? nil : Prepared(text: [], settings: settings, source: .facts(.unknown))
    }

    /// A name that could be mistaken for another one.
    func refusesName(_ name: [UInt8]) -> Bool {
        guard isAmbiguous(name), !currentScope().enforcesNothing else { return false }
        refuse(.ambiguousName, Self.standIn(isSimple: false).span, isSimple: false)
        return true
    }

    /// Where nothing is enforced, an object beyond the limit, or of an ambiguous name, is not kept.
    func forgets<Object>(_ objects: inout NamedObjects<Object>, _ name: [UInt8]) -> Bool {
        guard currentScope().enforcesNothing else { return false }
        objects[name] = nil
        return true
    }

    /// A cursor made by `DECLARE`, run by `Execute`.
    private func cursorPortal(_ name: [UInt8]) -> Portal? {
        guard let cursor = cursors[name] else {
            return unknownPrepared().map {
                Portal(prepared: $0, context: context, formats: [], parameters: [])
            }
        }
        var facts = StatementFacts()
        facts.command = .fetch
        facts.effects = [.select]
        facts.complete(with: cursor)
        return Portal(
            prepared: Prepared(text: [], settings: settings, source: .facts(facts)), context: context,
            formats: [], parameters: [])
    }

    func close(
        _ reference: ObjectReference, _ body: Span<UInt8>, _ frame: Span<UInt8>
    ) throws(WireError) {
        let name = Self.key(body.copy(reference.name))
        if refusesName(name) { return }
        forward(frame)
        isUnsynced = true
        switch reference.object {
        case .statement:
            expected.append(.close(.statement(name: name, previous: statements.remove(name))))
        case .portal:
            expected.append(.close(.portal(name: name, previous: portals.remove(name))))
        }
    }
}
