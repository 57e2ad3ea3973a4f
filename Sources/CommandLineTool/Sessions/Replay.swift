import API
import Audit
import AuditSink

/// Renders a session's records one after the other.
struct Replay {
    private let summary: SessionSummary

    private static let indent = String(repeating: " ", count: 16)

    init(_ summary: SessionSummary) {
        self.summary = summary
    }

    /// Lines, each ended; none for records that tell a person nothing.
    func text(of record: Record) -> String {
        guard case .event(let body) = record.content else { return "" }
        let time = record.time.text.dropFirst(11).dropLast(4)  // hours to milliseconds
        let lines: [String] =
            switch body {
            case .sessionStarted(let started): self.lines(started, at: record.time)
            case .statement(let intent): self.lines(intent)
            case .outcome(let outcome): [self.line(outcome)]
            case .approval(let approval): self.lines(approval)
            case .onBehalfOf(let recorded): [line(recorded)]
            case .sessionEnded(let end):
                ["session ended: \(end.reason), \(end.statements) statements"]
            case .sessionRefused(let refusal): ["log-in of \(refusal.claimedUser) refused: \(refusal.told)"]
            case .gatewayStarted, .configurationApplied, .databaseRole: []
            }
        guard let first = lines.first else { return "" }
        return "\(time)    \(TerminalText.escaped(first))\n"
            + lines.dropFirst().map { Self.indent + TerminalText.escaped($0) + "\n" }.joined()
    }

    private func lines(_ started: SessionStarted, at time: Timestamp) -> [String] {
        let groups = started.subject.groups
        let attributes = started.subject.attributeTexts
        return [
            "session \(summary.session) on \(time.text.prefix(10)), recorded by \(summary.gateway)",
            "subject \(started.subject.name) (\(started.subject.proof.rawValue))"
                + (groups.isEmpty ? "" : " in \(groups.joined(separator: ", "))")
                + (attributes.isEmpty ? "" : ", \(attributes.joined(separator: ", "))"),
            "connection \(started.connection), database \(started.database), as \"\(started.claimedUser)\"",
            "client \(started.clientAddress) \(started.clientTLS ?? "without TLS")"
                + (started.applicationName.isEmpty ? "" : ", \(started.applicationName)"),
        ]
    }

    private func lines(_ intent: StatementIntent) -> [String] {
        let text = String(decoding: intent.text, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let verb =
            switch intent.channel {
            case .simple, .execute: ""
            case .parse: " (prepared)"
            case .functionCall: " (function call)"
            }
        let person = intent.onBehalfOf.isEmpty ? "" : " on behalf of \(intent.onBehalfOf)"
        var lines = ["#\(intent.number) \(intent.verdict.rawValue)\(verb)\(person)"] + text.map { "  " + $0 }
        if !intent.encoding.isEmpty { lines.append("sent in \(intent.encoding)") }
        if intent.isTextRedacted { lines.append("literals are not recorded") }
        if !intent.parameters.isEmpty {
            lines.append(
                "parameters "
                    + intent.parameters.enumerated().map { "$\($0 + 1)=\($1)" }.joined(separator: " "))
        }
        if !intent.summary.effects.isEmpty {
            let relations = intent.summary.relations
            lines.append(
                "effects \(intent.summary.effects.joined(separator: " "))"
                    + (relations.isEmpty ? "" : " on \(relations.joined(separator: " "))"))
        }
        if !intent.summary.enforcedMasks.isEmpty {
            lines.append("masked \(intent.summary.enforcedMasks.joined(separator: " "))")
        }
        if !intent.summary.dryRunMasks.isEmpty {
            lines.append("would mask \(intent.summary.dryRunMasks.joined(separator: " "))")
        }
        if let rule = DryRun.name(in: intent.rule) {
            lines.append("would refuse by \(rule)")
        } else if !intent.rule.isEmpty {
            lines.append(
                "rule \(intent.rule)" + (intent.requestID.isEmpty ? "" : ", request \(intent.requestID)"))
        }
        return lines
    }

    private func lines(_ approval: ApprovalRecorded) -> [String] {
        let happened =
            approval.state == ApprovalRecorded.brokeGlass
            ? "glass broken" : "approval \(approval.state.lowercased())"
        let number = approval.number == 0 ? "" : "#\(approval.number) "
        return ["\(number)\(happened), \(approval.rule), request \(approval.request)"]
            + approval.decisions
    }

    private func line(_ recorded: OnBehalfOfRecorded) -> String {
        guard let subject = recorded.subject else {
            return "#\(recorded.number) a token to act on behalf of somebody refused: \(recorded.reason)"
        }
        let issuer = recorded.evidence.map { ", by a token of \($0.issuer)" } ?? ""
        return "#\(recorded.number) acts on behalf of \(subject.name) (\(subject.proof.rawValue))\(issuer)"
    }

    private func line(_ outcome: StatementOutcome) -> String {
        let result =
            outcome.sqlState.isEmpty
            ? String(decoding: outcome.tag, as: UTF8.self) : "error \(outcome.sqlState)"
        let milliseconds = outcome.microseconds / 1000
        let fraction = String(outcome.microseconds % 1000 / 100)
        return "#\(outcome.number) -> \(result), \(outcome.rows) rows, \(outcome.bytesOut) bytes out"
            + (outcome.bytesIn > 0 ? ", \(outcome.bytesIn) bytes in" : "")
            + ", \(milliseconds).\(fraction) ms"
    }
}
