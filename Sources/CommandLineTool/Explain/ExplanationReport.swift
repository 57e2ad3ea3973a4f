import API
import Session

/// What `weirctl explain` tells, for people and as JSON.
struct ExplanationReport: Encodable {
    struct Statement: Encodable {
        var text: String
        /// The names of its columns, as the database gives them; `nil` where they are not known.
        var columnNames: [String]?
        var explanation: StatementExplanation
    }

    var connection: String
    var database: String
    var subject: String
    var groups: [String]
    /// Of the manifests: SHA-256, hexadecimal.
    var revision: String
    var statements: [Statement]
    /// Of the whole text; `nil` where it was not measured.
    var judgingMicroseconds: JudgingTime?

    init(
        connection: String, database: String, subject: Subject, revision: String, text: [UInt8],
        statements: [StatementExplanation], columnNames: [String]?, judgingMicroseconds: JudgingTime?
    ) {
        self.judgingMicroseconds = judgingMicroseconds
        self.connection = connection
        self.database = database
        self.subject = subject.name
        groups = subject.groups
        self.revision = revision
        self.statements = statements.map { explanation in
            let range = (explanation.start..<explanation.end).clamped(to: text.indices)
            return Statement(
                text: String(decoding: text[range], as: UTF8.self), columnNames: columnNames,
                explanation: explanation)
        }
    }

    /// Lines, each ended.
    var text: String {
        guard !statements.isEmpty else { return "there is no statement\n" }
        return statements.map(\.lines).joined(separator: "\n") + timing
    }

    private var timing: String {
        judgingMicroseconds.map { time in
            "\njudged in \(time.new) microseconds when new, in \(time.known) when known\n"
        } ?? ""
    }
}

extension ExplanationReport.Statement {
    fileprivate var lines: String {
        var facts = [("statement", text.split(whereSeparator: \.isWhitespace).joined(separator: " "))]
        facts.append(("decision", decision))
        if let refusal = explanation.refusal {
            facts.append(("reason", refusal.reason))
            if !refusal.hint.isEmpty { facts.append(("hint", refusal.hint)) }
        }
        if let dryRun { facts.append(("dry run", dryRun)) }
        facts.append(("effects", list(explanation.effects)))
        facts.append(("reads", list(relations(isWritten: false))))
        facts.append(("writes", list(relations(isWritten: true))))
        facts += explanation.conditions.map { condition in
            (condition.clause, list(condition.columns.map(\.text), isComplete: condition.isLineageComplete))
        }
        facts += explanation.functions.map { ("function", $0) }
        facts += explanation.unknowns.map { ("not known", $0) }
        if explanation.columns == nil { facts.append(("rows", explanation.rows)) }
        let width = (facts.map(\.0.count).max() ?? 0) + 2
        return facts.map { name, value in
            name + String(repeating: " ", count: width - name.count) + TerminalText.escaped(value) + "\n"
        }.joined() + table
    }

    private var decision: String {
        switch explanation.verdict {
        case .permit: "permitted as it is"
        case .mask: explanation.wholeMask.map { "masked: every column, \($0.text)" } ?? "masked"
        case .ask: "held until it is approved" + (explanation.refusal.map { ", by \($0.rule)" } ?? "")
        case .refuse:
            explanation.refusal.map { "refused" + ($0.rule.isEmpty ? "" : " by \($0.rule)") } ?? "refused"
        }
    }

    private var dryRun: String? {
        let refusal = explanation.wouldRefuse.map { "would be refused by \($0.rule): \($0.reason)" }
        let masks = explanation.wouldMask.map { "would mask \($0.column) with \($0.text)" }
        let all = [refusal].compactMap(\.self) + masks
        return all.isEmpty ? nil : all.joined(separator: "; ")
    }

    private func relations(isWritten: Bool) -> [String] {
        explanation.relations.filter { $0.isWritten == isWritten }.map { relation in
            relation.name + (relation.isThroughView ? " (through a view)" : "")
                + (relation.isGoverned ? " (governed)" : "")
        }
    }

    private func list(_ entries: [String], isComplete: Bool = true) -> String {
        let all = entries + (isComplete ? [] : ["others that could not be told"])
        return all.isEmpty ? "-" : all.joined(separator: ", ")
    }

    private var table: String {
        guard let columns = explanation.columns, !columns.isEmpty else { return "" }
        var table = Table(["#", "COLUMN", "FROM", "MASK", "RULE", "WHY"])
        let names = columnNames.flatMap { $0.count == columns.count ? $0 : nil }
        for (index, column) in columns.enumerated() {
            table.add([
                "\(index + 1)", names?[index] ?? "",
                column.origin ?? list(column.lineage.map(\.name), isComplete: column.isLineageComplete),
                column.mask?.action ?? "-", column.mask?.rule ?? "-", column.why,
            ])
        }
        return table.text
    }
}

extension StatementExplanation.BaseColumn {
    fileprivate var text: String { mask.map { "\(name) (governed by \($0.rule))" } ?? name }
}

extension StatementExplanation.Mask {
    fileprivate var text: String { "\(action) by \(rule)" }
}
