import API
import Cryptography
import StatementAnalysis
import WireProtocols

/// What the audit log is told of a statement.
extension QueryPhase {
    func recordIntent(
        _ channel: StatementIntent.Channel, _ plan: Plan, _ text: Span<UInt8>, parameters: [String] = []
    ) {
        var bytes: [UInt8] = []
        var digest: [UInt8] = []
        let isSensitive = plan.textIsSensitive || environment.connection.spec.recording.statements != .full
        if isSensitive {
            bytes = LiteralRedaction.redact(text.copy(0..<text.count))
        } else {
            bytes.append(text, 0..<min(text.count, StatementIntent.maximumTextLength))
        }
        if bytes.count > StatementIntent.maximumTextLength {
            bytes.removeSubrange(StatementIntent.maximumTextLength...)
        }
        // The digest of a redacted text would let its literals be guessed.
        if !isSensitive, text.count > StatementIntent.maximumTextLength { digest = SHA256.digest(of: text) }
        output.records.append(
            AuditEvent(
                session: id,
                body: .statement(
                    StatementIntent(
                        number: statementCount, channel: channel, text: bytes, isTextRedacted: isSensitive,
                        digest: digest, summary: plan.summary, verdict: plan.verdict, rule: plan.rule,
                        requestID: plan.refusal == nil ? "" : requestID, parameters: parameters))))
    }

    func recordIntent(
        _ channel: StatementIntent.Channel, _ plan: Plan, of prepared: Prepared, parameters: [String] = []
    ) {
        let text = prepared.text
        recordIntent(channel, plan, text.span, parameters: parameters)
    }

    func recordOutcome(_ outcome: StatementOutcome) {
        output.records.append(AuditEvent(session: id, body: .outcome(outcome)))
    }

    /// Names the refused statement to the client and in the log.
    var requestID: String { "\(id)/\(statementCount)" }

    /// What is recorded of a `Bind`'s parameters.
    func recorded(_ bind: Bind, _ body: Span<UInt8>, _ plan: Plan) -> [String] {
        guard !bind.parameters.isEmpty else { return [] }
        guard environment.connection.spec.recording.parameters == .full, !plan.textIsSensitive else {
            return Array(repeating: Self.withheld, count: bind.parameters.count)
        }
        return bind.parameters.enumerated().map { index, range in
            guard let range else { return "NULL" }
            guard range.count <= Self.recordedParameterLimit else { return Self.withheld }
            let value = body.copy(range)
            switch bind.parameterFormats.applied(to: index) {
            case .text: return String(decoding: value, as: UTF8.self)
            case .binary: return "\\x" + Hexadecimal.encode(value)
            }
        }
    }

    /// Longest parameter value recorded, in bytes.
    private static let recordedParameterLimit = 1024
    private static let withheld = "?"
}
