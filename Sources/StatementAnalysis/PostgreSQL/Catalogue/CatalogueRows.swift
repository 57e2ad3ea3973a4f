/// The objects that the rows of ``CatalogueQuery`` tell of, as they come.
struct CatalogueRows {
    private var schemas: [(oid: ObjectID, name: String)] = []
    /// Without their columns and children.
    private var relations: [Relation] = []
    private var columns: [(relation: ObjectID, column: Relation.Column)] = []
    private var sources: [(relation: ObjectID, column: Int16, source: Int16)] = []
    private var types: [DataType] = []
    private var routines: [Routine] = []
    private var operators: [Operator] = []
    private var casts: [Cast] = []

    var hasGeneratedColumns: Bool { columns.contains { $0.column.isGenerated } }

    /// Takes one row, its cells in text format.
    /// - Returns: `false` when it is not of the shape the query gives.
    mutating func receive(_ row: CatalogueRow, of query: CatalogueQuery) -> Bool {
        switch query {
        case .schemas: schema(row)
        case .relations: relation(row)
        case .columns: column(row)
        case .sources: source(row)
        case .types: type(row)
        case .routines: routine(row)
        case .operators: self.operator(row)
        case .casts: cast(row)
        }
    }

    /// Adds those objects that `isWanted`. The relations get back their `heirs`: what inherits from them and was there
    /// before.
    func insert(
        into layer: inout CatalogueLayer, heirs: [ObjectID: [ObjectID]],
        where isWanted: (ObjectID, CatalogueStamps.Part) -> Bool
    ) {
        for schema in schemas where isWanted(schema.oid, .schemas) { layer.insert(schema: schema.name) }
        let wanted = relations.filter { isWanted($0.oid, .relations) }
        for relation in wanted {
            var childless = relation
            childless.parents = []
            childless.children = heirs[relation.oid] ?? []
            layer.insert(childless)
        }
        for relation in wanted {
            for parent in relation.parents { layer.inherit(relation.oid, from: parent) }
        }
        for (relation, column) in columns where isWanted(relation, .relations) {
            layer.insert(column, of: relation)
        }
        for (relation, column, source) in sources where isWanted(relation, .relations) {
            layer.insert(source: source, ofColumn: column, of: relation)
        }
        for type in types where isWanted(type.oid, .types) { layer.insert(type) }
        for routine in routines where isWanted(routine.oid, .routines) { layer.insert(routine) }
        for `operator` in operators where isWanted(`operator`.oid, .operators) { layer.insert(`operator`) }
        for cast in casts where isWanted(cast.oid, .casts) { layer.insert(cast) }
    }

    // MARK: - Rows

    private mutating func schema(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let name = row.string(1) else { return false }
        schemas.append((oid, name))
        return true
    }

    private mutating func relation(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let schema = row.string(1), let name = row.string(2),
            let kind = row.byte(3).flatMap(Relation.Kind.init(rawValue:)), let persistence = row.byte(4),
            let hasRules = row.flag(5), let parents = row.array(6), let uniqueColumns = row.array(7)
        else { return false }
        var relation = Relation(
            oid: oid, schema: schema, name: name, kind: kind, isTemporary: persistence == UInt8(ascii: "t"),
            hasRules: hasRules)
        relation.parents = parents.compactMap { ObjectID($0) }
        let numbers = uniqueColumns.flatMap { $0.split(separator: " ") }.map { Int16($0) }
        guard relation.parents.count == parents.count, !numbers.contains(nil) else { return false }
        relation.uniqueColumns = Set(numbers.compactMap { $0 })
        relations.append(relation)
        return true
    }

    private mutating func column(_ row: CatalogueRow) -> Bool {
        guard let relation = row.oid(0), let number = row.string(1).flatMap({ Int16($0) }),
            let name = row.string(2),
            let type = row.oid(3), let isDropped = row.flag(4), let isGenerated = row.flag(5)
        else { return false }
        let column = Relation.Column(
            number: number, name: name, type: type, isDropped: isDropped, isGenerated: isGenerated)
        columns.append((relation, column))
        return true
    }

    private mutating func source(_ row: CatalogueRow) -> Bool {
        guard let relation = row.oid(0), let number = row.string(1).flatMap({ Int16($0) }),
            let source = row.string(2).flatMap({ Int16($0) })
        else { return false }
        sources.append((relation, number, source))
        return true
    }

    private mutating func type(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let schema = row.string(1), let name = row.string(2),
            let kind = row.byte(3).flatMap(DataType.Kind.init(rawValue:)), let underlying = row.oid(4),
            let relation = row.oid(5), let hasChecks = row.flag(6), let isArray = row.flag(7)
        else { return false }
        let type = DataType(
            oid: oid, schema: schema, name: name, kind: kind, underlying: underlying, relation: relation,
            hasChecks: hasChecks, isArray: isArray, extension: row.string(8))
        types.append(type)
        return true
    }

    private mutating func routine(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let schema = row.string(1), let name = row.string(2),
            let kind = row.byte(3).flatMap(Routine.Kind.init(rawValue:)),
            let volatility = row.byte(4).flatMap(Routine.Volatility.init(rawValue:)),
            let inputs = row.vector(5),
            let defaults = row.string(6).flatMap({ Int($0) }), let variadic = row.oid(7),
            let result = row.oid(8),
            let returnsSet = row.flag(9)
        else { return false }
        var outputs: [Routine.OutputColumn] = []
        if let types = row.array(10), let modes = row.array(11) {
            let names = row.array(12) ?? []
            for (index, mode) in modes.enumerated() where mode == "o" || mode == "b" || mode == "t" {
                guard index < types.count, let type = ObjectID(types[index]) else { return false }
                outputs.append(
                    Routine.OutputColumn(name: index < names.count ? names[index] : "", type: type))
            }
        }
        let routine = Routine(
            oid: oid, schema: schema, name: name, kind: kind, volatility: volatility, arguments: inputs,
            defaultCount: defaults, isVariadic: variadic != 0, result: result, returnsSet: returnsSet,
            outputs: outputs, extension: row.string(13))
        routines.append(routine)
        return true
    }

    private mutating func `operator`(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let schema = row.string(1), let name = row.string(2),
            let left = row.oid(3),
            let right = row.oid(4), let result = row.oid(5), let function = row.oid(6)
        else { return false }
        let value = Operator(
            oid: oid, schema: schema, name: name, left: left, right: right, result: result,
            function: function,
            extension: row.string(7))
        operators.append(value)
        return true
    }

    private mutating func cast(_ row: CatalogueRow) -> Bool {
        guard let oid = row.oid(0), let source = row.oid(1), let target = row.oid(2),
            let function = row.oid(3),
            let context = row.byte(4), let isMadeWithType = row.flag(6)
        else { return false }
        let cast = Cast(
            oid: oid, source: source, target: target, function: function,
            isImplicit: context == UInt8(ascii: "i"),
            extension: row.string(5), isMadeWithType: isMadeWithType)
        casts.append(cast)
        return true
    }
}
