import API
import Audit

/// One record as a line of comma-separated values (RFC 4180); line feeds and other controls are escaped.
struct CSVRow {
    static let columns = [
        "time", "gateway", "sequence", "session", "subject", "connection", "type", "number", "verdict",
        "rule",
        "request", "statement", "effects", "relations", "masks", "result", "rows", "bytes_out",
        "microseconds", "on_behalf_of",
    ]

    private var cells: [String: String]

    init(_ record: Record, _ body: AuditEvent.Body, session: SessionStarted?, gateway: String) {
        cells = [
            "time": record.time.text, "gateway": gateway, "sequence": "\(record.sequence)",
            "session": record.session == .gateway ? "" : record.session.hexadecimal,
            "subject": session?.subject.name ?? "", "connection": session?.connection ?? "",
        ]
        switch body {
        case .gatewayStarted(let started): set("gatewayStarted", ["result": started.version])
        case .configurationApplied(let configuration):
            set(
                "configurationApplied",
                [
                    "result": ([configuration.revision] + configuration.faults + configuration.changes).filter
                    { !$0.isEmpty }
                    .joined(separator: "; ")
                ])
        case .databaseRole(let read):
            set(
                "databaseRole",
                [
                    "connection": read.connection,
                    "result": ([read.role] + read.excessPrivileges).joined(separator: "; "),
                ])
        case .sessionStarted: set("sessionStarted", [:])
        case .sessionRefused(let refusal):
            set(
                "sessionRefused",
                [
                    "subject": refusal.claimedUser, "connection": refusal.connection,
                    "result": refusal.told,
                ])
        case .statement(let intent):
            set(
                "statement",
                [
                    "number": "\(intent.number)", "verdict": intent.verdict.rawValue, "rule": intent.rule,
                    "request": intent.requestID, "statement": String(decoding: intent.text, as: UTF8.self),
                    "effects": intent.summary.effects.joined(separator: " "),
                    "relations": intent.summary.relations.joined(separator: " "),
                    "masks": intent.summary.masks.joined(separator: " "),
                    "on_behalf_of": intent.onBehalfOf,
                ])
        case .outcome(let outcome):
            set(
                "outcome",
                [
                    "number": "\(outcome.number)",
                    "result": outcome.sqlState.isEmpty
                        ? String(decoding: outcome.tag, as: UTF8.self) : "error \(outcome.sqlState)",
                    "rows": "\(outcome.rows)", "bytes_out": "\(outcome.bytesOut)",
                    "microseconds": "\(outcome.microseconds)",
                ])
        case .approval(let approval):
            set(
                "approval",
                [
                    "number": "\(approval.number)", "verdict": approval.state, "rule": approval.rule,
                    "request": approval.request, "result": approval.decisions.joined(separator: "; "),
                ])
        case .onBehalfOf(let recorded):
            set(
                "onBehalfOf",
                [
                    "number": "\(recorded.number)", "on_behalf_of": recorded.subject?.name ?? "",
                    "result": recorded.reason,
                ])
        case .sessionEnded(let end): set("sessionEnded", ["result": end.reason])
        }
    }

    /// With its line end.
    var text: String {
        Self.columns.map { Self.quoted(cells[$0] ?? "") }.joined(separator: ",") + "\r\n"
    }

    private mutating func set(_ type: String, _ values: [String: String]) {
        cells["type"] = type
        cells.merge(values) { _, new in new }
    }

    /// A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    private static func quoted(_ cell: String) -> String {
        let isFormula = cell.first.map { "=+-@".contains($0) } ?? false
        let text = (isFormula ? "'" : "") + TerminalText.escaped(cell)
        guard text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
