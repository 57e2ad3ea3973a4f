import StatementAnalysis

/// Facts as one line of text, columns by their names.
func describe(_ facts: StatementFacts, _ catalogue: Catalogue) -> String {
    func name(_ column: ColumnID) -> String {
        guard let relation = catalogue.relation(column.relation) else {
            return "\(column.relation).\(column.attribute)"
        }
        let name = relation.columns.first { $0.number == column.attribute }?.name ?? "\(column.attribute)"
        return "\(relation.name).\(name)"
    }
    func names(_ lineage: Lineage) -> String {
        (lineage.columns.map(name).sorted() + (lineage.isComplete ? [] : ["?"])).joined(separator: "+")
    }
    var parts = ["\(facts.command)", facts.effects.map(\.rawValue).sorted().joined(separator: ",")]
    switch facts.result {
    case .none: parts.append("none")
    case .columns(let columns):
        parts.append("[" + columns.map { names($0.lineage) }.joined(separator: ", ") + "]")
    case .cursor(let name): parts.append("cursor \(name)")
    case .prepared(let name): parts.append("prepared \(name)")
    case .plan: parts.append("plan")
    case .unknown: parts.append("unknown")
    }
    if !facts.relations.isEmpty {
        // `!` is written, `^` reached through a view.
        let uses = facts.relations.map {
            "\($0.name)\($0.isWritten ? "!" : "")\($0.isThroughView ? "^" : "")"
        }
        parts.append("of {\(uses.sorted().joined(separator: " "))}")
    }
    if !facts.conditions.isEmpty {
        let conditions = facts.conditions.map { "\($0.clause.rawValue) \(names($0.lineage))" }
        parts.append("where {" + conditions.joined(separator: "; ") + "}")
    }
    if !facts.assignments.isEmpty {
        let assignments = facts.assignments.map { "\($0.target.map(name) ?? "_") = \(names($0.lineage))" }
        parts.append("sets {" + assignments.joined(separator: "; ") + "}")
    }
    if !facts.functions.isEmpty {
        let functions = facts.functions.map { "\($0.name) \($0.harm) (\(names($0.arguments)))" }
        parts.append("calls {" + functions.joined(separator: "; ") + "}")
    }
    if facts.isWithoutWhere { parts.append("without where") }
    if facts.dropsOthers { parts.append("drops others") }
    if !facts.missingRelations.isEmpty {
        parts.append("missing {\(facts.missingRelations.joined(separator: ","))}")
    }
    if let name = facts.executes { parts.append("executes \(name)") }
    if !facts.unknowns.isEmpty { parts.append("unknown {\(facts.unknowns.joined(separator: "; "))}") }
    return parts.joined(separator: " | ")
}
