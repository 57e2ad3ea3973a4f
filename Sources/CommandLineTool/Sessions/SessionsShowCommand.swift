import API
package import ArgumentParser
import Audit
import AuditSink

/// `weirctl sessions show ID`: who, where, when, and every statement on one line.
package struct SessionsShowCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one session and its statements, a line each.",
        discussion: """
            With -o json it prints an object of session and statements, with all that is recorded of each \
            statement's text.
            """)

    @OptionGroup var session: SessionArgument
    @OptionGroup var evidence: EvidenceOptions

    @Option(
        name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    package init() {}

    package func run() async throws {
        let identifier = try session.identifier()
        let source = try evidence.source()
        let summary = try await source.session(identifier)
        let records = try await source.lines(of: identifier).map { line in
            try RecordDecoder(line).record()
        }
        let transcript = Transcript(records)
        switch output {
        case .json:
            let shown = Shown(session: summary, statements: transcript.statements.map(ShownStatement.init))
            print(try JSONText.of(shown), terminator: "")
        case .table:
            print(Self.facts(summary) + "\n" + Self.statements(transcript), terminator: "")
        }
    }

    private struct Shown: Encodable {
        var session: SessionSummary
        var statements: [ShownStatement]
    }

    private struct ShownStatement: Encodable {
        var number: UInt64
        /// ISO 8601 in UTC.
        var time: String
        var verdict: String
        var rule: String
        var result: String
        var onBehalfOf: String
        var text: String

        init(_ statement: Transcript.Statement) {
            number = statement.intent.number
            time = statement.time.text
            verdict = statement.intent.verdict.rawValue
            rule = statement.intent.rule
            result = statement.result
            onBehalfOf = statement.intent.onBehalfOf
            text = String(decoding: statement.intent.text, as: UTF8.self)
        }
    }

    static func facts(_ session: SessionSummary) -> String {
        let groups = session.groups.isEmpty ? "" : " in \(session.groups.joined(separator: ", "))"
        let facts = [
            ("session", session.session), ("subject", "\(session.subject)\(groups) (\(session.proof))"),
            ("attributes", (session.attributes ?? []).joined(separator: ", ")),
            ("claimed user", session.claimedUser), ("connection", session.connection),
            ("database", session.database), ("application", session.applicationName),
            (
                "client",
                "\(session.clientAddress) \(session.clientTLS.isEmpty ? "without TLS" : session.clientTLS)"
            ),
            ("gateway", session.gateway), ("started", session.started),
            ("ended", session.ended.map { "\($0) \(session.endReason)" } ?? session.state),
            ("statements", "\(session.statements), \(session.refused) refused, \(session.masked) masked"),
            ("results", "\(session.rows) rows, \(session.bytesOut) bytes out, \(session.bytesIn) bytes in"),
        ]
        return facts.map { name, value in
            name + String(repeating: " ", count: 14 - name.count) + TerminalText.escaped(value) + "\n"
        }.joined()
    }

    static func statements(_ transcript: Transcript) -> String {
        var table = Table(["#", "TIME", "VERDICT", "RULE", "RESULT", "ON BEHALF OF", "STATEMENT"])
        for statement in transcript.statements {
            table.add([
                "\(statement.intent.number)", statement.time.text.dropFirst(11).description,
                statement.intent.verdict.rawValue,
                statement.intent.rule.isEmpty ? "-" : statement.intent.rule,
                statement.result, statement.intent.onBehalfOf.isEmpty ? "-" : statement.intent.onBehalfOf,
                String(decoding: statement.intent.text.prefix(120), as: UTF8.self),
            ])
        }
        return table.text
    }
}
