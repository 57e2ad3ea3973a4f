import API
import Policy
import WireProtocols

/// Errors of the server, and those put in their place.
extension QueryPhase {
    /// The server failed the message whose answer is due.
    func failed(_ entry: Expected, _ body: Span<UInt8>) throws(WireError) -> Disposition {
        let report = try DiagnosticReport(body)
        let sqlState = report[.sqlState].map { String(decoding: body.copy($0), as: UTF8.self) } ?? "XX000"
        if representation.isInUse { representation.failed() }
        switch entry {
        case .refusal where report.endsSession(body), .lookup where report.endsSession(body):
            // It is no answer to what the gateway asked, but the server's last word.
            return scrubbed(report, body, under: nil)
        case .query(let execution), .functionCall(let execution):
            recordOutcome(execution.finish(tag: [], sqlState: sqlState, at: now))
            isCopyingIn = false
            return scrubbed(report, body, under: execution.plan)
        case .execute(let execution):
            recordOutcome(execution.finish(tag: [], sqlState: sqlState, at: now))
            isCopyingIn = false
            expected.removeFirst()
            release(execution)
            skipToSync()
            return scrubbed(report, body, under: execution.plan)
        case .refusal(let refusal):
            refusal.hasFailed = true
            if !refusal.isSimple {
                expected.removeFirst()
                skipToSync()
            }
            guard !refusal.isProbed || refusal.isKnownToDatabase, let diagnosis = refusal.diagnosis else {
                return .forward
            }
            diagnosis.readable(in: settings.clientEncoding).fields(.error).writeErrorResponse(
                to: &replacement)
            return .replace
        case .lookup:
            return lookupFailed(sqlState, report, body)
        case .parse, .bind, .close, .describe:
            skipToSync()
            return .forward
        case .sync, .copyEnd:
            return scrubbed(report, body, under: nil)
        }
    }

    /// The server ignores everything it was sent before the next `Sync`: takes back what was assumed of it.
    func skipToSync() {
        for entry in expected.removeUntilSync().reversed() {
            switch entry {
            case .parse(let undo), .bind(let undo), .close(let undo):
                take(back: undo)
            case .describe(.statement(let prepared), _):
                prepared?.isDescribed = false
            case .describe(.portal(let portal), _):
                portal?.isDescribed = false
            case .execute(let execution), .query(let execution), .functionCall(let execution):
                recordOutcome(execution.finish(tag: [], sqlState: Self.skipped, at: now))
                release(execution)
            case .lookup:
                abandonLookup()
            case .refusal, .copyEnd, .sync:
                break
            }
        }
        if expected.isEmpty { isSkipping = true }
    }

    /// Recorded in place of an SQLSTATE when the server never ran the statement, for an earlier one had failed.
    private static let skipped = "skipped"

    private func take(back undo: Expected.Undo) {
        if expected.handDown(undo) { return }
        switch undo {
        case .statement(let name, let previous): statements[name] = previous
        case .portal(let name, let previous): portals[name] = previous
        }
    }

    // MARK: - What errors and notices may say

    func notice(_ body: Span<UInt8>) throws(WireError) -> Disposition {
        scrubbed(try DiagnosticReport(body), body, under: expected.execution?.plan)
    }

    /// Withholds the fields that may carry a governed value, if the statement touches governed relations (G8), or
    /// another of its transaction has: what fails at the end, such as a deferred constraint, may concern any of them.
    /// Triggers, defaults and checks run code of the database's whatever the statement shows: what that code says is
    /// withheld wherever code is not let pass.
    private func scrubbed(
        _ report: DiagnosticReport, _ body: Span<UInt8>, under plan: Plan?
    ) -> Disposition {
        let touches = plan?.touchesGovernedRelations ?? false || transactionTouchesGovernedRelations
        let isByCode = (touches || currentScope().hidesCode) && report.isByCode(body)
        guard touches || isByCode else { return .forward }
        report.writeWithoutValues(body, isByCode: isByCode, to: &replacement)
        return .replace
    }
}

extension DiagnosticReport {
    /// SQLSTATE classes whose message names objects at most: integrity constraints, transaction states, resources,
    /// object states, operators' intervention.
    private static let harmlessClasses: Set = ["08", "0A", "23", "25", "40", "53", "54", "55", "57"]
    /// Syntax and access rules. Functions also read names, options and queries out of values (`regclass`,
    /// `ts_headline`), so a message of this class tells of the client's own text only where it points into it, or is
    /// about privileges or what is there already.
    private static let syntaxClass = "42"
    private static let harmlessStates: Set = ["42501", "42P06", "42P07", "42701", "42710", "42723"]
    private static let withheld = "message withheld: the statement touches governed columns"
    private static let withheldOfCode = "message withheld: it is by code of the database's own"

    /// The fields that tell what kind of thing went wrong, and where in the client's own text. The place in the server's
    /// source is not among them: one kind of error has several, for different values.
    private static let harmlessFields: Set<Code> = [
        .severity, .nonlocalizedSeverity, .sqlState, .position, .constraint, .table, .schema,
    ]

    /// Those of them that code cannot fill as it likes (`RAISE ... USING`).
    private static let serversOwnFields: Set<Code> = [
        .severity, .nonlocalizedSeverity, .sqlState, .position,
    ]
    /// How the server begins a line about where it was that is not within a function: a row of `COPY`, a `json` text,
    /// the statement of a foreign key.
    private static let ownContexts = ["COPY ", "JSON data, line ", "SQL statement \""]

    /// Whether a function in another language than C was at work: each adds a line to the context.
    func isByCode(_ body: Span<UInt8>) -> Bool {
        guard let context = self[.context] else { return false }
        return String(decoding: body.copy(context), as: UTF8.self).split(separator: "\n").contains { line in
            !Self.ownContexts.contains(where: line.hasPrefix)
        }
    }

    /// What a server that ends a session adds, in constant words, and where it does so.
    private static let advice: Set<Code> = [.detail, .hint, .file, .line, .routine]
    /// Where the server warns of a crash or an immediate shutdown; no statement can name a routine of the server's.
    private static let lastWarning = "quickdie"

    /// Nothing comes after it but the end of the connection.
    func endsSession(_ body: Span<UInt8>) -> Bool {
        func text(_ code: Code) -> String? {
            self[code].map { String(decoding: body.copy($0), as: UTF8.self) }
        }
        return ["FATAL", "PANIC"].contains(text(.nonlocalizedSeverity)) || text(.routine) == Self.lastWarning
    }

    func writeWithoutValues(_ body: Span<UInt8>, isByCode: Bool, to output: inout [UInt8]) {
        let sqlState = self[.sqlState].map { String(decoding: body.copy($0), as: UTF8.self) } ?? ""
        let sqlClass = String(sqlState.prefix(2))
        let isHarmless =
            !isByCode
            && (Self.harmlessClasses.contains(sqlClass)
                || sqlClass == Self.syntaxClass
                    && (self[.position] != nil || Self.harmlessStates.contains(sqlState)))
        let kept = isByCode ? Self.serversOwnFields : Self.harmlessFields
        let mayAdvise = isHarmless && endsSession(body)
        let isNotice =
            self[.nonlocalizedSeverity].map {
                !["ERROR", "FATAL", "PANIC"].contains(String(decoding: body.copy($0), as: UTF8.self))
            } ?? false
        let frame = output.beginFrame(isNotice ? BackendMessageType.noticeResponse : .errorResponse)
        for field in fields {
            if field.code == .message, !isHarmless {
                output.append(field.code.rawValue)
                output.appendCString((isByCode ? Self.withheldOfCode : Self.withheld).utf8)
            } else if field.code == .message || kept.contains(field.code)
                || mayAdvise && Self.advice.contains(field.code)
            {
                output.append(field.code.rawValue)
                output.appendCString(body.copy(field.value))
            }
        }
        output.append(0)
        output.endFrame(frame)
    }
}
