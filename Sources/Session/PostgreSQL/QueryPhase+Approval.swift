import API
import Masking
import Policy
import StatementAnalysis
import WireProtocols

/// Statements that run only once people have approved them: held on their live connection, or refused until they are
/// sent again (G12, G13).
///
/// The message waits as one that asks the catalogue does, and is judged again when it goes on: what was approved is the
/// statement as it was, under the policy, the catalogue and the search path there were.
extension QueryPhase {
    /// - Returns: the plan to go on with, which may be one that refuses; `nil` when the message waits and comes again.
    func approved(_ plan: Plan, text: [UInt8], parameters: [UInt8] = [], portal: Portal? = nil) -> Plan? {
        guard let demand = plan.demand, transactionStatus != .failed else { return plan }
        if let ceiling = demand.ceiling, !plan.areRowsCountable {
            return Plan(key: [], unreadable: .rowsUncountable(ceiling))
        }
        for terms in demand.terms where !isGranted(terms, portal) {
            let digest = binding(of: plan, terms, text: text, parameters: parameters).digest
            if let approved = approvals.approved[terms.rule] {
                guard approved.digest == digest else {
                    return Plan(key: [], unreadable: .approvalIsOfAnother)
                }
                continue
            }
            guard let held = approvals.held, held.terms.rule == terms.rule, let outcome = held.outcome else {
                hold(plan, terms, digest: digest, text: text)
                return nil
            }
            approvals.held = nil
            guard case .answered(let answer) = outcome, answer.state == .approved else {
                return Plan(key: [], unreadable: Diagnosis(outcome, of: terms))
            }
            // Looked at once more where it is used, by the gateway's own clock.
            guard held.isByBreakGlass || isWindowOpen(terms) && now < held.expiry else {
                return Plan(key: [], unreadable: .windowIsClosed(terms))
            }
            guard held.digest == digest else { return Plan(key: [], unreadable: .approvalIsOfAnother) }
            approve(terms, digest: digest, by: answer, portal, isByBreakGlass: held.isByBreakGlass)
        }
        return demand.plan
    }

    /// An application asks for those it acts for.
    var requester: ApprovalRequester {
        person.map { ApprovalRequester($0.subject, through: subject.name) } ?? ApprovalRequester(subject)
    }

    private func isGranted(_ terms: ApprovalTerms, _ portal: Portal?) -> Bool {
        if let portal, portal.requester == requester, let request = portal.approvals[terms.rule] {
            (approvals.request, approvals.rule) = (request, terms.ruleName)
            return true
        }
        let key = ApprovalState.GrantKey(requester: requester, rule: terms.rule)
        // What has run out in the session hides nothing that holds beyond it.
        let own = approvals.grants[key].flatMap { $0.until > now ? $0 : nil }
        guard let grant = own ?? environment.grant(key), grant.generation == environment.generation,
            grant.until > now,
            grant.isByBreakGlass || isWindowOpen(terms)
        else { return false }
        (approvals.request, approvals.rule) = (grant.request, terms.ruleName)
        return true
    }

    private func approve(
        _ terms: ApprovalTerms, digest: [UInt8], by answer: ApprovalAnswer, _ portal: Portal?,
        isByBreakGlass: Bool
    ) {
        approvals.approved[terms.rule] = ApprovalState.Approved(digest: digest, request: answer.request)
        (approvals.request, approvals.rule) = (answer.request, terms.ruleName)
        if let portal {
            if portal.requester != requester { (portal.requester, portal.approvals) = (requester, [:]) }
            portal.approvals[terms.rule] = answer.request
        }
        let key = ApprovalState.GrantKey(requester: requester, rule: terms.rule)
        if isByBreakGlass, let broken = approvals.broken, let breakGlass = terms.approval.breakGlass {
            approvals.grants[key] = ApprovalState.Grant(
                generation: environment.generation, until: broken.since + breakGlass.duration.microseconds,
                request: answer.request, isByBreakGlass: true)
            return tellBrokenGlass(answer.request, terms)
        }
        let grant = ApprovalState.Grant(
            generation: environment.generation, until: now + terms.grant.duration.microseconds,
            request: answer.request)
        switch terms.grant.type {
        case .singleStatement: break
        case .session: approvals.grants[key] = grant
        case .timeBox: environment.allow(key, grant, at: now)
        }
    }

    private func binding(
        of plan: Plan, _ terms: ApprovalTerms, text: [UInt8], parameters: [UInt8]
    ) -> ApprovalBinding {
        let facts = plan.statements.map(\.facts)
        let executed = facts.compactMap(\.executes).compactMap { statements[Array($0.utf8)] }
        return ApprovalBinding(
            texts: [text] + executed.map(\.text), parameters: parameters,
            relations: Set(facts.flatMap { $0.relations.map(\.relation) }).sorted(),
            functions: Set(facts.flatMap { $0.functions.map(\.function) }).sorted(), context: context,
            encoding: settings.clientEncoding.name, hasStandardStrings: settings.hasStandardStrings,
            database: database, connection: environment.connection.metadata.qualifiedName,
            requester: requester, session: mayComeAgain(plan, terms) ? nil : id, rule: terms.rule,
            grant: terms.grant)
    }

    /// What a cursor reads is not told by the statement that names it.
    private func mayComeAgain(_ plan: Plan, _ terms: ApprovalTerms) -> Bool {
        terms.whileWaiting == .reject
            && !plan.statements.contains { if case .cursor = $0.facts.result { true } else { false } }
    }

    // MARK: - Waiting

    private func hold(_ plan: Plan, _ terms: ApprovalTerms, digest: [UInt8], text: [UInt8]) {
        // Whether the message is run at all is known once what came before it is answered.
        guard expected.isEmpty else {
            if isUnsynced { output.toServer.appendFlush() }
            pause = .answers
            return
        }
        pause = .approval
        approvals.count += 1
        let reason = breakGlassReason(terms)
        let question = ApprovalQuestion(
            id: "\(id)-\(approvals.count)", rule: terms.rule,
            connection: environment.connection.metadata.qualifiedName, requester: requester, digest: digest,
            kind: terms.kind, tables: tables(of: plan), redactedText: redactedText(text),
            whileWaiting: reason == nil && mayComeAgain(plan, terms) ? .reject : .block, breakGlass: reason)
        approvals.held = ApprovalState.Held(
            terms: terms, question: question, generation: environment.generation,
            expiry: now + terms.approval.requestTTL.microseconds,
            reminder: now + ApprovalState.reminderInterval)
        if let reason {
            record(
                question.id, terms, ApprovalRecorded.brokeGlass, ["by \(requester.subject.name): \(reason)"])
        } else {
            record(question.id, terms, "Requested")
        }
        output.requests.append(.askApproval(question))
    }

    private func tables(of plan: Plan) -> [String] {
        let names = plan.statements.flatMap { $0.facts.relations.map { "\($0.schema).\($0.name)" } }
        return Array(Set(names).sorted().prefix(ApprovalRequest.maximumNames))
    }

    private func redactedText(_ text: [UInt8]) -> String {
        let redacted = redacted(text.span, sentUnder: settings).prefix(ApprovalQuestion.maximumTextLength)
        return String(decoding: redacted, as: UTF8.self)
    }

    /// Tells the client what it waits for.
    private func remind(_ held: ApprovalState.Held) {
        let (count, request) = (held.terms.approval.required, held.id)
        let isApproved = held.opening != nil
        let notice = DiagnosticFields(
            .notice, sqlState: "00000",
            message: isApproved
                ? "approved by \(held.terms.ruleName), waiting for its window: \(held.terms.windows)"
                : "waiting for \(count == 1 ? "approval" : "\(count) approvals") by \(held.terms.ruleName)"
                    + (isWindowOpen(held.terms) ? "" : "; it runs \(held.terms.windows) only"),
            detail: "This is approval request \(request).",
            hint: isApproved ? "" : "An approver runs: weirctl approvals approve \(request)")
        notice.writeNoticeResponse(to: &output.toClient)
    }

    private func isWindowOpen(_ terms: ApprovalTerms) -> Bool {
        terms.approval.windows.areOpen(at: now / 1_000_000)
    }

    /// What has been approved waits for a window that opens before its request ends; the operator is asked again then.
    /// - Returns: `false` when there is none.
    private func waitForWindow(_ held: ApprovalState.Held) -> Bool {
        let end = held.expiry / 1_000_000
        let opening = held.terms.approval.windows.opening(after: now / 1_000_000, before: end)
        guard let opening else { return false }
        let wasKnown = held.opening != nil
        approvals.held?.opening = opening * 1_000_000
        if !wasKnown, let held = approvals.held { remind(held) }
        return true
    }

    /// The operator has said where the question stands.
    func approvalAnswered(_ answer: ApprovalAnswer) {
        guard let held = approvals.held, held.id == answer.id, held.outcome == nil, !isClosing else { return }
        // What has been decided may be about rules that hold no more.
        guard held.generation == environment.generation else { return checkApproval() }
        if answer.state == .pending {
            if held.comesAgain {
                goOn(with: .pending(request: answer.request))
            } else if !held.isTold {
                approvals.held?.isTold = true
                remind(held)
            }
        } else if answer.state == .approved, !held.isByBreakGlass, !isWindowOpen(held.terms) {
            if held.comesAgain || !waitForWindow(held) { goOn(with: .answered(answer)) }
        } else {
            goOn(with: .answered(answer))
        }
    }

    /// The client asks to cancel what it waits for.
    /// - Returns: `false` when it waits for no approval.
    func cancelHeld() -> Bool {
        guard let held = approvals.held, held.outcome == nil else { return false }
        output.requests.append(.withdrawApproval(id: held.id))
        goOn(with: .cancelled)
        return true
    }

    /// The session ends.
    func withdrawHeld() {
        guard let held = approvals.held, held.outcome == nil else { return }
        approvals.held = nil
        record(held.id, held.terms, "Withdrawn")
        output.requests.append(.withdrawApproval(id: held.id))
    }

    private func goOn(with outcome: ApprovalState.Outcome) {
        guard let held = approvals.held else { return }
        approvals.held?.outcome = outcome
        switch outcome {
        case .answered(let answer) where held.isByBreakGlass && answer.state == .approved: break
        case .answered(let answer):
            record(
                answer.request, held.terms, answer.state.rawValue,
                answer.decisions.map {
                    ApprovalRecorded.told($0.verdict, by: $0.approver, at: $0.time, reason: $0.reason)
                })
        case .cancelled: record(held.id, held.terms, "Cancelled")
        case .pending: break
        }
        pause = nil
        processClient()
    }

    // MARK: - Time

    /// When to look at the statement that waits.
    var approvalDeadline: Int64? {
        guard let held = approvals.held, held.outcome == nil else { return nil }
        guard held.generation == environment.generation else { return 0 }
        return min(held.expiry, held.reminder, held.opening ?? .max)
    }

    func checkApproval() {
        guard let held = approvals.held, held.outcome == nil else { return }
        if held.generation != environment.generation {
            // Judged by another configuration, which may ask for something else, or for nothing.
            withdrawHeld()
            pause = nil
            processClient()
        } else if now >= held.expiry {
            let answer = ApprovalAnswer(id: held.id, request: held.id, state: .expired)
            output.requests.append(.withdrawApproval(id: held.id))
            goOn(with: .answered(answer))
        } else if let opening = held.opening, now >= opening {
            approvals.held?.opening = nil
            output.requests.append(.askApproval(held.question))
        } else if now >= held.reminder {
            approvals.held?.reminder = now + ApprovalState.reminderInterval
            if !held.comesAgain { remind(held) }
        }
    }

    private func record(
        _ request: String, _ terms: ApprovalTerms, _ state: String,
        _ decisions: [String] = []
    ) {
        let recorded = ApprovalRecorded(
            number: statementCount + 1, request: request, rule: terms.ruleName, state: state,
            decisions: decisions)
        output.records.append(AuditEvent(session: id, body: .approval(recorded)))
    }
}
