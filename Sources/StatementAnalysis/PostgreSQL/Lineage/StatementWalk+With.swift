extension StatementWalk {
    /// Rounds until a recursive table's lineage must have settled; more columns than this take the whole lineage.
    private static let maximumRoundCount = 24

    /// The environment of a query with a `WITH` clause: its tables named.
    func with(_ clause: SyntaxTree.Node, _ outer: Environment) -> Environment {
        var environment = outer
        let tables = CommonTables(outer: outer.commonTables)
        environment.commonTables = tables
        let isRecursive = tree.flag(clause, .recursive)
        if !isRecursive {
            // Each table sees the ones before it.
            for table in tree.list(clause, .ctes) { define(table, in: tables, environment) }
            return environment
        }
        // Each table sees all of them. Start from nothing and go round until nothing is added: a fix-point, whatever
        // the order of the tables and whoever refers to whom.
        let list = Array(tree.list(clause, .ctes))
        for table in list { declare(table, in: tables) }
        for round in 0... {
            let before = tables.tables.map { lineages($0) }
            for table in list { define(table, in: tables, environment, merging: true) }
            if tables.tables.map({ lineages($0) }) == before, !tables.tables.contains(where: \.isPending) {
                break
            }
            if round == Self.maximumRoundCount {
                cannotTell("the lineage of a recursive query")
                for table in tables.tables { tables.set(spread(table)) }
                break
            }
        }
        return environment
    }

    private func lineages(_ table: CommonTables.Table) -> [Lineage] {
        table.columns.map(\.value.lineage) + (table.others.map { [$0] } ?? [])
    }

    private func spread(_ table: CommonTables.Table) -> CommonTables.Table {
        var result = table
        for index in result.columns.indices { result.columns[index].value = .unknown }
        result.others = result.others.map { $0.union(.unknown) }
        result.isPending = false
        return result
    }

    /// A recursive table before its first round: the columns of its first arm, depending on nothing yet.
    private func declare(_ node: SyntaxTree.Node, in tables: CommonTables) {
        tables.set(
            CommonTables.Table(
                name: tree.string(node, .ctename) ?? "", columns: [], others: Lineage(), isPending: true))
    }

    private func define(
        _ node: SyntaxTree.Node, in tables: CommonTables, _ environment: Environment, merging: Bool = false
    ) {
        guard tree.kind(node) == .commonTableExpr, let name = tree.string(node, .ctename),
            let query = tree.child(node, .ctequery)
        else {
            cannotTell("a WITH clause of an unknown kind")
            return
        }
        var visible = environment
        if !merging { visible.commonTables = tables }
        var columns = self.query(query, visible.nested).renamed(tree.texts(node, .aliascolnames))
        if let search = tree.child(node, .searchClause) {
            add(tree.string(search, .searchSeqColumn), from: tree.texts(search, .searchColList), to: &columns)
        }
        if let cycle = tree.child(node, .cycleClause) {
            let names = tree.texts(cycle, .cycleColList)
            add(tree.string(cycle, .cycleMarkColumn), from: names, to: &columns)
            add(tree.string(cycle, .cyclePathColumn), from: names, to: &columns)
            let marks = [tree.child(cycle, .cycleMarkValue), tree.child(cycle, .cycleMarkDefault)]
            condition(.comparison, marks.compactMap { $0 }, environment)
            record(.comparison, columns.lineage)
        }
        var table = CommonTables.Table(
            name: name, columns: columns.columns, others: columns.others, isPending: columns.isPending)
        if merging, let previous = tables.tables.first(where: { $0.name == name }), !previous.columns.isEmpty,
            previous.columns.count == table.columns.count
        {
            for index in table.columns.indices {
                let earlier = previous.columns[index].value
                let keepsNull = [earlier, table.columns[index].value].keepNull
                table.columns[index].value.lineage.formUnion(earlier.lineage)
                table.columns[index].value.keepsNull = keepsNull
            }
        }
        tables.set(table)
    }

    /// A column that `SEARCH` or `CYCLE` makes out of others.
    private func add(_ name: String?, from sources: [String], to columns: inout QueryColumns) {
        guard let name else { return }
        let values = columns.columns.filter { sources.contains($0.name) }.map(\.value)
        columns.columns.append(NamedValue(name: name, value: Value(Lineage(unionOf: values))))
    }
}
