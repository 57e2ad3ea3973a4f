import API
import WireProtocols

/// The gateway's own limits on a session's time, and whether it may be one of replication.
extension QueryPhase {
    private var isIdle: Bool { expected.isEmpty && !isUnsynced && pause == nil && !isSkipping }
    private var isInTransaction: Bool { transactionStatus != .idle }

    /// The next moment a limit may end the session; `nil` without limits.
    func deadline(after now: Int64) -> Int64? {
        guard !isClosing else { return nil }
        let limit = limits.deadline(
            after: now, isIdle: isIdle, inTransaction: isInTransaction,
            under: environment.connection.spec.session)
        return [limit, approvalDeadline].compactMap(\.self).min()
    }

    func timePassed(at now: Int64) {
        guard !isClosing else { return }
        self.now = now
        checkApproval()
        checkLimits(isIdle: isIdle)
        if let failure { fail(failure, reason: failureReason) }
    }

    /// The server is ready for the next statement.
    func becameReady() {
        limits.readySince = now
        if limits.isOver { checkLimits(isIdle: expected.isEmpty) }
    }

    private func checkLimits(isIdle: Bool) {
        let end = limits.end(
            at: now, isIdle: isIdle, inTransaction: isInTransaction,
            under: environment.connection.spec.session)
        guard let end else { return }
        switch end {
        case .idle: (failure, failureReason) = (.idleTimeout, "idle time-out")
        case .idleInTransaction:
            (failure, failureReason) = (.idleInTransactionTimeout, "idle in transaction time-out")
        case .maximumDuration: (failure, failureReason) = (.maximumDuration, "maximum duration reached")
        }
    }

    /// A session of replication goes on while nothing binds its subject and the connection allows it.
    var mustEndReplication: Bool {
        isReplication
            && !(environment.connection.spec.session.replication == .allow && currentScope().enforcesNothing)
    }
}
