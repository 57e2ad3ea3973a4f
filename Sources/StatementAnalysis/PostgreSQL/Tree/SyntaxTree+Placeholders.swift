extension SyntaxTree {
    /// Whether the text is met so many times, and each time as a constant whose value the analysis does not read: in
    /// the expressions of a query or of a statement that writes rows, but not as a setting, an option, a name or code.
    func holds(_ placeholder: String, times count: Int) -> Bool {
        let placeholder = Array(placeholder.utf8)
        /// The objects and lists that are open: where they end, and whether a value may stand in them.
        var open: [(end: Int32, takesValues: Bool)] = []
        var found = 0
        for (position, element) in elements.enumerated() {
            while let last = open.last, last.end <= position { open.removeLast() }
            switch element.shape {
            case .object:
                let isAmongValues = open.last?.takesValues ?? true
                open.append((element.end, isAmongValues && takesValues(element, at: position)))
            case .list:
                open.append((element.end, open.last?.takesValues ?? false))
            case .text:
                let value = json[Int(element.start)..<Int(element.stop)]
                guard value.elementsEqual(placeholder) else { continue }
                guard open.last?.takesValues ?? false else { return false }
                found += 1
            case .number, .yes, .no, .nothing:
                continue
            }
        }
        return found == count
    }

    private func takesValues(_ element: Entry, at position: Int) -> Bool {
        guard let kind = element.kind, Self.kindsOfValues.contains(kind) else { return false }
        guard kind == .funcCall else { return true }
        return texts(Self.node(at: Int32(position)), .funcname).last != "set_config"
    }

    private static let kindsOfValues: Set<SyntaxKind> = [
        .selectStmt, .insertStmt, .updateStmt, .deleteStmt, .mergeStmt, .mergeWhenClause, .onConflictClause,
        .withClause, .commonTableExpr, .joinExpr, .rangeSubselect, .subLink, .resTarget, .multiAssignRef,
        .aConst, .string, .list, .aExpr, .boolExpr, .nullTest, .rowExpr, .aArrayExpr, .aIndirection,
        .caseExpr, .caseWhen, .coalesceExpr, .minMaxExpr, .typeCast, .collateClause, .funcCall, .namedArgExpr,
    ]
}
