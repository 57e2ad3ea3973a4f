/// What the statements before one, in the same query string, may have made of the catalogue and the settings.
struct EarlierStatements {
    /// A change a statement makes to what names mean.
    enum Creation: Sendable {
        /// A new table with columns of these names, all of them known.
        case table(schema: String?, name: String, columns: [String], isTemporary: Bool)
        /// A relation of that name is another from here on.
        case relation(name: String)
        /// A view's query is another from here on, also for the views that read it.
        case view(name: String)
        /// A function, aggregate or operator of that name is another from here on.
        case routine(name: String)
        /// Anything may be another from here on.
        case anything
    }

    struct Table: Sendable {
        var schema: String?
        var name: String
        var columns: [String]
    }

    /// Follows `SET search_path`.
    private(set) var context: SessionContext
    private(set) var tables: [Table] = []
    private(set) var changedRelations: Set<String> = []
    private(set) var changedRoutines: Set<String> = []
    private(set) var hasChangedViews = false
    private(set) var isAnythingChanged = false

    init(_ context: SessionContext) { self.context = context }

    mutating func append(_ facts: StatementFacts, creating creations: [Creation]) {
        for creation in creations {
            switch creation {
            case .table(let schema, let name, let columns, let isTemporary):
                tables.append(Table(schema: isTemporary ? "pg_temp" : schema, name: name, columns: columns))
                changedRelations.insert(name)
            case .relation(let name):
                changedRelations.insert(name)
                tables.removeAll { $0.name == name }
            case .view(let name):
                changedRelations.insert(name)
                hasChangedViews = true
            case .routine(let name): changedRoutines.insert(name)
            case .anything: isAnythingChanged = true
            }
        }
        // Code that is not in the text may have changed anything.
        if facts.effects.contains(.execute) { isAnythingChanged = true }
        for change in facts.sessionChanges { follow(change) }
    }

    private mutating func follow(_ change: StatementFacts.SessionChange) {
        switch change {
        case .set("search_path", .some(let path), _):
            context.searchPath = path.map { $0 == "$user" ? context.currentUser : $0 }
        case .set("search_path", nil, _), .resetAll, .discardAll, .role, .rollback, .rollbackToSavepoint,
            .commit:
            // The setting comes back from somewhere that is not in the text.
            isAnythingChanged = true
        case .set, .begin, .savepoint, .releaseSavepoint, .catalogue, .declareCursor, .closeCursor, .prepare,
            .deallocate:
            break
        }
    }
}
