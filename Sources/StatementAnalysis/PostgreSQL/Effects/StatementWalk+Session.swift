extension StatementWalk {
    /// Commands that change or show the session: transactions, settings, cursors, prepared statements, channels.
    ///
    /// - Returns: `false` when the statement is none of them.
    func sessionCommand(_ node: SyntaxTree.Node, _ kind: SyntaxKind) -> Bool {
        switch kind {
        case .transactionStmt: transaction(node)
        case .variableSetStmt: set(node)
        case .variableShowStmt:
            facts.command = .show
            let count = tree.string(node, .name) == "all" ? 3 : 1
            facts.result = .columns(
                Array(repeating: StatementFacts.OutputColumn(lineage: Lineage()), count: count))
        case .constraintsSetStmt: facts.command = .other("SET CONSTRAINTS")
        case .discardStmt: discard(node)
        case .declareCursorStmt: declareCursor(node)
        case .fetchStmt:
            let name = tree.string(node, .portalname) ?? ""
            facts.command = tree.flag(node, .ismove) ? .other("MOVE") : .fetch
            facts.result = .cursor(name)
            facts.namesCursor = true
        case .closePortalStmt:
            facts.command = .closeCursor
            change(.closeCursor(tree.string(node, .portalname)))
        case .prepareStmt: prepare(node)
        case .executeStmt:
            facts.command = .execute
            for parameter in tree.list(node, .params) { _ = expression(parameter, Environment()) }
            facts.result = .prepared(tree.string(node, .name) ?? "")
        case .deallocateStmt:
            facts.command = .deallocate
            change(.deallocate(tree.string(node, .name)))
        case .listenStmt: facts.command = .listen
        case .unlistenStmt: facts.command = .unlisten
        case .notifyStmt: facts.command = .notify
        case .lockStmt:
            facts.command = .lock
            facts.effects.insert(.lock)
            lock(mode: tree.integer(node, .mode) ?? 0)
            for relation in tree.list(node, .relations) { mention(relation, isWritten: false) }
            return true
        default: return false
        }
        facts.effects.insert(.session)
        return true
    }

    /// The table locks that writing takes (`lockdefs.h`, PostgreSQL's documentation, 13.3.1), taken ahead.
    private func lock(mode: Int) {
        let (rowExclusive, accessExclusive) = (3, 8)
        if mode >= rowExclusive { facts.lockedFor.formUnion([.delete, .update]) }
        if mode >= accessExclusive { facts.lockedFor.formUnion([.drop, .truncate]) }
        if mode > rowExclusive { facts.isWithoutWhere = true }
    }

    private func transaction(_ node: SyntaxTree.Node) {
        facts.command = .transaction
        let chains = tree.flag(node, .chain)
        switch tree.string(node, .kind) {
        case "TRANS_STMT_BEGIN", "TRANS_STMT_START": change(.begin)
        case "TRANS_STMT_COMMIT":
            change(.commit)
            if chains { change(.begin) }
        case "TRANS_STMT_ROLLBACK":
            change(.rollback)
            if chains { change(.begin) }
        case "TRANS_STMT_SAVEPOINT": change(.savepoint(tree.string(node, .savepointName) ?? ""))
        case "TRANS_STMT_RELEASE": change(.releaseSavepoint(tree.string(node, .savepointName) ?? ""))
        case "TRANS_STMT_ROLLBACK_TO": change(.rollbackToSavepoint(tree.string(node, .savepointName) ?? ""))
        case "TRANS_STMT_PREPARE":
            // The name outlives the session and is for everyone to read.
            facts.effects.insert(.administer)
            change(.commit)
        case "TRANS_STMT_COMMIT_PREPARED", "TRANS_STMT_ROLLBACK_PREPARED":
            facts.effects.insert(.administer)
            change(.catalogue)
        default: cannotTell("a transaction command of an unknown kind")
        }
    }

    // MARK: Settings

    private func set(_ node: SyntaxTree.Node) {
        let name = (tree.string(node, .name) ?? "").lowercased()
        let isLocal = tree.flag(node, .isLocal)
        assign(name, node, isLocal: isLocal)
        switch tree.string(node, .kind) {
        case "VAR_RESET_ALL":
            facts.command = .reset
            change(.resetAll)
        case "VAR_RESET":
            facts.command = .reset
            set(name, nil, isLocal: false)
        case "VAR_SET_DEFAULT":
            facts.command = .set
            set(name, nil, isLocal: isLocal)
        case "VAR_SET_VALUE":
            facts.command = .set
            let values = tree.list(node, .args).map(settingText(_:))
            guard !values.contains(nil) else {
                cannotTell("the value of a setting")
                return
            }
            set(name, values.compactMap { $0 }, isLocal: isLocal)
        case "VAR_SET_MULTI":
            // SET TRANSACTION and its kin: how transactions run, not what statements mean.
            facts.command = .set
        case "VAR_SET_CURRENT": facts.command = .set
        default: cannotTell("a SET of an unknown kind")
        }
    }

    private func set(_ name: String, _ value: [String]?, isLocal: Bool) {
        switch name {
        case "role", "session_authorization":
            let role = value?.first
            change(.role(role == "none" ? nil : role))
        default: change(.set(name: name, value: value, isLocal: isLocal))
        }
    }

    /// A constant as `SET` takes it.
    private func settingText(_ node: SyntaxTree.Node) -> String? {
        switch tree.kind(node) {
        case .aConst:
            if let text = tree.child(node, .sval) { return tree.text(text) }
            if let number = tree.child(node, .fval) { return tree.string(number, .fval) }
            if let flag = tree.child(node, .boolval) { return tree.flag(flag, .boolval) ? "true" : "false" }
            return tree.numeral(node)
        case .typeCast: return tree.child(node, .arg).flatMap(settingText(_:))
        default: return nil
        }
    }

    /// A value that the text does not tell, or not whether it is given at all, may be the search path's.
    func changeUntoldSetting() { set("search_path", nil, isLocal: false) }

    /// `set_config` with three constants is a `SET`; `nil` when the call is anything else.
    func setting(_ name: [String], _ node: SyntaxTree.Node, _ candidates: [Routine]) -> Value? {
        guard name.last == "set_config", candidates.contains(where: { $0.oid < Catalogue.firstUserObject })
        else { return nil }
        let arguments = Array(tree.list(node, .args))
        guard candidates.allSatisfy({ $0.oid < Catalogue.firstUserObject }), arguments.count == 3,
            let name = constantText(arguments[0]),
            let value = constantText(arguments[1]),
            let flag = tree.child(arguments[2], .boolval)
        else {
            let name = arguments.first.flatMap(constantText)?.lowercased() ?? "search_path"
            // Names with a dot mean nothing to the server; no value takes a role back.
            if !name.utf8.contains(UInt8(ascii: ".")) {
                set(name, name == "search_path" ? nil : [""], isLocal: false)
            }
            return nil
        }
        let isLocal = tree.flag(flag, .boolval)
        let setting = name.lowercased()
        guard setting == "search_path" else {
            set(setting, [value], isLocal: isLocal)
            return Value(type: TypeID.text)
        }
        guard let path = SettingList.identifiers(value) else {
            cannotTell("the value of a setting")
            return Value(type: TypeID.text)
        }
        set(setting, path, isLocal: isLocal)
        return Value(type: TypeID.text)
    }

    func constantText(_ node: SyntaxTree.Node) -> String? {
        guard tree.kind(node) == .aConst else { return nil }
        return tree.child(node, .sval).flatMap(tree.text(_:))
    }

    private func discard(_ node: SyntaxTree.Node) {
        facts.command = .discard
        switch tree.string(node, .target) {
        case "DISCARD_ALL": change(.discardAll)
        case "DISCARD_TEMP":
            change(.catalogue)
            creations.append(.anything)
        case "DISCARD_PLANS", "DISCARD_SEQUENCES": break
        default: cannotTell("a DISCARD of an unknown kind")
        }
    }

    // MARK: Cursors and prepared statements

    private func declareCursor(_ node: SyntaxTree.Node) {
        facts.command = .declareCursor
        guard let name = tree.string(node, .portalname), let query = tree.child(node, .query) else {
            cannotTell("a cursor of an unknown kind")
            return
        }
        guard case .columns(let columns) = self.query(query, Environment()).result else {
            cannotTell("the columns of a cursor")
            return
        }
        change(.declareCursor(name: name, columns))
    }

    private func prepare(_ node: SyntaxTree.Node) {
        facts.command = .prepare
        guard let name = tree.string(node, .name), let query = tree.child(node, .query) else {
            cannotTell("a PREPARE of an unknown kind")
            return
        }
        for type in tree.list(node, .argtypes) { self.type(type, of: Lineage()) }
        let inner = StatementWalk(tree, catalogue, earlier, openViews: openViews)
        inner.statement(query)
        var effects = inner.facts
        effects.sessionChanges = []
        absorb(effects, from: inner)
        change(.prepare(name: name, facts: inner.facts, text: Array(tree.text[range])))
    }
}
