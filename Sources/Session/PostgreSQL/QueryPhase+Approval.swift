import API
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
    func approved(
        _ plan: Plan, of statement: Prepared, parameters: [UInt8] = [], portal: Portal? = nil
    ) -> Plan? {
        guard let demand = plan.demand, transactionStatus != .failed else { return plan }
        if let failure = lookup.failure { return Plan(key: [], unreadable: failure) }
        if let portal, portal.requester != requester {
            (portal.requester, portal.approvals) = (requester, [:])
        }
        if let ceiling = demand.ceiling, !plan.areRowsCountable {
            return Plan(key: [], unreadable: .rowsUncountable(ceiling))
        }
        for terms in demand.terms where !isGranted(terms, portal) {
            guard let ground = ground(of: plan) else { return nil }
            let statements = [statement] + executed(by: plan)
            let digest = binding(of: plan, terms, statements, parameters, on: ground).digest
            if let approved = approvals.approved[terms.rule] ?? portal?.approvals[terms.rule] {
                // Looked at once more where it is used, by the gateway's own clock: another rule may have kept it waiting,
                // or the client, which binds a portal long before it runs it.
                let isInTime =
                    approved.isByBreakGlass
                    ? breakGlassReason(terms) != nil : isWindowOpen(terms) && now < approved.expiry
                if approved.digest == digest, isInTime, approved.generation == environment.generation {
                    (approvals.request, approvals.rule) = (approved.request, terms.ruleName)
                    approvals.approved[terms.rule]?.isEarlier = false
                    continue
                }
                guard approved.isEarlier || approved.generation != environment.generation else {
                    return Plan(
                        key: [], unreadable: isInTime ? .approvalIsOfAnother : .windowIsClosed(terms))
                }
                approvals.approved[terms.rule] = nil
                portal?.approvals[terms.rule] = nil
            }
            guard let held = approvals.held, held.terms.rule == terms.rule, let outcome = held.outcome else {
                guard let text = shown(statements) else {
                    return Plan(key: [], unreadable: .cannotBeShown(terms))
                }
                hold(plan, terms, digest: digest, text)
                return nil
            }
            approvals.held = nil
            guard case .answered(let answer) = outcome, answer.state == .approved else {
                if case .pending = outcome { approvals.keepsApproved = true }
                let diagnosis = Diagnosis(outcome, of: terms, isApproved: held.isApproved)
                return Plan(key: [], unreadable: diagnosis)
            }
            guard held.isByBreakGlass || isWindowOpen(terms) && now < held.expiry else {
                return Plan(key: [], unreadable: .windowIsClosed(terms))
            }
            guard held.digest == digest else { return Plan(key: [], unreadable: .approvalIsOfAnother) }
            approve(terms, held, by: answer)
        }
        if let portal, !approvals.approved.isEmpty {
            for (rule, approved) in approvals.approved where !approved.isEarlier {
                portal.approvals[rule] = approved
            }
        }
        return demand.plan
    }

    /// An application asks for those it acts for.
    var requester: ApprovalRequester {
        person.map { ApprovalRequester($0.subject, through: subject.name) } ?? ApprovalRequester(subject)
    }

    private func isGranted(_ terms: ApprovalTerms, _ portal: Portal?) -> Bool {
        // Its next rows are of the statement that runs.
        if let portal, portal.hasBegun, let approved = portal.approvals[terms.rule] {
            (approvals.request, approvals.rule) = (approved.request, terms.ruleName)
            return true
        }
        guard let grant = grant(terms) else { return false }
        (approvals.request, approvals.rule) = (grant.request, terms.ruleName)
        return true
    }

    /// What has been allowed beyond one statement, and holds.
    private func grant(_ terms: ApprovalTerms) -> ApprovalState.Grant? {
        let key = ApprovalState.GrantKey(requester: requester, rule: terms.rule)
        // What has run out in the session hides nothing that holds beyond it.
        let own = approvals.grants[key].flatMap { $0.until > now ? $0 : nil }
        guard let grant = own ?? environment.grant(key), grant.generation == environment.generation,
            grant.until > now,
            grant.isByBreakGlass || isWindowOpen(terms)
        else { return nil }
        return grant
    }

    /// By which a portal may be bound. What a grant allows is good for it as long as the grant lasts; once it has run out,
    /// `Execute` asks anew.
    func approvalsToBind(_ plan: Plan) -> [ApprovalRequest.RuleReference: ApprovalState.Approved] {
        var known = approvals.approved.filter { !$0.value.isEarlier }
        for terms in plan.demand?.terms ?? [] where known[terms.rule] == nil {
            guard let grant = grant(terms) else { continue }
            known[terms.rule] = ApprovalState.Approved(
                digest: [], request: grant.request, generation: grant.generation, expiry: grant.until,
                isByBreakGlass: grant.isByBreakGlass, isEarlier: true)
        }
        return known
    }

    private func approve(
        _ terms: ApprovalTerms, _ held: ApprovalState.Held, by answer: ApprovalAnswer
    ) {
        approvals.approved[terms.rule] = ApprovalState.Approved(
            digest: held.digest, request: answer.request, generation: held.generation, expiry: held.expiry,
            isByBreakGlass: held.isByBreakGlass)
        (approvals.request, approvals.rule) = (answer.request, terms.ruleName)
        let key = ApprovalState.GrantKey(requester: requester, rule: terms.rule)
        if held.isByBreakGlass, let broken = approvals.broken, let breakGlass = terms.approval.breakGlass {
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

    // MARK: - Waiting

    private func hold(_ plan: Plan, _ terms: ApprovalTerms, digest: [UInt8], _ text: String) {
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
            kind: terms.kind, tables: tables(of: plan), redactedText: text,
            whileWaiting: reason == nil && mayComeAgain(plan, terms) ? .reject : .block, breakGlass: reason,
            allowance: terms.allowance)
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

    /// Tells the client what it waits for.
    private func remind(_ held: ApprovalState.Held) {
        let (message, hint) = held.isApproved ? waitingForWindow(held) : waitingForPeople(held)
        let notice = DiagnosticFields(
            .notice, sqlState: "00000", message: message, detail: "This is approval request \(held.id).",
            hint: hint)
        notice.writeNoticeResponse(to: &output.toClient)
    }

    private func waitingForPeople(_ held: ApprovalState.Held) -> (message: String, hint: String) {
        let (terms, count) = (held.terms, held.terms.approval.required)
        var message = "waiting for \(count == 1 ? "approval" : "\(count) approvals") by \(terms.ruleName)"
        message += terms.grant.told
        if !isWindowOpen(terms) { message += "; it runs \(terms.windows) only" }
        return (message, "An approver runs: weirctl approvals approve \(held.id)\(place)")
    }

    private func waitingForWindow(_ held: ApprovalState.Held) -> (message: String, hint: String) {
        let terms = held.terms
        let hint = opening(for: held) == nil ? "None opens before the request ends." : ""
        return ("approved by \(terms.ruleName), waiting for its window: \(terms.windows)", hint)
    }

    /// Of requests, as weirctl takes it; empty without a cluster, whose objects alone have generations.
    private var place: String {
        let connection = environment.connection.metadata
        return connection.generation.isEmpty ? "" : " -n \(connection.namespace)"
    }

    private func isWindowOpen(_ terms: ApprovalTerms) -> Bool {
        terms.approval.windows.areOpen(at: now / 1_000_000)
    }

    /// When the next window opens, if that is before the request ends.
    private func opening(for held: ApprovalState.Held) -> Int64? {
        let windows = held.terms.approval.windows
        return windows.opening(after: now / 1_000_000, before: held.expiry / 1_000_000).map { $0 * 1_000_000 }
    }

    /// What has been approved waits for a window; the operator is asked again once one opens.
    private func waitForWindow(_ held: ApprovalState.Held) {
        approvals.held?.opening = opening(for: held)
        approvals.held?.isApproved = true
        if !held.isApproved, let held = approvals.held { remind(held) }
    }

    /// The operator has said where the question stands.
    func approvalAnswered(_ answer: ApprovalAnswer) {
        guard let held = approvals.held, held.id == answer.id, held.outcome == nil, !isClosing else { return }
        // What has been decided may be about rules that hold no more.
        guard held.generation == environment.generation else { return checkApproval() }
        if answer.state == .pending {
            if held.comesAgain {
                approvals.held?.isApproved = answer.awaitsWindow
                goOn(with: .pending(request: answer.request))
            } else if answer.awaitsWindow {
                waitForWindow(held)
            } else {
                // Who has approved it may be an approver no more.
                approvals.held?.isApproved = false
                approvals.held?.opening = nil
                approvals.held?.isTold = true
                if !held.isTold, let held = approvals.held { remind(held) }
            }
        } else if answer.state == .approved, !held.isByBreakGlass, !isWindowOpen(held.terms),
            !held.comesAgain, opening(for: held) != nil
        {
            waitForWindow(held)
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
        // It is to mean what it meant then, by what the database has now.
        (lookup.hasReadCatalogue, lookup.ground) = (false, nil)
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
