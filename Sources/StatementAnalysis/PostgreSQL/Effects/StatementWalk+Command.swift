extension StatementWalk {
    /// A statement by its kind.
    func command(_ node: SyntaxTree.Node) {
        let environment = Environment()
        switch tree.kind(node) {
        case .selectStmt:
            facts.command = .select
            let columns = query(node, environment)
            let isInto = tree.child(node, .intoClause) != nil
            facts.result = isInto ? .none : columns.result
        case .insertStmt: written(node, .insert)
        case .updateStmt: written(node, .update)
        case .deleteStmt: written(node, .delete)
        case .mergeStmt: written(node, .merge)
        default:
            utility(node)
        }
    }

    private func written(_ node: SyntaxTree.Node, _ command: StatementFacts.Command) {
        facts.command = command
        let columns = query(node, Environment())
        facts.result = tree.child(node, .returningList) == nil ? .none : columns.result
    }
}
