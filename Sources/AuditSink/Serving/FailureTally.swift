/// How often failures of each kind are told: the first, and then one a minute with how many there were.
struct FailureTally {
    static let interval = Duration.seconds(60)
    /// Most kinds within an interval. What clients send makes kinds, so of more than these none is told.
    static let limit = 64

    private var kinds: [String: Kind] = [:]

    private struct Kind {
        var told: ContinuousClock.Instant
        /// Since then.
        var count = 0
    }

    /// Counts one.
    /// - Returns: how many there were since the last that was told, this one included; `nil` when this one is not told.
    mutating func note(_ kind: String, at now: ContinuousClock.Instant) -> Int? {
        if let known = kinds[kind] {
            if now - known.told < Self.interval {
                kinds[kind]?.count += 1
                return nil
            }
            kinds[kind] = Kind(told: now)
            return known.count + 1
        }
        if kinds.count >= Self.limit { kinds = kinds.filter { now - $0.value.told < Self.interval } }
        guard kinds.count < Self.limit else { return nil }
        kinds[kind] = Kind(told: now)
        return 1
    }
}
