import StatementAnalysis
import WireProtocols

/// What the session knows to be out of date, and the questions it is asking.
struct LookupState {
    enum Question: Equatable {
        /// Search path, role and temporary schema.
        case context
        /// Whether the shared catalogue is still the database's.
        case fingerprint
        /// What users made.
        case catalogue
    }

    /// Search path or role may have changed since they were last asked for.
    var contextIsDirty = true
    /// The session itself may have changed the catalogue.
    var catalogueIsDirty = false
    /// Changes made in a transaction that may still be rolled back.
    var contextMayRevert = false
    var catalogueMayRevert = false
    var mayRevert: Bool { contextMayRevert || catalogueMayRevert }
    /// The message that waits has had its catalogue read afresh.
    var hasReadCatalogue = false
    /// Why the waiting message cannot be judged.
    var failure: Diagnosis?

    /// Being asked, in order; the first is being answered.
    fileprivate var queries: [(question: Question, index: Int)] = []
    fileprivate var closeCount = 0
    fileprivate var isSynced = false
    fileprivate var reader: CatalogueReader?
    fileprivate var context = SessionContext(searchPath: [])
    fileprivate var fingerprint: [[UInt8]?] = []
}

/// The gateway's own questions to the database, asked on the session's connection so that they see what its
/// transaction sees. Named statements keep the client's unnamed one; `Flush` instead of `Sync` keeps its pipeline.
extension QueryPhase {
    private static let contextQueries = [
        """
        SELECT s FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS t(s, n) ORDER BY n
        """,
        """
        SELECT current_user, (SELECT nspname FROM pg_catalog.pg_namespace \
        WHERE oid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())
        """,
    ]

    /// Asks for what the plan depends on and is not known for certain.
    func mustLookUp(_ plan: Plan, _ scope: Scope) -> Bool {
        guard !scope.isTransparent, plan.dependsOnNames, lookup.failure == nil else { return false }
        var wanted: [LookupState.Question] = []
        if lookup.contextIsDirty { wanted.append(.context) }
        if currentCatalogue == nil || lookup.catalogueIsDirty
            || plan.namesMissingRelation && !lookup.hasReadCatalogue
        {
            wanted += [.fingerprint, .catalogue]
        } else if transactionStatus == .idle, !isUnsynced, !lookup.hasReadCatalogue,
            now - sharedCatalogue.checkedAt > ConnectionEnvironment.catalogueFreshness
        {
            wanted.append(.fingerprint)
        }
        guard !wanted.isEmpty else { return false }
        guard transactionStatus != .failed else {
            lookup.failure = .transactionAborted
            return false
        }
        ask(wanted)
        return true
    }

    private func ask(_ questions: [LookupState.Question]) {
        pause = .lookup
        lookup.queries.removeAll()
        lookup.closeCount = 0
        let name = Array("weir \(id)".utf8)
        for question in questions {
            for (index, text) in queries(question).enumerated() {
                lookup.queries.append((question, index))
                Parse.write(statement: name, text: text.utf8, to: &output.toServer)
                Bind.write(portal: name, statement: name, to: &output.toServer)
                Execute.write(portal: name, to: &output.toServer)
                Close.write(.portal, name, to: &output.toServer)
                Close.write(.statement, name, to: &output.toServer)
            }
        }
        lookup.isSynced = !isUnsynced
        if isUnsynced { output.toServer.appendFlush() } else { output.toServer.appendSync() }
        expected.append(.lookup)
    }

    private func queries(_ question: LookupState.Question) -> [String] {
        switch question {
        case .context:
            lookup.context = SessionContext(searchPath: [])
            return Self.contextQueries
        case .fingerprint:
            lookup.fingerprint = []
            return [CatalogueReader.fingerprintQuery]
        case .catalogue:
            let reader = currentCatalogue.map { CatalogueReader(basedOn: $0) } ?? CatalogueReader()
            lookup.reader = reader
            return reader.queries
        }
    }

    /// Takes one message of the answers.
    func receiveLookup(_ type: BackendMessageType, _ body: Span<UInt8>) throws(WireError) {
        switch type {
        case .parseComplete, .bindComplete, .commandComplete:
            break
        case .dataRow:
            guard let query = lookup.queries.first else { throw .unknownMessageType(type.rawValue) }
            receiveRow(try Self.values(body), of: query)
        case .closeComplete:
            lookup.closeCount += 1
            guard lookup.closeCount == 2 else { break }
            lookup.closeCount = 0
            guard !lookup.queries.isEmpty else { throw .unknownMessageType(type.rawValue) }
            lookup.queries.removeFirst()
            if lookup.queries.isEmpty, !lookup.isSynced { finishLookup() }
        case .readyForQuery where lookup.isSynced && lookup.queries.isEmpty:
            transactionStatus = try ReadyForQuery.status(in: body)
            finishLookup()
        default:
            throw .unknownMessageType(type.rawValue)
        }
    }

    private static func values(_ body: Span<UInt8>) throws(WireError) -> [[UInt8]?] {
        var row = try DataRow(body)
        var values: [[UInt8]?] = []
        for _ in 0..<row.columnCount { values.append(try row.next().map { body.copy($0) }) }
        try row.finish()
        return values
    }

    private func receiveRow(_ row: [[UInt8]?], of query: (question: LookupState.Question, index: Int)) {
        func text(_ column: Int) -> String? {
            column < row.count ? row[column].map { String(decoding: $0, as: UTF8.self) } : nil
        }
        switch query.question {
        case .context where query.index == 0:
            if let schema = text(0) { lookup.context.searchPath.append(schema) }
        case .context:
            lookup.context.currentUser = text(0) ?? ""
            lookup.context.temporarySchema = text(1)
        case .fingerprint:
            lookup.fingerprint += row
        case .catalogue:
            do {
                try lookup.reader?.receive(query: query.index, row: row)
            } catch {
                lookup.failure = .catalogueUnreadable
            }
        }
    }

    // MARK: - Done

    private func finishLookup() {
        expected.removeFirst()
        pause = nil
        guard lookup.failure == nil else { return }
        if lookup.contextIsDirty {
            context = lookup.context
            lookup.contextIsDirty = false
        }
        if let reader = lookup.reader {
            lookup.reader = nil
            take(reader)
        } else if !lookup.fingerprint.isEmpty {
            if lookup.fingerprint == sharedCatalogue.fingerprint {
                sharedCatalogue.checkedAt = now
            } else {
                lookup.catalogueIsDirty = true
            }
        }
        lookup.fingerprint = []
    }

    /// Shares what was read, unless it may hold what another session cannot see yet.
    private func take(_ reader: CatalogueReader) {
        guard lookup.failure == nil, let catalogue = try? reader.finish() else {
            lookup.failure = .catalogueUnreadable
            return
        }
        lookup.catalogueIsDirty = false
        lookup.hasReadCatalogue = true
        if transactionStatus == .idle, !isUnsynced {
            ownCatalogue = nil
            environment.publish(catalogue, in: sharedCatalogue, fingerprint: lookup.fingerprint, at: now)
        } else {
            ownCatalogue = catalogue
        }
    }

    /// The database refused a question. Outside of a pipeline `ReadyForQuery` follows; within one, the error is the
    /// client's: the server ignores the rest up to `Sync`, as it would have the message that waits.
    func lookupFailed(_ diagnosis: Diagnosis) -> Disposition {
        if lookup.isSynced {
            lookup.queries.removeAll()
            lookup.reader = nil
            lookup.failure = diagnosis
            return .drop
        }
        diagnosis.fields(.error).writeErrorResponse(to: &replacement)
        skipToSync()
        return .replace
    }

    /// An earlier message's error made the server ignore the questions.
    func abandonLookup() {
        lookup.reader = nil
        lookup.fingerprint = []
        lookup.queries.removeAll()
        pause = nil
    }
}
