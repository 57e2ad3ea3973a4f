import ArgumentParser
import Glibc

/// Files that are read once at the start.
enum FileContent {
    /// Longest file read, in bytes: certificates.
    private static let maximumLength = 1 << 20

    /// - Returns: `nil` for one that cannot be read, or is too long.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= maximumLength {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
        return nil
    }
}

enum Exit {
    /// Says what is wrong on standard error, and gives the status for it.
    static func configuration(_ message: String) -> ExitCode {
        let line = message + "\n"
        _ = unsafe line.withCString { unsafe write(STDERR_FILENO, $0, strlen($0)) }
        return ExitCode(64)
    }
}
