import API
package import ArgumentParser
import Manifests
import Session

/// `weirctl explain SQL`: what the gateway would do with a statement for a subject, and why.
package struct ExplainCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell what a gateway would do with a statement, without running it.",
        discussion: """
            The catalogue is read from the database with the connection's own credential, and the statement is judged \
            by the code that judges it in a gateway, under the manifests given. The database parses it to name its \
            columns; nothing of it runs. Relations and columns are told by their own names, whatever the statement \
            calls them.

            The exit status is 0 whatever the decision.

              weirctl explain --connection clinic --as analyst --groups research \\
                  --manifests manifests --secrets secrets "SELECT name, ssn FROM patients"
            """)

    @OptionGroup var target: ConnectionOptions

    @Option(name: .customLong("as"), help: "The subject that would ask: a user of the gateway's.")
    var subject: String

    @Option(help: "The subject's groups, separated by commas.")
    var groups: String?

    @Flag(help: "The subject is a workload rather than a user.")
    var workload = false

    @Flag(help: "Tell also how long judging takes here, for a new statement and for a known one.")
    var timing = false

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    @Argument(help: "The statement, or several with semicolons between them; - reads standard input.")
    var sql: String

    package init() {}

    package func run() async throws {
        let target = try self.target.target()
        let text = Array((sql == "-" ? StandardInput.text() : sql).utf8)
        let subject = Subject(
            name: subject, groups: groups?.split(separator: ",").map(String.init) ?? [],
            proof: workload ? .workload : .gatewayUser)
        let session = try self.target.session(with: target, as: subject)
        defer { session.close() }
        try await session.open()
        let statements = try await session.explain(text)
        let names = statements.count == 1 ? try await session.columnNames(of: text) : nil
        let report = ExplanationReport(
            connection: target.connection.metadata.qualifiedName, database: target.database, subject: subject,
            revision: target.manifests.revision, text: text, statements: statements, columnNames: names,
            judgingMicroseconds: timing ? session.judgingTime(of: text) : nil)
        print(try output == .json ? JSONText.of(report) : report.text, terminator: "")
    }
}
