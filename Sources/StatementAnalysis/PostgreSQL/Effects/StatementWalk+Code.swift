/// Code that is defined to run later: functions, triggers, rules, row security.
extension StatementWalk {
    func createFunction(_ node: SyntaxTree.Node) {
        define(tree.flag(node, .isProcedure) ? "PROCEDURE" : "FUNCTION", alter: false)
        for parameter in tree.list(node, .parameters) {
            if let value = tree.child(parameter, .defexpr) { _ = expression(value, Environment()) }
        }
        creations.append(tree.texts(node, .funcname).last.map { .routine(name: $0) } ?? .anything)
    }

    func createTrigger(_ node: SyntaxTree.Node) {
        define("TRIGGER", alter: false)
        guard let relation = tree.child(node, .relation) else { return }
        condition(.where, tree.child(node, .whenClause), changedRows(of: relation))
        creations.append(.anything)
    }

    /// `OLD` and `NEW`.
    private func changedRows(of relation: SyntaxTree.Node) -> Environment {
        let item = relationItem(relation, isWritten: true)
        var environment = Environment()
        environment.scope = Scope(
            ["old", "new"].map { name in
                ScopeItem(name: name, columns: item.columns, others: item.others, showsColumns: false)
            }, outer: nil)
        return environment
    }

    func createRule(_ node: SyntaxTree.Node) {
        define("RULE", alter: false)
        guard let relation = tree.child(node, .relation) else { return }
        let environment = changedRows(of: relation)
        condition(.where, tree.child(node, .whereClause), environment)
        for action in tree.list(node, .actions) {
            switch tree.kind(action) {
            case .selectStmt, .insertStmt, .updateStmt, .deleteStmt:
                write(subquery(action, environment).columns)
            default: cannotTell("the action of a rule")
            }
        }
        creations.append(.anything)
    }

    func policy(_ node: SyntaxTree.Node, isNew: Bool) {
        if isNew { create("POLICY") } else { alter("POLICY", nil) }
        facts.effects.insert(.grant)
        guard let relation = tree.child(node, .table) else { return }
        var environment = Environment()
        environment.scope = Scope([relationItem(relation, isWritten: true)], outer: nil)
        condition(.where, tree.child(node, .qual), environment)
        condition(.where, tree.child(node, .withCheck), environment)
        creations.append(.anything)
    }
}
