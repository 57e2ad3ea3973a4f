extension StatementWalk {
    /// A call as written: arguments, aggregate and window clauses.
    func functionCall(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        let arguments = tree.list(node, .args).map { expression($0, environment) }
        var extra = Lineage()
        var isAggregate = tree.flag(node, .aggStar) || tree.flag(node, .aggDistinct)
        for item in tree.list(node, .aggOrder) {
            isAggregate = true
            extra.formUnion(sortKey(item, nil, environment))
        }
        if let filter = tree.child(node, .aggFilter) {
            isAggregate = true
            extra.formUnion(condition(.aggregate, filter, environment))
        }
        var isWindow = false
        if let over = tree.child(node, .over) {
            isWindow = true
            if let name = tree.string(over, .name) {
                extra.formUnion(environment.windows[name] ?? .unknown)
            } else {
                extra.formUnion(window(over, environment))
            }
        }
        let name = tree.texts(node, .funcname)
        var candidates = routines(name, arguments.count, isStar: tree.flag(node, .aggStar))
        // Ordered-set aggregates count their WITHIN GROUP columns as arguments.
        let sortCount = Array(tree.list(node, .aggOrder)).count
        if tree.flag(node, .aggWithinGroup) {
            candidates = routines(name, arguments.count + sortCount, isStar: false)
        }
        if candidates.contains(where: { $0.kind == .aggregate }) { isAggregate = true }
        let lineage = Lineage(unionOf: arguments).union(extra)
        if isWindow { record(.window, lineage) } else if isAggregate { record(.aggregate, lineage) }
        let isPlain = !isAggregate && !isWindow
        if name.last == "set_config" { assign(by: node) }
        if isPlain, let value = setting(name, node, candidates) { return value }
        if tree.flag(node, .funcVariadic) || tree.flag(node, .aggWithinGroup) {
            return call(name, arguments, candidates: candidates, extra: extra, filtersTypes: false)
        }
        return call(
            name, arguments, candidates: candidates, extra: extra,
            constants: tree.list(node, .args).map(constantText),
            isPlainFormat: isPlainFormat(name, node))
    }

    /// `format` of a constant that asks for nothing but texts, which every value has.
    private func isPlainFormat(_ name: [String], _ node: SyntaxTree.Node) -> Bool {
        guard name.last == "format", let first = Array(tree.list(node, .args)).first,
            let text = constantText(first)
        else { return false }
        var isSpecifier = false
        for byte in text.utf8 {
            if isSpecifier {
                guard byte == UInt8(ascii: "s") || byte == UInt8(ascii: "%") else { return false }
                isSpecifier = false
            } else {
                isSpecifier = byte == UInt8(ascii: "%")
            }
        }
        return !isSpecifier
    }

    func call(_ name: [String], _ arguments: [Value]) -> Value {
        call(name, arguments, candidates: routines(name, arguments.count, isStar: false), extra: Lineage())
    }

    /// The routines a name and a number of arguments can mean.
    private func routines(_ name: [String], _ argumentCount: Int, isStar: Bool) -> [Routine] {
        guard var last = name.last else { return [] }
        // The grammar's function for `EXTRACT` since PostgreSQL 14; before, it was another.
        if name == ["pg_catalog", "extract"], catalogue.serverVersion < 140_000 { last = "date_part" }
        let schemas: [String]
        switch name.count {
        case 1: schemas = context.functionSearchPath
        case 2: schemas = [context.resolve(name[0])]
        case 3 where name[0] == catalogue.database: schemas = [context.resolve(name[1])]
        default: return []
        }
        return catalogue.routines(named: last).filter {
            schemas.contains($0.schema) && (isStar || $0.accepts(argumentCount: argumentCount))
        }
    }

    private func call(
        _ name: [String], _ arguments: [Value], candidates: [Routine], extra: Lineage,
        filtersTypes: Bool = true, constants: [String?] = [], isPlainFormat: Bool = false
    ) -> Value {
        let lineage = Lineage(unionOf: arguments).union(extra)
        let last = name.last ?? ""
        if earlier.changedRoutines.contains(last) || earlier.isAnythingChanged {
            return use(0, last, .userDefined, lineage)
        }
        guard !candidates.isEmpty else { return notationOrUnknown(name, arguments, lineage) }
        convert(arguments)
        var chosen = candidates
        if filtersTypes {
            let fitting = candidates.filter { accepts($0, arguments) }
            if !fitting.isEmpty { chosen = fitting }
        }
        if filtersTypes, let exact = exact(chosen, arguments) { chosen = [exact] }
        var isTrusted = true
        for routine in chosen {
            guard let harm = FunctionReview.harm(of: routine, in: catalogue) else { continue }
            if harm == .storesArguments, !lineage.isRelevant { continue }
            if harm != .storesArguments { isTrusted = false }
            record(
                StatementFacts.FunctionUse(
                    function: routine.oid, name: "\(routine.schema).\(routine.name)", harm: harm,
                    arguments: lineage))
        }
        let listsOptions = chosen.allSatisfy { isOptionList($0, of: arguments) }
        if chosen.contains(where: \.returnsSet), !listsOptions { record(.rows, Lineage(unionOf: arguments)) }
        if !isPlainFormat, !(buildsObject(chosen, arguments) && fitsTree(arguments)) {
            checkSuccess(of: chosen, arguments, constants, lineage)
        }
        var value = result(of: chosen, arguments, lineage)
        value.keepsNull =
            arguments.keepNull && !extra.isRelevant
            && chosen.allSatisfy { Totality.keepsNull($0, arguments.dropFirst().first?.type) }
        if listsOptions { value.fields?[0].value.lineage = Lineage() }
        return isTrusted ? value : value.withUnknown
    }

    /// `json_build_object` and its like with constant keys.
    private func buildsObject(_ routines: [Routine], _ arguments: [Value]) -> Bool {
        routines.allSatisfy {
            $0.oid < Catalogue.firstUserObject && Totality.objectBuilders.contains($0.name)
        }
            && stride(from: 0, to: arguments.count, by: 2).allSatisfy { !arguments[$0].lineage.isRelevant }
    }

    /// Whether values surely have a form as `jsonb`: a `json` text may have escapes that stand for no character.
    private func fitsTree(_ values: [Value]) -> Bool {
        values.allSatisfy { value in
            guard value.lineage.isRelevant else { return true }
            if let fields = fields(of: value) { return fitsTree(fields.map(\.value)) }
            guard let type = value.type, isScalar(value) else { return false }
            return (elementType(of: type) ?? type) != TypeID.json
        }
    }

    /// Aggregates and windows are conditions of their own, and a set is one by its rows; harmful ones are told of as
    /// such.
    private func checkSuccess(
        of routines: [Routine], _ arguments: [Value], _ constants: [String?], _ lineage: Lineage
    ) {
        for routine in routines
        where routine.kind == .function && !routine.returnsSet
            && FunctionReview.harm(of: routine, in: catalogue) == nil
        {
            let success = Totality.success(of: routine, arguments, constants: constants)
            if success == .depends || (Totality.makesTree(routine) && !fitsTree(arguments)) {
                record(.failure, lineage)
            } else if success == .alike {
                for argument in arguments { checkPresence(of: argument) }
            }
        }
    }

    /// What is left out where the value is `NULL`, or only done then, tells of it by failing.
    func checkPresence(of value: Value) {
        record(value.keepsNull ? .presence : .failure, value.lineage)
    }

    /// `pg_options_to_table` of a column of the server's own that holds a foreign server's options and the like: which
    /// options there are is no secret, only their values are.
    private func isOptionList(_ routine: Routine, of arguments: [Value]) -> Bool {
        routine.isOptionList && arguments.count == 1 && isSystemOptions(arguments[0])
    }

    /// Whether the value is such a column as it is.
    func isSystemOptions(_ value: Value) -> Bool {
        guard let origin = value.origin, value.lineage == Lineage([origin]) else { return false }
        return SystemRelations.isOptionList(origin, in: catalogue)
    }

    /// `name(row)` is a field and `name(value)` a conversion, where no function has the name.
    private func notationOrUnknown(_ name: [String], _ arguments: [Value], _ lineage: Lineage) -> Value {
        if arguments.count == 1, name.count == 1, let fields = fields(of: arguments[0]),
            let field = fields.first(where: { $0.name == name[0] })
        {
            return field.value
        }
        if arguments.count == 1, let type = type(named: name) {
            checkConversion(to: type, of: arguments[0])
            return Value(lineage, type: type.oid)
        }
        return use(0, name.last ?? "", .userDefined, lineage)
    }

    private func use(
        _ function: ObjectID, _ name: String, _ harm: StatementFacts.FunctionUse.Harm, _ lineage: Lineage
    ) -> Value {
        record(StatementFacts.FunctionUse(function: function, name: name, harm: harm, arguments: lineage))
        return Value(lineage.union(.unknown))
    }

    // MARK: Choosing

    /// The routine whose parameters are exactly the arguments' types: PostgreSQL looks no further. Of several the one
    /// whose schema is searched first.
    private func exact(_ routines: [Routine], _ arguments: [Value]) -> Routine? {
        let types = arguments.compactMap(\.type)
        guard types.count == arguments.count, !types.contains(TypeID.unknown) else { return nil }
        let matching = routines.filter { $0.arguments == types }
        let path = context.functionSearchPath
        return matching.min {
            (path.firstIndex(of: $0.schema) ?? .max) < (path.firstIndex(of: $1.schema) ?? .max)
        }
    }

    private func accepts(_ routine: Routine, _ arguments: [Value]) -> Bool {
        for (index, argument) in arguments.enumerated() {
            var parameter = index < routine.arguments.count ? routine.arguments[index] : nil
            if routine.isVariadic, index >= routine.arguments.count - 1 {
                parameter = elementType(of: routine.arguments.last)
            }
            guard let parameter else { continue }
            if !accepts(parameter, argument.type) { return false }
        }
        return true
    }

    /// Whether a value of that type can stand for the parameter, as far as it can be told.
    private func accepts(_ parameter: ObjectID, _ type: ObjectID?) -> Bool {
        guard let type, type != TypeID.unknown, type != parameter else { return true }
        if TypeID.polymorphic.contains(parameter) { return true }
        guard let known = catalogue.type(type) else { return true }
        switch known.kind {
        case .domain: return accepts(parameter, known.underlying)
        case .composite, .pseudo: return true
        case .base, .enumeration, .range, .multirange: break
        }
        if known.isArray, catalogue.type(parameter)?.isArray ?? true { return true }
        return catalogue.hasImplicitCast(from: type, to: parameter)
    }

    private func result(of routines: [Routine], _ arguments: [Value], _ lineage: Lineage) -> Value {
        let exact = routines.filter { $0.arguments == arguments.compactMap(\.type) }
        let chosen = exact.isEmpty ? routines : exact
        guard let first = chosen.first else { return Value(lineage) }
        var value = Value(lineage)
        if chosen.allSatisfy({ $0.outputs == first.outputs && $0.result == first.result }) {
            value.type = resolve(first.result, first.arguments, arguments)
            if first.outputs.count > 1 {
                value.fields = first.outputs.map {
                    NamedValue(
                        name: $0.name,
                        value: Value(lineage, type: resolve($0.type, first.arguments, arguments)))
                }
            } else if let only = first.outputs.first {
                value.type = resolve(only.type, first.arguments, arguments)
                value.outputName = only.name
            }
        }
        value.isScalar = chosen.allSatisfy { routine in
            guard routine.outputs.count <= 1 else { return false }
            let type = resolve(routine.result, routine.arguments, arguments)
            return isScalar(Value(type: type))
                || (TypeID.polymorphic.contains(routine.result) && arguments.allSatisfy(isScalar(_:)))
        }
        return value
    }

    /// A polymorphic result's type, from the arguments'.
    private func resolve(_ result: ObjectID, _ parameters: [ObjectID], _ arguments: [Value]) -> ObjectID? {
        guard TypeID.polymorphic.contains(result) else { return result }
        for (parameter, argument) in zip(parameters, arguments) {
            guard let type = argument.type, type != TypeID.unknown else { continue }
            let element: ObjectID?
            if TypeID.elements.contains(parameter) {
                element = type
            } else if TypeID.arrays.contains(parameter) {
                element = elementType(of: type)
            } else {
                continue
            }
            if TypeID.elements.contains(result) { return element }
            if TypeID.arrays.contains(result) { return element.flatMap(catalogue.arrayType(of:)) }
        }
        return nil
    }

    // MARK: Operators

    /// An operator's use on one or two values; user-made operators run a user's function.
    @discardableResult
    func operation(_ name: [String], _ operands: [Value]) -> Value {
        let lineage = Lineage(unionOf: operands)
        guard let last = name.last else {
            cannotTell("an operator without a name")
            return .unknown
        }
        let schemas = name.count == 1 ? context.functionSearchPath : [context.resolve(name[name.count - 2])]
        let candidates = catalogue.operators(named: last).filter {
            schemas.contains($0.schema) && (operands.count == 2 || $0.left == 0)
        }
        if candidates.isEmpty || earlier.changedRoutines.contains(last) || earlier.isAnythingChanged {
            return use(0, last, .userDefined, lineage)
        }
        convert(operands)
        let fitting = candidates.filter { candidate in
            operands.count == 1
                ? accepts(candidate.right, operands[0].type)
                : accepts(candidate.left, operands[0].type) && accepts(candidate.right, operands[1].type)
        }
        let chosen = fitting.isEmpty ? candidates : fitting
        var isTrusted = true
        for candidate in chosen
        where candidate.function >= Catalogue.firstUserObject
            && !ReviewedExtensions.isHarmless(candidate.extension)
        {
            isTrusted = false
            record(
                StatementFacts.FunctionUse(
                    function: candidate.function, name: candidate.name, harm: .userDefined, arguments: lineage
                ))
        }
        let onlyFirst = operands.dropFirst().allSatisfy { !$0.lineage.isRelevant }
        let isTotal =
            Totality.holds(operator: last, onlyFirst: onlyFirst) && (last != "||" || joinsTexts(operands))
            && (!Totality.selections.contains(last) || selectsFromTree(operands))
        if !isTotal { record(.failure, lineage) }
        let results = Set(chosen.map(\.result))
        var value = Value(lineage, type: results.count == 1 ? results.first : nil)
        if value.type.map(TypeID.polymorphic.contains(_:)) ?? false { value.type = nil }
        if last == "||", isTrusted, operands.allSatisfy({ Totality.isText($0.type) }) {
            value.type = TypeID.text
        }
        value.mayBeComparison = results.contains(TypeID.boolean)
        value.keepsNull = operands.keepNull && isTotal && Totality.keepsNull(operator: last)
        return isTrusted ? value : value.withUnknown
    }

    /// `json` is read as its text again, of which not every escape has a character.
    private func selectsFromTree(_ operands: [Value]) -> Bool {
        guard let document = operands.first else { return false }
        return document.type == TypeID.jsonb || !document.lineage.isRelevant
    }

    /// Arrays fit together or do not, and so do documents.
    private func joinsTexts(_ operands: [Value]) -> Bool {
        operands.allSatisfy { operand in
            guard operand.lineage.isRelevant else { return true }
            guard let type = operand.type.flatMap(catalogue.type(_:)) else { return false }
            return !type.isArray && type.oid != TypeID.jsonb && type.kind != .composite
        }
    }

    /// Conversions that happen without being asked for, where a user made one.
    private func convert(_ values: [Value]) {
        guard catalogue.hasImplicitUserCasts else { return }
        for value in values where value.type != TypeID.unknown {
            for cast in catalogue.user.casts
            where cast.isImplicit && cast.function >= Catalogue.firstUserObject
                && (value.type == nil || value.type == cast.source)
                && !ReviewedExtensions.isHarmless(cast.extension)
            {
                record(
                    StatementFacts.FunctionUse(
                        function: cast.function, name: "a conversion", harm: .userDefined,
                        arguments: value.lineage))
            }
        }
    }
}
