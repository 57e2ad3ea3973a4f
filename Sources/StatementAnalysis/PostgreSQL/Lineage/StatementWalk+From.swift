extension StatementWalk {
    /// The name space of a `FROM` clause; each item is visible to the ones after it where they are lateral.
    func from(
        _ list: some Sequence<SyntaxTree.Node>, _ environment: Environment, after first: [ScopeItem] = []
    ) -> Scope {
        var items = first
        for node in list { items += fromItem(node, items, environment) }
        return Scope(items, outer: environment.scope)
    }

    /// One item; `siblings` stand before it and are what lateral references see.
    private func fromItem(
        _ node: SyntaxTree.Node, _ siblings: [ScopeItem], _ environment: Environment
    ) -> [ScopeItem] {
        descend(otherwise: [ScopeItem(columns: [], others: .unknown)]) {
            switch tree.kind(node) {
            case .rangeVar: return [table(node, environment)]
            case .joinExpr: return join(node, siblings, environment)
            case .rangeSubselect: return [subselect(node, siblings, environment)]
            case .rangeFunction: return [function(node, lateral(siblings, environment))]
            case .rangeTableFunc: return [xmlTable(node, lateral(siblings, environment))]
            case .rangeTableSample:
                let inner = lateral(siblings, environment)
                for argument in tree.list(node, .args) { condition(.where, argument, inner) }
                condition(.where, tree.child(node, .repeatable), inner)
                sampling(tree.texts(node, .method))
                return tree.child(node, .relation).map { fromItem($0, siblings, environment) } ?? []
            default:
                cannotTell("a FROM item of an unknown kind")
                return [ScopeItem(columns: [], others: .unknown)]
            }
        }
    }

    private func lateral(_ siblings: [ScopeItem], _ environment: Environment) -> Environment {
        var inner = environment
        inner.scope = Scope(siblings, outer: environment.scope)
        return inner
    }

    private func sampling(_ method: [String]) {
        guard let name = method.last, ["bernoulli", "system"].contains(name), method.count == 1 else {
            cannotTell("a sampling method that is not built in")
            return
        }
    }

    // MARK: Tables

    /// A table, view or `WITH` table named in `FROM`.
    private func table(_ node: SyntaxTree.Node, _ environment: Environment) -> ScopeItem {
        let name = tree.string(node, .relname) ?? ""
        if tree.child(node, .schemaname) == nil, let common = environment.commonTables?.find(name) {
            var item = ScopeItem(name: name, columns: common.columns, others: common.others)
            item.isPending = common.isPending
            return aliased(item, node)
        }
        return aliased(relationItem(node, isWritten: false), node)
    }

    /// A relation of the catalogue as a name space entry, its use recorded.
    func relationItem(_ node: SyntaxTree.Node, isWritten: Bool) -> ScopeItem {
        let name = tree.string(node, .relname) ?? ""
        switch find(node) {
        case .relation(let relation):
            record(
                StatementFacts.RelationUse(
                    relation: relation.oid, schema: relation.schema, name: relation.name,
                    isWritten: isWritten,
                    isThroughView: false))
            var item = ScopeItem(name: name, relation: relation.oid, columns: columns(of: relation))
            item.hasSystemColumns = true
            if isWritten, relation.hasRules { facts.effects.insert(.execute) }
            return item
        case .created(let columns):
            // What earlier statements of the text put there is not known.
            if !isWritten { cannotTell("a table made earlier in the same text") }
            let values = columns.map { NamedValue(name: $0, value: .unknown) }
            return ScopeItem(name: name, columns: values, others: isWritten ? nil : .unknown)
        case .missing:
            return ScopeItem(name: name, columns: [], others: .unknown)
        }
    }

    enum FoundRelation {
        case relation(Relation)
        /// Made by an earlier statement of the same text, with these columns.
        case created(columns: [String])
        case missing
    }

    func find(_ node: SyntaxTree.Node) -> FoundRelation {
        let name = tree.string(node, .relname) ?? ""
        let schema = tree.string(node, .schemaname)
        if let database = tree.string(node, .catalogname), database != catalogue.database {
            cannotTell("a relation of another database")
            return .missing
        }
        if earlier.isAnythingChanged { cannotTell("the catalogue changes earlier in the same text") }
        if earlier.changedRelations.contains(name) {
            if let table = earlier.tables.last(where: { $0.name == name }),
                schema == nil || schema == table.schema
            {
                return .created(columns: table.columns)
            }
            cannotTell("a relation that changes earlier in the same text")
            return .missing
        }
        let found: Relation?
        if let schema {
            found = catalogue.relation(schema: context.resolve(schema), name: name)
        } else {
            found =
                context.relationSearchPath.lazy.compactMap {
                    self.catalogue.relation(schema: $0, name: name)
                }.first
        }
        guard let found else {
            let qualified = schema.map { "\($0).\(name)" } ?? name
            if !facts.missingRelations.contains(qualified) { facts.missingRelations.append(qualified) }
            cannotTell("a relation that the catalogue does not hold")
            return .missing
        }
        return .relation(found)
    }

    /// A relation's columns; a view's are expanded to what they are made of.
    func columns(of relation: Relation) -> [NamedValue] {
        let expansion = relation.isView && !relation.isSystem ? expand(relation) : nil
        var result: [NamedValue] = []
        for column in relation.columns where !column.isDropped {
            let id = ColumnID(relation: relation.oid, attribute: column.number)
            var value = Value(Lineage([id]), origin: id, type: column.type).keepingNull(true)
            if let expansion {
                let made = expansion.isKnown ? expansion.columns[result.count] : nil
                value.lineage.formUnion(made?.lineage ?? .unknown)
                value.origin = made?.origin
                value.keepsNull = made?.keepsNull ?? false
            }
            result.append(NamedValue(name: column.name, value: value))
        }
        return result
    }

    private func expand(_ view: Relation) -> ViewExpansion {
        let expansion = catalogue.expansion(ofView: view.oid, within: openViews)
        if earlier.hasChangedViews { cannotTell("a view that may change earlier in the same text") }
        guard expansion.isKnown else {
            facts.pendingViews.formUnion(expansion.pending)
            cannotTell("a view that cannot be followed")
            return expansion
        }
        for use in expansion.relations { record(use) }
        for use in expansion.functions { record(use) }
        if expansion.changesSettings { changeUntoldSetting() }
        facts.columnsReadInViews.formUnion(expansion.columnsRead)
        return expansion
    }

    /// The item under its alias and column aliases, if it has them.
    private func aliased(_ item: ScopeItem, _ node: SyntaxTree.Node) -> ScopeItem {
        guard let alias = tree.child(node, .alias) else { return item }
        var result = item
        result.name = tree.string(alias, .aliasname)
        result.relation = nil
        let renamed = QueryColumns(columns: item.columns, others: item.others).renamed(
            tree.texts(alias, .colnames))
        result.columns = renamed.columns
        return result
    }

    // MARK: Sub-queries and functions

    private func subselect(
        _ node: SyntaxTree.Node, _ siblings: [ScopeItem], _ environment: Environment
    ) -> ScopeItem {
        guard let query = tree.child(node, .subquery) else {
            cannotTell("a FROM item of an unknown kind")
            return ScopeItem(columns: [], others: .unknown)
        }
        let inner = tree.flag(node, .lateral) ? lateral(siblings, environment) : environment
        let columns = self.query(query, inner.nested)
        var item = ScopeItem(columns: columns.columns, others: columns.others)
        item.isPending = columns.isPending
        return aliased(item, node)
    }

    /// A call, or several with `ROWS FROM`, in `FROM`.
    private func function(_ node: SyntaxTree.Node, _ environment: Environment) -> ScopeItem {
        let alias = tree.child(node, .alias)
        let aliasName = alias.flatMap { tree.string($0, .aliasname) }
        var item = ScopeItem(name: aliasName, columns: [])
        let calls = Array(tree.list(node, .functions))
        for call in calls {
            let parts = Array(tree.items(call))
            guard let expression = parts.first else {
                cannotTell("a FROM item of an unknown kind")
                continue
            }
            let definitions = parts.dropFirst().first.map { Array(tree.items($0)) } ?? []
            let listed = calls.count == 1 ? definitions + Array(tree.list(node, .coldeflist)) : definitions
            let output = functionColumns(expression, definitions: listed, environment)
            if item.name == nil { item.name = output.name }
            item.columns += output.columns
            item.others = output.others.map { $0.union(item.others ?? Lineage()) } ?? item.others
            if calls.count == 1, output.isScalar, let aliasName, item.columns.count == 1 {
                item.columns[0].name = aliasName
            }
        }
        if tree.flag(node, .ordinality) {
            item.columns.append(NamedValue(name: "ordinality", value: Value()))
        }
        return aliased(item, node)
    }

    private func functionColumns(
        _ node: SyntaxTree.Node, definitions: [SyntaxTree.Node], _ environment: Environment
    ) -> (name: String, columns: [NamedValue], others: Lineage?, isScalar: Bool) {
        let name = implicitName(node)
        // `unnest` of several arrays is several calls of pg_catalog's, whatever else has the name.
        if tree.kind(node) == .funcCall, tree.texts(node, .funcname) == ["unnest"],
            Array(tree.list(node, .args)).count > 1
        {
            let columns = tree.list(node, .args).map { argument in
                NamedValue(name: "unnest", value: Value(expression(argument, environment).lineage))
            }
            record(.rows, Lineage(unionOf: columns.map(\.value)))
            return (name, columns, nil, false)
        }
        let value = expression(node, environment)
        if !definitions.isEmpty {
            let columns = definitions.map { definition in
                let type = tree.child(definition, .typeName).flatMap { self.type($0, of: value.lineage) }
                return NamedValue(
                    name: tree.string(definition, .colname) ?? "", value: Value(value.lineage, type: type))
            }
            return (name, columns, nil, false)
        }
        if let fields = fields(of: value) { return (name, fields, nil, false) }
        let isScalar = isScalar(value)
        let column = NamedValue(name: value.outputName ?? name, value: value)
        return (name, [column], isScalar ? nil : value.lineage, value.outputName == nil)
    }

    private func xmlTable(_ node: SyntaxTree.Node, _ environment: Environment) -> ScopeItem {
        var source = Lineage()
        for field in [SyntaxField.docexpr, .rowexpr] {
            if let part = tree.child(node, field) { source.formUnion(expression(part, environment).lineage) }
        }
        for namespace in tree.list(node, .namespaces) {
            if let value = tree.child(namespace, .val) {
                source.formUnion(expression(value, environment).lineage)
            }
        }
        record(.rows, source)
        let columns = tree.list(node, .columns).map { column in
            var lineage = source
            for field in [SyntaxField.colexpr, .coldefexpr] {
                if let part = tree.child(column, field) {
                    lineage.formUnion(expression(part, environment).lineage)
                }
            }
            let type = tree.child(column, .typeName).flatMap { self.type($0, of: lineage) }
            return NamedValue(name: tree.string(column, .colname) ?? "", value: Value(lineage, type: type))
        }
        return aliased(ScopeItem(name: "xmltable", columns: columns), node)
    }

    // MARK: Joins

    private func join(
        _ node: SyntaxTree.Node, _ siblings: [ScopeItem], _ environment: Environment
    ) -> [ScopeItem] {
        guard let leftNode = tree.child(node, .larg), let rightNode = tree.child(node, .rarg) else {
            cannotTell("a join of an unknown kind")
            return [ScopeItem(columns: [], others: .unknown)]
        }
        let left = fromItem(leftNode, siblings, environment)
        let right = fromItem(rightNode, siblings + left, environment)
        let leftRow = QueryColumns(shown: left)
        let rightRow = QueryColumns(shown: right)
        var names = tree.texts(node, .usingClause)
        if tree.flag(node, .isNatural) {
            if leftRow.others != nil || rightRow.others != nil { cannotTell("the columns of a natural join") }
            names = leftRow.columns.map(\.name).filter { name in
                rightRow.columns.contains { $0.name == name }
            }
        }
        let merged = names.map { name in
            merge(name, leftRow, rightRow)
        }
        record(.join, Lineage(unionOf: merged.map(\.value)))
        if let quals = tree.child(node, .quals) {
            var inner = environment
            inner.scope = Scope(left + right, outer: environment.scope)
            condition(.join, quals, inner)
        }
        var result = ScopeItem(columns: merged)
        result.columns += (leftRow.columns + rightRow.columns).filter { !names.contains($0.name) }
        if leftRow.others != nil || rightRow.others != nil {
            result.others = (leftRow.others ?? Lineage()).union(rightRow.others ?? Lineage())
        }
        result.isPending = leftRow.isPending || rightRow.isPending
        if tree.child(node, .alias) != nil { return [aliased(result, node)] }
        result.showsColumns = true
        var sides = left + right
        for index in sides.indices { sides[index].showsColumns = false }
        if let using = tree.child(node, .joinUsingAlias) {
            var item = ScopeItem(name: tree.string(using, .aliasname), columns: merged)
            item.showsColumns = false
            sides.append(item)
        }
        return sides + [result]
    }

    /// A column of `USING` or `NATURAL`: the two sides are equal where the rows join, and both may show.
    private func merge(_ name: String, _ left: QueryColumns, _ right: QueryColumns) -> NamedValue {
        func value(_ row: QueryColumns) -> Value {
            let found = row.columns.filter { $0.name == name }.map(\.value)
            guard let first = found.first else { return Value(row.others ?? .unknown) }
            return found.count == 1 ? first : Value(Lineage(unionOf: found))
        }
        let sides = (value(left), value(right))
        read(sides.0.lineage)
        read(sides.1.lineage)
        operation(["="], [sides.0, sides.1])
        return NamedValue(
            name: name,
            value: Value(
                sides.0.lineage.union(sides.1.lineage), origin: sides.0.origin,
                type: sides.0.type == sides.1.type ? sides.0.type : nil
            ).keepingNull([sides.0, sides.1].keepNull))
    }
}

extension QueryColumns {
    /// What `*` over these entries shows.
    init(shown items: [ScopeItem]) {
        self.init()
        for item in items where item.showsColumns {
            columns += item.columns
            if let others = item.others { self.others = (self.others ?? Lineage()).union(others) }
            isPending = isPending || item.isPending
        }
    }
}
