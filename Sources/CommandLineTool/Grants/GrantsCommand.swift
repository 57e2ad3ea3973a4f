import API
package import ArgumentParser

/// `weirctl grants`: the SQL of a role for a gateway that may do no more than its users need.
package struct GrantsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "grants",
        abstract: "Print the SQL of a least-privilege role for a connection's gateway.",
        discussion: """
            Lists the schemas and owners of the database, with the connection's own credential, and prints what makes \
            a role that reads and writes their tables and can do nothing else. Nothing is changed: read it, and run it \
            with psql as a superuser. For a role that exists it prints what takes away what it has beyond. Then give \
            it a password, put both into the connection's secret, and see weirctl role.

              weirctl grants --connection clinic --manifests manifests \\
                --secrets secrets > role.sql
              psql -d clinic -f role.sql
            """)

    @OptionGroup var target: ConnectionOptions

    @Option(help: "The role's name; weir_ and the connection's name when left out.")
    var role: String?

    @Option(help: "Only this schema. May be repeated; all that hold users' relations when left out.")
    var schema: [String] = []

    @Flag(help: "Grant reading alone.")
    var readOnly = false

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    private struct Report: Encodable {
        var connection: String
        var database: String
        var role: String
        var exists: Bool
        /// In the order they are to be run.
        var statements: [String]
    }

    package init() {}

    package func run() async throws {
        let target = try self.target.target()
        let role = role ?? "weir_" + target.connection.metadata.name.replacing("-", with: "_")
        let session = try self.target.session(with: target, as: .administrator)
        defer { session.close() }
        try await session.open()
        let grounds = try await GrantGrounds.read(from: session, role: role)
        let script = try GrantScript(
            for: role, on: target.database, grounds: grounds, schemas: schema, isReadOnly: readOnly,
            replicates: target.connection.spec.session.replication == .allow)
        switch output {
        case .json:
            let report = Report(
                connection: target.connection.metadata.qualifiedName, database: target.database, role: role,
                exists: grounds.roleExists, statements: script.statements)
            print(try JSONText.of(report), terminator: "")
        case .table:
            print(script.text(for: target.connection), terminator: "")
        }
    }
}
