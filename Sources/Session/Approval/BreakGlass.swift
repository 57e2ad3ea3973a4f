import API
import Policy
import StatementAnalysis
import WireProtocols

/// The setting by which somebody runs at once, in an emergency, what would have to be approved first, and answers for it
/// afterwards. Its value is the reason.
enum BreakGlass {
    static let setting = "weir.break_glass"
    /// Of refusals, as errors and the audit log name it.
    static let rule = "approval/breakGlass"

    /// For whom the glass is broken, why, and since when, in microseconds since 1970.
    struct Broken {
        var requester: ApprovalRequester
        var reason: String
        var since: Int64

        /// Whether it is of that requester, whom the terms let break it, and not too long ago.
        func isFor(_ requester: ApprovalRequester, _ terms: ApprovalTerms, at now: Int64) -> Bool {
            guard let breakGlass = terms.approval.breakGlass else { return false }
            return requester == self.requester && breakGlass.subjects.names(requester.subject)
                && now < since + breakGlass.duration.microseconds
        }
    }

    /// The reason that a text of `SET` gives; `nil` for one that is no reason.
    static func reason(_ text: String) -> String? {
        let isReason =
            StringFormat.text(1...ApprovalRequest.maximumReasonLength).fault(in: text) == nil
            && !text.allSatisfy(\.isWhitespace)
        return isReason ? text : nil
    }
}

extension StatementFacts {
    var assignsBreakGlass: Bool { assignedSettings.contains { $0.name == .constant(BreakGlass.setting) } }
}

extension QueryPhase {
    /// Why a statement that gives the setting a value may not: what cannot be followed for sure is not followed at all.
    func breakGlassFault(_ plan: Plan) -> Diagnosis? {
        guard plan.statements.count == 1, let facts = plan.statements.first?.facts,
            facts.command == .set || facts.command == .reset, facts.assignedSettings.count == 1,
            let assigned = facts.assignedSettings.first, assigned.isLocal == .constant(false),
            transactionStatus == .idle
        else { return .breakGlassAlone }
        switch assigned.value {
        case .reset: return nil
        case .constant(let text, _):
            guard BreakGlass.reason(text) != nil else { return .breakGlassWithoutReason }
            return currentScope().policy.mayBreakGlass(requester.subject) ? nil : .mayNotBreakGlass
        case .parameter, .unknown: return .breakGlassAlone
        }
    }

    /// A statement has succeeded that gives the setting a value.
    func breakGlass(_ facts: StatementFacts) {
        approvals.mendGlass()
        guard case .constant(let text, _)? = facts.assignedSettings.first?.value,
            let reason = BreakGlass.reason(text)
        else { return }
        approvals.broken = BreakGlass.Broken(requester: requester, reason: reason, since: now)
    }

    /// Why a statement does not wait for what the terms ask; `nil` where it does.
    func breakGlassReason(_ terms: ApprovalTerms) -> String? {
        approvals.broken.flatMap { $0.isFor(requester, terms, at: now) ? $0.reason : nil }
    }

    /// Tells the client by what its statement runs.
    func tellBrokenGlass(_ request: String, _ terms: ApprovalTerms) {
        let notice = DiagnosticFields(
            .notice, sqlState: "00000", message: "the glass of \(terms.ruleName) is broken",
            detail: "What runs is recorded, and is reviewed as request \(request).",
            hint: "RESET \(BreakGlass.setting) once the emergency is over.")
        notice.writeNoticeResponse(to: &output.toClient)
    }
}

extension Diagnosis {
    static let breakGlassAlone = Self(
        rule: BreakGlass.rule, sqlState: "0A000",
        message:
            "\(BreakGlass.setting) can be set only by a SET or RESET of its own, outside of a transaction",
        hint: "SET \(BreakGlass.setting) = 'reason'")
    static let breakGlassWithoutReason = Self(
        rule: BreakGlass.rule, sqlState: "22023",
        message:
            "\(BreakGlass.setting) takes a reason of 1 to \(ApprovalRequest.maximumReasonLength) characters",
        hint: "RESET \(BreakGlass.setting) has statements wait for approval again.")
    static let mayNotBreakGlass = Self(
        rule: BreakGlass.rule, sqlState: "42501", message: "no rule lets you break the glass",
        hint: "approval.breakGlass of an ApprovalRule says who may.")
}
