/// How many rows a statement makes out of nothing, and which tables it multiplies with one another.
///
/// It bounds what a statement costs, not what it shows: what the text does not tell counts as one row and as related.
/// A level's rows are those of its `FROM` items multiplied, times those of the sub-queries that run for each of them.
struct Demand {
    /// The most rows any level makes; ``endless`` for a recursion that nothing ends.
    private(set) var rows = 1
    /// Names of tables that no condition relates to the others of their `FROM` clause.
    private(set) var unrelatedTables: Set<String> = []

    static let endless = Int.max

    /// Deepest nesting of lists and nodes that is followed; what is deeper counts as endless. Ours: lists count, as
    /// they do not for ``StatementLimits/maximumDepth``.
    private static let maximumDepth = 2 * StatementLimits.maximumDepth

    private let tree: SyntaxTree
    private var depth = 0

    init(of statement: SyntaxTree.Node, in tree: SyntaxTree) {
        self.tree = tree
        _ = most(within: statement, [:])
    }

    /// Rows of the tables a `WITH` clause names.
    private typealias CommonTables = [String: Int]

    private struct Level {
        /// What comes out.
        var output: Int
        /// What is made on the way.
        var made: Int
    }

    // MARK: Queries

    /// The most rows made by a query within the node, which may be one itself.
    private mutating func most(within node: SyntaxTree.Node, _ tables: CommonTables) -> Int {
        guard depth < Self.maximumDepth else { return note(Self.endless) }
        depth += 1
        defer { depth -= 1 }
        switch tree.kind(node) {
        case .selectStmt: return select(node, tables).made
        case .updateStmt: return changed(node, .fromClause, tables)
        case .deleteStmt: return changed(node, .usingClause, tables)
        default: return tree.children(node).reduce(1) { max($0, most(within: $1, tables)) }
        }
    }

    private mutating func changed(
        _ node: SyntaxTree.Node, _ clause: SyntaxField, _ outer: CommonTables
    ) -> Int {
        let tables = with(node, outer)
        let items = tree.list(node, clause).reduce(1) { Self.product($0, item($1, tables)) }
        return note(tree.children(node).reduce(items) { max($0, most(within: $1, tables)) })
    }

    private mutating func select(_ node: SyntaxTree.Node, _ outer: CommonTables) -> Level {
        guard depth < Self.maximumDepth else {
            return Level(output: Self.endless, made: note(Self.endless))
        }
        depth += 1
        defer { depth -= 1 }
        let tables = with(node, outer)
        if tree.child(node, .larg) != nil { return limited(setOperation(node, tables), node) }
        if tree.child(node, .valuesLists) != nil {
            let count = tree.list(node, .valuesLists).reduce(0) { count, _ in count + 1 }
            return limited(Level(output: count, made: 1), node)
        }
        let relations = FromRelations(of: node, in: tree) { tables[$0] != nil }
        unrelatedTables.formUnion(relations.unrelatedTables)
        var rows = tree.list(node, .fromClause).reduce(1) { Self.product($0, item($1, tables)) }
        let sets = tree.list(node, .targetList).compactMap { tree.child($0, .val) }
            .map { series.rows(of: $0) ?? 1 }
        rows = Self.product(rows, sets.max() ?? 1)
        let isAggregate = isAggregate(node)
        if rows == Self.endless, !isAggregate, !mustReadAll(node), let limit = limit(of: node) {
            rows = limit
        }
        let perRow = tree.children(node).reduce(1) { most, part in
            tree.field(part) == .fromClause || tree.field(part) == .withClause
                ? most : max(most, self.most(within: part, tables))
        }
        let made = note(Self.product(rows, perRow))
        return limited(Level(output: isAggregate ? 1 : rows, made: made), node)
    }

    /// The arms of a chain, which leans to the left, one after the other.
    private mutating func setOperation(_ node: SyntaxTree.Node, _ tables: CommonTables) -> Level {
        var level = Level(output: 0, made: 1)
        var open: SyntaxTree.Node? = node
        while let operation = open, let left = tree.child(operation, .larg) {
            let arms = [tree.child(operation, .rarg), tree.child(left, .larg) == nil ? left : nil]
            for arm in arms.compactMap({ $0 }) {
                let rows = select(arm, tables)
                level.output = Self.sum(level.output, rows.output)
                level.made = max(level.made, rows.made)
            }
            open = left
        }
        return level
    }

    private mutating func with(_ node: SyntaxTree.Node, _ outer: CommonTables) -> CommonTables {
        guard let clause = tree.child(node, .withClause) else { return outer }
        var tables = outer
        let isRecursive = tree.flag(clause, .recursive)
        for table in tree.list(clause, .ctes) {
            guard let name = tree.string(table, .ctename), let query = tree.child(table, .ctequery) else {
                continue
            }
            tables[name] = 1
            guard tree.kind(query) == .selectStmt else {
                _ = most(within: query, tables)
                continue
            }
            let rows = select(query, tables).output
            tables[name] = isRecursive && isEndless(query, named: name) ? Self.endless : rows
        }
        return tables
    }

    /// A recursive arm without a condition on a column and without a limit.
    private func isEndless(_ query: SyntaxTree.Node, named name: String) -> Bool {
        guard let arm = tree.child(query, .rarg), tree.child(arm, .limitCount) == nil,
            tree.child(query, .limitCount) == nil
        else { return false }
        let relations = FromRelations(of: arm, in: tree) { _ in false }
        return relations.names.contains(name) && !relations.hasCondition
    }

    // MARK: Items

    private mutating func item(_ node: SyntaxTree.Node, _ tables: CommonTables) -> Int {
        guard depth < Self.maximumDepth else { return note(Self.endless) }
        depth += 1
        defer { depth -= 1 }
        switch tree.kind(node) {
        case .rangeVar:
            guard tree.child(node, .schemaname) == nil else { return 1 }
            return tree.string(node, .relname).flatMap { tables[$0] } ?? 1
        case .joinExpr:
            let sides = [SyntaxField.larg, .rarg].compactMap { tree.child(node, $0) }
            return sides.reduce(1) { Self.product($0, item($1, tables)) }
        case .rangeSubselect:
            return tree.child(node, .subquery).map { select($0, tables).output } ?? 1
        case .rangeFunction:
            return tree.list(node, .functions).compactMap { call in
                tree.items(call).first { _ in true }.flatMap(series.rows(of:))
            }.max() ?? 1
        default: return 1
        }
    }

    private var series: Series { Series(tree: tree) }

    // MARK: Clauses

    private func limit(of node: SyntaxTree.Node) -> Int? {
        tree.child(node, .limitCount).flatMap(series.number(_:)).map { Series.count($0) }
    }

    private func limited(_ level: Level, _ node: SyntaxTree.Node) -> Level {
        Level(output: min(level.output, limit(of: node) ?? level.output), made: level.made)
    }

    /// Sorting, grouping and the like take all rows in before the first comes out.
    private func mustReadAll(_ node: SyntaxTree.Node) -> Bool {
        [.sortClause, .groupClause, .distinctClause, .havingClause, .windowClause].contains {
            tree.child(node, $0) != nil
        }
    }

    /// One row comes out, whatever goes in.
    private func isAggregate(_ node: SyntaxTree.Node) -> Bool {
        guard tree.child(node, .groupClause) == nil else { return false }
        return tree.list(node, .targetList).contains { target in
            guard let call = tree.child(target, .val), tree.kind(call) == .funcCall else { return false }
            let name = tree.texts(call, .funcname).last ?? ""
            return tree.child(call, .over) == nil
                && (tree.flag(call, .aggStar) || Self.aggregates.contains(name))
        }
    }

    private static let aggregates: Set<String> = [
        "count", "sum", "avg", "min", "max", "bool_and", "bool_or", "every", "string_agg", "array_agg",
        "json_agg",
        "jsonb_agg",
    ]

    // MARK: Numbers

    private mutating func note(_ made: Int) -> Int {
        rows = max(rows, made)
        return made
    }

    private static func product(_ one: Int, _ other: Int) -> Int {
        let (result, isTooLarge) = one.multipliedReportingOverflow(by: other)
        return isTooLarge ? endless : result
    }

    private static func sum(_ one: Int, _ other: Int) -> Int {
        let (result, isTooLarge) = one.addingReportingOverflow(other)
        return isTooLarge ? endless : result
    }
}
