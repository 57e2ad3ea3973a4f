import Glibc

/// What is said to the person, so that the output stays what was asked for.
enum StandardError {
    static func line(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = unsafe write(STDERR_FILENO, line, line.count)
    }
}
