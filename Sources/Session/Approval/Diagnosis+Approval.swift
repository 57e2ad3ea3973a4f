import API
import Policy

/// What a client is told of a statement that people were asked about.
extension Diagnosis {
    static let approvalIsOfAnother = Self(
        rule: "gateway/approval", sqlState: "42501",
        message: "what the statement means has changed since its approval was asked for",
        hint: "Run it again.")

    /// Nobody is asked to approve what they cannot see.
    static func cannotBeShown(_ terms: ApprovalTerms) -> Self {
        var result = Self(terms.refusal)
        result.message += ", and approvers could not be shown the statement"
        result.hint = "Write it in UTF-8, without constants U&'...'."
        return result
    }

    /// What was approved comes too late, or too early.
    static func windowIsClosed(_ terms: ApprovalTerms) -> Self {
        let when = terms.approval.windows.isEmpty ? "before its request ends" : terms.windows
        return Self(
            rule: terms.ruleName, sqlState: "42501",
            message: "approved by \(terms.ruleName), but it runs \(when) only")
    }

    /// Why a statement is not run that was asked about. `isApproved`: all it waits for is a window.
    init(_ outcome: ApprovalState.Outcome, of terms: ApprovalTerms, isApproved: Bool = false) {
        let refusal = terms.refusal
        self.init(refusal)
        switch outcome {
        case .pending where isApproved:
            self = .windowIsClosed(terms)
            hint = "Run the same statement again then."
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
                message =
                    isApproved
                    ? "approved by \(terms.ruleName), but no window opened in time: it runs "
                        + "\(terms.windows) only"
                    : "approval required by \(terms.ruleName) was not given in time"
            case .refused:
                message += "; \(answer.reason)"
            case .pending, .approved: break
            }
        }
    }
}

extension ApprovalRule.Grant {
    /// What a client is told that its approval allows beyond the statement; empty where that is nothing.
    var told: String {
        switch type {
        case .singleStatement: ""
        case .session: ", good for \(duration.manifestText) in this session"
        case .timeBox: ", good for \(duration.manifestText)"
        }
    }
}

extension ApprovalTerms {
    /// When what is approved may run.
    var windows: String { approval.windows.map(\.text).joined(separator: " or ") }
}
