import ArgumentParser
import Glibc

enum Exit {
    /// Says what is wrong on standard error, and gives the status for it.
    static func configuration(_ message: String) -> ExitCode {
        let line = message + "\n"
        _ = unsafe line.withCString { unsafe write(STDERR_FILENO, $0, strlen($0)) }
        return ExitCode(64)
    }
}
