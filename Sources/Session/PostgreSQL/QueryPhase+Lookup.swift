import Masking
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
        /// What some views are made of.
        case views(Set<ObjectID>)
        /// What a statement is in UTF-8.
        case conversion(SentText, by: [TextEncoding])
    }

    /// Search path or role may have changed since they were last asked for.
    var contextIsDirty = true
    /// The session itself may have changed the catalogue.
    var catalogueIsDirty = false
    /// Changes made in a transaction that may still be rolled back.
    var contextMayRevert = false
    var catalogueMayRevert = false
    var mayRevert: Bool { contextMayRevert || catalogueMayRevert }
    /// Code has run in this transaction that may have changed the catalogue unseen.
    var hasRunHiddenCode = false
    /// When the session last asked for the fingerprint, in microseconds since 1970.
    fileprivate var checkedAt: Int64 = 0
    /// The message that waits has had its catalogue read afresh.
    var hasReadCatalogue = false
    /// Times the database has refused to answer for the message that waits.
    var refusalCount = 0
    /// Why the waiting message cannot be judged.
    var failure: Diagnosis?

    /// Being asked, in order; the first is being answered.
    fileprivate var queries: [(question: Question, index: Int)] = []
    fileprivate var closeCount = 0
    /// A question that failed may have left its statement prepared.
    fileprivate var mayBePrepared = false
    fileprivate var isClosingLeftover = false
    fileprivate var isSynced = false
    fileprivate var reader: CatalogueReader?
    fileprivate var viewReader: ViewReader?
    fileprivate var context = SessionContext(searchPath: [])
    fileprivate var hasReadContext = false
    fileprivate var fingerprint: [[UInt8]?] = []
    /// Of the transaction in which the last question was answered.
    fileprivate var isolation = ""
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
        WHERE oid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()), \
        pg_catalog.current_setting('client_encoding'), pg_catalog.current_setting('standard_conforming_strings')
        """,
    ]
    private static let contextColumnCounts = [1, 4]

    /// Times a question is asked again that failed, as it may when another session drops what is being read.
    private static let refusalLimit = 3

    /// Asks for what the plan depends on and is not known for certain.
    func mustLookUp(_ plan: Plan, _ scope: Scope) -> Bool {
        guard !scope.isTransparent, plan.dependsOnNames, lookup.failure == nil else { return false }
        var wanted: [LookupState.Question] = []
        if lookup.contextIsDirty { wanted.append(.context) }
        if currentCatalogue == nil || lookup.catalogueIsDirty
            || plan.namesMissingRelation && !lookup.hasReadCatalogue
        {
            wanted += [.fingerprint, .catalogue]
        } else if transactionStatus == .idle || ownCatalogue == nil && !lookup.catalogueMayRevert,
            !isUnsynced, !lookup.hasReadCatalogue,
            now - max(sharedCatalogue.checkedAt, lookup.checkedAt)
                > ConnectionEnvironment.catalogueFreshness
        {
            wanted.append(.fingerprint)
        }
        if wanted.isEmpty, !plan.pendingViews.isEmpty { wanted.append(.views(plan.pendingViews)) }
        guard !wanted.isEmpty else { return false }
        guard transactionStatus != .failed else {
            guard !expected.isEmpty else {
                lookup.failure = .transactionAborted
                return false
            }
            if isUnsynced { output.toServer.appendFlush() }
            pause = .answers
            return true
        }
        ask(wanted)
        return true
    }

    func ask(_ questions: [LookupState.Question]) {
        pause = .lookup
        lookup.queries.removeAll()
        lookup.closeCount = 0
        lookup.hasReadContext = false
        let name = Array("weir \(id)".utf8)
        if lookup.mayBePrepared { Close.write(.statement, name, to: &output.toServer) }
        lookup.isClosingLeftover = lookup.mayBePrepared
        lookup.mayBePrepared = false
        for question in questions {
            for (index, query) in queries(question).enumerated() {
                lookup.queries.append((question, index))
                Parse.write(
                    statement: name, text: query.text.utf8,
                    parameterTypes: query.parameter == nil ? [] : [Self.byteaType], to: &output.toServer)
                Bind.write(
                    portal: name, statement: name, parameterFormats: [.binary],
                    parameters: query.parameter.map { [$0] } ?? [],
                    resultFormats: query.isBinary ? [.binary] : [], to: &output.toServer)
                Execute.write(portal: name, to: &output.toServer)
                Close.write(.portal, name, to: &output.toServer)
                Close.write(.statement, name, to: &output.toServer)
            }
        }
        lookup.isSynced = !isUnsynced
        if isUnsynced { output.toServer.appendFlush() } else { output.toServer.appendSync() }
        expected.append(.lookup)
    }

    private struct LookupQuery {
        var text: String
        var parameter: [UInt8]?
        /// The cells are `bytea` in binary.
        var isBinary = false
    }

    private static let byteaType: UInt32 = 17

    private func queries(_ question: LookupState.Question) -> [LookupQuery] {
        switch question {
        case .context:
            lookup.context = SessionContext(searchPath: [])
            return zip(Self.contextQueries, Self.contextColumnCounts).map(readable)
        case .fingerprint:
            lookup.fingerprint = []
            return [LookupQuery(text: CatalogueReader.fingerprintQuery)]
        case .catalogue:
            let reader = currentCatalogue.map { CatalogueReader(basedOn: $0) } ?? CatalogueReader()
            lookup.reader = reader
            return zip(reader.queries, CatalogueReader.columnCounts).map(readable)
        case .views(let views):
            let reader = ViewReader(views)
            lookup.viewReader = reader
            return [readable(reader.query, columnCount: ViewReader.columnCount)]
        case .conversion(let sent, let steps):
            let text = zip(steps, steps.dropFirst()).reduce("$1") { inner, step in
                "pg_catalog.convert(\(inner), '\(step.0.name)', '\(step.1.name)')"
            }
            return [LookupQuery(text: "SELECT " + text, parameter: sent.bytes, isBinary: true)]
        }
    }

    /// Has the cells come as the UTF-8 of what the database keeps, whatever the client's encoding. A database without
    /// an encoding gives its bytes.
    private func readable(_ text: String, columnCount: Int) -> LookupQuery {
        let server = settings.serverEncoding
        if settings.clientEncoding.kind == .utf8, server.kind != .bytes, !areSettingsUncertain {
            return LookupQuery(text: text)
        }
        let target = server.kind == .bytes ? server.name : TextEncoding.utf8.name
        let columns = (1...columnCount).map { "c\($0)" }
        let cells = columns.map { "pg_catalog.convert_to(q.\($0)::pg_catalog.text, '\(target)')" }
        return LookupQuery(
            text:
                "SELECT \(cells.joined(separator: ", ")) FROM (\(text)) AS q (\(columns.joined(separator: ", ")))",
            isBinary: true)
    }

    /// Takes one message of the answers.
    func receiveLookup(_ type: BackendMessageType, _ body: Span<UInt8>) throws(WireError) {
        switch type {
        case .parseComplete, .bindComplete, .commandComplete:
            break
        case .dataRow:
            guard let query = lookup.queries.first else { throw .unknownMessageType(type.rawValue) }
            receiveRow(try Self.values(body), of: query)
        case .closeComplete where lookup.isClosingLeftover:
            lookup.isClosingLeftover = false
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
            lookup.hasReadContext = true
            lookup.context.currentUser = text(0) ?? ""
            lookup.context.temporarySchema = text(1)
            if let encoding = text(2) { settings.take("client_encoding", encoding) }
            if let strings = text(3) { settings.take("standard_conforming_strings", strings) }
        case .fingerprint:
            lookup.fingerprint = Array(row.prefix(1))
            lookup.isolation = text(1) ?? ""
        case .conversion(let sent, _):
            if let converted = row.first ?? nil { keep(conversion: converted, of: sent) }
        case .catalogue:
            do {
                try lookup.reader?.receive(query: query.index, row: row)
            } catch {
                lookup.failure = .catalogueUnreadable
            }
        case .views:
            do {
                try lookup.viewReader?.receive(row: row)
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
        if lookup.mayBePrepared { return }
        if lookup.hasReadContext {
            lookup.hasReadContext = false
            context = lookup.context
            lookup.contextIsDirty = false
        }
        if let views = lookup.viewReader, let catalogue = currentCatalogue {
            lookup.viewReader = nil
            take(views, for: catalogue)
        }
        if let reader = lookup.reader {
            lookup.reader = nil
            take(reader)
        } else if !lookup.fingerprint.isEmpty {
            lookup.checkedAt = now
            if lookup.fingerprint == sharedCatalogue.fingerprint {
                if seesWhatIsCommitted { sharedCatalogue.checkedAt = now }
            } else {
                lookup.catalogueIsDirty = true
            }
        }
        lookup.fingerprint = []
    }

    /// What the catalogue says in this transaction is what every new transaction would see.
    private var seesWhatIsCommitted: Bool {
        if transactionStatus == .idle, !isUnsynced { return true }
        return lookup.isolation == "read committed" && !lookup.catalogueMayRevert && !lookup.hasRunHiddenCode
    }

    private func take(_ views: ViewReader, for catalogue: Catalogue) {
        lookup.isolation = views.isolation
        guard !seesWhatIsCommitted, ownCatalogue == nil else { return views.finish(into: catalogue) }
        let own = Catalogue(copying: catalogue)
        views.finish(into: own)
        ownCatalogue = own
    }

    /// Shares what was read, unless it may hold what another session cannot see yet.
    private func take(_ reader: CatalogueReader) {
        guard lookup.failure == nil, let catalogue = try? reader.finish() else {
            lookup.failure = .catalogueUnreadable
            return
        }
        lookup.catalogueIsDirty = false
        lookup.hasReadCatalogue = true
        if seesWhatIsCommitted {
            ownCatalogue = nil
            environment.publish(catalogue, in: sharedCatalogue, fingerprint: lookup.fingerprint, at: now)
        } else {
            ownCatalogue = catalogue
            guard !lookup.catalogueMayRevert, !lookup.hasRunHiddenCode else { return }
            // What was committed when the transaction took its snapshot: for others to compare before they use it.
            environment.publish(catalogue, in: sharedCatalogue, fingerprint: lookup.fingerprint, at: 0)
        }
    }

    /// The database refused a question. Outside of a pipeline `ReadyForQuery` follows; within one, the error is the
    /// client's: the server ignores the rest up to `Sync`, as it would have the message that waits.
    ///
    /// A cancel, a time limit, the end of the server or a failed transaction would have met the client's message as
    /// well: it is told so.
    func lookupFailed(_ sqlState: String, _ report: DiagnosticReport, _ body: Span<UInt8>) -> Disposition {
        let isClients = sqlState.hasPrefix("57") || sqlState == Diagnosis.transactionAborted.sqlState
        let severity = report[.nonlocalizedSeverity].map { body.copy($0) } ?? []
        if isClients, severity == Array("FATAL".utf8) { return .forward }
        let wasAlone = lookup.isSynced && transactionStatus == .idle
        if !lookup.isSynced, clientInput.first == FrontendMessageType.query.rawValue {
            // A failed `Query` ends what came before it, as its `ReadyForQuery` says.
            output.toServer.appendSync()
            lookup.isSynced = true
            isUnsynced = false
        }
        lookup.mayBePrepared = true
        lookup.isClosingLeftover = false
        var failure = Diagnosis.catalogueUnreadable
        if case .conversion(_, let steps)? = lookup.queries.first?.question {
            failure = .invalidBytes(in: steps[0])
        }
        if lookup.isSynced {
            forgetQuestions()
            lookup.refusalCount += 1
            if isClients {
                lookup.failure = Diagnosis(report, sqlState, body)
            } else if !wasAlone || lookup.refusalCount == Self.refusalLimit || failure != .catalogueUnreadable
            {
                lookup.failure = failure
            }
            return .drop
        }
        if isClients {
            skipToSync()
            return .forward
        }
        failure.readable(in: settings.clientEncoding).fields(.error).writeErrorResponse(to: &replacement)
        skipToSync()
        return .replace
    }

    /// An earlier message's error made the server ignore the questions.
    func abandonLookup() {
        lookup.mayBePrepared = true
        forgetQuestions()
        pause = nil
    }

    private func forgetQuestions() {
        lookup.reader = nil
        lookup.viewReader = nil
        lookup.hasReadContext = false
        lookup.fingerprint = []
        lookup.queries.removeAll()
    }
}
