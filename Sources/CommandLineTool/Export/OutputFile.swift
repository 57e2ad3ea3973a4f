import ArgumentParser
import Glibc

/// Where an export goes.
@safe
struct OutputFile: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// Makes the file for its owner alone; standard output when `path` is `nil`.
    /// - Throws: `ValidationError`, as an option names the file.
    init(_ path: String?) throws {
        self.path = path ?? "standard output"
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno == EEXIST ? "it exists" : "errno \(errno)"
            throw ValidationError("\(EvidenceFault.unwritable(path, reason: reason))")
        }
    }

    deinit {
        if descriptor != STDOUT_FILENO { close(descriptor) }
    }

    /// What was written is no whole export: the file goes.
    func remove() {
        if descriptor != STDOUT_FILENO { _ = unsafe unlink(path) }
    }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw EvidenceFault.unwritable(path, reason: "errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }
}
