/// Whether clients can be served, and what keeps them from it.
struct Readiness: Sendable, Equatable {
    /// Connections of the configuration in force; 0 before there is one.
    var connectionCount = 0
    /// Places where clients are expected and nobody listens.
    var missingListenerCount = 0
    /// Connections whose statements are refused as their configuration is too old.
    var staleConnectionCount = 0
    /// Whether it is known who the clients of this machine are, where they are expected.
    var isWorkloadKnown = true
    /// Whether it is known what tokens and grants are verified by, where they are taken.
    var isAuthorityKnown = true
    /// The operator has had ``operatorTime`` to say so.
    var hasWaitedForOperator = false
    /// Whether the audit log takes another record.
    var canRecord = false
    var isStopping = false

    /// How long the first clients are held back until the operator has said who they are, or how that is told. Ours.
    static let operatorTime = Duration.seconds(10)

    /// Empty: ready.
    var obstacles: [String] {
        var obstacles: [String] = []
        if connectionCount == 0 { obstacles.append("no configuration is in force") }
        if missingListenerCount > 0 { obstacles.append("\(missingListenerCount) places are not listened at") }
        if staleConnectionCount > 0 {
            obstacles.append("the configuration of \(staleConnectionCount) connections is too old")
        }
        if !isWorkloadKnown { obstacles.append("the operator has not attested this workload") }
        // Later the workload is served without: with the operator away, only who shows a token has to wait.
        if !isAuthorityKnown, !hasWaitedForOperator {
            obstacles.append("the operator has not said what tokens are verified by")
        }
        if !canRecord { obstacles.append("the audit log takes no record") }
        if isStopping { obstacles.append("stopping") }
        return obstacles
    }

    /// Started: everything a first client needs is there, whatever becomes of it.
    var hasStarted: Bool {
        connectionCount > 0 && missingListenerCount == 0
            && (isWorkloadKnown && isAuthorityKnown || hasWaitedForOperator)
    }
}
