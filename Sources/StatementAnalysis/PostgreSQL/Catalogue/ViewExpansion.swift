/// What reading a view reads.
struct ViewExpansion: Sendable {
    /// One for each of the view's columns.
    var columns: [StatementFacts.OutputColumn] = []
    var relations: [StatementFacts.RelationUse] = []
    var functions: [StatementFacts.FunctionUse] = []
    /// Every column read inside, also by the view's own conditions.
    var columnsRead = Lineage()
    var isKnown = true

    static var unknown: Self {
        var result = Self()
        result.isKnown = false
        return result
    }

    private init() {}

    init(_ view: Relation, definition: String, in catalogue: Catalogue, within open: [ObjectID]) {
        let context = SessionContext(searchPath: catalogue.viewSearchPath)
        guard
            let facts = try? StatementAnalyzer(catalogue: catalogue, context: context, openViews: open)
                .analyze(Array(definition.utf8)),
            facts.count == 1, facts[0].unknowns.isEmpty, facts[0].missingRelations.isEmpty,
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
        columnsRead = facts[0].columnsRead.union(facts[0].columnsReadInViews)
    }
}
