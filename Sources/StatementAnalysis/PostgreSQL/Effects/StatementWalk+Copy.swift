extension StatementWalk {
    func copy(_ node: SyntaxTree.Node) {
        facts.command = .copy
        let isFrom = tree.flag(node, .isFrom)
        let isOnServer = tree.flag(node, .isProgram) || tree.child(node, .filename) != nil
        if isOnServer { facts.effects.insert(.administer) }
        facts.effects.insert(isFrom ? .copyIn : .copyOut)
        let columns = isFrom ? copiedIn(node) : copiedOut(node)
        if isOnServer {
            if !isFrom { write(columns) }
            return
        }
        var copy = StatementFacts.Copy(isFrom ? .fromClient : .toClient)
        options(node, &copy)
        facts.copy = copy
        if !isFrom { facts.result = columns.result }
    }

    private func copiedOut(_ node: SyntaxTree.Node) -> QueryColumns {
        if let query = tree.child(node, .query) { return self.query(query, Environment()) }
        facts.effects.insert(.select)
        let (item, columns) = named(node, isWritten: false)
        let result = QueryColumns(
            columns: columns, others: tree.list(node, .attlist).isEmpty ? item.others : nil)
        read(result.lineage)
        return result
    }

    private func copiedIn(_ node: SyntaxTree.Node) -> QueryColumns {
        facts.effects.insert(.insert)
        let (item, columns) = named(node, isWritten: true)
        for column in columns { assign(column.value.origin, Lineage()) }
        var environment = Environment()
        environment.scope = Scope([item], outer: nil)
        condition(.where, tree.child(node, .whereClause), environment)
        return QueryColumns()
    }

    private func named(_ node: SyntaxTree.Node, isWritten: Bool) -> (ScopeItem, [NamedValue]) {
        guard let relation = tree.child(node, .relation) else {
            cannotTell("a COPY of an unknown kind")
            return (ScopeItem(columns: [], others: .unknown), [])
        }
        let item = relationItem(relation, isWritten: isWritten)
        let names = tree.texts(node, .attlist)
        if names.isEmpty { return (item, item.columns.filter { !isGenerated($0.value.origin) }) }
        let columns = names.map { name in
            item.columns.first { $0.name == name } ?? NamedValue(name: name, value: .unknown)
        }
        return (item, columns)
    }

    /// Generated columns are copied only when they are named, and then out alone.
    private func isGenerated(_ column: ColumnID?) -> Bool {
        guard let column, let columns = catalogue.relation(column.relation)?.columns else { return false }
        return columns.contains { $0.number == column.attribute && $0.isGenerated }
    }

    private func options(_ node: SyntaxTree.Node, _ copy: inout StatementFacts.Copy) {
        var delimiter: UInt8?
        var null: [UInt8]?
        var quote: UInt8?
        var escape: UInt8?
        for option in tree.list(node, .options) {
            let argument = tree.child(option, .arg).flatMap(tree.text(_:))
            switch tree.string(option, .defname) {
            case "format":
                switch argument {
                case "text": copy.format = .text
                case "csv": copy.format = .csv
                case "binary": copy.format = .binary
                default: cannotTell("the format of COPY data")
                }
            case "delimiter": delimiter = byte(argument)
            case "null": null = argument.map { Array($0.utf8) }
            case "quote": quote = byte(argument)
            case "escape": escape = byte(argument)
            case "header": copy.hasHeader = isOn(option)
            case "encoding":
                copy.encoding = argument
                if argument == nil { cannotTell("the encoding of COPY data") }
            // About the client's own data, the last four since PostgreSQL 16 to 18.
            case "freeze", "force_quote", "force_not_null", "force_null", "oids", "convert_selectively",
                "default",
                "on_error", "log_verbosity", "reject_limit":
                break
            default: cannotTell("an option of COPY")
            }
        }
        let isCSV = copy.format == .csv
        copy.delimiter = delimiter ?? UInt8(ascii: isCSV ? "," : "\t")
        copy.null = null ?? Array((isCSV ? "" : "\\N").utf8)
        copy.quote = quote ?? UInt8(ascii: "\"")
        copy.escape = escape ?? copy.quote
    }

    private func byte(_ text: String?) -> UInt8? {
        guard let text, text.utf8.count == 1 else {
            cannotTell("an option of COPY")
            return nil
        }
        return text.utf8.first
    }
}
