/// How sessions are brought to their end once the gateway stops.
struct Drain: Equatable {
    /// In container mode the application is told to end at the same time, and may need new sessions to finish.
    static let leastListening = Duration.seconds(5)

    /// Longest time for all.
    let limit: Duration
    /// Whether clients may still come while others have sessions.
    let keepsListening: Bool

    init(limit: Duration, after reason: Termination.Reason, besideApplication isContainer: Bool) {
        self.limit = limit
        keepsListening = isContainer && reason == .signal
    }

    /// Whether it is over after so long.
    func isOver(after elapsed: Duration, sessionCount: Int) -> Bool {
        if elapsed >= limit { return true }
        if keepsListening, elapsed < min(Self.leastListening, limit) { return false }
        return sessionCount == 0
    }

    /// Whether a connection's sessions have had their time.
    func isOver(after elapsed: Duration, forConnectionWith drainTimeout: Duration) -> Bool {
        elapsed >= min(limit, drainTimeout)
    }
}
