/// The columns a query returns.
struct QueryColumns {
    var columns: [NamedValue] = []
    /// Set when the number or order of the columns is not known: what any of them depends on.
    var others: Lineage?

    /// A recursive table's, before its first arm has been read: whatever it is merged with decides.
    var isPending = false

    static let unknown = Self(columns: [], others: .unknown)

    var lineage: Lineage {
        var lineage = Lineage(unionOf: columns.map(\.value))
        if let others { lineage.formUnion(others) }
        return lineage
    }

    /// What the client is told of them.
    var result: StatementFacts.Result {
        if others != nil { return .unknown }
        return .columns(
            columns.map {
                StatementFacts.OutputColumn(
                    lineage: $0.value.lineage, origin: $0.value.origin, keepsNull: [$0.value].keepNull)
            })
    }

    /// The columns under other names, from the first.
    func renamed(_ names: [String]) -> Self {
        var result = self
        for (index, name) in names.enumerated() where index < result.columns.count {
            result.columns[index].name = name
        }
        if others != nil, names.count > columns.count, let others {
            result.columns += names.dropFirst(columns.count).map {
                NamedValue(name: $0, value: Value(others))
            }
        }
        return result
    }

    /// Both sides of a set operation, by position.
    func merged(with other: Self) -> Self {
        if other.isPending { return self }
        if isPending { return other }
        guard others == nil, other.others == nil, columns.count == other.columns.count else {
            return Self(columns: [], others: lineage.union(other.lineage).union(.unknown))
        }
        var result = self
        for (index, column) in other.columns.enumerated() {
            let value = columns[index].value
            result.columns[index].value = Value(
                value.lineage.union(column.value.lineage),
                origin: value.origin == column.value.origin ? value.origin : nil,
                type: value.type == column.value.type ? value.type : nil
            ).keepingNull([value, column.value].keepNull)
        }
        return result
    }
}

extension StatementWalk {
    /// Any query that returns rows: `SELECT`, `VALUES`, or a command with `RETURNING`.
    func query(_ node: SyntaxTree.Node, _ environment: Environment) -> QueryColumns {
        descend(otherwise: .unknown) {
            switch tree.kind(node) {
            case .selectStmt: select(node, environment)
            case .insertStmt: insert(node, environment)
            case .updateStmt: update(node, environment)
            case .deleteStmt: delete(node, environment)
            case .mergeStmt: merge(node, environment)
            default: unknownQuery()
            }
        }
    }

    private func unknownQuery() -> QueryColumns {
        cannotTell("a query of an unknown kind")
        return .unknown
    }

    private func select(_ node: SyntaxTree.Node, _ outer: Environment) -> QueryColumns {
        if tree.child(node, .valuesLists) == nil { facts.effects.insert(.select) }
        var environment = outer.nested
        if let with = tree.child(node, .withClause) { environment = self.with(with, environment) }
        let columns: QueryColumns
        if tree.child(node, .larg) != nil {
            columns = setOperation(node, &environment)
        } else if tree.child(node, .valuesLists) != nil {
            columns = values(node, environment)
        } else {
            columns = plainSelect(node, &environment)
        }
        sort(node, columns, environment)
        condition(.limit, tree.child(node, .limitCount), environment)
        condition(.limit, tree.child(node, .limitOffset), environment)
        locks(of: node)
        if let into = tree.child(node, .intoClause) { self.into(into, columns) }
        return columns
    }

    /// The row locks that `DELETE` and `UPDATE` take (PostgreSQL's documentation, 13.3.2), taken ahead.
    private func locks(of node: SyntaxTree.Node) {
        for clause in tree.list(node, .lockingClause) {
            facts.effects.insert(.lock)
            switch tree.string(clause, .strength) {
            case "LCS_FORUPDATE": facts.lockedFor.formUnion([.delete, .update])
            case "LCS_FORNOKEYUPDATE": facts.lockedFor.insert(.update)
            default: continue
            }
            if tree.child(node, .whereClause) == nil { facts.isWithoutWhere = true }
        }
    }

    private func plainSelect(_ node: SyntaxTree.Node, _ environment: inout Environment) -> QueryColumns {
        environment.scope = from(tree.list(node, .fromClause), environment)
        condition(.where, tree.child(node, .whereClause), environment)
        for window in tree.list(node, .windowClause) {
            let lineage = self.window(window, environment)
            if let name = tree.string(window, .name) { environment.windows[name] = lineage }
        }
        let columns = targets(tree.list(node, .targetList), environment)
        group(tree.list(node, .groupClause), columns, environment)
        condition(.having, tree.child(node, .havingClause), environment)
        distinct(node, columns, environment)
        return columns
    }

    /// A target list, `*` expanded.
    func targets(_ list: SyntaxTree.Children, _ environment: Environment) -> QueryColumns {
        var result = QueryColumns()
        for target in list {
            guard let value = tree.child(target, .val) else { continue }
            let name = tree.string(target, .name)
            if let star = star(value, environment) {
                if star.isPending { result.isPending = true }
                guard star.others == nil else {
                    result.others = (result.others ?? Lineage()).union(star.lineage)
                    continue
                }
                result.columns += star.columns
                continue
            }
            let evaluated = expression(value, environment)
            result.columns.append(NamedValue(name: name ?? implicitName(value), value: evaluated))
        }
        guard result.others != nil else { return result }
        return QueryColumns(columns: [], others: result.lineage.union(.unknown), isPending: result.isPending)
    }

    private func setOperation(_ node: SyntaxTree.Node, _ environment: inout Environment) -> QueryColumns {
        // A chain of arms leans to the left: followed with a loop, so that its length is not nesting.
        var operations: [SyntaxTree.Node] = []
        var first = node
        while let left = tree.child(first, .larg), first == node || !hasOwnClauses(first) {
            operations.append(first)
            first = left
        }
        var columns = query(first, environment)
        for operation in operations.reversed() {
            guard let right = tree.child(operation, .rarg) else { return unknownQuery() }
            columns = columns.merged(with: query(right, environment))
            let isUnion = tree.string(operation, .op) == "SETOP_UNION"
            if !tree.flag(operation, .all) || !isUnion { record(.setOperation, columns.lineage) }
        }
        if columns.others != nil { cannotTell("the columns of a set operation") }
        // ORDER BY sees only the result's names.
        environment.scope = Scope([ScopeItem(columns: columns.columns, others: columns.others)], outer: nil)
        return columns
    }

    private func hasOwnClauses(_ node: SyntaxTree.Node) -> Bool {
        [.withClause, .sortClause, .limitCount, .limitOffset, .lockingClause, .intoClause].contains {
            tree.child(node, $0) != nil
        }
    }

    private func values(_ node: SyntaxTree.Node, _ environment: Environment) -> QueryColumns {
        var result: QueryColumns?
        for list in tree.list(node, .valuesLists) {
            var row = QueryColumns()
            for (index, item) in tree.items(list).enumerated() {
                if let star = star(item, environment) {
                    row.others = star.others
                    row.columns += star.columns
                } else {
                    let value = expression(item, environment)
                    row.columns.append(NamedValue(name: "column\(index + 1)", value: value))
                }
            }
            for index in row.columns.indices { row.columns[index].name = "column\(index + 1)" }
            result = result?.merged(with: row) ?? row
        }
        return result ?? .unknown
    }

    private func group(_ items: SyntaxTree.Children, _ columns: QueryColumns, _ environment: Environment) {
        var lineage = Lineage()
        for item in items { lineage.formUnion(positionOrExpression(item, columns, environment)) }
        record(.groupBy, lineage)
    }

    private func distinct(_ node: SyntaxTree.Node, _ columns: QueryColumns, _ environment: Environment) {
        guard tree.child(node, .distinctClause) != nil else { return }
        var lineage = Lineage()
        var isPlain = true
        for item in tree.list(node, .distinctClause) where tree.shape(item) != .nothing {
            isPlain = false
            lineage.formUnion(positionOrExpression(item, columns, environment))
        }
        record(.distinct, isPlain ? columns.lineage : lineage)
    }

    private func sort(_ node: SyntaxTree.Node, _ columns: QueryColumns, _ environment: Environment) {
        var lineage = Lineage()
        for item in tree.list(node, .sortClause) { lineage.formUnion(sortKey(item, columns, environment)) }
        record(.orderBy, lineage)
    }

    /// One item of `ORDER BY`, in a query (`columns`) or in a call or window (no columns).
    func sortKey(_ item: SyntaxTree.Node, _ columns: QueryColumns?, _ environment: Environment) -> Lineage {
        guard tree.kind(item) == .sortBy, let key = tree.child(item, .node) else {
            cannotTell("a sort key of an unknown kind")
            return .unknown
        }
        let lineage: Lineage
        if let columns {
            lineage = positionOrExpression(key, columns, environment)
        } else {
            lineage = conditionValue(key, environment)
        }
        if tree.child(item, .useOp) != nil {
            operation(tree.texts(item, .useOp), [Value(lineage), Value(lineage)])
        }
        return lineage
    }

    /// An item of `GROUP BY`, `ORDER BY` or `DISTINCT ON`: an output column's position or name, or an expression.
    /// A name that could be both an output's and an input's counts as both.
    private func positionOrExpression(
        _ node: SyntaxTree.Node, _ columns: QueryColumns, _ environment: Environment
    ) -> Lineage {
        switch tree.kind(node) {
        case .aConst:
            guard let integer = tree.child(node, .ival) else { return Lineage() }
            guard columns.others == nil, let position = tree.integer(integer, .ival),
                columns.columns.indices.contains(position - 1)
            else { return columns.lineage.union(.unknown) }
            return columns.columns[position - 1].value.lineage
        case .groupingSet:
            var lineage = Lineage()
            for item in tree.list(node, .content) {
                lineage.formUnion(positionOrExpression(item, columns, environment))
            }
            return lineage
        case .columnRef:
            let names = tree.texts(node, .fields)
            var lineage = Lineage()
            if names.count == 1 {
                let outputs = columns.columns.filter { $0.name == names[0] }
                lineage = Lineage(unionOf: outputs.map(\.value))
                if !outputs.isEmpty, !isInput(names[0], environment) { return lineage }
            }
            return lineage.union(conditionValue(node, environment))
        default:
            return conditionValue(node, environment)
        }
    }

    /// An expression inside a clause that is a condition itself.
    private func conditionValue(_ node: SyntaxTree.Node, _ environment: Environment) -> Lineage {
        let outer = isWithinCondition
        isWithinCondition = true
        defer { isWithinCondition = outer }
        return expression(node, environment).lineage
    }

    /// A window's partition, order and frame, recorded as a condition.
    func window(_ node: SyntaxTree.Node, _ environment: Environment) -> Lineage {
        var lineage = Lineage()
        for name in [tree.string(node, .refname)].compactMap({ $0 }) {
            lineage.formUnion(environment.windows[name] ?? .unknown)
        }
        for item in tree.list(node, .partitionClause) { lineage.formUnion(conditionValue(item, environment)) }
        for item in tree.list(node, .orderClause) { lineage.formUnion(sortKey(item, nil, environment)) }
        for bound in [tree.child(node, .startOffset), tree.child(node, .endOffset)].compactMap({ $0 }) {
            lineage.formUnion(conditionValue(bound, environment))
        }
        record(.window, lineage)
        return lineage
    }

    /// A sub-query and what decides about its rows: the value of a sub-query depends on both.
    func subquery(_ node: SyntaxTree.Node, _ environment: Environment) -> (
        columns: QueryColumns, rows: Lineage
    ) {
        conditionLineages.append(Lineage())
        let columns = query(node, environment.nested)
        let rows = conditionLineages.removeLast()
        conditionLineages[conditionLineages.count - 1].formUnion(rows)
        return (columns, rows)
    }
}
