import Masking
import WireProtocols

/// When the gateway asks the database, and what becomes of the message that waits for the answers.
extension QueryPhase {
    /// Times a question is asked again that failed, as it may when another session drops what is being read.
    private static let refusalLimit = 3

    /// Asks for what the plan depends on and is not known for certain.
    func mustLookUp(_ plan: Plan, _ scope: Scope) -> Bool {
        guard !scope.isTransparent, plan.dependsOnNames, lookup.failure == nil else { return false }
        var wanted: [LookupState.Question] = []
        if lookup.contextIsDirty { wanted.append(.context) }
        if currentCatalogue == nil || isOwnChangeUnread || isCatalogueOld
            || plan.namesMissingRelation && !lookup.hasReadCatalogue
        {
            wanted.append(.catalogue)
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

    /// The session itself may have changed the catalogue, and nobody has read it since.
    private var isOwnChangeUnread: Bool {
        lookup.catalogueIsDirty && !(lookup.isChangeOver && sharedCatalogue.isReadSinceChange)
    }

    /// Another session may have changed what the shared catalogue tells of.
    private var isCatalogueOld: Bool {
        guard transactionStatus == .idle || ownCatalogue == nil && !lookup.catalogueMayRevert, !isUnsynced,
            !lookup.hasReadCatalogue
        else { return false }
        let own = sharedCatalogue.mayHaveChanged(since: lookup.asked) ? 0 : lookup.checkedAt
        return now - max(sharedCatalogue.checkedAt, own) > ConnectionEnvironment.catalogueFreshness
    }

    /// The database refused a question. Outside of a pipeline `ReadyForQuery` follows; within one, the error is the
    /// client's: the server ignores the rest up to `Sync`, as it would have the message that waits.
    ///
    /// A cancel, a time limit, the end of the server or a failed transaction would have met the client's message as
    /// well, and so would what waiting for others ended with: it is told so.
    func lookupFailed(_ sqlState: String, _ report: DiagnosticReport, _ body: Span<UInt8>) -> Disposition {
        let isClients =
            sqlState.hasPrefix("57") || sqlState == Diagnosis.transactionAborted.sqlState
            || lookup.queries.contains { if case .others = $0.question { true } else { false } }
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
        switch lookup.queries.first?.question {
        case .conversion(_, let steps): failure = .invalidBytes(in: steps[0])
        case .estimate where wasAlone:
            lookup.estimate = .unknown
            lookup.forgetQuestions()
            return .drop
        // Its transaction has failed, as by the statement itself.
        case .estimate: failure = .notPlanned(sqlState)
        default: break
        }
        if lookup.isSynced {
            lookup.forgetQuestions()
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
        lookup.forgetQuestions()
        pause = nil
    }
}
