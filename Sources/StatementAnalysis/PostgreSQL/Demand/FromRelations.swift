/// The items of one `FROM` clause, and which of them conditions relate to one another.
///
/// A column without a table's name before it may be any item's: a condition with one relates all. So does an item the
/// clause does not name, as a query around it may.
struct FromRelations {
    /// Tables and views named, by their own names.
    private(set) var names: Set<String> = []
    /// Some condition names a column.
    private(set) var hasCondition = false

    private let tree: SyntaxTree
    private let isCommonTable: (String) -> Bool
    /// By the name it has in the query, the table it is.
    private var tables: [(alias: String, table: String)] = []
    /// Tables of which a column is compared with a constant.
    private var bounded: Set<String> = []
    private var groups = Groups()
    private var relatesAll = false
    private var depth = 0

    /// `isCommonTable` says of a name that it is a `WITH` table's.
    init(
        of select: SyntaxTree.Node, in tree: SyntaxTree, isCommonTable: @escaping (String) -> Bool
    ) {
        self.tree = tree
        self.isCommonTable = isCommonTable
        for item in tree.list(select, .fromClause) { _ = add(item) }
        if let clause = tree.child(select, .whereClause) { relate(clause) }
    }

    /// Tables in more groups than one.
    var unrelatedTables: Set<String> {
        guard !relatesAll else { return [] }
        let free = tables.filter { !bounded.contains($0.alias) }
        let count = Set(free.map { groups.representative(of: $0.alias) }).count
        return count > 1 ? Set(free.map(\.table)) : []
    }

    // MARK: Items

    /// - Returns: the names by which the query knows what is in the item.
    private mutating func add(_ node: SyntaxTree.Node) -> [String] {
        guard depth < StatementLimits.maximumDepth else { return [] }
        depth += 1
        defer { depth -= 1 }
        let alias = tree.child(node, .alias).flatMap { tree.string($0, .aliasname) }
        switch tree.kind(node) {
        case .rangeVar:
            let name = tree.string(node, .relname) ?? ""
            names.insert(name)
            if tree.child(node, .schemaname) != nil || !isCommonTable(name) {
                tables.append((alias ?? name, name))
            }
            return [alias ?? name]
        case .joinExpr:
            let left = tree.child(node, .larg).map { add($0) } ?? []
            let right = tree.child(node, .rarg).map { add($0) } ?? []
            if tree.flag(node, .isNatural) || tree.child(node, .usingClause) != nil {
                groups.join(left + right)
                hasCondition = true
            }
            if let condition = tree.child(node, .quals) { relate(condition) }
            guard let alias else { return left + right }
            groups.join(left + right + [alias])
            return [alias]
        case .rangeTableSample:
            return tree.child(node, .relation).map { add($0) } ?? []
        default:
            // What it refers to, a lateral one is related to.
            let mentioned = mentions(in: node)
            if let alias { groups.join(mentioned.tables + [alias]) }
            return alias.map { [$0] } ?? []
        }
    }

    // MARK: Conditions

    private mutating func relate(_ condition: SyntaxTree.Node) {
        guard depth < StatementLimits.maximumDepth else {
            relatesAll = true
            return
        }
        depth += 1
        defer { depth -= 1 }
        if tree.kind(condition) == .boolExpr, tree.string(condition, .boolop) == "AND_EXPR" {
            for part in tree.list(condition, .args) { relate(part) }
            return
        }
        let mentioned = mentions(in: condition)
        hasCondition = hasCondition || mentioned.isUnqualified || !mentioned.tables.isEmpty
        relatesAll = relatesAll || mentioned.isUnqualified
        groups.join(mentioned.tables)
        if mentioned.tables.count == 1, isEquality(condition) { bounded.insert(mentioned.tables[0]) }
    }

    private func isEquality(_ node: SyntaxTree.Node) -> Bool {
        guard tree.kind(node) == .aExpr else { return false }
        return tree.texts(node, .name) == ["="]
            && ["AEXPR_OP", "AEXPR_IN", "AEXPR_OP_ANY"].contains(
                tree.string(node, .kind) ?? "")
    }

    /// The tables whose columns stand anywhere within, sub-queries included.
    private func mentions(in node: SyntaxTree.Node) -> (tables: [String], isUnqualified: Bool) {
        var tables: [String] = []
        var isUnqualified = false
        var open = [node]
        while let next = open.popLast() {
            if tree.kind(next) == .columnRef {
                let parts = tree.texts(next, .fields)
                if parts.count > 1 {
                    let table = parts[parts.count - 2]
                    if !tables.contains(table) { tables.append(table) }
                } else {
                    isUnqualified = true
                }
            } else {
                open += Array(tree.children(next))
            }
        }
        return (tables, isUnqualified)
    }
}

/// Names that belong together.
private struct Groups {
    private var parents: [String: String] = [:]

    func representative(of name: String) -> String {
        var name = name
        while let parent = parents[name] { name = parent }
        return name
    }

    mutating func join(_ names: [String]) {
        guard let first = names.first else { return }
        let root = representative(of: first)
        for name in names.dropFirst() {
            let other = representative(of: name)
            if other != root { parents[other] = root }
        }
    }
}
