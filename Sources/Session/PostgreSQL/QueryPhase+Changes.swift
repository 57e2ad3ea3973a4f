import StatementAnalysis

/// How a statement that has succeeded changes what later ones mean (G5).
extension QueryPhase {
    func apply(_ changes: [StatementFacts.SessionChange]) {
        for change in changes {
            switch change {
            case .set, .resetAll, .role:
                lookup.contextIsDirty = true
                lookup.contextMayRevert = true
            case .catalogue:
                lookup.catalogueIsDirty = true
                lookup.catalogueMayRevert = true
                // The session's first temporary relation gives it a schema.
                lookup.contextIsDirty = true
                lookup.contextMayRevert = true
            case .rollback, .rollbackToSavepoint:
                revert()
            case .declareCursor(let name, let columns):
                let name = Array(name.utf8)
                cursors[name] = columns
                portals[name] = nil
                if cursors.count > Self.namedObjectLimit, !forgets(&cursors, name) {
                    failure = .tooManyObjects
                }
            case .closeCursor(let name):
                if let name { cursors[Array(name.utf8)] = nil } else { cursors.removeAll() }
            case .prepare(let name, let facts):
                let name = Array(name.utf8)
                statements[name] = Prepared(text: [], context: context, settings: settings, facts: facts)
                if statements.count > Self.namedObjectLimit, !forgets(&statements, name) {
                    failure = .tooManyObjects
                }
            case .deallocate(let name):
                if let name { statements[Array(name.utf8)] = nil } else { statements.removeAll() }
            case .discardAll:
                statements.removeAll()
                cursors.removeAll()
                lookup.contextIsDirty = true
                lookup.catalogueIsDirty = true
            case .begin, .commit, .savepoint:
                break
            }
        }
    }

    /// The transaction, or part of it, is over: what it changed may be gone again.
    func revert() {
        lookup.contextIsDirty = lookup.contextIsDirty || lookup.contextMayRevert
        lookup.catalogueIsDirty = lookup.catalogueIsDirty || lookup.catalogueMayRevert
    }

    func transactionEnded() {
        revert()
        if lookup.catalogueMayRevert { environment.catalogueMayHaveChanged() }
        lookup.contextMayRevert = false
        lookup.catalogueMayRevert = false
        portals.removeAll(keepingCapacity: true)
    }
}
