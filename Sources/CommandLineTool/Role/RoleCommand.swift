import API
package import ArgumentParser

/// `weirctl role`: what the gateway's own role of a database may do beyond what it needs.
package struct RoleCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Tell what the gateway's database role may do beyond what it needs.",
        discussion: """
            Logs in with the connection's own credential and asks the database, as a gateway does at its first session. \
            Exit status: 0 when there is nothing, 1 when there is or it cannot be told, 64 for options that cannot be \
            used; weirctl grants prints the SQL of a role without it.

              weirctl role --connection clinic --manifests manifests --secrets secrets
            """)

    @OptionGroup var target: ConnectionOptions

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    private struct Report: Encodable {
        var connection: String
        var database: String
        var role: String
        var excessPrivileges: [String]
        /// The connection refuses sessions with such a role.
        var isRefused: Bool
    }

    package init() {}

    package func run() async throws {
        let target = try self.target.target()
        let session = try self.target.session(with: target, as: .administrator)
        defer { session.close() }
        do {
            try await session.open()
        } catch {
            guard session.role != nil else { throw error }
        }
        guard let role = session.role else { throw DatabaseFault.notUnderstood("no answer about the role") }
        let isRefused = target.connection.spec.upstream.role.excessPrivileges == .refuse
        switch output {
        case .json:
            let report = Report(
                connection: role.connection, database: role.database, role: role.role,
                excessPrivileges: role.excessPrivileges,
                isRefused: isRefused && !role.excessPrivileges.isEmpty)
            print(try JSONText.of(report), terminator: "")
        case .table:
            var table = Table(["ROLE", "DATABASE", "EXCESS PRIVILEGE"])
            for privilege in role.excessPrivileges { table.add([role.role, role.database, privilege]) }
            if role.excessPrivileges.isEmpty { table.add([role.role, role.database, "-"]) }
            print(table.text, terminator: "")
        }
        if !role.excessPrivileges.isEmpty { throw ExitCode(1) }
    }
}
