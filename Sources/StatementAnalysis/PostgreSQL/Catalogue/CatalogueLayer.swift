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
    private var relationNames: [QualifiedName: ObjectID] = [:]
    private var typeNames: [QualifiedName: ObjectID] = [:]
    private var routines: [String: [Routine]] = [:]
    private var operators: [String: [Operator]] = [:]

    mutating func insert(schema: String) { schemas.insert(schema) }

    mutating func insert(_ relation: Relation) {
        relations[relation.oid] = relation
        relationNames[QualifiedName(schema: relation.schema, name: relation.name)] = relation.oid
        schemas.insert(relation.schema)
    }

    mutating func inherit(_ child: ObjectID, from parent: ObjectID) {
        relations[child]?.parents.append(parent)
        relations[parent]?.children.append(child)
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

    mutating func insert(uniqueColumns: [Int16], of relation: ObjectID) {
        relations[relation]?.uniqueColumns.formUnion(uniqueColumns)
    }

    mutating func insert(_ type: DataType) {
        types[type.oid] = type
        typeNames[QualifiedName(schema: type.schema, name: type.name)] = type.oid
    }

    mutating func insert(_ routine: Routine) { routines[routine.name, default: []].append(routine) }
    mutating func insert(_ operator: Operator) { operators[`operator`.name, default: []].append(`operator`) }
    mutating func insert(_ cast: Cast) { casts.append(cast) }

    func relation(schema: String, name: String) -> Relation? {
        relationNames[QualifiedName(schema: schema, name: name)].flatMap { relations[$0] }
    }

    func type(schema: String, name: String) -> DataType? {
        typeNames[QualifiedName(schema: schema, name: name)].flatMap { types[$0] }
    }

    var operatorList: some Sequence<Operator> { operators.values.joined() }

    func routines(named name: String) -> [Routine] { routines[name] ?? [] }
    func operators(named name: String) -> [Operator] { operators[name] ?? [] }
}
