import StatementAnalysis
import WireProtocols

/// What a statement reads is as the catalogue has it that it was judged by, whoever may have changed it since (G11).
///
/// Most often the session sees the transactions that somebody saw before: then one small question is enough. A portal is
/// confirmed when it is run: what it reads is locked from when the server planned it.
extension QueryPhase {
    /// - Returns: `false` when the database has to be asked first; the message waits and comes again.
    func isConfirmed(_ plan: Plan) -> Bool {
        guard !plan.confirms.isEmpty, plan.refusal == nil, !lookup.hasReadCatalogue,
            // The server refuses a single statement by itself.
            transactionStatus != .failed || plan.statements.count > 1
        else { return true }
        if let confirmation = lookup.confirmation, confirmation.relations == plan.confirms {
            guard let catalogue = currentCatalogue, confirmation.confirms(catalogue) else {
                ask([.catalogue])
                return false
            }
            plan.confirmedAt = confirmation.snapshot
            return true
        }
        // What the session has done itself in its transaction is not told by the snapshot.
        let mayRest = plan.confirmedAt != nil && !lookup.hasRunHiddenCode && !lookup.catalogueMayRevert
        if mayRest, let snapshot = lookup.snapshot, snapshot == plan.confirmedAt { return true }
        ask([mayRest && lookup.snapshot == nil ? .snapshot : .confirmation(plan.confirms)])
        return false
    }
}
