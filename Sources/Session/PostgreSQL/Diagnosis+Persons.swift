/// What the gateway says about acting on behalf of others.
extension Diagnosis {
    static let mayNotRepresent = Self(
        rule: OnBehalfOf.rule, sqlState: "42501", message: "this session may not act on behalf of others",
        hint:
            "identity.onBehalfOf.allowed of the connection says who may, over TLS or on the gateway's machine."
    )
    static let onBehalfOfUnclear = Self(
        rule: OnBehalfOf.rule, sqlState: "0A000",
        message:
            "weir.on_behalf_of can be set only by SET, RESET and SELECT set_config(...) with nothing else")
    static let onBehalfOfInOptions = Self(
        rule: OnBehalfOf.rule, sqlState: "0A000",
        message: "weir.on_behalf_of can be set in options only as -c weir.on_behalf_of=TOKEN")
    static let nameNotWritable = Self(
        rule: OnBehalfOf.rule, sqlState: "0A000",
        message: "the name of whom the token is of cannot be written in this client_encoding")
    static let notFollowed = Self(
        rule: OnBehalfOf.rule, sqlState: "0A000",
        message: "a statement that cannot be read is not run on behalf of others")
    static let severalPersons = Self(
        rule: OnBehalfOf.rule, sqlState: "0A000",
        message: "the statements of one query string must act on behalf of the same person",
        hint: "Send them one by one.")

    static func tokenRefused(_ reason: String) -> Self {
        Self(rule: OnBehalfOf.rule, sqlState: "28000", message: "weir.on_behalf_of is refused: \(reason)")
    }

    static func personEnded(_ end: IdentityEnd) -> Self {
        Self(
            rule: OnBehalfOf.rule, sqlState: "28000",
            message: "the session may no longer act on behalf of this person: \(end.rawValue)",
            hint: "Set weir.on_behalf_of again, or reset it.")
    }
}
