import API
import Masking
import Policy
import StatementAnalysis

/// What an approval of a statement is about, and what approvers are shown of it (G13).
extension QueryPhase {
    /// The prepared statements that it names.
    func executed(by plan: Plan) -> [Prepared] {
        plan.statements.flatMap(\.facts.prepared).compactMap { statements[Array($0.utf8)] }
    }

    /// What the statement stands on now; `nil` while the database is asked, and the message waits and comes again.
    func ground(of plan: Plan) -> StatementGround? {
        let facts = plan.statements.map(\.facts)
        let ground = StatementGround(
            relations: Set(facts.flatMap { $0.relations.map(\.relation) }).sorted(),
            functions: Set(facts.flatMap { $0.functions.map(\.function) }).sorted(),
            settings: (approvals.namedSettings ?? []).sorted())
        if let known = lookup.ground, known.isKnown(of: ground) { return known }
        // Names are resolved by the database's catalogue as it is now.
        ask(lookup.hasReadCatalogue ? [.ground(ground)] : [.catalogue, .ground(ground)])
        return nil
    }

    func binding(
        of plan: Plan, _ terms: ApprovalTerms, _ statements: [Prepared], _ parameters: [UInt8],
        on ground: StatementGround
    ) -> ApprovalBinding {
        ApprovalBinding(
            texts: statements.map {
                ApprovalBinding.Text(
                    bytes: $0.text, encoding: $0.settings.clientEncoding.name,
                    hasStandardStrings: $0.settings.hasStandardStrings, parameterTypes: $0.types)
            },
            parameters: parameters, relations: ground.relations, functions: ground.functions,
            context: context, ground: ground.digest ?? "", startup: approvals.startup,
            encoding: settings.clientEncoding.name, database: database,
            connection: environment.connection.metadata.qualifiedName,
            requester: requester, session: mayComeAgain(plan, terms) ? nil : id, rule: terms.rule,
            allowance: terms.allowance)
    }

    /// What a cursor reads is not told by the statement that names it.
    func mayComeAgain(_ plan: Plan, _ terms: ApprovalTerms) -> Bool {
        terms.whileWaiting == .reject && approvals.namedSettings != nil
            && !plan.statements.contains(where: \.facts.namesCursor)
    }

    func tables(of plan: Plan) -> [String] {
        let names = plan.statements.flatMap { $0.facts.relations.map { "\($0.schema).\($0.name)" } }
        return Array(Set(names).sorted().prefix(ApprovalRequest.maximumNames))
    }

    /// The text, and below it those that it executes and the code in them; `nil` where they cannot be read.
    func shown(_ statements: [Prepared]) -> String? {
        var texts: [[UInt8]] = []
        var code: [[UInt8]] = []
        for statement in statements {
            let sent = statement.text
            guard let text = statement.settings.read(sent.span) else { return nil }
            texts.append(LiteralRedaction.redact(text))
            code += StatementCode.redactedBodies(
                of: text, hasStandardStrings: statement.settings.hasStandardStrings)
        }
        guard !texts.contains(LiteralRedaction.unreadable) else { return nil }
        return ShownText.of(Array((texts + code).joined(separator: "\n\n".utf8)))
    }
}
