extension StatementWalk {
    // MARK: INSERT

    func insert(_ node: SyntaxTree.Node, _ outer: Environment) -> QueryColumns {
        facts.effects.insert(.insert)
        guard let target = tree.child(node, .relation) else { return unknownTarget() }
        var environment = outer.nested
        if let with = tree.child(node, .withClause) { environment = self.with(with, environment) }
        let item = self.target(target)
        let names = tree.list(node, .cols).map { tree.string($0, .name) ?? "" }
        for column in tree.list(node, .cols) { subscripts(column, environment) }
        let writes = beginWrites()
        let columns = names.isEmpty ? item.columns : names.map { column($0, of: item) }
        var source = QueryColumns()
        if let query = tree.child(node, .selectStmt) { source = self.query(query, environment) }
        if let others = source.others {
            for column in columns { write(column, source.lineage.union(others)) }
        } else {
            for (column, value) in zip(columns, source.columns) {
                write(column, value.value.lineage)
            }
        }
        environment.scope = Scope([item], outer: nil)
        if let conflict = tree.child(node, .onConflictClause) {
            let inserted = zip(columns, source.columns).map { NamedValue(name: $0.name, value: $1.value) }
            self.conflict(conflict, item, inserted: inserted, environment)
        }
        return returning(node, environment, item, since: writes)
    }

    private func conflict(
        _ node: SyntaxTree.Node, _ item: ScopeItem, inserted: [NamedValue], _ environment: Environment
    ) {
        if let infer = tree.child(node, .infer) {
            var lineage = Lineage()
            for element in tree.list(infer, .indexElems) {
                if let name = tree.string(element, .name) {
                    lineage.formUnion(column(name, of: item).value.lineage)
                } else if let expression = tree.child(element, .expr) {
                    lineage.formUnion(self.expression(expression, environment).lineage)
                }
            }
            if tree.child(infer, .conname) != nil {
                lineage.formUnion(unique(of: item))
            }
            record(.conflict, lineage)
            condition(.conflict, tree.child(infer, .whereClause), environment)
        } else {
            // Any unique constraint decides.
            record(.conflict, unique(of: item))
        }
        guard tree.string(node, .action) == "ONCONFLICT_UPDATE" else { return }
        facts.effects.insert(.update)
        let excluded = item.columns.map { column in
            inserted.first { $0.name == column.name } ?? NamedValue(name: column.name, value: Value())
        }
        var inner = environment
        inner.scope = Scope(
            [item, ScopeItem(name: "excluded", columns: excluded, others: item.others, showsColumns: false)],
            outer: nil)
        assignments(tree.list(node, .targetList), item, inner)
        condition(.conflict, tree.child(node, .whereClause), inner)
    }

    /// The columns whose values make rows of the table collide; all of them where an expression does.
    func unique(of item: ScopeItem) -> Lineage {
        let bases = Set(item.columns.compactMap(\.value.origin?.relation)).compactMap(catalogue.relation(_:))
        if item.others != nil || bases.contains(where: { $0.uniqueColumns.contains(0) }) {
            return item.row.lineage
        }
        var lineage = Lineage()
        for column in item.columns {
            guard let origin = column.value.origin, let base = catalogue.relation(origin.relation) else {
                continue
            }
            if base.uniqueColumns.contains(origin.attribute) { lineage.formUnion(column.value.lineage) }
        }
        return lineage
    }

    // MARK: UPDATE and DELETE

    func update(_ node: SyntaxTree.Node, _ outer: Environment) -> QueryColumns {
        facts.effects.insert(.update)
        guard let target = tree.child(node, .relation) else { return unknownTarget() }
        var environment = outer.nested
        if let with = tree.child(node, .withClause) { environment = self.with(with, environment) }
        let item = self.target(target)
        environment.scope = from(tree.list(node, .fromClause), environment, after: [item])
        let writes = beginWrites()
        assignments(tree.list(node, .targetList), item, environment)
        whereClause(node, environment)
        return returning(node, environment, item, since: writes)
    }

    func delete(_ node: SyntaxTree.Node, _ outer: Environment) -> QueryColumns {
        facts.effects.insert(.delete)
        guard let target = tree.child(node, .relation) else { return unknownTarget() }
        var environment = outer.nested
        if let with = tree.child(node, .withClause) { environment = self.with(with, environment) }
        let item = self.target(target)
        environment.scope = from(tree.list(node, .usingClause), environment, after: [item])
        whereClause(node, environment)
        return returning(node, environment, item, since: beginWrites())
    }

    private func whereClause(_ node: SyntaxTree.Node, _ environment: Environment) {
        guard let clause = tree.child(node, .whereClause) else {
            facts.isWithoutWhere = true
            return
        }
        chooseRows(.where, clause, environment)
    }

    /// A condition that is to tell rows of the table written apart: what names only other tables, or the same one by
    /// another name, holds for all alike.
    private func chooseRows(
        _ kind: StatementFacts.Condition.Clause, _ clause: SyntaxTree.Node, _ environment: Environment
    ) {
        let outer = namesTarget
        namesTarget = false
        let lineage = condition(kind, clause, environment)
        let isCursors = tree.kind(clause) == .currentOfExpr
        if !isCursors, isTrivial(clause) || lineage.isComplete && !namesTarget { facts.isWithoutWhere = true }
        namesTarget = outer
    }

    /// Whether a condition holds, or not, for all rows alike: it names no column, or compares one with itself.
    private func isTrivial(_ node: SyntaxTree.Node) -> Bool {
        switch tree.kind(node) {
        case .boolExpr:
            let arms = tree.list(node, .args).map(isTrivial(_:))
            return tree.string(node, .boolop) == "OR_EXPR" ? arms.contains(true) : arms.allSatisfy { $0 }
        case .aExpr:
            guard let left = tree.child(node, .lexpr), let right = tree.child(node, .rexpr) else { break }
            if tree.kind(left) == .columnRef, tree.kind(right) == .columnRef,
                tree.texts(left, .fields).last == tree.texts(right, .fields).last,
                Array(tree.list(left, .fields)).count == Array(tree.list(right, .fields)).count,
                tree.texts(left, .fields) == tree.texts(right, .fields)
            {
                return true
            }
        case .columnRef, .paramRef, .currentOfExpr: return false
        default: break
        }
        return tree.children(node).allSatisfy(isTrivial(_:))
    }

    // MARK: MERGE

    func merge(_ node: SyntaxTree.Node, _ outer: Environment) -> QueryColumns {
        facts.effects.insert(.merge)
        guard let target = tree.child(node, .relation), let source = tree.child(node, .sourceRelation) else {
            return unknownTarget()
        }
        var environment = outer.nested
        if let with = tree.child(node, .withClause) { environment = self.with(with, environment) }
        let item = self.target(target)
        let sources = from(CollectionOfOne(source), environment)
        environment.scope = Scope([item] + sources.items, outer: environment.scope)
        if let join = tree.child(node, .joinCondition) {
            chooseRows(.join, join, environment)
        }
        let writes = beginWrites()
        for clause in tree.list(node, .mergeWhenClauses) {
            condition(.where, tree.child(clause, .condition), environment)
            switch tree.string(clause, .commandType) {
            case "CMD_INSERT":
                facts.effects.insert(.insert)
                let names = tree.list(clause, .targetList).map { tree.string($0, .name) ?? "" }
                let columns = names.isEmpty ? item.columns : names.map { column($0, of: item) }
                let values = tree.list(clause, .values).map { expression($0, environment).lineage }
                for (column, lineage) in zip(columns, values) { write(column, lineage) }
            case "CMD_UPDATE":
                facts.effects.insert(.update)
                assignments(tree.list(clause, .targetList), item, environment)
            case "CMD_DELETE": facts.effects.insert(.delete)
            case "CMD_NOTHING": break
            default: cannotTell("a MERGE action of an unknown kind")
            }
        }
        return returning(node, environment, item, since: writes)
    }

    // MARK: What they share

    private func unknownTarget() -> QueryColumns {
        cannotTell("a command without a table")
        return .unknown
    }

    /// The table written, as an entry of the name space.
    private func target(_ node: SyntaxTree.Node) -> ScopeItem {
        var item = relationItem(node, isWritten: true)
        if item.others != nil, item.columns.isEmpty { cannotTell("the table written") }
        if let relation = item.relation.flatMap(catalogue.relation(_:)), relation.isView {
            for base in Set(item.columns.compactMap(\.value.origin?.relation)).sorted() { written(base) }
            throughView(relation)
        }
        if let alias = tree.child(node, .alias) {
            item.name = tree.string(alias, .aliasname)
            item.relation = nil
        }
        item.isTarget = true
        return item
    }

    /// A view that is written through has one relation in its `FROM`, which is the first that its query reads, whatever
    /// its columns are made of.
    private func throughView(_ view: Relation) {
        guard !view.isSystem else { return }
        let expansion = catalogue.expansion(ofView: view.oid, within: openViews)
        guard let base = expansion.relations.first?.relation else { return }
        written(base)
        if let next = catalogue.relation(base), next.isView { throughView(next) }
    }

    private func written(_ base: ObjectID) {
        guard let base = catalogue.relation(base) else { return cannotTell("what is written through a view") }
        record(
            StatementFacts.RelationUse(
                relation: base.oid, schema: base.schema, name: base.name, isWritten: true,
                isThroughView: true))
        if base.hasRules { facts.effects.insert(.execute) }
    }

    private func column(_ name: String, of item: ScopeItem) -> NamedValue {
        if let found = item.columns.first(where: { $0.name == name }) { return found }
        if item.others == nil { cannotTell(StatementFacts.unresolvedColumn) }
        return NamedValue(name: name, value: Value(.unknown))
    }

    /// `SET column = value, (a, b) = (...)`.
    private func assignments(_ list: SyntaxTree.Children, _ item: ScopeItem, _ environment: Environment) {
        for target in list {
            let column = column(tree.string(target, .name) ?? "", of: item)
            subscripts(target, environment)
            guard let value = tree.child(target, .val) else { continue }
            write(column, assigned(value, environment))
        }
    }

    private func assigned(_ node: SyntaxTree.Node, _ environment: Environment) -> Lineage {
        guard tree.kind(node) == .multiAssignRef, let source = tree.child(node, .source) else {
            return expression(node, environment).lineage
        }
        let position = (tree.integer(node, .colno) ?? 1) - 1
        let row = expression(source, environment)
        guard let fields = row.fields, fields.indices.contains(position) else { return row.lineage }
        // A sub-query's row also depends on what decides about its rows.
        return tree.kind(source) == .rowExpr ? fields[position].value.lineage : row.lineage
    }

    /// The subscripts in `column[expression]` on the left of an assignment.
    private func subscripts(_ target: SyntaxTree.Node, _ environment: Environment) {
        for selection in tree.list(target, .indirection) where tree.kind(selection) == .aIndices {
            for field in [SyntaxField.lidx, .uidx] {
                if let bound = tree.child(selection, field) { _ = expression(bound, environment) }
            }
        }
    }

    // MARK: RETURNING

    /// Remembers where this command's writes begin: commands nest in `WITH`.
    private func beginWrites() -> Int { writtenColumns.count }

    private func write(_ column: NamedValue, _ lineage: Lineage) {
        assign(column.value.origin, lineage)
        writtenColumns.append((column, lineage))
    }

    /// The columns returned: a column that was written holds what was written to it.
    private func returning(
        _ node: SyntaxTree.Node, _ environment: Environment, _ item: ScopeItem, since first: Int
    ) -> QueryColumns {
        let writes = writtenColumns[first...]
        defer { writtenColumns.removeLast(writtenColumns.count - first) }
        guard tree.child(node, .returningList) != nil, let scope = environment.scope else {
            return QueryColumns()
        }
        var items = scope.items
        if let index = items.firstIndex(where: { $0.name == item.name }) {
            for column in items[index].columns.indices {
                let returned = items[index].columns[column]
                // Another column of a view may show what was written through one.
                for write in writes
                where write.column.name == returned.name
                    || write.column.value.origin.map(returned.value.lineage.columns.contains(_:)) ?? false
                {
                    items[index].columns[column].value.lineage.formUnion(write.lineage)
                    if write.lineage.isRelevant {
                        items[index].columns[column].value.origin = nil
                        items[index].columns[column].value.keepsNull = false
                    }
                }
            }
        }
        var inner = environment
        inner.scope = Scope(items, outer: scope.outer)
        return targets(tree.list(node, .returningList), inner)
    }
}
