import API
import Cryptography
import Masking
import StatementAnalysis
import WireProtocols

/// What the audit log is told of a statement.
extension QueryPhase {
    func recordIntent(
        _ channel: StatementIntent.Channel, _ plan: Plan, _ text: Span<UInt8>,
        sentUnder settings: SessionSettings
    ) {
        let isRedacted = mustRedact(plan)
        recordIntent(
            channel, plan,
            plan.withholdsText
                ? Self.withheldText : recorded(text, sentUnder: settings, isRedacted: isRedacted), of: text,
            isRedacted: isRedacted)
    }

    func recordIntent(
        _ channel: StatementIntent.Channel, _ plan: Plan, of prepared: Prepared, parameters: [String] = []
    ) {
        let isRedacted = mustRedact(plan)
        let text = prepared.text
        recordIntent(
            channel, plan, recorded(prepared, isRedacted: isRedacted), of: text.span,
            isWhole: prepared.isWhole, isRedacted: isRedacted, parameters: parameters)
    }

    private static let withheldText: RecordedText = {
        let text = LiteralRedaction.unreadable
        return RecordedText(text.span, in: .utf8)
    }()

    private func mustRedact(_ plan: Plan) -> Bool {
        plan.textIsSensitive || plan.withholdsText
            || environment.connection.spec.recording.statements != .full
    }

    private func recorded(
        _ text: Span<UInt8>, sentUnder settings: SessionSettings, isRedacted: Bool
    ) -> RecordedText {
        isRedacted
            ? RecordedText(redacted(text, sentUnder: settings).span, in: .utf8)
            : RecordedText(text, in: settings.clientEncoding)
    }

    /// Made once for every execution.
    private func recorded(_ prepared: Prepared, isRedacted: Bool) -> RecordedText {
        if let (text, wasRedacted) = prepared.recorded, wasRedacted == isRedacted { return text }
        let text = prepared.text
        let recorded = recorded(text.span, sentUnder: prepared.settings, isRedacted: isRedacted)
        prepared.recorded = (recorded, isRedacted)
        return recorded
    }

    private func recordIntent(
        _ channel: StatementIntent.Channel, _ plan: Plan, _ recorded: RecordedText, of text: Span<UInt8>,
        isWhole: Bool = true, isRedacted: Bool, parameters: [String] = []
    ) {
        output.records.append(
            AuditEvent(
                session: id,
                body: .statement(
                    StatementIntent(
                        number: statementCount, channel: channel, text: recorded.bytes,
                        isTextRedacted: isRedacted,
                        encoding: recorded.encoding,
                        // The digest of a redacted text would let its literals be guessed.
                        digest: recorded.isCut && isWhole && !isRedacted ? SHA256.digest(of: text) : [],
                        summary: plan.summary, verdict: plan.verdict,
                        rule: plan.rule.isEmpty ? approvals.rule : plan.rule,
                        requestID: plan.verdict == .refuse ? requestID : approvals.request,
                        parameters: parameters, onBehalfOf: person?.subject.name ?? ""))))
    }

    func redacted(_ text: Span<UInt8>, sentUnder settings: SessionSettings) -> [UInt8] {
        settings.read(text).map(LiteralRedaction.redact) ?? LiteralRedaction.unreadable
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
            case .text where RecordedText(value.span, in: settings.clientEncoding).encoding.isEmpty:
                return String(decoding: value, as: UTF8.self)
            case .text, .binary: return "\\x" + Hexadecimal.encode(value)
            }
        }
    }

    /// Longest parameter value recorded, in bytes.
    private static let recordedParameterLimit = 1024
    private static let withheld = "?"
}
