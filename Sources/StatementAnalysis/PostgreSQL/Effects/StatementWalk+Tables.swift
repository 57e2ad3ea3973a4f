/// Tables, views and indexes that are defined, changed or dropped.
extension StatementWalk {
    func createTable(_ node: SyntaxTree.Node) {
        create("TABLE")
        guard let relation = tree.child(node, .relation) else { return }
        let elements = Array(tree.list(node, .tableElts))
        var columns: [String] = []
        var isPlain = true
        for element in elements {
            switch tree.kind(element) {
            case .columnDef: columns.append(tree.string(element, .colname) ?? "")
            case .constraint: break
            default: isPlain = false
            }
        }
        var environment = Environment()
        environment.scope = Scope([ScopeItem(columns: [], others: Lineage())], outer: nil)
        for element in elements { _ = scan(element, environment) }
        for field in [SyntaxField.partspec, .partbound] {
            if let part = tree.child(node, field) { _ = scan(part, environment) }
        }
        for parent in tree.list(node, .inhRelations) {
            mention(parent, isWritten: true)
            isPlain = false
        }
        if tree.child(node, .ofTypename) != nil { isPlain = false }
        created(relation, columns: isPlain ? columns : nil)
    }

    /// A relation that is there after this statement; `nil` columns when they are not all in the text.
    private func created(_ node: SyntaxTree.Node, columns: [String]?) {
        guard let name = tree.string(node, .relname) else { return }
        guard let columns else {
            creations.append(.relation(name: name))
            return
        }
        creations.append(
            .table(
                schema: tree.string(node, .schemaname), name: name, columns: columns,
                isTemporary: tree.string(node, .relpersistence) == "t"))
    }

    func createTableAs(_ node: SyntaxTree.Node) {
        create(objectName(node, .objtype))
        guard let query = tree.child(node, .query), let into = tree.child(node, .into) else {
            cannotTell("a CREATE TABLE AS of an unknown kind")
            return
        }
        if tree.kind(query) == .executeStmt {
            facts.executes = tree.string(query, .name) ?? ""
            for parameter in tree.list(query, .params) { _ = expression(parameter, Environment()) }
            if let relation = tree.child(into, .rel) { created(relation, columns: nil) }
            return
        }
        self.into(into, self.query(query, Environment()))
    }

    /// The target of `SELECT INTO` and `CREATE TABLE AS`.
    func into(_ node: SyntaxTree.Node, _ columns: QueryColumns) {
        facts.effects.insert(.create)
        if !facts.sessionChanges.contains(.catalogue) { change(.catalogue) }
        write(columns)
        if let relation = tree.child(node, .rel) {
            let named = columns.renamed(tree.texts(node, .colNames))
            created(relation, columns: columns.others == nil ? named.columns.map(\.name) : nil)
        }
    }

    func createView(_ node: SyntaxTree.Node) {
        create("VIEW")
        if let query = tree.child(node, .query) { write(self.query(query, Environment())) }
        guard let view = tree.child(node, .view), let name = tree.string(view, .relname) else { return }
        if tree.flag(node, .replace) {
            let missing = facts.missingRelations
            mention(view, isWritten: true)
            facts.missingRelations = missing
        }
        creations.append(.view(name: name))
    }

    func createIndex(_ node: SyntaxTree.Node) {
        create("INDEX")
        guard let relation = tree.child(node, .relation) else { return }
        expressions(tree.list(node, .indexParams), over: relation)
        expressions(tree.list(node, .indexIncludingParams), over: relation)
        var environment = Environment()
        environment.scope = Scope([relationItem(relation, isWritten: true)], outer: nil)
        condition(.comparison, tree.child(node, .whereClause), environment)
    }

    func alterTable(_ node: SyntaxTree.Node) {
        let object = objectName(node, .objtype)
        guard let relation = tree.child(node, .relation) else {
            alter(object, nil)
            return
        }
        alter(object, relation)
        var environment = Environment()
        let known = facts.unknowns
        environment.scope = Scope([relationItem(relation, isWritten: true)], outer: nil)
        facts.unknowns = known
        facts.keepsColumns = tree.list(node, .cmds).allSatisfy { keepsColumns($0, of: relation) }
        for command in tree.list(node, .cmds) {
            // A column's data goes with it.
            if tree.string(command, .subtype) == "AT_DropColumn" {
                facts.effects.insert(.drop)
                if isCascade(command) { facts.dropsOthers = true }
            }
            guard let definition = tree.child(command, .def) else { continue }
            if tree.string(command, .subtype) == "AT_AlterColumnType",
                let using = tree.child(definition, .rawDefault)
            {
                let name = tree.string(command, .name) ?? ""
                let target = environment.scope?.items.first?.columns.first { $0.name == name }
                assign(target?.value.origin, expression(using, environment).lineage)
                continue
            }
            let lineage = scan(definition, environment)
            let isDefault = ["AT_ColumnDefault", "AT_AddColumn"].contains(
                tree.string(command, .subtype) ?? "")
            if isDefault, lineage.isRelevant { assign(nil, lineage) }
        }
        // Views and partitions of it are others too.
        creations.append(.view(name: tree.string(relation, .relname) ?? ""))
    }

    /// A column that a parent loses may stay with a child, as its own.
    private func keepsColumns(_ command: SyntaxTree.Node, of relation: SyntaxTree.Node) -> Bool {
        switch tree.string(command, .subtype) {
        case "AT_AddColumn", "AT_ColumnDefault", "AT_DropNotNull": true
        case "AT_DropColumn":
            if case .relation(let relation) = find(relation) { relation.children.isEmpty } else { false }
        default: false
        }
    }

    func rename(_ node: SyntaxTree.Node) {
        alter(objectName(node, .renameType), tree.child(node, .relation))
        switch tree.string(node, .renameType) {
        case "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE", "OBJECT_SEQUENCE",
            "OBJECT_INDEX":
            creations.append(.view(name: tree.string(node, .newname) ?? ""))
        case "OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_RULE", "OBJECT_POLICY": break
        default: creations.append(.anything)
        }
    }

    func drop(_ node: SyntaxTree.Node) {
        let object = objectName(node, .removeType)
        facts.command = .drop(object)
        facts.effects.insert(.drop)
        if isCascade(node) { facts.dropsOthers = true }
        switch object {
        case "EXTENSION", "FOREIGN SERVER", "FDW", "LANGUAGE", "SUBSCRIPTION", "PUBLICATION":
            facts.effects.insert(.administer)
        case "TRIGGER", "RULE", "EVENT TRIGGER": facts.effects.insert(.define)
        default: break
        }
        objects(Array(tree.list(node, .objects)), object)
        if !Self.relationKinds.contains(object) { creations.append(.anything) }
    }

    func refresh(_ node: SyntaxTree.Node) {
        facts.command = .refresh
        facts.effects.insert(.alter)
        guard let relation = tree.child(node, .relation) else { return }
        mention(relation, isWritten: true)
        guard case .relation(let view) = find(relation) else { return }
        // Its query runs.
        let expansion = catalogue.expansion(ofView: view.oid, within: openViews)
        facts.pendingViews.formUnion(expansion.pending)
        for use in expansion.functions { record(use) }
        if expansion.changesSettings { changeUntoldSetting() }
        if !expansion.isKnown { facts.effects.insert(.execute) }
    }

    private func isCascade(_ node: SyntaxTree.Node) -> Bool {
        tree.string(node, .behavior) == "DROP_CASCADE"
    }

    func truncate(_ node: SyntaxTree.Node) {
        facts.command = .truncate
        facts.effects.insert(.truncate)
        for relation in tree.list(node, .relations) { mention(relation, isWritten: true) }
        if isCascade(node) { cannotTell("the tables a CASCADE reaches") }
    }
}
