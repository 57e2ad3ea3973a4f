extension StatementWalk {
    /// Commands that define, change or remove objects of the database.
    ///
    /// - Returns: `false` when the statement is none of them.
    func definitionCommand(_ node: SyntaxTree.Node, _ kind: SyntaxKind) -> Bool {
        switch kind {
        case .createStmt: createTable(node)
        case .createForeignTableStmt:
            facts.effects.insert(.administer)
            create("FOREIGN TABLE")
            if let base = tree.child(node, .base) { newRelation(tree.child(base, .relation)) }
        case .createTableAsStmt: createTableAs(node)
        case .viewStmt: createView(node)
        case .refreshMatViewStmt: refresh(node)
        case .createSeqStmt:
            create("SEQUENCE")
            newRelation(tree.child(node, .sequence))
        case .alterSeqStmt: alter("SEQUENCE", tree.child(node, .sequence))
        case .indexStmt: createIndex(node)
        case .createStatsStmt:
            create("STATISTICS")
            for relation in tree.list(node, .relations) {
                expressions(tree.list(node, .exprs), over: relation)
            }
        case .alterStatsStmt: alter("STATISTICS", nil)
        case .alterTableStmt: alterTable(node)
        case .renameStmt: rename(node)
        case .alterObjectSchemaStmt, .alterOwnerStmt, .alterObjectDependsStmt:
            alter(objectName(node, .objectType), tree.child(node, .relation))
            objects(
                CollectionOfOne(tree.child(node, .object)).compactMap { $0 }, objectName(node, .objectType))
        case .dropStmt: drop(node)
        case .truncateStmt: truncate(node)
        case .createFunctionStmt: createFunction(node)
        case .alterFunctionStmt:
            define("FUNCTION", alter: true)
            creations.append(.anything)
        case .createTrigStmt: createTrigger(node)
        case .ruleStmt: createRule(node)
        case .createEventTrigStmt, .alterEventTrigStmt:
            define("EVENT TRIGGER", alter: kind == .alterEventTrigStmt)
            creations.append(.anything)
        case .createPolicyStmt, .alterPolicyStmt: policy(node, isNew: kind == .createPolicyStmt)
        case .defineStmt:
            define(objectName(node, .kind), alter: false)
            creations.append(.anything)
        case .createCastStmt, .createOpClassStmt, .createOpFamilyStmt, .createConversionStmt,
            .createTransformStmt,
            .createPLangStmt, .createAmStmt:
            define(Self.definedNames[kind] ?? "", alter: false)
            creations.append(.anything)
        case .alterOpFamilyStmt, .alterOperatorStmt, .alterTypeStmt, .alterTSDictionaryStmt,
            .alterTSConfigurationStmt, .alterCollationStmt, .alterEnumStmt:
            alter(Self.definedNames[kind] ?? "", nil)
            creations.append(.anything)
        case .createDomainStmt, .alterDomainStmt:
            if kind == .createDomainStmt { create("DOMAIN") } else { alter("DOMAIN", nil) }
            creations.append(.anything)
            var environment = Environment()
            environment.scope = Scope([ScopeItem(columns: [], others: Lineage())], outer: nil)
            _ = scan(node, environment)
        case .compositeTypeStmt, .createEnumStmt, .createRangeStmt:
            create("TYPE")
            creations.append(.anything)
        case .createSchemaStmt: createSchema(node)
        case .grantStmt, .grantRoleStmt:
            facts.command = tree.flag(node, .isGrant) ? .grant : .revoke
            facts.effects.insert(.grant)
            objects(Array(tree.list(node, .objects)), objectName(node, .objtype))
            // A schema that may not be used is not searched.
            if kind == .grantRoleStmt || objectName(node, .objtype) == "SCHEMA" {
                creations.append(.anything)
            }
        case .alterDefaultPrivilegesStmt:
            alter("DEFAULT PRIVILEGES", nil)
            facts.effects.insert(.grant)
        case .commentStmt, .secLabelStmt:
            facts.command = kind == .commentStmt ? .comment : .other("SECURITY LABEL")
            facts.effects.insert(.alter)
            objects(CollectionOfOne(tree.child(node, .object)).compactMap { $0 }, objectName(node, .objtype))
        default: return false
        }
        // What gives settings a value whenever it is evaluated is code.
        if kind != .createTableAsStmt, facts.sessionChanges.contains(where: \.changesNames) {
            facts.effects.insert(.define)
        }
        change(.catalogue)
        return true
    }

    private static let definedNames: [SyntaxKind: String] = [
        .createCastStmt: "CAST", .createOpClassStmt: "OPERATOR CLASS", .createOpFamilyStmt: "OPERATOR FAMILY",
        .createConversionStmt: "CONVERSION", .createTransformStmt: "TRANSFORM", .createPLangStmt: "LANGUAGE",
        .createAmStmt: "ACCESS METHOD", .alterOpFamilyStmt: "OPERATOR FAMILY", .alterOperatorStmt: "OPERATOR",
        .alterTypeStmt: "TYPE", .alterTSDictionaryStmt: "TEXT SEARCH DICTIONARY",
        .alterTSConfigurationStmt: "TEXT SEARCH CONFIGURATION", .alterCollationStmt: "COLLATION",
        .alterEnumStmt: "TYPE",
    ]

    func create(_ object: String) {
        facts.command = .create(object)
        facts.effects.insert(.create)
    }

    func alter(_ object: String, _ relation: SyntaxTree.Node?) {
        facts.command = .alter(object)
        facts.effects.insert(.alter)
        if let relation { changed(relation) }
    }

    /// Code that runs later.
    func define(_ object: String, alter: Bool) {
        facts.command = alter ? .alter(object) : .create(object)
        facts.effects.formUnion([.define, alter ? .alter : .create])
    }

    /// `OBJECT_FOREIGN_TABLE` as `FOREIGN TABLE`.
    func objectName(_ node: SyntaxTree.Node, _ field: SyntaxField) -> String {
        let symbol = tree.string(node, field) ?? ""
        let words = symbol.split(separator: "_").dropFirst().joined(separator: " ")
        return words == "MATVIEW" ? "MATERIALIZED VIEW" : words
    }

    // MARK: Relations in definitions

    /// A relation a definition names: recorded where the catalogue holds it.
    func mention(_ node: SyntaxTree.Node, isWritten: Bool) {
        guard tree.kind(node) == .rangeVar else { return }
        let known = facts.unknowns
        if case .relation(let relation) = find(node) { mention(relation, isWritten: isWritten) }
        // The definition does not depend on what it is made of: that it is missing is said in `missingRelations`.
        facts.unknowns = known
    }

    func mention(_ relation: Relation, isWritten: Bool) {
        // What the definition is of decides what it may reach.
        if relation.isView, !relation.isSystem {
            facts.pendingViews.formUnion(catalogue.expansion(ofView: relation.oid, within: openViews).pending)
        }
        record(
            StatementFacts.RelationUse(
                relation: relation.oid, schema: relation.schema, name: relation.name, isWritten: isWritten,
                isThroughView: false))
    }

    /// A relation that is another after this statement.
    private func changed(_ node: SyntaxTree.Node) {
        mention(node, isWritten: true)
        if let name = tree.string(node, .relname) { creations.append(.relation(name: name)) }
    }

    private func newRelation(_ node: SyntaxTree.Node?) {
        guard let name = node.flatMap({ tree.string($0, .relname) }) else { return }
        creations.append(.relation(name: name))
    }

    /// The objects of a `DROP`, `GRANT` or `COMMENT`, where they are relations.
    func objects(_ nodes: [SyntaxTree.Node], _ kind: String) {
        for object in nodes {
            if tree.kind(object) == .rangeVar {
                mention(object, isWritten: true)
                continue
            }
            var names = tree.items(object).compactMap { tree.kind($0) == .string ? tree.text($0) : nil }
            if kind == "COLUMN" || kind == "TRIGGER" || kind == "RULE" || kind == "POLICY"
                || kind == "TABCONSTRAINT"
            {
                names = names.dropLast()
            } else if kind == "SCHEMA", let schema = tree.text(object) {
                for relation in catalogue.userRelations where relation.schema == schema {
                    mention(relation, isWritten: true)
                }
            } else if !Self.relationKinds.contains(kind) {
                continue
            }
            mention(names)
        }
    }

    static let relationKinds: Set<String> = [
        "TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SEQUENCE", "INDEX",
    ]

    func mention(_ names: [String]) {
        guard let name = names.last else { return }
        let schemas =
            names.count == 1 ? context.relationSearchPath : [context.resolve(names[names.count - 2])]
        if let relation = schemas.lazy.compactMap({ self.catalogue.relation(schema: $0, name: name) }).first {
            mention(relation, isWritten: true)
        } else {
            let qualified = names.suffix(2).joined(separator: ".")
            if !facts.missingRelations.contains(qualified) { facts.missingRelations.append(qualified) }
        }
        creations.append(.relation(name: name))
    }

    // MARK: Expressions in definitions

    /// Expressions over a relation's columns that the database keeps: they tell of the values through errors, plans and
    /// statistics.
    func expressions(_ nodes: SyntaxTree.Children, over relation: SyntaxTree.Node) {
        var environment = Environment()
        environment.scope = Scope([relationItem(relation, isWritten: true)], outer: nil)
        for node in nodes { record(.comparison, scan(node, environment)) }
    }

    /// The lineage of every expression and query within a definition.
    func scan(_ node: SyntaxTree.Node, _ environment: Environment) -> Lineage {
        descend(otherwise: .unknown) {
            switch tree.kind(node) {
            case .aExpr, .aConst, .columnRef, .paramRef, .aIndirection, .boolExpr, .nullTest, .booleanTest,
                .caseExpr,
                .coalesceExpr, .minMaxExpr, .rowExpr, .aArrayExpr, .collateClause, .typeCast, .funcCall,
                .subLink,
                .xmlExpr, .xmlSerialize, .sqlValueFunction, .groupingFunc:
                return expression(node, environment).lineage
            case .selectStmt, .insertStmt, .updateStmt, .deleteStmt, .mergeStmt:
                return subquery(node, environment).columns.lineage
            case .rangeVar:
                mention(node, isWritten: true)
                return Lineage()
            case .typeName: return Lineage()
            case .indexElem, .statsElem, .partitionElem: return indexElement(node, environment)
            case .constraint: return constraint(node, environment)
            default:
                var lineage = Lineage()
                for child in tree.children(node) { lineage.formUnion(scan(child, environment)) }
                return lineage
            }
        }
    }

    private func indexElement(_ node: SyntaxTree.Node, _ environment: Environment) -> Lineage {
        var lineage = tree.child(node, .expr).map { expression($0, environment).lineage } ?? Lineage()
        if let name = tree.string(node, .name) { lineage.formUnion(named([name], environment)) }
        return lineage
    }

    private func named(_ names: [String], _ environment: Environment) -> Lineage {
        var lineage = Lineage()
        for item in environment.scope?.items ?? [] {
            for column in item.columns where names.contains(column.name) {
                lineage.formUnion(column.value.lineage)
            }
        }
        read(lineage)
        return lineage
    }

    private func constraint(_ node: SyntaxTree.Node, _ environment: Environment) -> Lineage {
        var lineage = Lineage()
        for child in tree.children(node) where tree.field(child) != .pktable {
            lineage.formUnion(scan(child, environment))
        }
        switch tree.string(node, .contype) {
        case "CONSTR_DEFAULT", "CONSTR_GENERATED":
            if lineage.isRelevant { assign(nil, lineage) }
        case "CONSTR_FOREIGN":
            // Whether a key exists over there: any unique one, where the text does not say which.
            if let table = tree.child(node, .pktable), case .relation(let relation) = find(table) {
                mention(relation, isWritten: false)
                let keys = tree.texts(node, .pkAttrs)
                let item = ScopeItem(columns: self.columns(of: relation))
                let named = item.columns.filter { keys.contains($0.name) }.map(\.value)
                record(.comparison, keys.isEmpty ? unique(of: item) : Lineage(unionOf: named))
            }
        case "CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION":
            record(.comparison, lineage.union(named(tree.texts(node, .keys), environment)))
        default: record(.comparison, lineage)
        }
        return lineage
    }

    private func createSchema(_ node: SyntaxTree.Node) {
        create("SCHEMA")
        for element in tree.list(node, .schemaElts) {
            let inner = StatementWalk(tree, catalogue, earlier, openViews: openViews)
            inner.statement(element)
            absorb(inner.facts, from: inner)
        }
        creations.append(.anything)
    }
}
