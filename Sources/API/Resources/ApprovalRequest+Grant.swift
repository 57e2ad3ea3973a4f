extension ApprovalRequest {
    /// What approving the request allows, as its rule had it when it was made: approvers see it before they decide.
    package struct Grant: Sendable, Equatable {
        package var type: ApprovalRule.Grant.Scope
        package var duration: Duration
        /// Hours outside of which nothing runs; empty: at any time.
        package var windows: [String]
        /// What the rule asks about, and runs unasked once that is approved; `nil` where the statement alone runs.
        package var covers: String?

        package init(of rule: ApprovalRule.Spec) {
            type = rule.grant.type
            duration = rule.grant.duration
            windows = rule.approval?.windows.map(\.text) ?? []
            covers = type == .singleStatement ? nil : rule.match.summary
        }

        package init(reading fields: inout MappingReader) {
            type = fields.choice("type", else: .singleStatement)
            duration = fields.duration(
                "duration", in: .seconds(1)...(.seconds(86_400)), default: .seconds(300))
            windows = fields.strings("windows", .timeWindow)
            covers = fields.optionalString("covers", .text(1...StringFormat.maximumLength))
        }
    }
}

extension ApprovalRequest.Spec {
    /// Whether an approval allows what approvers were told: not once the rule allows anything else.
    package func allowsAsTold(_ rule: ApprovalRule.Spec) -> Bool {
        guard breakGlass == nil else { return true }
        guard maximumRows == rule.grant.maximumRows else { return false }
        guard let grant else { return rule.grant.type == .singleStatement }
        return grant == ApprovalRequest.Grant(of: rule)
    }
}

extension ApprovalRule.Spec {
    /// All that an approval by the rule allows beyond its statement's running once, and when: another text, another
    /// approval. A gateway tells the operator, which tells approvers the same or asks nobody.
    package var allowance: String {
        let grant = ApprovalRequest.Grant(of: self)
        let rows = self.grant.maximumRows.map { "at most \($0) rows" } ?? "any rows"
        let terms = [grant.type.rawValue, grant.duration.manifestText, rows] + grant.windows
        return (terms + [grant.covers ?? ""]).joined(separator: "; ")
            .cut(to: StringFormat.maximumStatementLength)
    }
}

extension ApprovalRule.Match {
    /// What the rule is about in one line, for people, of at most ``StringFormat/maximumLength`` characters.
    package var summary: String {
        var parts = [
            statements.isEmpty ? "any statement" : statements.map(\.rawValue).joined(separator: ", ")
        ]
        if !tables.isEmpty { parts.append("tables \(tables.joined(separator: ", "))") }
        if !columns.isEmpty { parts.append("columns \(columns.joined(separator: ", "))") }
        if withoutWhere { parts.append("without WHERE") }
        if let estimatedRowsAtLeast {
            parts.append("expected to touch at least \(estimatedRowsAtLeast) rows")
        }
        if let outsideWindow { parts.append("outside of \(outsideWindow.text)") }
        return parts.joined(separator: "; ").cut(to: StringFormat.maximumLength)
    }
}

extension String {
    /// The beginning of a longer text, and how much is missing.
    fileprivate func cut(to limit: Int) -> String {
        let scalars = unicodeScalars
        guard scalars.count > limit else { return self }
        let kept = limit - 64
        return String(String.UnicodeScalarView(scalars.prefix(kept)))
            + " [\(scalars.count - kept) characters are not shown here]"
    }
}
