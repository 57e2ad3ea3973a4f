/// One part of a catalogue: the server's built-ins, or what its users made.
struct CatalogueLayer: Sendable {
    struct QualifiedName: Sendable, Hashable {
        var schema: String
        var name: String
    }

    private(set) var relations: [ObjectID: Relation] = [:]
    private(set) var types: [ObjectID: DataType] = [:]
    private(set) var schemas: Set<String> = []
    private(set) var casts: [Cast] = []
    /// Two of a name where one of them was read before it gave the name away; the last is meant.
    private var relationNames: [QualifiedName: [ObjectID]] = [:]
    private var typeNames: [QualifiedName: [ObjectID]] = [:]
    /// By the type of the elements.
    private var arrayTypes: [ObjectID: [ObjectID]] = [:]
    private var routines: [String: [Routine]] = [:]
    private var routineNames: [ObjectID: String] = [:]
    private var operators: [String: [Operator]] = [:]
    private var operatorNames: [ObjectID: String] = [:]
    private var castsByTarget: [ObjectID: [Cast]] = [:]

    // MARK: - What there is

    func relation(schema: String, name: String) -> Relation? {
        relationNames[QualifiedName(schema: schema, name: name)]?.last.flatMap { relations[$0] }
    }

    func type(schema: String, name: String) -> DataType? {
        typeNames[QualifiedName(schema: schema, name: name)]?.last.flatMap { types[$0] }
    }

    func arrayType(of element: ObjectID) -> ObjectID? { arrayTypes[element]?.last }

    var operatorList: some Sequence<Operator> { operators.values.joined() }

    func routines(named name: String) -> [Routine] { routines[name] ?? [] }
    func operators(named name: String) -> [Operator] { operators[name] ?? [] }
    func casts(to target: ObjectID) -> [Cast] { castsByTarget[target] ?? [] }

    func hasImplicitCast(from source: ObjectID, to target: ObjectID) -> Bool {
        castsByTarget[target]?.contains { $0.isImplicit && $0.source == source } ?? false
    }

    // MARK: - What comes

    mutating func insert(schema: String) { schemas.insert(schema) }

    mutating func insert(_ relation: Relation) {
        relations[relation.oid] = relation
        let name = QualifiedName(schema: relation.schema, name: relation.name)
        relationNames[name, default: []].append(relation.oid)
        schemas.insert(relation.schema)
    }

    mutating func insert(_ column: Relation.Column, of relation: ObjectID) {
        relations[relation]?.columns.append(column)
    }

    mutating func insert(source: Int16, ofColumn number: Int16, of relation: ObjectID) {
        guard let index = relations[relation]?.columns.firstIndex(where: { $0.number == number }) else {
            return
        }
        relations[relation]?.columns[index].sources.insert(source)
    }

    mutating func inherit(_ child: ObjectID, from parent: ObjectID) {
        relations[child]?.parents.append(parent)
        relations[parent]?.children.append(child)
    }

    mutating func insert(_ type: DataType) {
        types[type.oid] = type
        typeNames[QualifiedName(schema: type.schema, name: type.name), default: []].append(type.oid)
        if type.isArray { arrayTypes[type.underlying, default: []].append(type.oid) }
    }

    mutating func insert(_ routine: Routine) {
        routines[routine.name, default: []].append(routine)
        routineNames[routine.oid] = routine.name
    }

    mutating func insert(_ operator: Operator) {
        operators[`operator`.name, default: []].append(`operator`)
        operatorNames[`operator`.oid] = `operator`.name
    }

    mutating func insert(_ cast: Cast) {
        casts.append(cast)
        castsByTarget[cast.target, default: []].append(cast)
    }

    // MARK: - What goes

    mutating func removeSchemas() { schemas.removeAll() }

    /// The links of its children to it stay: those who take it away say so of them as well.
    /// - Returns: what inherits from it.
    mutating func remove(relation oid: ObjectID) -> [ObjectID] {
        guard let relation = relations.removeValue(forKey: oid) else { return [] }
        let name = QualifiedName(schema: relation.schema, name: relation.name)
        Self.remove(oid, under: name, from: &relationNames)
        for parent in relation.parents { relations[parent]?.children.removeAll { $0 == oid } }
        return relation.children
    }

    mutating func remove(type oid: ObjectID) {
        guard let type = types.removeValue(forKey: oid) else { return }
        let name = QualifiedName(schema: type.schema, name: type.name)
        Self.remove(oid, under: name, from: &typeNames)
        Self.remove(oid, under: type.underlying, from: &arrayTypes)
    }

    mutating func remove(routine oid: ObjectID) {
        guard let name = routineNames.removeValue(forKey: oid) else { return }
        routines[name]?.removeAll { $0.oid == oid }
    }

    mutating func remove(operator oid: ObjectID) {
        guard let name = operatorNames.removeValue(forKey: oid) else { return }
        operators[name]?.removeAll { $0.oid == oid }
    }

    mutating func remove(cast oid: ObjectID) {
        guard let index = casts.firstIndex(where: { $0.oid == oid }) else { return }
        castsByTarget[casts[index].target]?.removeAll { $0.oid == oid }
        casts.remove(at: index)
    }

    private static func remove<Key>(_ oid: ObjectID, under key: Key, from objects: inout [Key: [ObjectID]]) {
        objects[key]?.removeAll { $0 == oid }
        if objects[key]?.isEmpty ?? false { objects[key] = nil }
    }
}
