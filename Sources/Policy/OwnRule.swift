/// Names of what decides where no rule of the user's does, as errors and the audit log give them.
enum OwnRule {
    static let unknownRelation = "weir/unknown-relation"
    static let unknownColumn = "weir/unknown-column"
    static let notUnderstood = "weir/not-understood"
    static let unknownProvenance = "weir/unknown-provenance"
    static let hiddenCode = "weir/hidden-code"
    static let functions = "weir/functions"
    static let definitions = "weir/definitions"
    static let administration = "weir/administration"
    static let privileges = "weir/privileges"
    static let roles = "weir/roles"
    static let budget = "weir/budget"
    static let systemColumns = "weir/system-columns"
}
