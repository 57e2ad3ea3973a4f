import Glibc

// Of the module's files the first in the order of their paths: which module the compiler takes `timespec` for a member
// of is decided by the first import that brings it, and FoundationEssentials' would bring it from one that cannot be
// imported.

enum WallClock {
    /// Microseconds since 1970.
    static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
