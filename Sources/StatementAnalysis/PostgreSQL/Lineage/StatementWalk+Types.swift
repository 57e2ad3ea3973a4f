extension StatementWalk {
    func cast(_ node: SyntaxTree.Node, _ environment: Environment) -> Value {
        guard let argument = tree.child(node, .arg), let name = tree.child(node, .typeName) else {
            cannotTell("a conversion of an unknown kind")
            return .unknown
        }
        let value = expression(argument, environment)
        guard let type = type(name, of: value.lineage, from: value) else { return Value(value.lineage) }
        return Value(value.lineage, type: type).keepingNull(
            [value].keepNull && Totality.keepsNull(from: value.type, to: type))
    }

    /// The type a name stands for, its conversion checked; `nil` when it is not known.
    @discardableResult
    func type(_ node: SyntaxTree.Node, of lineage: Lineage, from value: Value? = nil) -> ObjectID? {
        if tree.flag(node, .pctType) {
            cannotTell("a type taken from a column")
            return nil
        }
        for modifier in tree.list(node, .typmods) where tree.kind(modifier) != .aConst {
            if tree.kind(modifier) != .columnRef { cannotTell("a type modifier of an unknown kind") }
        }
        guard let found = type(named: tree.texts(node, .names)) else {
            cannotTell("a type that the catalogue does not hold")
            return nil
        }
        checkConversion(to: found, of: value ?? Value(lineage))
        let isNarrowed = found.oid == TypeID.numeric && !tree.list(node, .typmods).isEmpty
        if isNarrowed || !Totality.holds(from: value?.type, to: found.oid) { record(.failure, lineage) }
        return tree.child(node, .arrayBounds) == nil ? found.oid : catalogue.arrayType(of: found.oid)
    }

    func type(named name: [String]) -> DataType? {
        guard let last = name.last else { return nil }
        switch name.count {
        case 1:
            return context.relationSearchPath.lazy.compactMap { self.catalogue.type(schema: $0, name: last) }
                .first
        case 2: return catalogue.type(schema: context.resolve(name[0]), name: last)
        case 3 where name[0] == catalogue.database:
            return catalogue.type(schema: context.resolve(name[1]), name: last)
        default: return nil
        }
    }

    /// Converting to a user's type may run a user's function.
    func checkConversion(to type: DataType, of value: Value) {
        var runs: [ObjectID] = []
        if conversionRunsCode(type, within: []) { runs.append(0) }
        for cast in catalogue.casts(to: type.oid)
        where cast.function >= Catalogue.firstUserObject && !ReviewedExtensions.isHarmless(cast.extension) {
            if value.type == nil || value.type == cast.source
                || catalogue.type(value.type ?? 0)?.kind == .domain
            {
                runs.append(cast.function)
            }
        }
        for function in runs {
            record(
                StatementFacts.FunctionUse(
                    function: function, name: "\(type.schema).\(type.name)", harm: .userDefined,
                    arguments: value.lineage))
        }
    }

    /// Domains with checks, and base types that no extension brought, run code of their makers.
    private func conversionRunsCode(_ type: DataType, within outer: [ObjectID]) -> Bool {
        guard type.oid >= Catalogue.firstUserObject, !outer.contains(type.oid),
            !ReviewedExtensions.isHarmless(type.extension)
        else { return false }
        switch type.kind {
        case .domain:
            if type.hasChecks { return true }
        case .base:
            if !type.isArray { return type.extension == nil }
        case .composite:
            return catalogue.relation(type.relation)?.liveColumns.contains { column in
                catalogue.type(column.type).map { conversionRunsCode($0, within: outer + [type.oid]) } ?? true
            } ?? true
        case .enumeration, .pseudo, .range, .multirange: return false
        }
        return catalogue.type(type.underlying).map { conversionRunsCode($0, within: outer + [type.oid]) }
            ?? true
    }

    /// Whether a value is known to be neither a row nor an array of rows.
    func isScalar(_ value: Value) -> Bool {
        if value.isScalar || value.type == TypeID.unknown { return true }
        guard var type = value.type.flatMap(catalogue.type(_:)) else { return false }
        while type.isArray || type.kind == .domain {
            guard let inner = catalogue.type(type.underlying), inner.oid != type.oid else { return false }
            type = inner
        }
        return type.kind != .composite && type.kind != .pseudo
    }

    func elementType(of type: ObjectID?) -> ObjectID? {
        guard let type else { return nil }
        if type == TypeID.anyArray { return TypeID.anyElement }
        guard let known = catalogue.type(type) else { return nil }
        if known.kind == .domain { return elementType(of: known.underlying) }
        return known.isArray && known.underlying != 0 ? known.underlying : nil
    }
}
