import Glibc

enum WallClock {
    /// Microseconds since 1970.
    static func now() -> Int64 {
        var time = timeval()
        unsafe gettimeofday(&time, nil)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_usec)
    }
}
