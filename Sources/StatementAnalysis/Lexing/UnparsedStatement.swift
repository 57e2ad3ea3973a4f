/// What is certain of a text the grammar does not know, from its words alone.
package enum UnparsedStatement {
    /// `NAMEDATALEN - 1`, in bytes: the server cuts longer identifiers.
    private static let longestIdentifier = 63

    /// More than the text can do: every effect its words may stand for, on every relation they may name.
    ///
    /// - Returns: `nil` when a word may name something `governed`, or something that leads there: views, what users
    ///   defined, the server's own data; or when what the text runs could be named without a word.
    package static func facts(
        of text: [UInt8], in catalogue: Catalogue, governed: (ObjectID) -> Bool
    ) -> StatementFacts? {
        guard let words = words(of: text), isOne(text), !readsCursor(text), !catalogue.hasUserCasts,
            !catalogue.hasUserOperator(spelledIn: text)
        else { return nil }
        let folded = String(decoding: text, as: UTF8.self).lowercased()
        guard !folded.contains("pg_toast"),
            let pending = viewsToRead(
                behind: catalogue.userRelations.filter { mentions($0.name, folded) }, in: catalogue,
                governed: governed),
            !words.contains(where: { holdsServersData($0, in: catalogue) || isGuardedType($0, in: catalogue) }
            )
        else { return nil }
        var facts = StatementFacts()
        facts.isUnparsed = true
        facts.pendingViews = pending
        if !pending.isEmpty { facts.unknowns = ["a view whose definition has not been read"] }
        facts.result = .unknown
        facts.sessionChanges = [.resetAll, .catalogue]
        facts.effects = [.select]
        for word in words {
            facts.effects.formUnion(effects[word] ?? [])
            for routine in catalogue.routines(named: word) {
                guard let harm = FunctionReview.harm(of: routine, in: catalogue) else { continue }
                facts.functions.append(
                    StatementFacts.FunctionUse(
                        function: routine.oid, name: "\(routine.schema).\(routine.name)", harm: harm,
                        arguments: .unknown))
            }
        }
        if facts.functions.contains(where: { $0.harm == .userDefined }) { facts.effects.insert(.execute) }
        facts.isWithoutWhere = !facts.effects.isDisjoint(with: [.update, .delete, .merge])
        let writes = !facts.effects.isDisjoint(with: Self.writing)
        for relation in catalogue.userRelations where words.contains(relation.name) {
            if relation.hasRules, writes { return nil }
            facts.relations.append(
                StatementFacts.RelationUse(
                    relation: relation.oid, schema: relation.schema, name: relation.name, isWritten: writes,
                    isThroughView: false))
        }
        return facts
    }

    /// One statement: the rows of a second one would be taken for the first one's, and a cursor's for nobody's.
    private static func isOne(_ text: [UInt8]) -> Bool {
        guard let end = text.firstIndex(of: UInt8(ascii: ";")) else { return true }
        return text[end...].dropFirst().allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }

    /// `FETCH` and `MOVE` of a cursor; the word alone also stands in `FETCH FIRST ROW ONLY`.
    private static func readsCursor(_ text: [UInt8]) -> Bool {
        var scanner = ConstantScanner(text, hasStandardStrings: true)
        while let (token, range) = scanner.next() {
            guard token == .identifier else { continue }
            return ["fetch", "move"].contains(String(decoding: text[range], as: UTF8.self).lowercased())
        }
        return false
    }

    /// Whether a name stands in the folded text, bare or as it is quoted; bytes are compared, not characters.
    private static func mentions(_ name: String, _ folded: String) -> Bool {
        let name = name.lowercased()
        let quoted = name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        return folded.utf8.contains(name.utf8) || folded.utf8.contains(quoted.utf8)
    }

    /// The identifiers and keywords, as the server folds them; `nil` for a text that spells names in other ways.
    private static func words(of text: [UInt8]) -> Set<String>? {
        var scanner = ConstantScanner(text, hasStandardStrings: true)
        var words: Set<String> = []
        while let (token, range) = scanner.next() {
            let part = text[range]
            switch token {
            case .identifier where part.count > longestIdentifier: return nil
            case .quotedIdentifier where part.count > longestIdentifier + 2: return nil
            case .identifier:
                let word = String(decoding: part, as: UTF8.self)
                // The server folds letters of ASCII alone, or by its locale.
                words.insert(word.lowercased())
                words.insert(String(word.map { $0.isASCII ? Character($0.lowercased()) : $0 }))
            case .quotedIdentifier:
                guard part.first == UInt8(ascii: "\"") else { return nil }
                let name = String(decoding: part.dropFirst().dropLast(), as: UTF8.self)
                words.insert(
                    name.split(separator: "\"\"", omittingEmptySubsequences: false).joined(separator: "\""))
            case .escape where part.contains(UInt8(ascii: "\\")): return nil
            case .literal where part.first.map({ $0 | 0x20 == UInt8(ascii: "u") }) ?? false: return nil
            case .plain, .national, .escape, .literal: continue
            }
        }
        return words
    }

    /// The views whose definitions have to be read first; `nil` when one of the relations leads to governed values.
    private static func viewsToRead(
        behind relations: [Relation], in catalogue: Catalogue, governed: (ObjectID) -> Bool
    ) -> Set<ObjectID>? {
        var pending: Set<ObjectID> = []
        for relation in relations {
            guard !governed(relation.oid), !Catalogue.isUnreadable(relation.name) else { return nil }
            guard relation.isView else { continue }
            let expansion = catalogue.expansion(ofView: relation.oid, within: [])
            guard expansion.pending.isEmpty else {
                pending.formUnion(expansion.pending)
                continue
            }
            guard expansion.isKnown, expansion.functions.isEmpty,
                !expansion.relations.contains(where: { governed($0.relation) })
            else { return nil }
        }
        return pending
    }

    private static func holdsServersData(_ name: String, in catalogue: Catalogue) -> Bool {
        ["pg_catalog", "information_schema"].contains { schema in
            guard let relation = catalogue.relation(schema: schema, name: name) else { return false }
            return relation.columns.contains {
                SystemRelations.holdsData(
                    ColumnID(relation: relation.oid, attribute: $0.number), in: catalogue)
            }
        }
    }

    /// Converting to it runs what users wrote.
    private static func isGuardedType(_ name: String, in catalogue: Catalogue) -> Bool {
        catalogue.userTypes.contains { type in
            type.name == name && type.relation == 0 && type.kind != .enumeration
                && !ReviewedExtensions.isHarmless(type.extension)
        }
    }

    private static let writing: Set<StatementFacts.Effect> = [
        .insert, .update, .delete, .merge, .truncate, .create, .alter, .drop, .copyIn,
    ]

    /// What a word may make of a statement, wherever it stands.
    private static let effects: [String: Set<StatementFacts.Effect>] = [
        "insert": [.insert], "update": [.update], "delete": [.delete], "merge": [.merge],
        "truncate": [.truncate],
        "create": [.create], "into": [.create], "refresh": [.alter], "alter": [.alter], "comment": [.alter],
        "reindex": [.alter, .lock], "cluster": [.alter, .lock], "lock": [.lock], "vacuum": [.lock],
        "drop": [.drop], "reassign": [.alter, .grant], "owned": [.drop, .grant], "owner": [.grant],
        "grant": [.grant], "revoke": [.grant], "role": [.grant], "user": [.grant],
        "authorization": [.grant], "policy": [.grant], "security": [.grant], "privileges": [.grant],
        "copy": [.copyIn, .copyOut, .administer], "program": [.administer], "load": [.administer],
        "extension": [.administer], "server": [.administer], "foreign": [.administer],
        "import": [.administer],
        "publication": [.administer], "subscription": [.administer], "system": [.administer],
        "tablespace": [.administer], "database": [.administer], "checkpoint": [.administer],
        "function": [.define], "procedure": [.define], "routine": [.define], "trigger": [.define],
        "rule": [.define], "event": [.define], "aggregate": [.define], "operator": [.define],
        "language": [.define], "transform": [.define], "domain": [.define],
        "conversion": [.define],
        "do": [.execute], "call": [.execute], "execute": [.execute], "prepare": [.execute],
        "declare": [.execute], "cursor": [.execute],
    ]
}
