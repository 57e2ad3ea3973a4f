/// What the gateway found its role of a database to be able to do beyond what it needs.
package struct DatabaseRoleRead: Sendable, Equatable {
    /// `namespace/name` of the DatabaseConnection.
    package var connection: String
    package var database: String
    /// The role the gateway logs in as.
    package var role: String
    /// Each as a phrase: `SUPERUSER`, `member of pg_read_all_data`, `CREATE in schema public`; empty when there is
    /// none.
    package var excessPrivileges: [String]

    package init(connection: String, database: String, role: String, excessPrivileges: [String]) {
        self.connection = connection
        self.database = database
        self.role = role
        self.excessPrivileges = excessPrivileges
    }
}
