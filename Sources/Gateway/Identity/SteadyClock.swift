import Telemetry

/// The time of day for what expires: it goes on with the time that has passed when somebody sets the clock back.
struct SteadyClock {
    private let start = ContinuousClock.now
    /// Microseconds since 1970, then.
    private let startTime: Int64
    private let wallTime: () -> Int64

    /// `wallTime` counts microseconds since 1970.
    init(wallTime: @escaping () -> Int64 = WallClock.now) {
        self.wallTime = wallTime
        startTime = wallTime()
    }

    /// Seconds since 1970.
    func now() -> Int64 {
        let elapsed = (ContinuousClock.now - start).components
        return max(wallTime(), startTime + elapsed.seconds * 1_000_000) / 1_000_000
    }
}
