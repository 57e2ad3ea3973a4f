extension StatementWalk {
    /// A statement by its kind.
    func command(_ node: SyntaxTree.Node) {
        guard let kind = tree.kind(node) else {
            cannotTell("a statement of an unknown kind")
            return
        }
        switch kind {
        case .selectStmt:
            facts.command = .select
            facts.effects.insert(.select)
            let columns = query(node, Environment())
            facts.result = isInto(node) ? .none : columns.result
        case .insertStmt: written(node, .insert)
        case .updateStmt: written(node, .update)
        case .deleteStmt: written(node, .delete)
        case .mergeStmt: written(node, .merge)
        case .explainStmt: explain(node)
        case .copyStmt: copy(node)
        case .callStmt: call(node)
        case .doStmt:
            facts.command = .doBlock
            facts.effects.insert(.execute)
            record(
                StatementFacts.FunctionUse(function: 0, name: "DO", harm: .userDefined, arguments: .unknown))
            change(.catalogue)
        default:
            if !sessionCommand(node, kind), !definitionCommand(node, kind), !administrativeCommand(node, kind)
            {
                cannotTell("a statement of an unknown kind")
                facts.effects.insert(.administer)
            }
        }
    }

    private func written(_ node: SyntaxTree.Node, _ command: StatementFacts.Command) {
        facts.command = command
        let columns = query(node, Environment())
        facts.result = tree.child(node, .returningList) == nil ? .none : columns.result
    }

    /// `SELECT ... INTO`: the clause stands in the leftmost arm of a set operation.
    private func isInto(_ node: SyntaxTree.Node) -> Bool {
        var arm: SyntaxTree.Node? = node
        while let current = arm {
            if tree.child(current, .intoClause) != nil { return true }
            arm = tree.child(current, .larg)
        }
        return false
    }

    private func call(_ node: SyntaxTree.Node) {
        facts.command = .call
        facts.effects.insert(.execute)
        facts.result = .unknown
        guard let call = tree.child(node, .funccall) else {
            cannotTell("a CALL of an unknown kind")
            return
        }
        let arguments = tree.list(call, .args).map { expression($0, Environment()) }
        record(
            StatementFacts.FunctionUse(
                function: 0, name: tree.texts(call, .funcname).joined(separator: "."), harm: .userDefined,
                arguments: Lineage(unionOf: arguments)))
        change(.catalogue)
    }

    // MARK: EXPLAIN

    private func explain(_ node: SyntaxTree.Node) {
        facts.command = .explain
        facts.result = .plan
        guard let planned = tree.child(node, .query) else {
            cannotTell("an EXPLAIN of an unknown kind")
            return
        }
        let runs = tree.list(node, .options).contains { option in
            // `ANALYZE` alone, or with any value that does not clearly say no.
            tree.string(option, .defname) == "analyze" && isOn(option)
        }
        if tree.kind(planned) == .executeStmt { facts.executes = tree.string(planned, .name) ?? "" }
        let inner = StatementWalk(tree, catalogue, earlier, openViews: openViews)
        inner.statement(planned)
        var innerFacts = inner.facts
        if !runs {
            // Planned, not run: nothing is written, though immutable functions run when their arguments are constant.
            innerFacts.effects.formIntersection([.select, .execute])
            innerFacts.effects.insert(.select)
            for index in innerFacts.relations.indices { innerFacts.relations[index].isWritten = false }
            innerFacts.assignments = []
            innerFacts.isWithoutWhere = false
            innerFacts.sessionChanges = []
        } else {
            innerFacts.sessionChanges.removeAll { if case .declareCursor = $0 { true } else { false } }
            creations += inner.creations
        }
        absorb(innerFacts, from: inner)
    }

    /// Whether an option without a value, or with `true`, `on` or `1` in any spelling, is set.
    func isOn(_ option: SyntaxTree.Node) -> Bool {
        guard let argument = tree.child(option, .arg) else { return true }
        switch tree.kind(argument) {
        case .integer: return tree.integer(argument, .ival) != nil
        case .boolean: return tree.flag(argument, .boolval)
        default:
            let text = tree.text(argument)?.lowercased() ?? ""
            return !["false", "off", "0", "no", "f", "n", "of"].contains(text)
        }
    }

    /// Everything an inner statement does is done by this one.
    func absorb(_ inner: StatementFacts, from walk: StatementWalk) {
        facts.include(inner)
        inherit(walk)
    }
}
