/// How long to wait after so many failures in a row: twice as long each time up to a limit, and then up to as
/// long again by chance, so that those who failed together do not return together.
struct RetryDelay: Sendable {
    static let first = Duration.milliseconds(800)
    static let longest = Duration.seconds(30)
    /// What a server that asks for more gets. Ours: whoever waits sees nothing meanwhile.
    static let longestAsked = Duration.seconds(60)

    private(set) var failureCount = 0

    mutating func reset() {
        failureCount = 0
    }

    /// Counts a failure. The `minimum` is what the server asked for.
    mutating func next(
        atLeast minimum: Duration?, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let doubled = Self.first * (1 << min(failureCount, 10))
        failureCount += 1
        let delay = min(doubled * Double.random(in: 1..<2, using: &generator), Self.longest)
        return max(delay, min(minimum ?? .zero, Self.longestAsked))
    }
}
