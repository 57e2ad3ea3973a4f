/// Tells what statements read, write and return, from their text and a catalogue.
package struct StatementAnalyzer {
    private let catalogue: Catalogue
    private let context: SessionContext
    /// The views being expanded, outermost first.
    private let openViews: [ObjectID]

    package init(catalogue: Catalogue, context: SessionContext) {
        self.init(catalogue: catalogue, context: context, openViews: [])
    }

    init(catalogue: Catalogue, context: SessionContext, openViews: [ObjectID]) {
        self.catalogue = catalogue
        self.context = context
        self.openViews = openViews
    }

    /// One value for each statement of the query string, in order; none for a string without statements.
    package func analyze(_ text: [UInt8]) throws(AnalysisError) -> [StatementFacts] {
        let tree = try StatementParser.parse(text)
        var earlier = EarlierStatements(context)
        var result: [StatementFacts] = []
        for statement in tree.statements {
            let walk = StatementWalk(tree, catalogue, earlier, openViews: openViews)
            walk.range = statement.range
            walk.statement(statement.root)
            guard !walk.isTooDeep else { throw .tooDeep }
            walk.facts.range = statement.range
            earlier.append(walk.facts, creating: walk.creations)
            result.append(walk.facts)
        }
        return result
    }
}
