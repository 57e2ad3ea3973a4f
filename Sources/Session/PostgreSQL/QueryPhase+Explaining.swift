import StatementAnalysis
import WireProtocols

/// Judging a statement that is not to run.
extension QueryPhase {
    /// Times the definitions of views are asked for that turn up in one another. Ours.
    private static let viewReadLimit = 8

    /// - Returns: `nil` while the database is being asked; once its answers are there, ask again.
    func explanation(of text: Span<UInt8>, viewReads: inout Int, at now: Int64) -> [StatementExplanation]? {
        guard pause == nil else { return nil }
        self.now = now
        // Of a subject that nothing binds, a judgement would ask nothing.
        var wanted: [LookupState.Question] = lookup.contextIsDirty ? [.context] : []
        if currentCatalogue == nil { wanted.append(.catalogue) }
        if !wanted.isEmpty, lookup.failure == nil {
            ask(wanted)
            return nil
        }
        let scope = currentScope()
        guard let plan = judge(text, in: scope) else { return nil }
        if !plan.pendingViews.isEmpty, lookup.failure == nil, viewReads < Self.viewReadLimit {
            viewReads += 1
            ask([.views(plan.pendingViews)])
            return nil
        }
        guard !plan.statements.isEmpty else {
            return plan.refusal.map { [StatementExplanation(unreadable: $0, count: text.count)] } ?? []
        }
        return plan.statements.map { StatementExplanation($0, in: scope) }
    }

    /// - Returns: `nil` where the database has to be asked first.
    func judge(_ text: Span<UInt8>, isNew: Bool, at now: Int64) -> Plan? {
        self.now = now
        let scope = currentScope()
        if isNew { scope.forgetPlans() }
        return judge(text, in: scope)
    }
}

extension PostgreSQLSession {
    /// Whether the session has begun and has not ended.
    package var isOpen: Bool { isServing && !hasEnded }

    /// What would become of a text, by the very judgement it would meet; nothing of it reaches the database. `viewReads`
    /// begins with 0.
    /// - Returns: `nil` while the database is being asked for what it depends on: perform ``output``, pass on the
    ///   answers, and ask again.
    package func explanation(
        of text: Span<UInt8>, viewReads: inout Int, at now: Int64
    ) -> [StatementExplanation]? {
        explain { $0.explanation(of: text, viewReads: &viewReads, at: now) }
    }

    /// Judges a text as one that the client has just sent and that nobody has sent before, or that is known: for whoever
    /// measures what that costs, once the text has been explained.
    /// - Returns: whether that could be done without asking the database.
    package func judge(_ text: Span<UInt8>, isNew: Bool, at now: Int64) -> Bool {
        explain { $0.judge(text, isNew: isNew, at: now) } != nil
    }
}
