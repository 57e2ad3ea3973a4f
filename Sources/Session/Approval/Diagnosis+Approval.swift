import API
import Policy

/// What a client is told of a statement that people were asked about.
extension Diagnosis {
    static let approvalIsOfAnother = Self(
        rule: "gateway/approval", sqlState: "42501",
        message: "what the statement means has changed since its approval was asked for",
        hint: "Run it again.")

    /// What was approved comes too late, or too early.
    static func windowIsClosed(_ terms: ApprovalTerms) -> Self {
        let when = terms.approval.windows.isEmpty ? "before its request ends" : terms.windows
        return Self(
            rule: terms.ruleName, sqlState: "42501",
            message: "approved by \(terms.ruleName), but it runs \(when) only")
    }

    /// Why a statement is not run that was asked about.
    init(_ outcome: ApprovalState.Outcome, of terms: ApprovalTerms) {
        let refusal = terms.refusal
        self.init(refusal)
        switch outcome {
        case .pending(let request):
            message += "; it is asked for by request \(request)"
            hint = "Run the same statement again once it is approved."
            if !terms.approval.windows.isEmpty { hint += " It runs \(terms.windows) only." }
        case .cancelled:
            self.init(sqlState: "57014", message: "canceling statement due to user request")
        case .answered(let answer):
            switch answer.state {
            case .denied:
                let reasons = answer.decisions.filter { $0.verdict == .deny }.map(\.reason)
                let told = reasons.first { !$0.isEmpty }.map { ": \($0)" } ?? ""
                message = "approval denied by \(terms.ruleName)\(told)"
            case .expired:
                message = "approval required by \(terms.ruleName) was not given in time"
            case .refused:
                message += "; \(answer.reason)"
            case .pending, .approved: break
            }
        }
    }
}

extension ApprovalTerms {
    /// When what is approved may run.
    var windows: String { approval.windows.map(\.text).joined(separator: " or ") }
}
