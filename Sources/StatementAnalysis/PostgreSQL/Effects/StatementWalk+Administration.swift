extension StatementWalk {
    /// Commands about the server, its roles, files, connections and upkeep.
    ///
    /// - Returns: `false` when the statement is none of them.
    func administrativeCommand(_ node: SyntaxTree.Node, _ kind: SyntaxKind) -> Bool {
        if roleCommand(kind) || upkeepCommand(node, kind) { return true }
        guard let (command, effects) = Self.plain[kind] else { return false }
        facts.command = command
        facts.effects.formUnion(effects)
        change(.catalogue)
        creations.append(.anything)
        return true
    }

    private func roleCommand(_ kind: SyntaxKind) -> Bool {
        switch kind {
        case .createRoleStmt:
            create("ROLE")
            facts.effects.insert(.grant)
        case .alterRoleStmt, .alterRoleSetStmt:
            alter("ROLE", nil)
            facts.effects.insert(.grant)
            // A role's settings reach sessions that begin later.
            if kind == .alterRoleSetStmt { facts.effects.insert(.administer) }
        case .dropRoleStmt:
            facts.command = .drop("ROLE")
            facts.effects.formUnion([.drop, .grant])
        case .dropOwnedStmt, .reassignOwnedStmt:
            let drops = kind == .dropOwnedStmt
            facts.command = drops ? .drop("OWNED") : .other("REASSIGN OWNED")
            facts.effects.formUnion(drops ? [.drop, .grant] : [.alter, .grant])
            cannotTell("the objects a role owns")
            creations.append(.anything)
            change(.catalogue)
        default: return false
        }
        return true
    }

    private func upkeepCommand(_ node: SyntaxTree.Node, _ kind: SyntaxKind) -> Bool {
        switch kind {
        case .vacuumStmt:
            let isVacuum = tree.flag(node, .isVacuumcmd)
            facts.command = isVacuum ? .vacuum : .analyze
            facts.effects.insert(.session)
            if tree.list(node, .options).contains(where: { tree.string($0, .defname) == "full" && isOn($0) })
            {
                facts.effects.insert(.lock)
            }
            for item in tree.list(node, .rels) {
                if let relation = tree.child(item, .relation) { mention(relation, isWritten: false) }
            }
        case .clusterStmt, .reindexStmt:
            facts.command = .other(kind == .clusterStmt ? "CLUSTER" : "REINDEX")
            facts.effects.formUnion([.alter, .lock])
            if let relation = tree.child(node, .relation) { mention(relation, isWritten: true) }
        case .checkPointStmt:
            facts.command = .other("CHECKPOINT")
            facts.effects.insert(.administer)
        default: return false
        }
        return true
    }

    /// Commands whose effects do not depend on what they name.
    private static let plain: [SyntaxKind: (StatementFacts.Command, Set<StatementFacts.Effect>)] = [
        .loadStmt: (.other("LOAD"), [.administer]),
        .alterSystemStmt: (.alter("SYSTEM"), [.alter, .administer]),
        .createdbStmt: (.create("DATABASE"), [.create, .administer]),
        .alterDatabaseStmt: (.alter("DATABASE"), [.alter, .administer]),
        .alterDatabaseSetStmt: (.alter("DATABASE"), [.alter, .administer]),
        .alterDatabaseRefreshCollStmt: (.alter("DATABASE"), [.alter, .administer]),
        .dropdbStmt: (.drop("DATABASE"), [.drop, .administer]),
        .createTableSpaceStmt: (.create("TABLESPACE"), [.create, .administer]),
        .alterTableSpaceOptionsStmt: (.alter("TABLESPACE"), [.alter, .administer]),
        .alterTableMoveAllStmt: (.alter("TABLE"), [.alter, .administer]),
        .dropTableSpaceStmt: (.drop("TABLESPACE"), [.drop, .administer]),
        .createExtensionStmt: (.create("EXTENSION"), [.create, .administer]),
        .alterExtensionStmt: (.alter("EXTENSION"), [.alter, .administer]),
        .alterExtensionContentsStmt: (.alter("EXTENSION"), [.alter, .administer]),
        .createFdwStmt: (.create("FOREIGN DATA WRAPPER"), [.create, .administer]),
        .alterFdwStmt: (.alter("FOREIGN DATA WRAPPER"), [.alter, .administer]),
        .createForeignServerStmt: (.create("SERVER"), [.create, .administer]),
        .alterForeignServerStmt: (.alter("SERVER"), [.alter, .administer]),
        .createUserMappingStmt: (.create("USER MAPPING"), [.create, .administer]),
        .alterUserMappingStmt: (.alter("USER MAPPING"), [.alter, .administer]),
        .dropUserMappingStmt: (.drop("USER MAPPING"), [.drop, .administer]),
        .importForeignSchemaStmt: (.other("IMPORT FOREIGN SCHEMA"), [.create, .administer]),
        .createPublicationStmt: (.create("PUBLICATION"), [.create, .administer]),
        .alterPublicationStmt: (.alter("PUBLICATION"), [.alter, .administer]),
        .createSubscriptionStmt: (.create("SUBSCRIPTION"), [.create, .administer]),
        .alterSubscriptionStmt: (.alter("SUBSCRIPTION"), [.alter, .administer]),
        .dropSubscriptionStmt: (.drop("SUBSCRIPTION"), [.drop, .administer]),
    ]
}
