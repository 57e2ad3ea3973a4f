/// References to columns, by the rules of PostgreSQL's `transformColumnRef` (`parse_expr.c`).
extension StatementWalk {
    /// Columns every table has (`sysattr.h`), with the type of each.
    private static let systemColumns: [String: ObjectID] = [
        "tableoid": 26, "cmax": 29, "xmax": 28, "cmin": 29, "xmin": 28, "ctid": 27,
    ]

    /// Whether an unqualified name is an input column of the innermost query.
    func isInput(_ name: String, _ environment: Environment) -> Bool {
        environment.scope?.items.contains { item in
            item.showsColumns && (item.others != nil || item.columns.contains { $0.name == name })
        } ?? false
    }

    func columnReference(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        let names = tree.texts(node, .fields)
        let value: Value
        switch names.count {
        case 1: value = unqualified(names[0], environment)
        case 2: value = column(names[1], ofRow: row(names[0], environment))
        case 3: value = column(names[2], ofRow: row(schema: names[0], names[1], environment))
        case 4 where names[0] == catalogue.database:
            value = column(names[3], ofRow: row(schema: names[1], names[2], environment))
        default:
            cannotTell(StatementFacts.unresolvedColumn)
            value = .unknown
        }
        read(value.lineage)
        return value
    }

    /// The columns a `*` stands for; `nil` when the node is no `*`.
    func star(_ node: SyntaxTree.Node, _ environment: Environment) -> QueryColumns? {
        switch tree.kind(node) {
        case .columnRef:
            let fields = Array(tree.list(node, .fields))
            guard let last = fields.last, tree.kind(last) == .aStar else { return nil }
            let names = tree.texts(node, .fields)
            let columns = starColumns(names, environment)
            if columns.others != nil, !columns.isPending { cannotTell("the columns of a *") }
            read(columns.lineage)
            return columns
        case .aIndirection:
            guard let argument = tree.child(node, .arg), let last = Array(tree.list(node, .indirection)).last,
                tree.kind(last) == .aStar
            else { return nil }
            let value = indirection(argument, Array(tree.list(node, .indirection)).dropLast(), environment)
            guard let fields = fields(of: value) else {
                cannotTell("the fields of a row")
                return QueryColumns(columns: [], others: value.lineage)
            }
            return QueryColumns(columns: fields)
        default: return nil
        }
    }

    private func starColumns(_ names: [String], _ environment: Environment) -> QueryColumns {
        let item: ScopeItem?
        switch names.count {
        case 0:
            guard let scope = environment.scope else { return .unknown }
            return QueryColumns(shown: scope.items)
        case 1: item = self.item(named: names[0], environment)
        case 2: item = self.item(schema: names[0], names[1], environment)
        case 3 where names[0] == catalogue.database:
            item = self.item(schema: names[1], names[2], environment)
        default: item = nil
        }
        guard let item else { return .unknown }
        note(item)
        var columns = QueryColumns(columns: item.columns, others: item.others)
        columns.isPending = item.isPending
        return columns
    }

    // MARK: Unqualified names

    /// The innermost query that has such a column; failing all, a table's name for its whole row.
    private func unqualified(_ name: String, _ environment: Environment) -> Value {
        var scope = environment.scope
        var possible: Lineage?
        while let level = scope {
            let shown = level.items.filter(\.showsColumns)
            let found = shown.flatMap { item in item.columns.filter { $0.name == name }.map(\.value) }
            if let first = found.first {
                note(shown.first { item in item.columns.contains { $0.name == name } })
                let value = found.count == 1 ? first : Value(Lineage(unionOf: found))
                return possible.map { value.combined(with: $0) } ?? value
            }
            for item in shown {
                if let others = item.others { possible = (possible ?? Lineage()).union(others) }
            }
            if let type = Self.systemColumns[name],
                let item = level.items.first(where: \.hasSystemColumns)
            {
                note(item)
                return Value(possible ?? Lineage(), type: type)
            }
            scope = level.outer
        }
        if let item = item(named: name, environment) {
            note(item)
            return possible.map { item.row.combined(with: $0) } ?? item.row
        }
        if let possible { return Value(possible) }
        cannotTell(StatementFacts.unresolvedColumn)
        return .unknown
    }

    private func note(_ item: ScopeItem?) { namesTarget = namesTarget || item?.isTarget ?? false }

    // MARK: Qualified names

    private func item(named name: String, _ environment: Environment) -> ScopeItem? {
        var scope = environment.scope
        while let level = scope {
            if let item = level.items.first(where: { $0.name == name }) { return item }
            scope = level.outer
        }
        return nil
    }

    private func item(schema: String, _ name: String, _ environment: Environment) -> ScopeItem? {
        guard let relation = catalogue.relation(schema: context.resolve(schema), name: name) else {
            return nil
        }
        var scope = environment.scope
        while let level = scope {
            if let item = level.items.first(where: { $0.relation == relation.oid }) { return item }
            scope = level.outer
        }
        return nil
    }

    private func row(_ name: String, _ environment: Environment) -> ScopeItem? {
        item(named: name, environment)
    }

    private func row(schema: String, _ name: String, _ environment: Environment) -> ScopeItem? {
        item(schema: schema, name, environment)
    }

    /// `row.name`: a column, a system column, or a function of the row.
    private func column(_ name: String, ofRow item: ScopeItem?) -> Value {
        guard let item else {
            cannotTell(StatementFacts.unresolvedColumn)
            return .unknown
        }
        note(item)
        let found = item.columns.filter { $0.name == name }.map(\.value)
        if let first = found.first { return found.count == 1 ? first : Value(Lineage(unionOf: found)) }
        if let others = item.others { return Value(others) }
        if item.hasSystemColumns, let type = Self.systemColumns[name] { return Value(type: type) }
        return call([name], [item.row])
    }

    // MARK: Rows

    /// The fields of a row value, where they can be told.
    func fields(of value: Value) -> [NamedValue]? {
        if let fields = value.fields { return fields }
        guard let type = value.type.flatMap(catalogue.type(_:)) else { return nil }
        if type.kind == .domain { return fields(of: Value(value.lineage, type: type.underlying)) }
        guard type.kind == .composite, let relation = catalogue.relation(type.relation) else { return nil }
        return relation.liveColumns.map {
            NamedValue(name: $0.name, value: Value(value.lineage, type: $0.type))
        }
    }

    /// `argument[...].field`: the selections after a value.
    func indirection(
        _ argument: SyntaxTree.Node, _ selections: some Sequence<SyntaxTree.Node>, _ environment: Environment
    ) -> Value {
        var value = expression(argument, environment)
        for selection in selections {
            switch tree.kind(selection) {
            case .string:
                let name = tree.text(selection) ?? ""
                if let fields = fields(of: value) {
                    if let field = fields.first(where: { $0.name == name }) {
                        value = field.value
                        continue
                    }
                    value = call([name], [value])
                } else {
                    value = Value(value.lineage)
                }
            case .aIndices:
                var lineage = value.lineage
                for field in [SyntaxField.lidx, .uidx] {
                    if let bound = tree.child(selection, field) {
                        lineage.formUnion(expression(bound, environment).lineage)
                    }
                }
                let element = tree.flag(selection, .isSlice) ? value.type : elementType(of: value.type)
                value = Value(lineage, type: element)
            default:
                cannotTell("a selection of an unknown kind")
                value = .unknown
            }
        }
        return value
    }

    /// The name a column has without an alias (`FigureColname`, `parse_target.c`).
    func implicitName(_ node: SyntaxTree.Node) -> String {
        switch tree.kind(node) {
        case .columnRef: return tree.texts(node, .fields).last ?? "?column?"
        case .aIndirection:
            if let field = tree.texts(node, .indirection).last { return field }
            return tree.child(node, .arg).map(implicitName(_:)) ?? "?column?"
        case .funcCall: return tree.texts(node, .funcname).last ?? "?column?"
        case .typeCast:
            let inner = tree.child(node, .arg).map(implicitName(_:)) ?? "?column?"
            if inner != "?column?" { return inner }
            return tree.child(node, .typeName).flatMap { tree.texts($0, .names).last } ?? inner
        case .collateClause: return tree.child(node, .arg).map(implicitName(_:)) ?? "?column?"
        case .coalesceExpr: return "coalesce"
        case .minMaxExpr: return tree.string(node, .op) == "IS_LEAST" ? "least" : "greatest"
        case .caseExpr:
            let inner = tree.child(node, .defresult).map(implicitName(_:)) ?? "case"
            return inner == "?column?" ? "case" : inner
        case .rowExpr: return "row"
        case .aArrayExpr: return "array"
        case .groupingFunc: return "grouping"
        case .xmlSerialize: return "xmlserialize"
        case .xmlExpr: return Self.xmlNames[tree.string(node, .op) ?? ""] ?? "?column?"
        case .sqlValueFunction: return Self.valueFunctionNames[tree.string(node, .op) ?? ""] ?? "?column?"
        case .aExpr: return tree.string(node, .kind) == "AEXPR_NULLIF" ? "nullif" : "?column?"
        case .subLink: return subLinkName(node)
        default: return "?column?"
        }
    }

    private func subLinkName(_ node: SyntaxTree.Node) -> String {
        switch tree.string(node, .subLinkType) {
        case "EXISTS_SUBLINK": return "exists"
        case "ARRAY_SUBLINK": return "array"
        case "EXPR_SUBLINK":
            guard let query = tree.child(node, .subselect), tree.kind(query) == .selectStmt else { break }
            var first = query
            while let left = tree.child(first, .larg) { first = left }
            guard let target = Array(tree.list(first, .targetList)).first else { break }
            return tree.string(target, .name) ?? tree.child(target, .val).map(implicitName(_:)) ?? "?column?"
        default: break
        }
        return "?column?"
    }

    private static let xmlNames = [
        "IS_XMLCONCAT": "xmlconcat", "IS_XMLELEMENT": "xmlelement", "IS_XMLFOREST": "xmlforest",
        "IS_XMLPARSE": "xmlparse", "IS_XMLPI": "xmlpi", "IS_XMLROOT": "xmlroot",
    ]

    private static let valueFunctionNames = [
        "SVFOP_CURRENT_DATE": "current_date", "SVFOP_CURRENT_TIME": "current_time",
        "SVFOP_CURRENT_TIME_N": "current_time", "SVFOP_CURRENT_TIMESTAMP": "current_timestamp",
        "SVFOP_CURRENT_TIMESTAMP_N": "current_timestamp", "SVFOP_LOCALTIME": "localtime",
        "SVFOP_LOCALTIME_N": "localtime", "SVFOP_LOCALTIMESTAMP": "localtimestamp",
        "SVFOP_LOCALTIMESTAMP_N": "localtimestamp", "SVFOP_CURRENT_ROLE": "current_role",
        "SVFOP_CURRENT_USER": "current_user", "SVFOP_USER": "user", "SVFOP_SESSION_USER": "session_user",
        "SVFOP_CURRENT_CATALOG": "current_catalog", "SVFOP_CURRENT_SCHEMA": "current_schema",
    ]
}
