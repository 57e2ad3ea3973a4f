import Telemetry

/// The time of day for what expires: when somebody sets the clock back, it goes on with the time that has passed since
/// the start.
///
/// A leap of the clock is a leap here, and taken back with it: ages are told by `ContinuousClock`, which counts the time
/// that a machine is suspended too (`CLOCK_BOOTTIME`).
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
