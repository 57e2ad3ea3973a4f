import API

extension DatabaseConnection.FailureMode {
    /// Whether statements may run under a configuration that nobody has confirmed for so long; `nil`: it is confirmed.
    func permits(unconfirmedFor time: Duration?) -> Bool {
        guard let time else { return true }
        return switch configStale {
        case .deny: false
        case .lastKnownGood: time <= maxStaleness
        }
    }
}
