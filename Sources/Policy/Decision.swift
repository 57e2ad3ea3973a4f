package import API

/// What may happen with one statement; it always carries its reason.
package enum Decision: Sendable, Equatable {
    case permit(Permit)
    case refuse(Refusal)
    /// Refused as well, unless all of this is approved: then the permit holds.
    case ask([ApprovalTerms], Permit)

    /// Why the statement may not run as it is; `nil` when it may.
    package var refusal: Refusal? {
        switch self {
        case .permit: nil
        case .refuse(let refusal): refusal
        case .ask(let terms, _): terms.first?.refusal
        }
    }
}

/// What one rule asks for before a statement may run.
package struct ApprovalTerms: Sendable, Equatable {
    package var rule: ApprovalRequest.RuleReference
    /// The effect of the statement that the rule is about.
    package var kind: ApprovalRule.StatementKind
    package var approval: ApprovalRule.Approval
    package var grant: ApprovalRule.Grant
    package var whileWaiting: ApprovalRule.WhileWaiting
    /// All that an approval allows: ``ApprovalRule/Spec/allowance``.
    package var allowance: String

    package init(
        rule: ApprovalRequest.RuleReference, kind: ApprovalRule.StatementKind,
        approval: ApprovalRule.Approval, grant: ApprovalRule.Grant, whileWaiting: ApprovalRule.WhileWaiting,
        allowance: String
    ) {
        self.rule = rule
        self.kind = kind
        self.approval = approval
        self.grant = grant
        self.whileWaiting = whileWaiting
        self.allowance = allowance
    }

    /// As errors and the audit log name the rule.
    package var ruleName: String { "ApprovalRule/\(rule.name)" }

    /// Of a statement that nobody can be asked about.
    package var refusal: Refusal { Refusal(rule: ruleName, reason: "approval required by \(ruleName)") }
}

package struct Permit: Sendable, Equatable {
    package enum Result: Sendable, Equatable {
        /// Forward every row as it is.
        case unchanged
        /// One entry for each output column; `nil` is forwarded as it is.
        case masked([ColumnMask?])
        /// Mask every column, however many there are: nothing is known of them.
        case wholly(ColumnMask)

        /// ``masked(_:)``, or ``unchanged`` where no column is.
        static func each(_ masks: [ColumnMask?]) -> Self {
            masks.allSatisfy { $0 == nil } ? .unchanged : .masked(masks)
        }
    }

    package var result: Result
    /// The statement reads a governed column: error and notice fields that may carry values are withheld.
    package var readsGovernedColumns: Bool
    /// The text may hold governed values as literals (it writes or compares a governed column).
    package var textIsSensitive: Bool
    /// A rule in `mode: DryRun` would have refused: recorded, not enforced.
    package var wouldRefuse: Refusal?
    /// What policies in `mode: DryRun` would have masked besides: recorded, not enforced.
    package var wouldMask: [ColumnMask]

    package init(
        result: Result = .unchanged, readsGovernedColumns: Bool = false, textIsSensitive: Bool = false,
        wouldRefuse: Refusal? = nil, wouldMask: [ColumnMask] = []
    ) {
        self.result = result
        self.readsGovernedColumns = readsGovernedColumns
        self.textIsSensitive = textIsSensitive
        self.wouldRefuse = wouldRefuse
        self.wouldMask = wouldMask
    }
}

/// The mask of one output column.
package struct ColumnMask: Sendable, Equatable {
    package var action: MaskingAction
    /// `policy/rule`, as errors and the audit log name it.
    package var rule: String
    /// `schema.table.column` for the audit log.
    package var column: String
    /// Where it is not empty only identifiers within the values are masked, each as its detection says; the other
    /// fields are those of the strictest.
    package var detections: [Detection]

    package init(action: MaskingAction, rule: String, column: String, detections: [Detection] = []) {
        self.action = action
        self.rule = rule
        self.column = column
        self.detections = detections
    }

    /// As the audit log tells it.
    package var summary: String {
        let actions = detections.map { "\($0.kind.rawValue):\($0.action.name)" }
        return detections.isEmpty
            ? "\(column)=\(action.name)" : "\(column)=Detect(\(actions.joined(separator: ",")))"
    }
}

/// A kind of identifier to look for within values.
package struct Detection: Sendable, Equatable {
    package var kind: IdentifierKind
    package var action: MaskingAction
    /// `policy/rule`.
    package var rule: String

    package init(kind: IdentifierKind, action: MaskingAction, rule: String) {
        self.kind = kind
        self.action = action
        self.rule = rule
    }
}

package struct Refusal: Sendable, Equatable {
    /// `kind/name`, or `kind/name/rule`; a constant of ours where no rule of the user's decided.
    package var rule: String
    /// Told to the client: free of hosts, statements and values.
    package var reason: String
    package var sqlState: String
    /// What the client could do instead; empty when there is nothing.
    package var hint: String

    package init(rule: String, reason: String, sqlState: String = "42501", hint: String = "") {
        self.rule = rule
        self.reason = reason
        self.sqlState = sqlState
        self.hint = hint
    }
}
