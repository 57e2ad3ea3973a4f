/// What `authorizer` of an admission policy is: a question, put together by its methods, that `allowed()` asks.
struct RuleAuthorizer: Sendable {
    /// Whether whoever makes the request may do what the fields say: `group`, `resource`, `subresource`, `namespace`,
    /// `name`, `verb`.
    var isAllowed: @Sendable ([String: String]) -> Bool

    /// A question is a map with this among its keys, which no field of an object is called.
    private static let mark = "authorizer()"
    private static let parts: Set<String> = ["group", "resource", "subresource", "namespace", "name"]

    static let start = RuleValue.map([mark: .null])

    /// The result of a method of the authorizer; `nil` where the receiver is no question.
    func call(_ name: String, on receiver: RuleValue, _ arguments: [RuleValue]) throws(RuleError)
        -> RuleValue?
    {
        guard case .map(var question) = receiver, question[Self.mark] != nil else { return nil }
        switch (name, arguments.first) {
        case ("allowed", nil):
            return .bool(
                isAllowed(
                    question.compactMapValues {
                        guard case .string(let text) = $0 else { return nil }
                        return text
                    }))
        case ("check", .string?): question["verb"] = arguments[0]
        case (_, .string?) where Self.parts.contains(name): question[name] = arguments[0]
        default: throw RuleError("no such overload: \(name)")
        }
        return .map(question)
    }
}
