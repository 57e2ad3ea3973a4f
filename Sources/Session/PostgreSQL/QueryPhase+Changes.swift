import StatementAnalysis
import WireProtocols

/// How a statement that has succeeded changes what later ones mean (G5).
extension QueryPhase {
    /// Has the client's next message wait where it can only be judged once this statement is answered.
    func wait(for execution: Execution) {
        let plan = execution.plan
        execution.holdsClient =
            plan.isBarrier || (lookup.mayRevert || representation.mayRevert) && plan.endsTransaction
            || plan.runsHiddenCode && !currentScope().isTransparent
        if execution.holdsClient { pause = .barrier }
    }

    func apply(_ facts: StatementFacts) {
        if representation.isInUse { follow(facts) }
        if facts.assignsBreakGlass { breakGlass(facts) }
        if facts.effects.contains(.execute) {
            // A function can set the search path as well.
            lookup.contextIsDirty = true
            lookup.contextMayRevert = true
            lookup.hasRunHiddenCode = true
        }
        for setting in facts.assignedSettings { approvals.remember(setting) }
        for change in facts.sessionChanges {
            switch change {
            case .set, .resetAll, .role:
                if change == .resetAll { approvals.mendGlass() }
                lookup.contextIsDirty = true
                lookup.contextMayRevert = true
            case .catalogue:
                lookup.catalogueIsDirty = true
                lookup.isChangeOver = false
                lookup.catalogueMayRevert = true
                // The session's first temporary relation gives it a schema.
                lookup.contextIsDirty = true
                lookup.contextMayRevert = true
            case .rollback:
                revert()
                outliveFailure(.idle)
            case .rollbackToSavepoint:
                revert()
                outliveFailure(.inTransaction)
            case .commit:
                revert()
                outliveFailure(.idle)
            case .declareCursor(let name, let columns):
                let name = Array(name.utf8)
                cursors[name] = Cursor(columns, of: facts)
                portals[name] = nil
                if cursors.count > Self.namedObjectLimit, !forgets(&cursors, name) {
                    failure = .tooManyObjects
                }
            case .closeCursor(let name):
                if let name { cursors[Array(name.utf8)] = nil } else { cursors.removeAll() }
            case .prepare(let name, _, let text):
                let name = Array(name.utf8)
                // Without a rule the text was not read as the server reads it.
                guard settings.isPlain || !currentScope().isTransparent else {
                    statements[name] = nil
                    break
                }
                statements[name] = Prepared(text: text, settings: SessionSettings(), source: .command)
                if statements.count > Self.namedObjectLimit, !forgets(&statements, name) {
                    failure = .tooManyObjects
                }
            case .deallocate(let name):
                if let name { statements[Array(name.utf8)] = nil } else { forgetNamedStatements() }
            case .discardAll:
                approvals.mendGlass()
                forgetNamedStatements()
                cursors.removeAll()
                lookup.contextIsDirty = true
                lookup.catalogueIsDirty = true
                lookup.isChangeOver = false
            case .begin, .savepoint, .releaseSavepoint:
                break
            }
        }
    }

    private func follow(_ facts: StatementFacts) {
        // A transaction that has failed is answered so when it is to be committed.
        if facts.sessionChanges.contains(.commit), lastTag.elementsEqual("ROLLBACK".utf8) {
            representation.rollBack()
        } else {
            representation.follow(facts.sessionChanges)
        }
        person = representation.current
    }

    /// `DEALLOCATE ALL` leaves the unnamed statement.
    private func forgetNamedStatements() {
        statements.removeNamed()
    }

    /// In a pipeline the server tells the status only at its end.
    private func outliveFailure(_ status: TransactionStatus) {
        if transactionStatus == .failed { transactionStatus = status }
    }

    /// The transaction, or part of it, is over: what it changed may be gone again.
    func revert() {
        lookup.contextIsDirty = lookup.contextIsDirty || lookup.contextMayRevert
        lookup.catalogueIsDirty = lookup.catalogueIsDirty || lookup.catalogueMayRevert
    }

    func transactionEnded() {
        revert()
        if representation.isInUse {
            representation.transactionEnded()
            person = representation.current
        }
        if lookup.catalogueMayRevert {
            environment.catalogueMayHaveChanged()
            lookup.isChangeOver = true
        }
        lookup.contextMayRevert = false
        lookup.catalogueMayRevert = false
        ownCatalogue = nil
        lookup.hasRunHiddenCode = false
        transactionTouchesGovernedRelations = false
        // What a pipeline has bound after the transaction's end is the next one's.
        let next = expected.endPortals().map { ($0, portals[$0]) }
        portals.removeAll()
        for (name, portal) in next { portals[name] = portal }
    }
}
