import API

/// What the sessions of one connection have done, counted as it is recorded.
struct SessionCounts: Sendable, Equatable {
    var started: UInt64 = 0
    var refused: UInt64 = 0
    var allowedStatements: UInt64 = 0
    var maskedStatements: UInt64 = 0
    var refusedStatements: UInt64 = 0
    /// Columns that were masked, counted once for each statement.
    var maskedColumns: UInt64 = 0
    var rows: UInt64 = 0
    var approvalRequests: UInt64 = 0

    mutating func count(_ event: AuditEvent) {
        switch event.body {
        case .sessionStarted: started += 1
        case .sessionRefused: refused += 1
        case .statement(let intent):
            switch intent.verdict {
            case .allow: allowedStatements += 1
            case .mask: maskedStatements += 1
            case .refuse: refusedStatements += 1
            }
            if intent.verdict == .mask { maskedColumns += UInt64(intent.summary.enforcedMasks.count) }
        case .outcome(let outcome): rows &+= outcome.rows
        case .approval(let approval): if approval.state == "Requested" { approvalRequests += 1 }
        case .gatewayStarted, .configurationApplied, .databaseRole, .onBehalfOf, .sessionEnded: break
        }
    }
}
