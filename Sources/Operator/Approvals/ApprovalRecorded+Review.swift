import API
import Audit

extension ApprovalRecorded {
    /// How what ran by a broken glass was reviewed; `nil` until that is decided, and for what waited.
    init?(reviewOf request: ApprovalRequest, _ judgement: ApprovalJudgement) {
        guard request.spec.breakGlass != nil, judgement.phase.isDecided else { return nil }
        self.init(
            number: 0, request: request.metadata.name, rule: "ApprovalRule/\(request.spec.ruleRef.name)",
            state: judgement.phase.rawValue,
            decisions: request.spec.decisions.map {
                Self.told($0.verdict, by: $0.approver.username, at: $0.time, reason: $0.reason)
            })
    }

    /// Withdrawn by the operator, for that reason.
    init(withdrawing request: ApprovalRequest, because reason: String) {
        self.init(
            number: 0, request: request.metadata.name, rule: "ApprovalRule/\(request.spec.ruleRef.name)",
            state: "Withdrawn", decisions: [reason])
    }

    /// The session that asked, by whose identifier its request's name begins.
    var session: SessionID {
        SessionID(hexadecimal: String(request.prefix { $0 != "-" })) ?? .gateway
    }
}
