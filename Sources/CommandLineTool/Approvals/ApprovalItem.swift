/// An ApprovalRequest as people read it.
struct ApprovalItem: Codable {
    struct Metadata: Codable {
        var name: String
        var namespace: String?
    }

    struct Named: Codable {
        var namespace: String?
        var name: String
    }

    struct Requester: Codable {
        var name: String
        var groups: [String]?
        var proof: String
        var attributes: [String]?
        /// The application that asks on the requester's behalf.
        var through: String?
    }

    struct Statement: Codable {
        var sha256: String
        var kind: String
        var tables: [String]?
        var redactedText: String
    }

    struct Decision: Codable {
        struct Approver: Codable {
            var username: String
            var groups: [String]?
        }

        var id: String
        var verdict: String
        var reason: String?
        var approver: Approver
        var time: String
    }

    struct BreakGlass: Codable {
        var reason: String
    }

    struct Spec: Codable {
        var ruleRef: Named
        var connectionRef: Named
        var requester: Requester
        var statement: Statement
        var requiredApprovals: Int
        var maximumRows: Int?
        /// Absent for what did not wait.
        var grant: Grant?
        var expiresAt: String
        /// Set where the statement did not wait.
        var breakGlass: BreakGlass?
        var decisions: [Decision]?
    }

    struct Status: Codable {
        var phase: String?
        var approvals: Int?
        /// The statement it was for has run.
        var used: Bool?
        var notifications: [Notification]?
    }

    /// What approving it allows.
    struct Grant: Codable {
        var type: String
        var duration: String?
        /// Hours outside of which nothing runs.
        var windows: [String]?
        /// What runs unasked from then on; absent where the statement alone does.
        var covers: String?

        /// `TimeBox 1h`; a statement alone has no time to last.
        var text: String {
            guard covers != nil, let duration else { return type }
            return "\(type) \(duration)"
        }
    }

    /// What a webhook has been told.
    struct Notification: Codable {
        var webhook: String
        var phase: String
        var outcome: String
        var time: String
    }

    var metadata: Metadata
    var spec: Spec
    var status: Status?

    /// People are still to decide about it.
    var isOpen: Bool { ["Pending", "AwaitingReview", "Overdue"].contains(phase) }
    var phase: String { status?.phase ?? "Pending" }
    var decisions: [Decision] { spec.decisions ?? [] }
    /// `1/2`.
    var progress: String { "\(status?.approvals ?? 0)/\(spec.requiredApprovals)" }
}

struct ApprovalItems: Codable {
    var items: [ApprovalItem]
}

extension ApprovalItem {
    /// Everything, a line each.
    var description: String {
        var facts: [(String, String)] = [
            ("request", metadata.name), ("namespace", metadata.namespace ?? ""), ("phase", phase),
            ("approvals", progress),
            (spec.breakGlass == nil ? "expires" : "review by", spec.expiresAt),
            ("glass", spec.breakGlass?.reason ?? ""),
            ("requester", "\(spec.requester.name) (\(spec.requester.proof))"),
            ("through", spec.requester.through ?? ""),
            ("groups", (spec.requester.groups ?? []).joined(separator: ", ")),
            ("attributes", (spec.requester.attributes ?? []).joined(separator: ", ")),
            ("connection", spec.connectionRef.name), ("rule", spec.ruleRef.name),
            ("kind", spec.statement.kind),
            ("tables", (spec.statement.tables ?? []).joined(separator: ", ")),
            ("grant", spec.grant?.text ?? ""), ("covers", spec.grant?.covers ?? ""),
            ("windows", (spec.grant?.windows ?? []).joined(separator: " or ")),
            ("rows", spec.maximumRows.map { "at most \($0)" } ?? ""),
            ("binding", spec.statement.sha256),
        ]
        facts += decisions.map { decision in
            let reason = decision.reason.flatMap { $0.isEmpty ? nil : ": \($0)" } ?? ""
            return (
                "decision",
                "\(decision.verdict) by \(decision.approver.username) at \(decision.time)\(reason)"
            )
        }
        facts += (status?.notifications ?? []).map {
            ("notified", "\($0.webhook) of \($0.phase): \($0.outcome) at \($0.time)")
        }
        facts.removeAll(where: \.1.isEmpty)
        let width = (facts.map(\.0.count).max() ?? 0) + 2
        let lines = facts.map { name, value in
            name + String(repeating: " ", count: width - name.count) + TerminalText.escaped(value) + "\n"
        }
        let text = spec.statement.redactedText.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.joined() + "\n" + text.map { "  " + TerminalText.escaped(String($0)) + "\n" }.joined()
    }
}
