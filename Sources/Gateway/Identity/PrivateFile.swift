import Glibc
import Manifests

/// A small file of the gateway's own, readable by its owner alone, written whole or not at all.
struct PrivateFile {
    /// Longest content read, in bytes: a line of the operator's stream, and what is noted about it.
    static let maximumLength = ConfigurationMessage.maximumLength + 4096

    let path: String

    func read() -> [UInt8]? { SecretFolder.content(of: path, upTo: Self.maximumLength) }

    /// - Returns: whether it was written.
    func write(_ content: [UInt8]) -> Bool {
        let draft = path + ".new"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        var isWritten = true
        var rest = content[...]
        while isWritten, !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 { rest = rest.dropFirst(count) } else { isWritten = count < 0 && errno == EINTR }
        }
        isWritten = fsync(descriptor) == 0 && isWritten
        close(descriptor)
        guard isWritten else { return false }
        return unsafe rename(draft, path) == 0
    }
}
