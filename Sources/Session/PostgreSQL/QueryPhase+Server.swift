import API
import Masking
import StatementAnalysis
import WireProtocols

/// What the server sends, cut into messages; what goes to the client unchanged is passed on in runs.
extension QueryPhase {
    /// Longest row that is masked, in bytes: it is held whole.
    static let maskedRowLimit = 64 << 20

    /// What becomes of one message for the client.
    enum Disposition {
        case forward
        case drop
        /// What was written to ``replacement`` goes in its place.
        case replace
    }

    func receive(server bytes: Span<UInt8>, at now: Int64) {
        self.now = now
        guard !isClosing else { return }
        guard !mustEndReplication else { return fail(.replicationRefused, reason: "replication refused") }
        if serverInput.isEmpty {
            let consumed = walk(bytes, isWhole: true)
            if consumed < bytes.count, !isClosing { serverInput.append(bytes, consumed..<bytes.count) }
        } else {
            serverInput.append(bytes, 0..<bytes.count)
            let input = serverInput
            serverInput = []
            let consumed = walk(input.span, isWhole: false)
            // A long message arrives in many pieces: what is not consumed is not copied each time.
            if consumed < input.count, !isClosing {
                serverInput = consumed == 0 ? input : Array(input[consumed...])
            }
        }
        if pause == .answers, expected.isEmpty { pause = nil }
        if let failure {
            fail(failure, reason: failureReason)
        } else {
            processClient()
        }
    }

    /// With `isWhole` the driver holds the same bytes and can forward them itself.
    /// - Returns: the bytes consumed.
    private func walk(_ bytes: Span<UInt8>, isWhole: Bool) -> Int {
        var offset = 0
        var run = 0..<0
        do throws(WireError) {
            while offset < bytes.count, !hasFailed {
                if case .forward(let count) = serverPassage {
                    let passed = min(count, bytes.count - offset)
                    serverPassage = passed == count ? .none : .forward(count - passed)
                    run = run.lowerBound..<offset + passed
                    offset += passed
                    continue
                }
                guard let header = try BackendHeader.next(in: bytes, at: offset) else { break }
                if header.type.isStreamable, let length = try stream(header, bytes, at: offset) {
                    run = run.lowerBound..<offset + length
                    offset += length
                    continue
                }
                guard let header = try BackendHeader.nextWhole(in: bytes, at: offset) else {
                    limitHeldRow(header)
                    break
                }
                let body = bytes.extracting(header.body(at: offset))
                let start = offset
                offset += header.frameLength
                switch try handle(header.type, body) {
                case .forward:
                    run = run.lowerBound..<offset
                case .drop:
                    output.toClient.append(bytes, run.lowerBound..<start)
                    run = offset..<offset
                case .replace:
                    output.toClient.append(bytes, run.lowerBound..<start)
                    output.toClient.append(contentsOf: replacement)
                    replacement.removeAll(keepingCapacity: true)
                    run = offset..<offset
                }
            }
        } catch {
            let reply = error.reply
            failure = Diagnosis(sqlState: reply.sqlState, message: reply.message + " from the database")
        }
        if isWhole, run == 0..<bytes.count, output.toClient.isEmpty {
            output.forwardsInput = true
        } else {
            output.toClient.append(bytes, run)
        }
        return offset
    }

    /// Counts a row or piece of COPY data that passes unchanged.
    /// - Returns: the bytes of it that are there; `nil` when it must be seen whole.
    private func stream(
        _ header: BackendHeader, _ bytes: Span<UInt8>, at offset: Int
    ) throws(WireError) -> Int? {
        guard let execution = expected.execution, !execution.isFull else { return nil }
        switch header.type {
        case .dataRow:
            if case .undecided = execution.rows { try settle(execution) }
            guard case .unchanged = execution.rows else { return nil }
            execution.rowCount += 1
        case .copyData:
            guard case .unchanged = execution.copyOut else { return nil }
        default: return nil
        }
        execution.bytesOut += UInt64(header.bodyLength)
        let there = min(header.frameLength, bytes.count - offset)
        if there < header.frameLength { serverPassage = .forward(header.frameLength - there) }
        return there
    }

    private func limitHeldRow(_ header: BackendHeader) {
        if header.bodyLength > Self.maskedRowLimit { failure = .rowTooLong }
    }

    // MARK: - Messages

    private func handle(_ type: BackendMessageType, _ body: Span<UInt8>) throws(WireError) -> Disposition {
        switch type {
        case .noticeResponse: return try notice(body)
        case .notificationResponse: return .forward
        case .parameterStatus: return try parameterStatus(body)
        default: break
        }
        while case .copyEnd = expected.first { expected.removeFirst() }
        guard let entry = expected.first else {
            // The server may end a session at any time, and say why.
            guard type == .errorResponse else { throw .unknownMessageType(type.rawValue) }
            return .forward
        }
        if type == .errorResponse { return try failed(entry, body) }
        switch (entry, type) {
        case (.lookup, _):
            try receiveLookup(type, body)
            return .drop
        case (.refusal(let refusal), .parseComplete) where refusal.isProbed,
            (.refusal(let refusal), .closeComplete)
        where refusal.isProbed:
            refusal.isKnownToDatabase = type == .closeComplete
            return .drop
        case (.refusal(let refusal), .readyForQuery) where refusal.isSimple && refusal.hasFailed:
            expected.removeFirst()
            try ready(body)
        case (.ceiling(let execution), _):
            guard let ceiling = execution.ceiling else { throw .unknownMessageType(type.rawValue) }
            return try receive(ceiling, of: execution, type, body)
        case (.sync, .readyForQuery):
            expected.removeFirst()
            try ready(body)
        case (.parse, .parseComplete), (.bind, .bindComplete), (.close, .closeComplete):
            expected.removeFirst()
        case (.describe(let described, let isInjected), _):
            guard let isLast = try describedAs(described, type, body) else {
                throw .unknownMessageType(type.rawValue)
            }
            if isLast { expected.removeFirst() }
            return isInjected ? .drop : .forward
        case (.execute(let execution), .portalSuspended), (.execute(let execution), .emptyQueryResponse),
            (.execute(let execution), .commandComplete), (.query(let execution), .commandComplete):
            if let ceiling = execution.ceiling {
                try completed(execution, ceiling, type, body)
                return .drop
            }
            if type == .commandComplete {
                try commandComplete(execution, body)
            } else {
                // What making the rows does that have come is done.
                if type == .portalSuspended { applyChanges(of: execution) }
                conclude(execution)
            }
            if case .execute = entry { finished(execution) }
        case (.query(let execution), .emptyQueryResponse):
            conclude(execution)
        case (.query(let execution), .rowDescription):
            settle(execution, try RowDescription.types(in: body))
        case (.query(let execution), .readyForQuery), (.functionCall(let execution), .readyForQuery):
            if let ceiling = execution.ceiling { return try readyAfter(execution, ceiling, body) }
            finished(execution)
            try ready(body)
        case (.functionCall(let execution), .functionCallResponse):
            execution.bytesOut += UInt64(body.count)
            applyChanges(of: execution)
            conclude(execution)
        case (.query(let execution), .dataRow), (.execute(let execution), .dataRow):
            guard !execution.isFull else {
                execution.rowCount += 1
                return .drop
            }
            try mask(row: body, of: execution)
            return .replace
        case (.query(let execution), .copyOutResponse), (.execute(let execution), .copyOutResponse):
            try settleCopyOut(execution)
        case (.query(let execution), .copyData), (.execute(let execution), .copyData):
            return try mask(copyData: body, of: execution)
        case (.query(let execution), .copyDone), (.execute(let execution), .copyDone):
            try finishCopyOut(execution)
        case (.query(let execution), .copyInResponse), (.execute(let execution), .copyInResponse):
            isCopyingIn = !expected.removeEndOfCopy()
            execution.isCopyingIn = isCopyingIn
            if pause == .transactionEnd, !expected.endsWithSync { pause = nil }
        case (.query(let execution), .copyBothResponse) where isReplication:
            execution.copyOut = .unchanged
            isCopyingIn = true
            pause = nil
        default:
            throw .unknownMessageType(type.rawValue)
        }
        return .forward
    }

    private func describedAs(
        _ described: Expected.Described, _ type: BackendMessageType, _ body: Span<UInt8>
    ) throws(WireError) -> Bool? {
        let fields: [ColumnType]
        switch (type, described) {
        case (.parameterDescription, .statement): return false
        case (.noData, _): fields = []
        case (.rowDescription, _): fields = try RowDescription.types(in: body)
        default: return nil
        }
        switch described {
        case .statement(let prepared):
            prepared?.describe(fields, in: currentScope())
        case .portal(let portal):
            portal?.fields = fields
            portal?.isDescribed = false
        }
        return true
    }

    private func commandComplete(_ execution: Execution, _ body: Span<UInt8>) throws(WireError) {
        let complete = try CommandComplete(body)
        if execution.rowCount == 0 { execution.rowCount = UInt64(complete.rowCount ?? 0) }
        if !body.extracting(complete.tag).elementsEqual(lastTag.span) { lastTag = body.copy(complete.tag) }
        applyChanges(of: execution)
        conclude(execution, tag: lastTag)
    }

    private func applyChanges(of execution: Execution) {
        guard execution.plan.changesSession, let statement = execution.statement else { return }
        if execution.index < execution.changes.count, !execution.changes[execution.index].isEmpty {
            apply(execution.changes[execution.index])
        }
        apply(statement.facts)
    }

    /// A statement, or what was asked of its portal, has succeeded.
    func conclude(_ execution: Execution, tag: [UInt8] = []) {
        if execution.plan.touchesGovernedRelations { transactionTouchesGovernedRelations = true }
        recordOutcome(execution.finish(tag: tag, sqlState: "", at: now))
    }

    /// The answer to a message is complete.
    private func finished(_ execution: Execution) {
        expected.removeFirst()
        release(execution)
    }

    /// What waited for a barrier may go on once it is answered, however it ended.
    func release(_ execution: Execution) {
        if execution.holdsClient, pause == .barrier { pause = nil }
        isCopyingIn = false
    }

    func ready(_ body: Span<UInt8>) throws(WireError) {
        transactionStatus = try ReadyForQuery.status(in: body)
        if pause == .transactionEnd, expected.isEmpty { pause = nil }
        if transactionStatus == .idle { transactionEnded() }
        if expected.isEmpty { isUnsynced = false }
        becameReady()
    }

    private func parameterStatus(_ body: Span<UInt8>) throws(WireError) -> Disposition {
        let status = try ParameterStatus(body)
        let name = String(decoding: body.copy(status.name), as: UTF8.self)
        let value = String(decoding: body.copy(status.value), as: UTF8.self)
        settings.take(name, value)
        return .forward
    }
}
