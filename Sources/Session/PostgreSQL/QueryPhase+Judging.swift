import API
import Policy
import StatementAnalysis

/// What a statement may do, once everything is known that this depends on.
extension QueryPhase {
    /// - Returns: `nil` when the catalogue has to be asked first; the message waits and comes again.
    ///
    /// A statement that is only prepared now need not know yet the cursor or statement it names.
    func judge(_ text: Span<UInt8>, in scope: Scope, isRun: Bool = true) -> Plan? {
        let plan: Plan
        switch scope.isTransparent ? .asItIs : read(text) {
        case .asItIs: plan = scope.plan(for: text, at: now)
        case .text(let read): plan = scope.plan(for: read.span, at: now)
        case .waits: return nil
        case .refused(let diagnosis):
            return OnBehalfOf.isNamed(in: text)
                ? .withheld(diagnosis) : scope.plan(unreadable: diagnosis, at: now)
        }
        guard !mustLookUp(plan, scope), let completed = completed(plan, in: scope, isRun: isRun) else {
            return nil
        }
        if plan.concernsPersons, completed !== plan {
            completed.concernsPersons = true
            completed.withholdsText = completed.statements.isEmpty
        }
        return completed
    }

    func judge(_ prepared: Prepared, in scope: Scope, isRun: Bool = true) -> Plan? {
        if !scope.isTransparent {
            let text = prepared.text
            switch read(text.span, sentUnder: prepared.settings) {
            case .asItIs: break
            case .text(let read): prepared.read = read
            case .waits: return nil
            case .refused(let diagnosis): return scope.plan(unreadable: diagnosis, at: now)
            }
        }
        let plan = prepared.plan(in: scope, at: now)
        return mustLookUp(plan, scope) ? nil : completed(plan, in: scope, isRun: isRun)
    }

    /// - Returns: `nil` when what it is completed with depends on what has to be asked first.
    private func completed(_ plan: Plan, in scope: Scope, isRun: Bool) -> Plan? {
        guard environment.canRecord else { return Plan(key: [], unreadable: .auditUnavailable) }
        guard environment.isConfigurationCurrent else {
            return Plan(key: [], unreadable: .configurationStale)
        }
        if let failure = lookup.failure, plan.dependsOnNames, !scope.enforcesNothing {
            return Plan(key: [], unreadable: failure)
        }
        if plan.copies, plan.statements.contains(where: { !canMaskCopy($0) }) {
            return Plan(key: [], unreadable: .copyEncoding)
        }
        if isRun, plan.assignsBreakGlass, !scope.enforcesNothing {
            guard awaitsNothing() else { return nil }
            if let fault = breakGlassFault(plan) { return Plan(key: [], unreadable: fault) }
        }
        guard plan.dependsOnSession else { return plan }
        if named(by: plan.statements.map(\.facts)).contains(where: awaitsAnswers(about:)) { return nil }
        if scope.knowsAllNames, let unknown = unknownObject(plan.statements.map(\.facts)) {
            return isRun ? Plan(key: [], unreadable: unknown) : .judgedWhenRun
        }
        let completed = scope.plan(key: [], facts: completed(plan.statements.map(\.facts)), at: now)
        // By a prepared statement.
        if isRun, completed.assignsBreakGlass, !scope.enforcesNothing {
            return Plan(key: [], unreadable: .breakGlassAlone)
        }
        return mustLookUp(completed, scope) ? nil : completed
    }

    /// The first cursor or prepared statement that the session does not have.
    private func unknownObject(_ facts: [StatementFacts]) -> Diagnosis? {
        guard facts.count == 1 else { return nil }
        if let name = facts[0].executes, statements[Array(name.utf8)] == nil {
            return .noStatement(named: Array(name.utf8))
        }
        switch facts[0].result {
        case .cursor(let name):
            let isKnown = cursors[Array(name.utf8)] != nil || portals[Array(name.utf8)] != nil
            return isKnown ? nil : .noCursor(named: Array(name.utf8))
        case .prepared(let name):
            return statements[Array(name.utf8)] != nil ? nil : .noStatement(named: Array(name.utf8))
        case .none, .columns, .plan, .unknown:
            return nil
        }
    }

    /// Fills in what only the session knows: its cursors and prepared statements.
    private func completed(_ statements: [StatementFacts]) -> [StatementFacts] {
        var declared = cursors
        var prepared: [String: StatementFacts] = [:]
        /// An earlier statement of the string may have given the names of a prepared one another meaning.
        var isRenamed = false
        func factsOf(prepared name: String) -> StatementFacts {
            isRenamed ? .unseen : prepared[name] ?? preparedFacts(Array(name.utf8)) ?? .unseen
        }
        /// `Parse` prepares statements that run others: `depth` counts those around this one.
        func complete(_ statement: StatementFacts, depth: Int = 0) -> StatementFacts {
            func run(_ name: String) -> StatementFacts {
                depth < Self.runDepthLimit ? complete(factsOf(prepared: name), depth: depth + 1) : .unseen
            }
            var facts = statement
            switch facts.result {
            case .cursor(let name):
                facts.complete(with: declared[Array(name.utf8)] ?? portalCursor(Array(name.utf8)))
            case .prepared(let name):
                let inner = run(name)
                facts.prepared += [name] + inner.prepared
                facts.result = inner.result
                facts.effects.remove(.session)
                facts.include(inner)
            case .none, .columns, .plan, .unknown:
                break
            }
            if let name = facts.executes {
                let inner = run(name)
                facts.prepared += [name] + inner.prepared
                facts.include(running: inner)
            }
            return facts
        }
        /// So may what the session alone knows, which the analysis of the string has not seen.
        var isRenamedUnseen = false
        return statements.map { statement in
            var facts = complete(statement)
            if isRenamedUnseen, statement.dependsOnNames {
                facts.unknowns.append("names after what may give them another meaning")
            }
            for change in facts.sessionChanges {
                switch change {
                case .declareCursor(let name, let columns):
                    declared[Array(name.utf8)] = Cursor(columns, of: facts)
                case .prepare(let name, let facts, _): prepared[name] = facts
                default: break
                }
            }
            isRenamed = isRenamed || facts.mayRename
            isRenamedUnseen = isRenamedUnseen || facts.mayRename && !statement.mayRename
            return facts
        }
    }

    /// Statements run by statements that are run, before nobody follows them. Ours.
    private static let runDepthLimit = 8

    /// What statements name of the session, also through those that they run.
    private func named(by statements: [StatementFacts]) -> [Expected.Undo.Object] {
        var named = statements.flatMap(\.named)
        var index = 0
        while index < named.count, index <= Self.runDepthLimit * statements.count {
            if case .statement(let name) = named[index], let inner = preparedFacts(name) {
                named += inner.named.filter { !named.contains($0) }
            }
            index += 1
        }
        return named
    }

    /// A portal made by `Bind`, which `FETCH` and `MOVE` can run as well.
    private func portalCursor(_ name: [UInt8]) -> Cursor? {
        guard let portal = portals[name],
            portal.approvals.values.allSatisfy({ $0.generation == environment.generation && now < $0.expiry }
            )
        else { return nil }
        let scope = scope(under: portal.context)
        guard let facts = preparedFacts(portal.prepared, in: scope),
            case .columns(let columns) = facts.result,
            // Bound before the rules were what they are.
            portal.generation == environment.generation
                || portal.prepared.plan(in: scope, at: now).refusal == nil
        else { return nil }
        return Cursor(columns, of: facts)
    }

    private func preparedFacts(_ name: [UInt8]) -> StatementFacts? {
        statements[name].flatMap { preparedFacts($0, in: currentScope()) }
    }

    private func preparedFacts(_ prepared: Prepared, in scope: Scope) -> StatementFacts? {
        let plan = prepared.plan(in: scope, at: now)
        return plan.statements.count == 1 ? plan.statements[0].facts : nil
    }
}

extension StatementFacts {
    /// What the statement names of its session.
    fileprivate var named: [Expected.Undo.Object] {
        var named = executes.map { [Expected.Undo.Object.statement(Array($0.utf8))] } ?? []
        switch result {
        case .cursor(let name): named.append(.portal(Array(name.utf8)))
        case .prepared(let name): named.append(.statement(Array(name.utf8)))
        case .none, .columns, .plan, .unknown: break
        }
        return named
    }
}
