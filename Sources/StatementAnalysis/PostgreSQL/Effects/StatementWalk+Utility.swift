extension StatementWalk {
    func utility(_ node: SyntaxTree.Node) { cannotTell("a statement of an unknown kind") }
    func into(_ node: SyntaxTree.Node, _ columns: QueryColumns) {}
    func setting(_ name: [String], _ node: SyntaxTree.Node, _ candidates: [Routine]) -> Value? { nil }
}
