import API

/// Where people see a request: an address with `{namespace}` and `{name}` in it, as the operator was told.
package struct ApprovalsLink: Sendable, Equatable {
    private let template: String

    /// - Returns: `nil` for what is no such address.
    package init?(_ template: String) {
        let isPlain = !template.contains { "<>|\"'\\^`".contains($0) }
        guard template.hasPrefix("https://"), StringFormat.webAddress.fault(in: template) == nil, isPlain,
            template.utf8.count <= Self.maximumLength, template.contains("{name}")
        else { return nil }
        let rest = template.replacing("{namespace}", with: "").replacing("{name}", with: "")
        guard !rest.contains(where: { $0 == "{" || $0 == "}" }) else { return nil }
        self.template = template
    }

    /// Of the template, in bytes. Ours; Slack takes 3,000 characters.
    private static let maximumLength = 1024

    /// Names of objects need no escapes (RFC 1123).
    func address(namespace: String, name: String) -> String {
        template.replacing("{namespace}", with: namespace).replacing("{name}", with: name)
    }
}
