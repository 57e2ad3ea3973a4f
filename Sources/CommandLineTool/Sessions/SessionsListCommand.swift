package import ArgumentParser
import Audit
import AuditSink

/// `weirctl sessions list`: newest first.
package struct SessionsListCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List sessions and refused log-ins, newest first.")

    @OptionGroup var evidence: EvidenceOptions

    @Option(help: "Only sessions of this subject.")
    var subject: String?

    @Option(help: "Only sessions that started then or later: 2026-11-23 or 2026-11-23T12:00:00Z.")
    var since: String?

    @Option(help: "At most so many, from 1 to \(SessionFilter.maximumLimit).")
    var limit = 100

    @Option(
        name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    package init() {}

    package func validate() throws {
        guard (1...SessionFilter.maximumLimit).contains(limit) else {
            throw ValidationError("--limit \(limit) is not from 1 to \(SessionFilter.maximumLimit)")
        }
    }

    package func run() async throws {
        var filter = SessionFilter(subject: subject, limit: limit)
        // One more tells whether there are more. A sink answers with the maximum at most.
        filter.limit += 1
        if let since {
            guard let time = Timestamp(abbreviated: since) else {
                throw ValidationError("--since \(since) is neither a day nor a time in UTC")
            }
            filter.since = time
        }
        let found = try await evidence.source().sessions(filter)
        let sessions = Array(found.prefix(limit))
        if found.count >= min(filter.limit, SessionFilter.maximumLimit) {
            let isMost = limit == SessionFilter.maximumLimit
            StandardError.line(
                isMost
                    ? "there may be more than \(limit) sessions; use --since"
                    : "there are more than \(limit) sessions; use --limit or --since")
        }
        switch output {
        case .json: print(try JSONText.of(sessions), terminator: "")
        case .table: print(Self.table(sessions), terminator: "")
        }
    }

    static func table(_ sessions: [SessionSummary]) -> String {
        var table = Table([
            "SESSION", "STARTED", "STATE", "SUBJECT", "CLAIMED", "CONNECTION", "CLIENT", "STATEMENTS",
            "REFUSED",
            "MASKED", "ROWS", "ATTRIBUTES",
        ])
        for session in sessions {
            table.add([
                session.session.isEmpty ? "-" : session.session, String(session.started.prefix(19)) + "Z",
                session.state == "Refused" ? "Refused: \(session.endReason)" : session.state,
                session.subject.isEmpty ? "-" : session.subject, session.claimedUser, session.connection,
                session.clientAddress, "\(session.statements)", "\(session.refused)", "\(session.masked)",
                "\(session.rows)", (session.attributes ?? []).joined(separator: " "),
            ])
        }
        return table.text
    }
}

extension Timestamp {
    /// A whole timestamp, or one without its fraction, or a day.
    init?(abbreviated text: String) {
        let candidates = [text, "\(text.dropLast()).000000Z", "\(text)T00:00:00.000000Z"]
        guard let time = candidates.lazy.compactMap({ Timestamp($0) }).first else { return nil }
        self = time
    }
}
