import StatementAnalysis
import WireProtocols

/// What a statement reads is as the catalogue has it that it was judged by, whoever may have changed it since (G11).
///
/// Most often nothing was committed since somebody saw that it was: then one small question is enough. A portal is
/// confirmed when it is run: what it reads is locked from when the server planned it. Before a simple query, who is
/// changing it just now is waited for, as the server will.
extension QueryPhase {
    /// Times the catalogue is read again for one message, while others go on changing what it reads.
    private static let confirmationLimit = 4

    /// - Returns: the plan, or one that refuses the statement; `nil` when the database has to be asked first, and the
    ///   message waits and comes again.
    func confirmed(_ plan: Plan, isPlanned: Bool = false) -> Plan? {
        guard !plan.confirms.isEmpty, plan.refusal == nil,
            // The server refuses a single statement by itself.
            transactionStatus != .failed || plan.statements.count > 1
        else { return plan }
        if plan.confirmsNamesOnly { return confirmedByName(plan, isPlanned: isPlanned) }
        if let confirmation = lookup.confirmation, confirmation.relations == plan.confirms,
            let view = confirmation.view, let catalogue = currentCatalogue
        {
            // The server follows names and views as they are, whatever the transaction sees of them.
            if !view.isCurrent, confirmation.isSuperseded {
                return Plan(key: [], unreadable: .catalogueSuperseded)
            }
            if confirmation.confirms(catalogue) {
                plan.confirmedAt = view
                return plan
            }
            lookup.confirmation = nil
            return readAgain()
        }
        // What the session has done itself in its transaction is not told by the snapshot.
        let mayRest = plan.confirmedAt != nil && !lookup.hasRunHiddenCode && !lookup.catalogueMayRevert
        if mayRest, let view = lookup.view, view.isCurrent, view == plan.confirmedAt { return plan }
        let question: LookupState.Question =
            mayRest && lookup.view == nil ? .view : .confirmation(plan.confirms)
        ask(isPlanned ? [question] : [.others(plan.confirms), question])
        return nil
    }

    private func confirmedByName(_ plan: Plan, isPlanned: Bool) -> Plan? {
        guard let names = lookup.names, names.relations == plan.confirms, let catalogue = currentCatalogue
        else {
            ask(isPlanned ? [.names(plan.confirms)] : [.others(plan.confirms), .names(plan.confirms)])
            return nil
        }
        if names.isSuperseded { return Plan(key: [], unreadable: .catalogueSuperseded) }
        if names.confirms(catalogue) { return plan }
        lookup.names = nil
        return readAgain()
    }

    /// The catalogue is another than what the message was judged by.
    private func readAgain() -> Plan? {
        lookup.confirmationCount += 1
        guard lookup.confirmationCount <= Self.confirmationLimit else {
            return Plan(key: [], unreadable: .catalogueUnreadable)
        }
        ask([.catalogue])
        return nil
    }
}
