import API

/// What a connection lets pass that the gateway would refuse a masked subject by itself.
struct Allowances: Sendable, Equatable {
    /// Functions that run although nobody has reviewed them, as `schema.name`.
    let trustedFunctions: Set<String>
    /// Code that is not in sight may run in statements that name nothing governed.
    let hiddenCode: Bool
    /// A text that cannot be parsed may pass where it names nothing governed.
    let unparsedStatements: Bool
    /// A governed table may be multiplied with others.
    let cartesianProducts: Bool
    /// Plain tables with nothing governed are taken for what they were a second ago.
    let freeTables: Bool
    /// Rows that a statement may make out of nothing.
    let generatedRows: Int

    init(_ spec: DatabaseConnection.Spec) {
        trustedFunctions = Set(spec.trustedFunctions)
        hiddenCode = spec.hiddenCode == .pass
        unparsedStatements = spec.session.unparsedStatements == .pass
        cartesianProducts = spec.session.cartesianProducts == .pass
        freeTables = spec.session.freeTables == .trust
        generatedRows = spec.session.generatedRows ?? .max
    }
}
