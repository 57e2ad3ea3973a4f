/// The session's settings that decide what a statement's names mean.
package struct SessionContext: Hashable, Sendable {
    /// The schemas of `search_path` in order, `"$user"` resolved; those that do not exist do no harm. `pg_temp` and
    /// `pg_catalog` are searched first where they are not listed, as PostgreSQL does.
    package var searchPath: [String]
    package var currentUser: String
    /// The session's `pg_temp_N`, once it has one.
    package var temporarySchema: String?

    package init(
        searchPath: [String] = ["public"], currentUser: String = "", temporarySchema: String? = nil
    ) {
        self.searchPath = searchPath
        self.currentUser = currentUser
        self.temporarySchema = temporarySchema
    }

    /// Where an unqualified table or type is looked for, in order.
    var relationSearchPath: [String] {
        var path = functionSearchPath(withTemporary: true)
        if let temporarySchema, !searchPath.contains(where: { resolve($0) == temporarySchema }) {
            path.insert(temporarySchema, at: 0)
        }
        return path
    }

    /// Where an unqualified function or operator is looked for: never in the temporary schema.
    var functionSearchPath: [String] { functionSearchPath(withTemporary: false) }

    private func functionSearchPath(withTemporary: Bool) -> [String] {
        var path = searchPath.map(resolve(_:))
        if !withTemporary { path.removeAll { $0 == temporarySchema || $0.hasPrefix("pg_temp") } }
        if !path.contains("pg_catalog") { path.insert("pg_catalog", at: 0) }
        return path
    }

    /// `pg_temp` stands for the session's own temporary schema.
    func resolve(_ schema: String) -> String {
        schema == "pg_temp" ? temporarySchema ?? schema : schema
    }
}
