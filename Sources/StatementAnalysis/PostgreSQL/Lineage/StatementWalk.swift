/// One pass over one statement's tree, gathering its facts.
///
/// Everything that is met is either followed or said to be unknown; nothing is passed over.
final class StatementWalk {
    let tree: SyntaxTree
    let catalogue: Catalogue
    let earlier: EarlierStatements
    let openViews: [ObjectID]
    /// The statement's bytes within the query string.
    var range = 0..<0
    var facts = StatementFacts()
    var creations: [EarlierStatements.Creation] = []
    /// Set while a clause is read whose own condition covers the comparisons in it.
    var isWithinCondition = false
    /// A condition's lineage counts into the value of the sub-query it belongs to: gathered here, level by level.
    var conditionLineages: [Lineage] = [Lineage()]
    /// What the commands being read have written so far, for their `RETURNING`.
    var writtenColumns: [(column: NamedValue, lineage: Lineage)] = []
    /// The condition that is read names a row of the table written.
    var namesTarget = false
    private(set) var isTooDeep = false
    private var depth = 0

    init(
        _ tree: SyntaxTree, _ catalogue: Catalogue, _ earlier: EarlierStatements, openViews: [ObjectID]
    ) {
        self.tree = tree
        self.catalogue = catalogue
        self.earlier = earlier
        self.openViews = openViews
    }

    var context: SessionContext { earlier.context }

    /// The whole statement.
    func statement(_ root: SyntaxTree.Node) {
        if !tree.isWhole(root) { cannotTell("a syntax that is not known") }
        command(root)
        facts.onlyAssignsSettings = !facts.assignedSettings.isEmpty && onlyAssignsSettings(root)
        if facts.sessionChanges.contains(where: \.changesNames), !onlyAssignsSettings(root) {
            changeUntoldSetting()
        }
        let demand = Demand(of: root, in: tree)
        facts.generatedRows = max(facts.generatedRows, demand.rows)
        facts.unrelatedTables.formUnion(demand.unrelatedTables)
        if facts.functions.contains(where: { $0.harm == .userDefined }) { facts.effects.insert(.execute) }
    }

    /// Notes what could not be told: a constant text, nothing of the statement's.
    func cannotTell(_ what: StaticString) {
        let text = "\(what)"
        if !facts.unknowns.contains(text) { facts.unknowns.append(text) }
    }

    /// Runs one level of nesting, or refuses it beyond the limit.
    func descend<Result>(otherwise: Result, _ body: () -> Result) -> Result {
        guard depth < StatementLimits.maximumDepth, !isTooDeep else {
            isTooDeep = true
            return otherwise
        }
        depth += 1
        defer { depth -= 1 }
        return body()
    }

    func read(_ lineage: Lineage) { facts.columnsRead.formUnion(lineage) }

    func record(_ clause: StatementFacts.Condition.Clause, _ lineage: Lineage) {
        guard lineage.isRelevant else { return }
        conditionLineages[conditionLineages.count - 1].formUnion(lineage)
        let condition = StatementFacts.Condition(clause, lineage)
        if !facts.conditions.contains(condition) { facts.conditions.append(condition) }
    }

    func record(_ use: StatementFacts.RelationUse) {
        if !facts.relations.contains(use) { facts.relations.append(use) }
    }

    func record(_ use: StatementFacts.FunctionUse) {
        if !facts.functions.contains(use) { facts.functions.append(use) }
    }

    func assign(_ target: ColumnID?, _ lineage: Lineage) {
        let assignment = StatementFacts.Assignment(target: target, lineage: lineage)
        if !facts.assignments.contains(assignment) { facts.assignments.append(assignment) }
    }

    /// What a query returns, written to where no catalogue column stands for it.
    func write(_ columns: QueryColumns) {
        for column in columns.columns { assign(nil, column.value.lineage) }
        if let others = columns.others { assign(nil, others.union(.unknown)) }
    }

    /// A walk within this one was too deep for both.
    func inherit(_ walk: StatementWalk) { isTooDeep = isTooDeep || walk.isTooDeep }

    func change(_ change: StatementFacts.SessionChange) { facts.sessionChanges.append(change) }

    /// A clause's expressions, as one condition.
    @discardableResult
    func condition(
        _ clause: StatementFacts.Condition.Clause, _ nodes: some Sequence<SyntaxTree.Node>,
        _ environment: Environment
    ) -> Lineage {
        let outer = isWithinCondition
        isWithinCondition = true
        defer { isWithinCondition = outer }
        var lineage = Lineage()
        for node in nodes { lineage.formUnion(expression(node, environment).lineage) }
        record(clause, lineage)
        return lineage
    }

    @discardableResult
    func condition(
        _ clause: StatementFacts.Condition.Clause, _ node: SyntaxTree.Node?, _ environment: Environment
    ) -> Lineage {
        node.map { condition(clause, CollectionOfOne($0), environment) } ?? Lineage()
    }
}
