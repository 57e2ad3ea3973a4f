extension StatementWalk {
    func expression(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        descend(otherwise: .unknown) { evaluate(node, environment) }
    }

    private func evaluate(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        guard let kind = tree.kind(node) else {
            if tree.shape(node) == .nothing { return Value() }
            return union(Array(tree.children(node)), environment)
        }
        switch kind {
        case .aConst: return constant(node)
        case .paramRef, .setToDefault, .sqlValueFunction, .integer, .float, .boolean, .string, .bitString:
            return Value()
        case .currentOfExpr:
            facts.namesCursor = true
            return Value(type: TypeID.boolean)
        case .columnRef:
            if let star = star(node, environment) {
                return star.others == nil ? Value(row: star.columns) : Value(star.lineage)
            }
            return columnReference(node, environment)
        case .aIndirection:
            if let star = star(node, environment) {
                return star.others == nil ? Value(row: star.columns) : Value(star.lineage)
            }
            guard let argument = tree.child(node, .arg) else { return unknownExpression() }
            return indirection(argument, tree.list(node, .indirection), environment)
        case .aExpr: return operatorExpression(node, environment)
        case .boolExpr:
            return Value(inTurn(Array(tree.list(node, .args)), environment).lineage, type: TypeID.boolean)
        case .nullTest, .booleanTest:
            let value = part(node, .arg, environment)
            if kind == .nullTest, isSystemOptions(value) { return Value(type: TypeID.boolean) }
            let lineage = value.lineage
            compare(lineage)
            return Value(lineage, type: TypeID.boolean)
        case .caseExpr: return caseExpression(node, environment)
        case .coalesceExpr: return inTurn(Array(tree.list(node, .args)), environment, untilPresent: true)
        case .minMaxExpr:
            let value = union(Array(tree.list(node, .args)), environment)
            compare(value.lineage)
            return value
        case .rowExpr: return row(node, environment)
        case .aArrayExpr:
            let elements = Array(tree.list(node, .elements))
            let value = union(elements, environment)
            // Arrays in the array make one of more dimensions, of the same type.
            let isNested = value.type.flatMap(catalogue.type(_:))?.isArray ?? false
            var array = Value(
                value.lineage, type: isNested ? value.type : value.type.flatMap(catalogue.arrayType(of:)))
            array.isScalar = value.isScalar
            array.keepsNull = true
            return array
        case .list: return union(Array(tree.items(node)), environment)
        case .collateClause:
            var value = part(node, .arg, environment)
            value.origin = nil
            return value
        case .typeCast: return cast(node, environment)
        case .funcCall: return functionCall(node, environment)
        case .subLink: return subLink(node, environment)
        case .namedArgExpr: return part(node, .arg, environment)
        case .groupingFunc:
            return Value(union(Array(tree.list(node, .args)), environment).lineage, type: TypeID.integer)
        case .multiAssignRef: return part(node, .source, environment)
        case .xmlExpr:
            return xmlExpression(node, environment)
        case .xmlSerialize:
            let value = part(node, .expr, environment)
            record(.failure, value.lineage)
            return Value(value.lineage, type: TypeID.text)
        case .resTarget: return part(node, .val, environment)
        default: return unknownExpression()
        }
    }

    private func unknownExpression() -> Value {
        cannotTell("an expression of an unknown kind")
        return .unknown
    }

    private func part(_ node: SyntaxTree.Node, _ field: SyntaxField, _ environment: Environment) -> Value {
        tree.child(node, field).map { expression($0, environment) } ?? Value()
    }

    /// What is evaluated only where those before it do not settle the value: its failure tells of them.
    private func inTurn(
        _ nodes: [SyntaxTree.Node], _ environment: Environment, untilPresent: Bool = false
    ) -> Value {
        let values = nodes.map { expression($0, environment) }
        if !isWithinCondition, values.dropLast().contains(where: \.lineage.isRelevant),
            let last = nodes.lastIndex(where: { !isUneventful($0, environment) })
        {
            for value in values.prefix(last) {
                if untilPresent { checkPresence(of: value) } else { record(.failure, value.lineage) }
            }
        }
        return united(values)
    }

    /// Whether the evaluation neither fails nor does anything, whatever the columns hold. A sub-query's column is
    /// evaluated where it is used.
    private func isUneventful(_ node: SyntaxTree.Node, _ environment: Environment) -> Bool {
        func isUneventful(_ field: SyntaxField) -> Bool {
            tree.child(node, field).map { self.isUneventful($0, environment) } ?? true
        }
        switch tree.kind(node) {
        case .aConst, .paramRef, .sqlValueFunction: return true
        case .columnRef: return expression(node, environment).origin != nil
        case .typeCast: return tree.child(node, .arg).map { tree.kind($0) == .aConst } ?? false
        case .boolExpr, .coalesceExpr:
            return tree.list(node, .args).allSatisfy { self.isUneventful($0, environment) }
        case .list: return tree.items(node).allSatisfy { self.isUneventful($0, environment) }
        case .nullTest, .booleanTest: return isUneventful(.arg)
        case .aExpr:
            let name = tree.texts(node, .name).last ?? ""
            return Self.comparisons.contains(name) && isUneventful(.lexpr) && isUneventful(.rexpr)
        default: return false
        }
    }

    private static let comparisons: Set<String> = ["=", "<>", "<", ">", "<=", ">=", "~~", "!~~", "BETWEEN"]

    /// All of them together; the type is theirs when they share it.
    private func union(_ nodes: [SyntaxTree.Node], _ environment: Environment) -> Value {
        united(nodes.map { expression($0, environment) })
    }

    private func united(_ values: [Value]) -> Value {
        var value = Value(Lineage(unionOf: values), type: commonType(values))
        // Alternatives have one type: where one is no row, none is.
        value.isScalar = values.contains(where: isScalar(_:))
        value.keepsNull = values.keepNull
        return value
    }

    /// What makes an element of texts takes every text; the others, and other types, may fail.
    private func xmlExpression(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        let parts = (Array(tree.list(node, .namedArgs)) + Array(tree.list(node, .args))).map {
            expression($0, environment)
        }
        let lineage = Lineage(unionOf: parts)
        let operation = tree.string(node, .op) ?? ""
        let isTotal =
            ["IS_XMLELEMENT", "IS_XMLFOREST"].contains(operation)
            && parts.allSatisfy { !$0.lineage.isRelevant || $0.type == TypeID.text }
        if !isTotal { record(.failure, lineage) }
        return Value(lineage)
    }

    /// The type of alternatives: untyped literals take the others' type, or are text (`select_common_type`).
    private func commonType(_ values: [Value]) -> ObjectID? {
        let types = Set(values.map(\.type)).subtracting([TypeID.unknown])
        if types.isEmpty { return values.isEmpty ? nil : TypeID.text }
        return types.count == 1 ? types.first ?? nil : nil
    }

    private func constant(_ node: SyntaxTree.Node) -> Value {
        if tree.child(node, .ival) != nil { return Value(type: TypeID.integer) }
        if tree.child(node, .fval) != nil { return Value(type: TypeID.numeric) }
        if tree.child(node, .boolval) != nil { return Value(type: TypeID.boolean) }
        if tree.child(node, .bsval) != nil { return Value() }
        return Value(type: TypeID.unknown)
    }

    /// A comparison outside any condition: it tells something of its operands through one value.
    func compare(_ lineage: Lineage) {
        if !isWithinCondition { record(.comparison, lineage) }
    }

    private func row(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        var fields: [NamedValue] = []
        var others: Lineage?
        for item in tree.list(node, .args) {
            if let star = star(item, environment) {
                fields += star.columns
                if star.others != nil { others = (others ?? Lineage()).union(star.lineage) }
            } else {
                fields.append(NamedValue(name: "", value: expression(item, environment)))
            }
        }
        for index in fields.indices { fields[index].name = "f\(index + 1)" }
        var value = Value(row: fields)
        if let others {
            value.lineage.formUnion(others)
            value.fields = nil
        }
        return value
    }

    private func caseExpression(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        let argument = part(node, .arg, environment)
        var decisions = argument.lineage
        var results: [Value] = []
        for clause in tree.list(node, .args) {
            let test = part(clause, .expr, environment)
            if tree.child(node, .arg) != nil { operation(["="], [argument, test]) }
            decisions.formUnion(test.lineage)
            results.append(part(clause, .result, environment))
        }
        if tree.child(node, .defresult) != nil { results.append(part(node, .defresult, environment)) }
        compare(decisions)
        return Value(Lineage(unionOf: results).union(decisions), type: commonType(results))
            .keepingNull(results.keepNull)
    }

    // MARK: Sub-queries

    private func subLink(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        guard let query = tree.child(node, .subselect) else { return unknownExpression() }
        let (columns, rows) = subquery(query, environment)
        let lineage = columns.lineage.union(rows)
        switch tree.string(node, .subLinkType) {
        case "EXISTS_SUBLINK":
            return Value(rows.union(columns.others == nil ? Lineage() : .unknown), type: TypeID.boolean)
        case "EXPR_SUBLINK", "MULTIEXPR_SUBLINK":
            guard columns.others == nil, columns.columns.count == 1 else {
                if columns.others == nil, !columns.columns.isEmpty {
                    var row = Value(row: columns.columns)
                    row.lineage.formUnion(rows)
                    return row
                }
                return Value(lineage)
            }
            let only = columns.columns[0].value
            return Value(lineage, origin: rows.isRelevant ? nil : only.origin, type: only.type)
                .keepingNull([only].keepNull)
        case "ARRAY_SUBLINK":
            return Value(lineage, type: columns.columns.first?.value.type.flatMap(catalogue.arrayType(of:)))
                .keepingNull(true)
        case "ANY_SUBLINK", "ALL_SUBLINK":
            let test = part(node, .testexpr, environment)
            let name = tree.texts(node, .operName)
            let others = columns.columns.map(\.value)
            operation(name.isEmpty ? ["="] : name, [test, others.count == 1 ? others[0] : Value(lineage)])
            let compared = test.lineage.union(lineage)
            compare(compared)
            return Value(compared, type: TypeID.boolean)
        default: return unknownExpression()
        }
    }

    // MARK: Operators

    private func operatorExpression(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        let left = tree.child(node, .lexpr).map { expression($0, environment) }
        let right = tree.child(node, .rexpr).map { expression($0, environment) }
        let operands = [left, right].compactMap { $0 }
        let lineage = Lineage(unionOf: operands)
        let name = tree.texts(node, .name)
        switch tree.string(node, .kind) {
        case "AEXPR_OP":
            let value = operation(name, operands)
            if value.mayBeComparison { compare(lineage) }
            return value
        case "AEXPR_OP_ANY", "AEXPR_OP_ALL":
            let element = right.map { Value($0.lineage, type: elementType(of: $0.type)) }
            operation(name, [left, element].compactMap { $0 })
        case "AEXPR_IN", "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT":
            operation(name, operands)
        case "AEXPR_NULLIF":
            operation(name, operands)
            compare(lineage)
            return Value(lineage, type: left?.type)
        case "AEXPR_LIKE", "AEXPR_ILIKE":
            operation(
                name, operands.map { Value($0.lineage, type: $0.type == TypeID.integer ? nil : $0.type) })
        case "AEXPR_SIMILAR":
            operation(name, operands)
        case "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN", "AEXPR_BETWEEN_SYM", "AEXPR_NOT_BETWEEN_SYM":
            for comparison in ["<=", ">=", "<", ">"] { operation([comparison], operands) }
        default: return unknownExpression()
        }
        compare(lineage)
        return Value(lineage, type: TypeID.boolean)
    }
}
