import Masking
import StatementAnalysis
import WireProtocols

/// What the database answers to the gateway's questions, and what the session knows from it.
extension QueryPhase {
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

    static func values(_ body: Span<UInt8>) throws(WireError) -> [[UInt8]?] {
        var row = try DataRow(body)
        var values: [[UInt8]?] = []
        for _ in 0..<row.columnCount { values.append(try row.next().map { body.copy($0) }) }
        try row.finish()
        return values
    }

    private func receiveRow(_ row: [[UInt8]?], of query: LookupState.Query) {
        switch query.question {
        case .context:
            receiveContext(row.map { $0.map { String(decoding: $0, as: UTF8.self) } })
        case .conversion(let sent, _):
            if let converted = row.first ?? nil { keep(conversion: converted, of: sent) }
        case .catalogue:
            do {
                try lookup.reader?.receive(query: query.index, row: row)
            } catch {
                lookup.failure = .catalogueUnreadable
            }
        case .view:
            lookup.view = CatalogueConfirmation.View(row: row)
            if lookup.view == nil { lookup.failure = .catalogueUnreadable }
        case .others:
            break
        case .estimate:
            let rows = (row.first ?? nil).flatMap { PlanEstimate.rows(in: $0) }
            lookup.estimate = rows.map { .rows($0) } ?? .unknown
        case .confirmation:
            do {
                try lookup.confirmation?.receive(row: row)
            } catch {
                lookup.failure = .catalogueUnreadable
            }
        case .names:
            do {
                try lookup.names?.receive(row: row)
            } catch {
                lookup.failure = .catalogueUnreadable
            }
        case .ground:
            do {
                try lookup.ground?.receive(row: row)
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

    private func receiveContext(_ row: [String?]) {
        guard row.count == Self.contextColumnCount else {
            lookup.failure = .catalogueUnreadable
            return
        }
        var context = lookup.context ?? SessionContext(searchPath: [])
        context.currentUser = row[0] ?? ""
        context.temporarySchema = row[1]
        if let schema = row[4] { context.searchPath.append(schema) }
        lookup.context = context
        if let encoding = row[2] { settings.take("client_encoding", encoding) }
        if let strings = row[3] { settings.take("standard_conforming_strings", strings) }
    }

    // MARK: - Done

    private func finishLookup() {
        expected.removeFirst()
        pause = nil
        guard lookup.failure == nil else { return lookup.forgetQuestions() }
        if lookup.mayBePrepared { return }
        if let known = lookup.context {
            lookup.context = nil
            context = known
            lookup.contextIsDirty = false
        }
        if let views = lookup.viewReader, let catalogue = currentCatalogue {
            lookup.viewReader = nil
            take(views, for: catalogue)
        }
        if lookup.reader != nil { continueReading() }
    }

    /// Asks what an answer has left open.
    private func continueReading() {
        do {
            try lookup.reader?.advance()
        } catch {
            lookup.failure = .catalogueUnreadable
            return lookup.forgetQuestions()
        }
        guard let reader = lookup.reader else { return }
        guard reader.isFinished else { return ask([.catalogue]) }
        lookup.reader = nil
        lookup.isolation = reader.isolation
        take(reader.finish())
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
    private func take(_ catalogue: Catalogue) {
        lookup.catalogueIsDirty = false
        lookup.hasReadCatalogue = true
        lookup.checkedAt = now
        if seesWhatIsCommitted {
            ownCatalogue = nil
            environment.publish(catalogue, in: sharedCatalogue, askedFor: lookup.asked, at: now)
        } else {
            ownCatalogue = catalogue
            guard !lookup.catalogueMayRevert, !lookup.hasRunHiddenCode, sharedCatalogue.catalogue == nil
            else { return }
            // What was committed when the transaction took its snapshot: for others to compare before they use it.
            environment.publish(catalogue, in: sharedCatalogue, askedFor: SharedCatalogue.Moment(), at: 0)
        }
    }
}
