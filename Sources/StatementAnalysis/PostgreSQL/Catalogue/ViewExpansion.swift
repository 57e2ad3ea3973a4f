/// A view's query as `pg_get_viewdef` tells it: names of the schemas that were searched then stand alone.
package struct ViewDefinition: Sendable, Equatable {
    package var text: String
    package var searchPath: [String]
    /// What the query reads, other views among it, as `pg_depend` tells it.
    package var relations: Set<ObjectID>

    package init(text: String, searchPath: [String], relations: Set<ObjectID> = []) {
        self.text = text
        self.searchPath = searchPath
        self.relations = relations
    }
}

/// What reading a view reads.
struct ViewExpansion: Sendable {
    /// One for each of the view's columns.
    var columns: [StatementFacts.OutputColumn] = []
    var relations: [StatementFacts.RelationUse] = []
    var functions: [StatementFacts.FunctionUse] = []
    /// Reading it gives settings a value.
    var changesSettings = false
    /// Every column read inside, also by the view's own conditions.
    var columnsRead = Lineage()
    var isKnown = true
    /// Views whose definitions have not been read, this one or others inside.
    var pending: [ObjectID] = []

    static var unknown: Self {
        var result = Self()
        result.isKnown = false
        return result
    }

    private init() {}

    init(pending view: ObjectID) {
        isKnown = false
        pending = [view]
    }

    init(_ view: Relation, definition: ViewDefinition, in catalogue: Catalogue, within open: [ObjectID]) {
        let context = SessionContext(searchPath: definition.searchPath)
        let facts = try? StatementAnalyzer(catalogue: catalogue, context: context, openViews: open)
            .analyze(Array(definition.text.utf8))
        pending = facts?.flatMap(\.pendingViews) ?? []
        guard let facts, facts.count == 1, facts[0].unknowns.isEmpty, facts[0].missingRelations.isEmpty,
            case .columns(let columns) = facts[0].result, columns.count == view.liveColumns.count
        else {
            isKnown = false
            return
        }
        self.columns = columns
        relations = facts[0].relations.map {
            var use = $0
            use.isThroughView = true
            return use
        }
        functions = facts[0].functions
        changesSettings = facts[0].sessionChanges.contains(where: \.changesNames)
        columnsRead = facts[0].columnsRead.union(facts[0].columnsReadInViews)
    }
}
