import API
import StatementAnalysis
import WireProtocols

/// Statements that may touch so many rows and no more (G14): what they write is not committed, nor told as done, before the
/// database has said how much it was.
///
/// The rows written in the transaction are asked for before the statement and after it; the client's next message waits
/// meanwhile. A simple query outside of a transaction would be committed by the server itself, so it runs in one that the
/// gateway begins and ends. An `Execute` is committed by the client's `Sync`, which waits. What touches too many is rolled
/// back, or fails the client's transaction as any error does.
extension QueryPhase {
    /// - Returns: whether the message is done with; `false`: it waits and comes again.
    func runs(
        _ plan: Plan, upTo terms: RowCeiling.Terms, _ text: Span<UInt8>, _ frame: Span<UInt8>,
        changes: [[Representation.Change]]
    ) -> Bool {
        guard awaitsNothing() else { return false }
        statementCount += 1
        guard !isUnsynced else {
            let refused = Plan(key: [], unreadable: .rowsUncountable(terms))
            recordIntent(.simple, refused, text, sentUnder: settings)
            refuse(.rowsUncountable(terms), frame, isSimple: true)
            return true
        }
        recordIntent(.simple, plan, text, sentUnder: settings)
        let ceiling = RowCeiling(
            terms, query: frame.copy(0..<frame.count), isOwn: transactionStatus == .idle)
        let execution = Execution(
            number: statementCount, plan: plan, startedAt: now, changes: changes, ceiling: ceiling)
        Query.write(
            ((ceiling.isOwn ? "BEGIN; " : "") + RowCeiling.question).utf8, to: &output.toServer)
        expected.append(.ceiling(execution))
        holdClient(for: execution)
        return true
    }

    /// Has the question asked before the `Execute` that is to be sent.
    func count(before execution: Execution) {
        guard execution.ceiling != nil else { return }
        askCount()
        expected.append(.ceiling(execution))
    }

    /// The transaction's status is known for certain, and the answers to come are this message's.
    func awaitsNothing() -> Bool {
        guard !expected.isEmpty else { return true }
        if isUnsynced { output.toServer.appendFlush() }
        pause = .answers
        return false
    }

    func holdClient(for execution: Execution) {
        execution.holdsClient = true
        pause = .barrier
    }

    private func askCount() {
        let name = Array("weir \(id)".utf8)
        Parse.write(statement: name, text: RowCeiling.question.utf8, parameterTypes: [], to: &output.toServer)
        Bind.write(portal: name, statement: name, to: &output.toServer)
        Execute.write(portal: name, to: &output.toServer)
        Close.write(.portal, name, to: &output.toServer)
        Close.write(.statement, name, to: &output.toServer)
        output.toServer.appendFlush()
    }

    // MARK: - The statement

    /// The statement is done, as far as the server is concerned: the client is told once it has been counted.
    func completed(
        _ execution: Execution, _ ceiling: RowCeiling, _ type: BackendMessageType, _ body: Span<UInt8>
    ) throws(WireError) {
        if type == .commandComplete {
            let complete = try CommandComplete(body)
            if execution.rowCount == 0 { execution.rowCount = UInt64(complete.rowCount ?? 0) }
            ceiling.tag = body.copy(complete.tag)
        }
        let start = ceiling.completion.beginFrame(type)
        ceiling.completion.append(body, 0..<body.count)
        ceiling.completion.endFrame(start)
        if execution.plan.touchesGovernedRelations { transactionTouchesGovernedRelations = true }
        guard ceiling.query.isEmpty else { return }  // Its `ReadyForQuery` is to come.
        startCounting(execution, ceiling)
        askCount()
    }

    private func startCounting(_ execution: Execution, _ ceiling: RowCeiling) {
        (ceiling.phase, ceiling.counted, ceiling.closeCount) = (.counting, nil, 0)
        expected.removeFirst()
        expected.append(.ceiling(execution))
    }

    /// The server is ready after the simple query.
    func readyAfter(
        _ execution: Execution, _ ceiling: RowCeiling, _ body: Span<UInt8>
    ) throws(WireError) -> Disposition {
        guard ceiling.completion.isEmpty else {
            startCounting(execution, ceiling)
            Query.write(RowCeiling.question.utf8, to: &output.toServer)
            return .drop
        }
        ceiling.hasFailed = true
        expected.removeFirst()
        expected.append(.ceiling(execution))
        return try receive(ceiling, of: execution, .readyForQuery, body)
    }

    // MARK: - The gateway's own statements around it

    func receive(
        _ ceiling: RowCeiling, of execution: Execution, _ type: BackendMessageType, _ body: Span<UInt8>
    ) throws(WireError) -> Disposition {
        switch type {
        case .parseComplete, .bindComplete, .rowDescription: return .drop
        case .dataRow:
            ceiling.receive(count: try Self.values(body))
            return .drop
        case .commandComplete:
            ceiling.tag = ceiling.phase == .ending ? body.copy(try CommandComplete(body).tag) : ceiling.tag
            return .drop
        case .closeComplete:
            ceiling.closeCount += 1
            guard ceiling.closeCount == 2 else { return .drop }
            expected.removeFirst()
            guard ceiling.phase == .opening else { return judge(ceiling, of: execution) }
            // The `Execute` is on its way.
            (ceiling.before, ceiling.phase) = (ceiling.counted, .running)
            return .drop
        case .readyForQuery: return try ready(ceiling, of: execution, body)
        default: throw .unknownMessageType(type.rawValue)
        }
    }

    private func ready(
        _ ceiling: RowCeiling, of execution: Execution, _ body: Span<UInt8>
    ) throws(WireError) -> Disposition {
        transactionStatus = try ReadyForQuery.status(in: body)
        if ceiling.phase == .ending || ceiling.hasFailed && !(ceiling.isOwn && transactionStatus != .idle) {
            return try finish(ceiling, of: execution, body)
        }
        if ceiling.hasFailed {
            end(ceiling, by: "ROLLBACK")
            return .drop
        }
        guard ceiling.phase == .opening else {
            expected.removeFirst()
            return judge(ceiling, of: execution)
        }
        ceiling.before = ceiling.counted
        // Outside of a transaction it would be committed whatever it touched.
        guard transactionStatus == .inTransaction, ceiling.before != nil else {
            expected.removeFirst()
            return refuse(execution, ceiling, .rowsUncountable(ceiling.terms))
        }
        ceiling.phase = .running
        expected.removeFirst()
        output.toServer.append(contentsOf: ceiling.query)
        expected.append(.query(execution))
        return .drop
    }

    /// What the statement has touched is known, or cannot be known. It is not among the answers expected any more.
    private func judge(_ ceiling: RowCeiling, of execution: Execution) -> Disposition {
        guard let total = ceiling.total(rows: execution.rowCount) else {
            return refuse(execution, ceiling, .rowsUncountable(ceiling.terms))
        }
        guard total <= UInt64(ceiling.terms.limit) else {
            return refuse(execution, ceiling, .tooManyRows(ceiling.terms, total))
        }
        guard !ceiling.isOwn else {
            expected.append(.ceiling(execution))
            end(ceiling, by: "COMMIT")
            return .drop
        }
        succeed(execution, ceiling)
        if !ceiling.query.isEmpty { ReadyForQuery.write(transactionStatus, to: &replacement) }
        release(execution)
        return .replace
    }

    private func succeed(_ execution: Execution, _ ceiling: RowCeiling) {
        execution.portal?.returnedCount += execution.rowCount
        replacement.append(contentsOf: ceiling.completion)
        conclude(execution, tag: ceiling.phase == .ending ? ceiling.ownTag : ceiling.tag)
    }

    /// Tells the client, and has nothing of the statement kept.
    private func refuse(
        _ execution: Execution, _ ceiling: RowCeiling, _ diagnosis: Diagnosis
    ) -> Disposition {
        recordOutcome(execution.finish(tag: [], sqlState: diagnosis.sqlState, at: now))
        ceiling.hasFailed = true
        guard ceiling.isOwn else {
            refuse(
                diagnosis, Self.standIn(isSimple: !ceiling.query.isEmpty).span,
                isSimple: !ceiling.query.isEmpty)
            release(execution)
            return .drop
        }
        var told = diagnosis.readable(in: settings.clientEncoding)
        told.requestID = requestID
        told.fields(.error).writeErrorResponse(to: &replacement)
        expected.append(.ceiling(execution))
        end(ceiling, by: "ROLLBACK")
        return .replace
    }

    private func end(_ ceiling: RowCeiling, by command: String) {
        (ceiling.phase, ceiling.ownTag, ceiling.tag) = (.ending, ceiling.tag, [])
        Query.write(command.utf8, to: &output.toServer)
    }

    /// The server is ready for the client's next statement.
    private func finish(
        _ ceiling: RowCeiling, of execution: Execution, _ body: Span<UInt8>
    ) throws(WireError) -> Disposition {
        expected.removeFirst()
        release(execution)
        if !ceiling.hasFailed {
            guard ceiling.tag == Array("COMMIT".utf8) else {
                // It cannot be told what has become of it.
                failure = .rowsUncountable(ceiling.terms)
                return .drop
            }
            succeed(execution, ceiling)
        }
        try ready(body)
        ReadyForQuery.write(transactionStatus, to: &replacement)
        return .replace
    }

    /// The server has failed one of the gateway's own statements: a commit, or one that was cancelled.
    func failed(
        _ ceiling: RowCeiling, of execution: Execution, _ sqlState: String
    ) {
        if !ceiling.hasFailed, !(ceiling.query.isEmpty && ceiling.phase == .opening) {
            recordOutcome(execution.finish(tag: [], sqlState: sqlState, at: now))
        }
        ceiling.hasFailed = true
        guard ceiling.query.isEmpty else { return }
        expected.removeFirst()
        release(execution)
        skipToSync()
    }
}
